/* SPDX-License-Identifier: Apache-2.0 */
/* Secret Manager: what is asked, and asked again, with a user's token. */
#include "unit/gcp/support.h"

static void version_is_read_with_one_token(void **state)
{
    (void)state;
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    struct mstr_request *request = resolve("gcp-sm://p/s");

    assert_int_equal(fake_request_code(request), MSTR_OK);
    assert_string_equal(fake_request_value(request, NULL), "hello");
    assert_string_equal(fake_request_version(request), "3");
    assert_string_equal(fake_request_identity(request), "70b9cdb20051c029012e22b742688853"); /* of the login */
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
    fake_host_answer(
        "GET", "https://secretmanager.europe-west1.rep.googleapis.com/*", 200, NULL,
        "{\"name\":\"projects/1/locations/europe-west1/secrets/s/versions/3\",\"payload\":{\"data\":\"aGVsbG8=\"}}");

    assert_resolves("gcp-sm:projects/p/locations/europe-west1/secrets/s", "hello");

    assert_contains(fake_host_request(1)->url,
                    "/v1/projects/p/locations/europe-west1/secrets/s/versions/latest:access");
    assert_string_equal(fake_exchange_header(fake_host_request(1), "x-goog-user-project"), "payer");
}

static void an_endpoint_is_asked_in_plain_http_where_it_is_written_so(void **state)
{
    (void)state;
    fake_host_option("endpoint", "http://gateway.example/");
    fake_host_answer("GET", "http://gateway.example/*", 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://p/s", "hello");

    assert_string_equal(fake_host_request(1)->url,
                        "http://gateway.example/v1/projects/p/secrets/s/versions/latest:access");
    assert_int_equal(fake_host_request(0)->request.flags & MSTR_HTTP_ALLOW_PLAIN, 0); /* of the token's */
    assert_true((fake_host_request(1)->request.flags & MSTR_HTTP_ALLOW_PLAIN) != 0);
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

static void quota_project_that_no_header_can_hold_is_refused(void **state)
{
    (void)state;
    use_file("{\"type\":\"authorized_user\",\"client_id\":\"id\",\"client_secret\":\"hush\",\"refresh_token\":\"r\","
             "\"quota_project_id\":\"p\\r\\nX: y\"}");

    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, "quota project", NULL);
    assert_fails("gcp-sm://p/s", MSTR_E_CONFIG, file_path, NULL);
}

static void versions_are_fetched_side_by_side_by_one_token(void **state)
{
    enum { COUNT = 70 };
    struct mstr_request *requests[COUNT];
    (void)state;
    fake_host_answer("GET", "*/secrets/s7/*", 503, NULL, "{\"error\":{\"status\":\"UNAVAILABLE\"}}");
    fake_host_answer("GET", "*/secrets/s8/*", 404, NULL, "{\"error\":{\"status\":\"NOT_FOUND\"}}");
    for (size_t i = 0; i < COUNT; i++) {
        char url[64];
        char body[128];
        char reference[32];
        snprintf(url, sizeof(url), "*/projects/p/secrets/s%zu/*", i);
        snprintf(body, sizeof(body), "{\"name\":\"projects/1/secrets/s%zu/versions/3\",\"payload\":{}}", i);
        fake_host_answer_always("GET", url, 200, NULL, body);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, user_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quota_project_that_no_header_can_hold_is_refused, plugin_setup,
                                        plugin_teardown),
        TEST(version_is_read_with_one_token),
        TEST(regional_secret_is_read_from_its_region),
        TEST(an_endpoint_is_asked_in_plain_http_where_it_is_written_so),
        TEST(damaged_payload_is_asked_for_once_more),
        TEST(passing_failures_are_tried_again),
        TEST(refused_token_is_replaced_once),
        TEST(versions_are_fetched_side_by_side_by_one_token),
        TEST(failure_to_get_a_token_is_told_to_all),
    };
    return RUN_TESTS("gcp/service/secret_manager");
}
