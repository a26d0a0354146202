/* SPDX-License-Identifier: Apache-2.0 */
/* One service account by way of another identity. */
#include "unit/gcp/external_account.h"

static void impersonation_hands_delegates_on(void **state)
{
    (void)state;
    use_file("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"" IAM
             "\",\"delegates\":[\"a@p\",\"b@p\"],\"source_credentials\":" USER_FILE "}");
    fake_host_answer("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    fake_host_answer("POST", IAM, 200, NULL,
                     "{\"accessToken\":\"sa-token\",\"expireTime\":\"2026-01-15T13:00:00.5Z\"}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_contains(fake_host_request(1)->body, "\"delegates\":[\"a@p\",\"b@p\"]");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Authorization"), "Bearer ya29.first");
    assert_string_equal(fake_exchange_header(fake_host_request(2), "Authorization"), "Bearer sa-token");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(impersonation_hands_delegates_on),
    };
    return RUN_TESTS("gcp/identity/impersonated");
}
