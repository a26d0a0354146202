/* SPDX-License-Identifier: Apache-2.0 */
/* providers/aws/wire/service_error.c */
#include "aws/wire/service_error.h"

#include "support/fake_host.h"
#include "support/unit.h"

#include "sdk/host.h"

#define URL "https://service.example/"

/* An answer of the service, for http_free(). */
static struct mstr_http_response *answer_of(int status, const char *headers, const char *body)
{
    const struct mstr_http_request request = {.size = sizeof(request), .method = "POST", .url = URL};
    struct mstr_http_response *answer = NULL;
    fake_host_answer("POST", URL, status, headers, body);
    assert_int_equal(host->http(fake_host_call(), &request, &answer, NULL), MSTR_OK);
    return answer;
}

static const char *detail(const struct mstr_error *error, enum mstr_detail kind)
{
    const char *text = host->error_text(error, kind);
    return text != NULL ? text : "-";
}

/* JSON 1.1 with its header or its member, the sign-in service's JSON, the query protocol's XML. */
static void each_protocol_tells_code_and_message(void **state)
{
    static const struct {
        int status;
        const char *headers;
        const char *body;
        const char *code;
        const char *message;
    } cases[] = {
        {400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}", "AccessDeniedException",
         "Act: no (AccessDeniedException)"},
        {400, NULL, "{\"__type\":\"com.amazonaws#AccessDeniedException\",\"message\":\"no\"}",
         "AccessDeniedException", "Act: no (AccessDeniedException)"},
        {400, "x-amzn-ErrorType: AccessDeniedException:http://internal.amazon.com/",
         "{\"__type\":\"Other\",\"message\":\"no\"}", "AccessDeniedException", "Act: no (AccessDeniedException)"},
        {403, NULL, "{\"code\":\"AccessDeniedException\",\"message\":\"no\"}", "AccessDeniedException",
         "Act: no (AccessDeniedException)"},
        {403, NULL,
         "<ErrorResponse><Error><Code>AccessDenied</Code><Message>a &lt;b&gt;</Message></Error></ErrorResponse>",
         "AccessDenied", "Act: a <b> (AccessDenied)"},
        {403, NULL, "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", "AccessDenied",
         "Act: no reason given (AccessDenied)"},
        {400, NULL, "{\"__type\":\"AccessDeniedException\",\"message\":\"\"}", "AccessDeniedException",
         "Act: no reason given (AccessDeniedException)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_error *error = host->error_new();
        struct mstr_http_response *answer = answer_of(cases[i].status, cases[i].headers, cases[i].body);
        assert_int_equal(service_error_tell(answer, "Act", error), MSTR_E_DENIED);
        assert_string_equal(host->error_message(error), cases[i].message);
        assert_string_equal(detail(error, MSTR_DETAIL_SERVICE_CODE), cases[i].code);
        host->http_free(answer);
        host->error_free(error);
    }
}

