/* Secret Manager's answers, good and bad, with a user's token. */
#include "unit/gcp/support.h"

#define SERVICE "https://secretmanager.googleapis.com/*"
#define TOKENS  "https://oauth2.googleapis.com/token"

static int setup(void **state)
{
    int result = plugin_setup(state);
    use_file(USER_FILE);
    fake_host_answer("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    return result;
}

static void version_is_read_with_one_token(void **state)
{
    (void)state;
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_int_equal(fake_request_code(request), MSTR_OK);
    assert_string_equal(fake_request_value(request, NULL), "hello");
    assert_string_equal(fake_request_version(request), "3");
    fake_request_free(request);
    assert_resolves("gcp-sm:projects/p/secrets/s/versions/3", "hello");
    assert_int_equal(fake_host_requests(), 3);
    assert_string_equal(fake_host_request(1)->url,
                        "https://secretmanager.googleapis.com/v1/projects/p/secrets/s/versions/latest:access");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "Authorization"), "Bearer ya29.first");
    assert_string_equal(fake_host_request(0)->body,
                        "grant_type=refresh_token&client_id=id&client_secret=hush&refresh_token=r%26t");
}

static void regional_secret_is_read_from_its_region(void **state)
{
    (void)state;
    fake_host_env("GOOGLE_CLOUD_QUOTA_PROJECT", "payer");
    fake_host_answer("GET", "https://secretmanager.europe-west1.rep.googleapis.com/*", 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm:projects/p/locations/europe-west1/secrets/s", "hello");

    assert_contains(fake_host_request(1)->url,
                    "/v1/projects/p/locations/europe-west1/secrets/s/versions/latest:access");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-goog-user-project"), "payer");
}

static void damaged_payload_is_asked_for_once_more(void **state)
{
    static const char damaged[] =
        "{\"name\":\"projects/1/secrets/s/versions/3\",\"payload\":{\"data\":\"aGVsbG8=\",\"dataCrc32c\":\"1\"}}";
    (void)state;
    fake_host_answer("GET", SERVICE, 200, NULL, damaged);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    fake_host_answer("GET", SERVICE, 200, NULL, damaged);
    fake_host_answer("GET", SERVICE, 200, NULL, damaged);

    assert_resolves("gcp-sm://p/s", "hello");
    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "CRC-32C", NULL);

    assert_int_equal(fake_host_slept(), 0);
}

