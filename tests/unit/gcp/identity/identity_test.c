/* SPDX-License-Identifier: Apache-2.0 */
/* Identities: their tokens, kept and renewed. */
#include "unit/gcp/support.h"

static void token_is_renewed_in_its_last_minutes_and_kept_if_that_fails(void **state)
{
    (void)state;
    use_file(USER_FILE);
    fake_host_answer_always("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    fake_host_answer("POST", "*", 200, NULL, TOKEN_ANSWER);
    assert_resolves("gcp-sm://p/s", "hello");
    fake_host_advance(3300 * 1000);
    fake_host_deadline(30000);
    assert_resolves("gcp-sm://p/s", "hello");
    assert_int_equal(fake_host_requests(), 3);

    fake_host_advance(100 * 1000); /* 200 s are left */
    fake_host_deadline(30000);
    fake_host_answer("POST", "*", 400, NULL, "{\"error\":\"invalid_grant\"}");
    assert_resolves("gcp-sm://p/s", "hello");
    assert_resolves("gcp-sm://p/s", "hello");
    assert_int_equal(fake_host_requests(), 6);

    fake_host_advance(60 * 1000);
    fake_host_deadline(30000);
    fake_host_answer("POST", "*", 200, NULL, "{\"access_token\":\"fresh\",\"expires_in\":3600}");
    assert_resolves("gcp-sm://p/s", "hello");
    assert_string_equal(fake_exchange_header(fake_host_request(7), "Authorization"), "Bearer fresh");
}

static void failure_names_the_file_and_who_was_looked_for_before(void **state)
{
    char message[512];
    (void)state;
    use_file(USER_FILE);
    snprintf(message, sizeof(message),
             "GOOGLE_APPLICATION_CREDENTIALS (%s): " TOKENS
             " answered 400: invalid_grant (before it: credentials_file: "
             "not set [0 ms])",
             file_path);
    for (int i = 0; i < 2; i++) {
        fake_host_answer("POST", "*", 400, NULL, "{\"error\":\"invalid_grant\"}");
        struct mstr_request *request = resolve("gcp-sm://p/s");
        assert_int_equal(fake_request_code(request), MSTR_E_AUTHENTICATION);
        assert_string_equal(fake_request_message(request), message);
        assert_non_null(fake_request_detail(request, MSTR_DETAIL_STEP));
        assert_non_null(fake_request_detail(request, MSTR_DETAIL_HINT));
        fake_request_free(request);
    }
}

/* Who reads with a new token, which this method and URL give. */
static void read_anew(const char *method, const char *url, const char *token, char identity[65])
{
    char answer[128];
    snprintf(answer, sizeof(answer), "{\"access_token\":\"%s\",\"expires_in\":3600,\"token_type\":\"Bearer\"}",
             token);
    plugin->invalidate(instance, NULL);
    fake_host_answer(method, url, 200, METADATA_FLAVOR, answer);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    read_identity("gcp-sm://p/s", identity);
}

static void user_is_known_by_the_login_whatever_the_token(void **state)
{
    char first[65], next[65], other[65];
    (void)state;
    use_file(USER_FILE);
    read_anew("POST", TOKENS, "first", first);
    read_anew("POST", TOKENS, "next", next);
    use_file("{\"type\":\"authorized_user\",\"client_id\":\"id\",\"client_secret\":\"hush\","
             "\"refresh_token\":\"another\"}");
    read_anew("POST", TOKENS, "first", other);

    assert_string_equal(first, next);
    assert_string_not_equal(first, other);
}

static void service_account_is_known_by_its_name_whatever_the_token(void **state)
{
    char first[65], next[65], own[65], other[65];
    (void)state;
    use_key_file("\\n", ""); /* without an id of the key, tokens are asked for */
    read_anew("POST", TOKENS, "first", first);
    read_anew("POST", TOKENS, "next", next);
    plugin->invalidate(instance, NULL);
    use_key_file("\\n", ",\"private_key_id\":\"k\"");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    read_identity("gcp-sm://p/s", own);
    use_key_file("\\n", ",\"client_email\":\"you@p.iam.gserviceaccount.com\"");
    read_anew("POST", TOKENS, "first", other);

    assert_string_equal(first, next);
    assert_string_equal(first, own);
    assert_string_not_equal(first, other);
}

/* The metadata server does not tell whose token it gives, and may give another's next time. */
static void machine_is_known_by_its_token_alone(void **state)
{
    char first[65], next[65];
    (void)state;
    fake_host_env("NO_GCE_CHECK", NULL);
    fake_host_env("GCE_METADATA_HOST", "127.0.0.1:7");
    read_anew("GET", METADATA "*", "first", first);
    read_anew("GET", METADATA "*", "next", next);

    assert_string_not_equal(first, next);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_is_renewed_in_its_last_minutes_and_kept_if_that_fails),
        TEST(failure_names_the_file_and_who_was_looked_for_before),
        TEST(user_is_known_by_the_login_whatever_the_token),
        TEST(service_account_is_known_by_its_name_whatever_the_token),
        TEST(machine_is_known_by_its_token_alone),
    };
    return RUN_TESTS("gcp/identity/identity");
}
