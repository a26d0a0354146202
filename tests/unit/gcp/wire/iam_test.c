/* SPDX-License-Identifier: Apache-2.0 */
/* The IAM Credentials API: attempts and refusals. */
#include "unit/gcp/external_account.h"

static void impersonation_is_tried_again_while_that_may_help(void **state)
{
    (void)state;
    use_file("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"" IAM
             "\",\"source_credentials\":" USER_FILE "}");
    fake_host_answer_always("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    fake_host_answer("POST", IAM, 503, NULL, "{\"error\":{\"status\":\"UNAVAILABLE\"}}");
    fake_host_fail("POST", IAM, MSTR_E_NETWORK, "reset");
    fake_host_answer("POST", IAM, 200, NULL,
                     "{\"accessToken\":\"sa-token\",\"expireTime\":\"2026-01-15T13:00:00Z\"}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://p/s", "hello");

    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", IAM, 403, NULL, "{\"error\":{\"status\":\"PERMISSION_DENIED\",\"message\":\"no\"}}");
    assert_fails("gcp-sm://p/s", MSTR_E_DENIED, "no", NULL);
}

static void token_that_has_expired_on_arrival_is_refused(void **state)
{
    (void)state;
    use_file("{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":\"" IAM
             "\",\"source_credentials\":" USER_FILE "}");
    fake_host_answer_always("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    fake_host_answer("POST", IAM, 200, NULL, "{\"accessToken\":\"t\",\"expireTime\":\"2026-01-15T12:00:00Z\"}");

    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "IAM Credentials gave a token that has expired already", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_that_has_expired_on_arrival_is_refused),
        TEST(impersonation_is_tried_again_while_that_may_help),
    };
    return RUN_TESTS("gcp/wire/iam");
}