static void payloads_of_all_encodings_are_read(void **state)
{
    static const struct {
        const char *payload;
        const char *value;
    } cases[] = {{"{}", ""},
                 {"{\"data\":\"_-8\"}", "\xff\xef"},
                 {"{\"data\":\"/+8\"}", "\xff\xef"},
                 {"{\"data\":\"aGVsbG8=\",\"dataCrc32c\":2591144780}", "hello"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char answer[256];
        snprintf(answer, sizeof(answer), "{\"name\":\"a/1\",\"payload\":%s}", cases[i].payload);
        fake_host_answer("GET", SERVICE, 200, NULL, answer);
        assert_resolves("gcp-sm://p/s", cases[i].value);
    }
}

static void broken_answers_are_told(void **state)
{
    static const struct {
        const char *answer;
        const char *part;
    } cases[] = {
        {"{\"name\":\"a/1\",\"payload\":{\"data\":\"***\"}}", "not base64"},
        {"{\"name\":\"a/1\",\"payload\":{\"data\":7}}", "no text"},
        {"{\"name\":\"a/1\",\"payload\":{\"data\":\"\",\"dataCrc32c\":\"x\"}}", "no number"},
        {"{\"payload\":{}}", "neither name nor payload"},
        {"<html>", "neither name nor payload"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", SERVICE, 200, NULL, cases[i].answer);
        assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, cases[i].part, NULL);
    }
}

static void payload_over_64_kib_is_refused(void **state)
{
    const size_t length = 87388;
    char *answer = malloc(length + 100);
    (void)state;
    strcpy(answer, "{\"name\":\"a/1\",\"payload\":{\"data\":\"");
    size_t start = strlen(answer);
    memset(answer + start, 'A', length);
    strcpy(answer + start + length, "\"}}");
    fake_host_answer("GET", SERVICE, 200, NULL, answer);

    assert_fails("gcp-sm://p/s", MSTR_E_PROTOCOL, "64 KiB", NULL);

    free(answer);
}

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
        {404, "\"status\":\"NOT_FOUND\",\"message\":\"m\"", MSTR_E_NOT_FOUND, NULL},
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

static void passing_failures_are_tried_again(void **state)
{
    (void)state;
    fake_host_answer("GET", SERVICE, 503, NULL, "{\"error\":{\"status\":\"UNAVAILABLE\",\"message\":\"m\"}}");
    fake_host_answer("GET", SERVICE, 429, "Retry-After: 3", "{\"error\":{\"status\":\"RESOURCE_EXHAUSTED\"}}");
    fake_host_fail("GET", SERVICE, MSTR_E_NETWORK, "reset");
    fake_host_answer("GET", SERVICE, 502, NULL, "<html>");
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_in_range(fake_host_slept(), 3000, 3000 + 300 + 1200 + 2400);
}

static void refused_token_is_replaced_once(void **state)
{
    static const char refusal[] = "{\"error\":{\"status\":\"UNAUTHENTICATED\",\"message\":\"m\"}}";
    (void)state;
    fake_host_answer("POST", TOKENS, 200, NULL, "{\"access_token\":\"second\",\"expires_in\":\"3600\"}");
    fake_host_answer("GET", SERVICE, 401, NULL, refusal);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    fake_host_answer("GET", SERVICE, 401, NULL, refusal);
    fake_host_answer("POST", TOKENS, 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 401, NULL, refusal);

    assert_resolves("gcp-sm://p/s", "hello");
    assert_string_equal(fake_exchange_header(fake_host_request(3), "Authorization"), "Bearer second");
    assert_fails("gcp-sm://p/s", MSTR_E_AUTHENTICATION, "401", NULL);
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

static void versions_are_fetched_side_by_side_by_one_token(void **state)
{
    enum { COUNT = 70 };
    struct mstr_request *requests[COUNT];
    (void)state;
    fake_host_answer("GET", "*/secrets/s7/*", 503, NULL, "{\"error\":{\"status\":\"UNAVAILABLE\"}}");
    fake_host_answer("GET", "*/secrets/s8/*", 404, NULL, "{\"error\":{\"status\":\"NOT_FOUND\"}}");
    fake_host_answer_always("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    for (size_t i = 0; i < COUNT; i++) {
        char reference[32];
        snprintf(reference, sizeof(reference), i == 9 ? "gcp-sm://nothing" : "gcp-sm://p/s%zu", i);
        requests[i] = fake_request_new(reference);
    }

    plugin->resolve(instance, requests, COUNT, fake_host_call());

    for (size_t i = 0; i < COUNT; i++) {
        enum mstr_code expected = i == 8 ? MSTR_E_NOT_FOUND : i == 9 ? MSTR_E_CONFIG : MSTR_OK;
        assert_true(fake_request_answered(requests[i]));
        assert_int_equal(fake_request_code(requests[i]), expected);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 1 + COUNT - 1 + 1); /* a token, all but the malformed one, one again */
}

static void failure_to_get_a_token_is_told_to_all(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("gcp-sm://p/a"), fake_request_new("gcp-sm://p/b")};
    (void)state;
    plugin->invalidate(instance, NULL);
    use_file("{\"type\":\"nothing\"}");

    plugin->resolve(instance, requests, 2, fake_host_call());

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_CONFIG);
        assert_contains(fake_request_message(requests[i]), "unknown type");
        fake_request_free(requests[i]);
    }
    use_file(USER_FILE);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://p/s", "hello");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(version_is_read_with_one_token, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(regional_secret_is_read_from_its_region, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(damaged_payload_is_asked_for_once_more, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(payloads_of_all_encodings_are_read, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(broken_answers_are_told, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(payload_over_64_kib_is_refused, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(refusals_have_class_and_hint, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(passing_failures_are_tried_again, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(refused_token_is_replaced_once, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(token_refused_by_a_wrong_clock_says_so, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(pause_that_the_service_asks_for_is_kept, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(versions_are_fetched_side_by_side_by_one_token, setup, plugin_teardown),
        cmocka_unit_test_setup_teardown(failure_to_get_a_token_is_told_to_all, setup, plugin_teardown),
    };
    return RUN_TESTS("gcp/service/secret_manager");
}