static void known_codes_have_a_class_and_others_that_of_their_status(void **state)
{
    static const struct {
        const char *code;
        int status;
        enum mstr_code class;
        const char *hint; /* a part of it, "-" = there is none */
    } cases[] = {
        {"ResourceNotFoundException", 400, MSTR_E_NOT_FOUND, "check the secret's name"},
        {"ParameterNotFound", 400, MSTR_E_NOT_FOUND, "check the parameter's name"},
        {"DecryptionFailure", 400, MSTR_E_DENIED, "kms:Decrypt"},
        {"InvalidSignatureException", 400, MSTR_E_AUTHENTICATION, "clock"},
        {"RequestExpired", 400, MSTR_E_AUTHENTICATION, "clock"},
        {"RequestInTheFuture", 400, MSTR_E_AUTHENTICATION, "clock"},
        {"ExpiredTokenException", 400, MSTR_E_AUTHENTICATION, "renew"},
        {"TokenRefreshRequired", 400, MSTR_E_AUTHENTICATION, "renew"},
        {"InternalFailure", 501, MSTR_E_REQUEST, "-"},
        {"ThrottlingException", 400, MSTR_E_THROTTLED, "-"},
        {"IDPCommunicationError", 400, MSTR_E_UNAVAILABLE, "identity provider"},
        {"InternalServiceError", 500, MSTR_E_UNAVAILABLE, "-"},
        {"Unheard", 400, MSTR_E_REQUEST, "-"},
        {"Unheard", 401, MSTR_E_AUTHENTICATION, "-"},
        {"Unheard", 403, MSTR_E_DENIED, "-"},
        {"Unheard", 404, MSTR_E_NOT_FOUND, "-"},
        {"Unheard", 429, MSTR_E_THROTTLED, "-"},
        {"Unheard", 503, MSTR_E_UNAVAILABLE, "-"},
        {"Unheard", 302, MSTR_E_PROTOCOL, "-"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_error *error = host->error_new();
        assert_int_equal(service_error_set(cases[i].code, "why", cases[i].status, "Act", error), cases[i].class);
        assert_contains(detail(error, MSTR_DETAIL_HINT), cases[i].hint);
        host->error_free(error);
    }
}

static void a_secret_that_is_to_be_deleted_is_not_found_and_can_be_restored(void **state)
{
    static const struct {
        const char *code, *message;
        enum mstr_code class;
    } cases[] = {
        {"InvalidRequestException",
         "You can't perform this operation on the secret because it was marked for deletion.", MSTR_E_NOT_FOUND},
        {"InvalidRequestException", "You can't perform this operation on the secret because it was deleted.",
         MSTR_E_NOT_FOUND},
        {"InvalidRequestException", "You can't perform this operation.", MSTR_E_REQUEST},
        {"InvalidRequestException", NULL, MSTR_E_REQUEST},
        {"DecryptionFailure", "The key was marked for deletion.", MSTR_E_DENIED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_error *error = host->error_new();
        assert_int_equal(service_error_set(cases[i].code, cases[i].message, 400, "Act", error), cases[i].class);
        assert_int_equal(strstr(detail(error, MSTR_DETAIL_HINT), "restore-secret") != NULL,
                         cases[i].class == MSTR_E_NOT_FOUND);
        host->error_free(error);
    }
}

static void some_codes_are_of_the_clock_and_some_of_old_keys(void **state)
{
    static const struct {
        const char *code;
        bool of_the_clock, of_old_keys;
    } cases[] = {{"RequestExpired", true, false}, {"ExpiredToken", false, true}, {"Unheard", false, false}};
    struct mstr_error *error = host->error_new();
    (void)state;
    assert_false(service_error_is(error, OF_THE_CLOCK));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        service_error_set(cases[i].code, "why", 400, "Act", error);
        assert_int_equal(service_error_is(error, OF_THE_CLOCK), cases[i].of_the_clock);
        assert_int_equal(service_error_is(error, OF_OLD_KEYS), cases[i].of_old_keys);
    }
    host->error_free(error);
}

static void codes_that_come_without_a_message_are_explained(void **state)
{
    struct mstr_error *error = host->error_new();
    (void)state;
    service_error_set("ParameterNotFound", NULL, 400, "Act", error);
    assert_string_equal(host->error_message(error), "Act: there is no such parameter (ParameterNotFound)");
    service_error_set("ParameterVersionNotFound", "", 400, "Act", error);
    assert_string_equal(host->error_message(error),
                        "Act: the parameter has no such version or label (ParameterVersionNotFound)");
    host->error_free(error);
}

static void the_id_of_the_request_is_kept(void **state)
{
    struct mstr_error *error = host->error_new();
    struct mstr_http_response *answer = answer_of(400, "x-amzn-RequestId: id-1", "{\"__type\":\"Unheard\"}");
    (void)state;
    service_error_tell(answer, "Act", error);
    assert_string_equal(detail(error, MSTR_DETAIL_REQUEST_ID), "id-1");
    host->http_free(answer);
    host->error_free(error);
}

/* Its statuses say nothing of the secret. */
static void what_no_service_gives_came_from_a_proxy_or_a_wrong_endpoint(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code class;
        const char *message;
    } cases[] = {
        {404, "<html>", MSTR_E_PROTOCOL, "Act: HTTP status 404 with an answer that no AWS service gives: \"<html>\""},
        {403, "", MSTR_E_PROTOCOL, "Act: HTTP status 403 with an answer that no AWS service gives: \"\""},
        {429, "slow", MSTR_E_THROTTLED, "Act: HTTP status 429 with an answer that no AWS service gives: \"slow\""},
        {502, "bad", MSTR_E_UNAVAILABLE, "Act: HTTP status 502 with an answer that no AWS service gives: \"bad\""},
        {302, "canary", MSTR_E_PROTOCOL, "Act: HTTP status 302 with an answer that is no JSON object"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_error *error = host->error_new();
        struct mstr_http_response *answer = answer_of(cases[i].status, NULL, cases[i].body);
        assert_int_equal(service_error_tell(answer, "Act", error), cases[i].class);
        assert_string_equal(host->error_message(error), cases[i].message);
        assert_contains(detail(error, MSTR_DETAIL_HINT), "check the endpoint, and whether a proxy stands between");
        host->http_free(answer);
        host->error_free(error);
    }
}

/* Which may hold a secret, and is not quoted. */
static void an_answer_of_success_is_an_object_without_an_error(void **state)
{
    static const struct {
        const char *headers;
        const char *body;
        const char *message; /* NULL = it is good */
    } cases[] = {
        {NULL, "{\"SecretString\":\"canary\"}", NULL},
        {NULL, "{}", NULL},
        {NULL, "[\"canary\"]", "Act: HTTP status 200 with an answer that is no JSON object"},
        {NULL, "<canary>", "Act: HTTP status 200 with an answer that is no JSON object"},
        {NULL, "", "Act: HTTP status 200 with an answer that is no JSON object"},
        {NULL, "{\"__type\":\"Unheard\",\"message\":\"no\"}", "Act: no (Unheard)"},
        {"x-amzn-ErrorType: Unheard", "{\"message\":\"no\"}", "Act: no (Unheard)"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_error *error = host->error_new();
        struct mstr_http_response *answer = answer_of(200, cases[i].headers, cases[i].body);
        struct json_object *object = service_answer(answer, "Act", error);
        assert_int_equal(object != NULL, cases[i].message == NULL);
        assert_string_equal(host->error_message(error), cases[i].message != NULL ? cases[i].message : "");
        json_release(object);
        host->http_free(answer);
        host->error_free(error);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_protocol_tells_code_and_message),
        TEST(known_codes_have_a_class_and_others_that_of_their_status),
        TEST(a_secret_that_is_to_be_deleted_is_not_found_and_can_be_restored),
        TEST(some_codes_are_of_the_clock_and_some_of_old_keys),
        TEST(codes_that_come_without_a_message_are_explained),
        TEST(the_id_of_the_request_is_kept),
        TEST(what_no_service_gives_came_from_a_proxy_or_a_wrong_endpoint),
        TEST(an_answer_of_success_is_an_object_without_an_error),
    };
    return RUN_TESTS("aws/wire/service_error");
}
