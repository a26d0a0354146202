/* SPDX-License-Identifier: Apache-2.0 */
/* Token endpoints: their answers and refusals. */
#include "unit/gcp/support.h"

static void token_of_many_kilobytes_is_carried_whole(void **state)
{
    enum { LENGTH = 20000 };
    static char answer[LENGTH + 128];
    static char bearer[LENGTH + 64] = "Bearer ";
    (void)state;
    use_file(USER_FILE);
    memset(bearer + strlen("Bearer "), 't', LENGTH);
    snprintf(answer, sizeof(answer), "{\"access_token\":\"%s\",\"expires_in\":3600}", bearer + strlen("Bearer "));
    fake_host_answer("POST", "*", 200, NULL, answer);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(fake_exchange_header(fake_host_request(1), "Authorization"), bearer);
}

static void clock_that_is_wrong_is_named(void **state)
{
    (void)state;
    use_file(USER_FILE);
    fake_host_answer(
        "POST", "*", 400, "Date: Thu, 15 Jan 2026 13:00:00 GMT",
        "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT: Token must be a short-lived token\"}");

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_int_equal(fake_request_code(request), MSTR_E_AUTHENTICATION);
    assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), "3600 s behind");
    fake_request_free(request);
}

static void answers_that_hold_no_token_of_use_are_refused(void **state)
{
    static const struct {
        const char *answer;
        const char *part;
    } cases[] = {
        {"{\"access_token\":\"a\",\"expires_in\":3600,\"token_type\":\"mac\"}", "not Bearer"},
        {"{\"access_token\":\"a\",\"expires_in\":3600,\"token_type\":[\"Bearer\"]}", "of type (no text)"},
        {"{\"access_token\":\"a\",\"expires_in\":0}", "expired already"},
        {"{\"access_token\":\"a\",\"expires_in\":-9000000000000000000}", "expired already"},
        {"{\"access_token\":\"a\",\"expires_in\":\"soon\"}", "no lifetime"},
        {"{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":3600}", "usable"},
        {"{\"access_token\":\"a\\u0000b\",\"expires_in\":3600}", "usable"},
    };
    (void)state;
    use_file(USER_FILE);

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("POST", "*", 200, NULL, cases[i].answer);
        assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, cases[i].part, NULL);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_of_many_kilobytes_is_carried_whole),
        TEST(answers_that_hold_no_token_of_use_are_refused),
        TEST(clock_that_is_wrong_is_named),
    };
    return RUN_TESTS("gcp/wire/oauth");
}
