/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of Google's APIs, by Secret Manager's. */
#include "unit/gcp/support.h"

#define REASON(text) ",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":\"" text "\"}]"

static void refusals_have_class_and_hint(void **state)
{
    static const struct {
        int http;
        const char *error;
        enum mstr_code code;
        const char *hint;
    } cases[] = {
        {403, "\"status\":\"PERMISSION_DENIED\",\"message\":\"denied\"", MSTR_E_DENIED, "secretAccessor"},
        {403, "\"status\":\"PERMISSION_DENIED\",\"message\":\"m\"" REASON("SERVICE_DISABLED"), MSTR_E_DENIED,
         "enable the API"},
        {403, "\"status\":\"PERMISSION_DENIED\",\"message\":\"m\"" REASON("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
         MSTR_E_DENIED, "scope"},
        {404, "\"status\":\"NOT_FOUND\",\"message\":\"m\"", MSTR_E_NOT_FOUND, "by its id or number"},
        {400, "\"status\":\"FAILED_PRECONDITION\",\"message\":\"Secret Version [x] is in DESTROYED state.\"",
         MSTR_E_NOT_FOUND, "gone for good"},
        {400, "\"status\":\"FAILED_PRECONDITION\",\"message\":\"Secret Version [x] is in DISABLED state.\"",
         MSTR_E_NOT_FOUND, "enable the version"},
        {400, "\"status\":\"INVALID_ARGUMENT\",\"message\":\"m\"", MSTR_E_REQUEST, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char answer[512];
        snprintf(answer, sizeof(answer), "{\"error\":{\"code\":%d,%s}}", cases[i].http, cases[i].error);
        fake_host_answer("GET", SERVICE, cases[i].http, NULL, answer);
        struct mstr_request *request = resolve("gcp-sm://p/s");
        assert_int_equal(fake_request_code(request), cases[i].code);
        if (cases[i].hint != NULL) {
            assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), cases[i].hint);
        }
        fake_request_free(request);
    }
    assert_int_equal(fake_host_slept(), 0);
}

static void token_refused_by_a_wrong_clock_says_so(void **state)
{
    static const char refusal[] = "{\"error\":{\"status\":\"UNAUTHENTICATED\",\"message\":\"m\"}}";
    (void)state;
    fake_host_answer_always("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    fake_host_answer_always("GET", SERVICE, 401, "Date: Thu, 15 Jan 2026 11:00:00 GMT", refusal);

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_int_equal(fake_request_code(request), MSTR_E_AUTHENTICATION);
    assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), "3600 s ahead of");
    fake_request_free(request);
}

static void pause_that_the_service_asks_for_is_kept(void **state)
{
    (void)state;
    fake_host_answer("GET", SERVICE, 503, NULL,
                     "{\"error\":{\"status\":\"UNAVAILABLE\",\"details\":[{\"@type\":\"type.googleapis.com/"
                     "google.rpc.RetryInfo\",\"retryDelay\":\"1.5s\"}]}}");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_int_equal(fake_host_slept(), 1500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, user_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refusals_have_class_and_hint),
        TEST(token_refused_by_a_wrong_clock_says_so),
        TEST(pause_that_the_service_asks_for_is_kept),
    };
    return RUN_TESTS("gcp/wire/service_error");
}
