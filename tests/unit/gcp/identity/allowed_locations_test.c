/* SPDX-License-Identifier: Apache-2.0 */
/* From where an identity may be used: what is asked, remembered and sent. */
#include "unit/gcp/external_account.h"

#define LOOKUP(whom) "https://iamcredentials.googleapis.com/v1/" whom "/allowedLocations"
#define BOUNDED      "{\"locations\":[\"us-central1\"],\"encodedLocations\":\"0xA30\"}"
#define ACCOUNT      "projects/-/serviceAccounts/me@p.iam.gserviceaccount.com"

static const char *sent(void)
{
    return fake_exchange_header(fake_host_request(fake_host_requests() - 1), "x-allowed-locations");
}

static void answer_secret(void)
{
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
}

static void boundary_of_a_file_is_sent_without_a_question(void **state)
{
    (void)state;
    use_key_file("\\n", ",\"private_key_id\":\"k\",\"trust_boundary\":" BOUNDED);
    answer_secret();
    assert_resolves("gcp-sm://p/s", "hello");
    assert_string_equal(sent(), "0xA30");
    assert_int_equal(fake_host_requests(), 1);

    plugin->invalidate(instance, NULL);
    use_key_file("\\n", ",\"private_key_id\":\"k\",\"trust_boundary\":{\"encodedLocations\":\"0xA\\r\\nX: y\"}");
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "\"trust_boundary\" has no usable", NULL);
}

static void boundary_is_asked_for_with_the_token_where_the_environment_wants_it(void **state)
{
    (void)state;
    fake_host_env("GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED", "true");
    use_key_file("\\n", ",\"private_key_id\":\"k\"");
    fake_host_answer("GET", LOOKUP(ACCOUNT), 503, NULL, "");
    fake_host_answer("GET", LOOKUP(ACCOUNT), 200, NULL, BOUNDED);
    answer_secret();

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(sent(), "0xA30");
    char *asked_by = strdup(fake_exchange_header(fake_host_request(1), "Authorization"));
    assert_string_equal(fake_exchange_header(fake_host_request(2), "Authorization"), asked_by);
    free(asked_by);
}

static void everybody_is_asked_for_in_his_own_place(void **state)
{
    (void)state;
    fake_host_env("GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED", "1");
    use_external(JWT, "{\"url\":\"https://idp.example/token\"}", "");
    fake_host_answer("GET", "https://idp.example/token", 200, NULL, "subject");
    fake_host_answer("GET", LOOKUP("projects/123456/locations/global/workloadIdentityPools/POOL_ID"), 200, NULL,
                     BOUNDED);
    answer_exchange();
    assert_resolves("gcp-sm://p/s", "hello");
    assert_string_equal(sent(), "0xA30");

    plugin->invalidate(instance, NULL);
    use_external(JWT, "{\"url\":\"https://idp.example/token\"}",
                 ",\"service_account_impersonation_url\":\"" IAM "\"");
    fake_host_answer("GET", "https://idp.example/token", 200, NULL, "subject");
    fake_host_answer("POST", IAM, 200, NULL, "{\"accessToken\":\"sa\",\"expireTime\":\"2026-01-15T13:00:00Z\"}");
    fake_host_answer("GET", LOOKUP("projects/-/serviceAccounts/sa@p"), 200, NULL, "{\"encodedLocations\":\"0x0\"}");
    answer_exchange();
    assert_resolves("gcp-sm://p/s", "hello");
    assert_null(sent());

    plugin->invalidate(instance, NULL);
    use_file(USER_FILE);
    fake_host_answer("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    answer_secret();
    assert_resolves("gcp-sm://p/s", "hello");
    assert_null(sent());
}

static void what_was_known_goes_on_where_the_question_fails(void **state)
{
    (void)state;
    fake_host_env("GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED", "true");
    use_key_file("\\n", ",\"private_key_id\":\"k\"");
    fake_host_answer("GET", LOOKUP(ACCOUNT), 403, NULL,
                     "{\"error\":{\"status\":\"PERMISSION_DENIED\",\"message\":\"no\"}}");
    assert_fails("gcp-sm://p/s", MSTR_E_DENIED, "): the lookup of allowed locations answered 403", NULL);

    assert_fails("gcp-sm://p/s", MSTR_E_NETWORK, "): nothing answers GET https://iamcredentials", NULL);

    fake_host_answer("GET", LOOKUP(ACCOUNT), 200, NULL, "{}");
    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "): the lookup of allowed locations told no encodedLocations",
                 NULL);

    fake_host_answer("GET", LOOKUP(ACCOUNT), 200, NULL, BOUNDED);
    answer_secret();
    assert_resolves("gcp-sm://p/s", "hello");
    fake_host_advance(3600 * 1000);
    fake_host_deadline(30000);
    fake_host_answer("GET", LOOKUP(ACCOUNT), 403, NULL, "");
    answer_secret();
    assert_resolves("gcp-sm://p/s", "hello");
    assert_string_equal(sent(), "0xA30");
}

static void switch_that_says_nothing_is_refused(void **state)
{
    (void)state;
    fake_host_env("GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED", "maybe");
    use_key_file("\\n", ",\"private_key_id\":\"k\"");

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED must be", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(boundary_of_a_file_is_sent_without_a_question),
        TEST(boundary_is_asked_for_with_the_token_where_the_environment_wants_it),
        TEST(everybody_is_asked_for_in_his_own_place),
        TEST(what_was_known_goes_on_where_the_question_fails),
        TEST(switch_that_says_nothing_is_refused),
    };
    return RUN_TESTS("gcp/identity/allowed_locations");
}
