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

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_is_renewed_in_its_last_minutes_and_kept_if_that_fails),
        TEST(failure_names_the_file_and_who_was_looked_for_before),
    };
    return RUN_TESTS("gcp/identity/identity");
}
