/* SPDX-License-Identifier: Apache-2.0 */
/* A workforce user's refresh token. */
#include "unit/gcp/external_account.h"

static void workforce_user_refreshes_at_sts(void **state)
{
    (void)state;
    use_file("{\"type\":\"external_account_authorized_user\",\"refresh_token\":\"r\",\"client_id\":\"id\","
             "\"client_secret\":\"hush\",\"token_url\":\"https://sts.googleapis.com/v1/oauthtoken\"}");
    fake_host_answer("POST", "https://sts.googleapis.com/v1/oauthtoken", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(fake_host_request(0)->body, "grant_type=refresh_token&refresh_token=r");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Authorization"), "Basic aWQ6aHVzaA==");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(workforce_user_refreshes_at_sts),
    };
    return RUN_TESTS("gcp/identity/external_user");
}
