/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/wire/status.c: refusals, and what is asked again. */
#include "unit/kubernetes/support.h"

#define FORBIDDEN(user)                                                                                              \
    STATUS(403, "Forbidden",                                                                                         \
           "\"message\":\"secrets \\\"app\\\" is forbidden: User \\\"" user                                          \
           "\\\" cannot get resource \\\"secrets\\\" in API group \\\"\\\" in the namespace \\\"ns1\\\"\"")
#define NOT_FOUND(kind, name)                                                                                        \
    STATUS(404, "NotFound", "\"message\":\"not found\",\"details\":{\"kind\":\"" kind "\",\"name\":\"" name "\"}")

static void refusals_have_their_class_and_hint(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        const char *part;
        const char *hint;
    } cases[] = {
        {400, STATUS(400, "BadRequest", "\"message\":\"bad\""), MSTR_E_REQUEST, "400: bad", NULL},
        {401, UNAUTHORIZED, MSTR_E_AUTHENTICATION, "401: Unauthorized", "has expired"},
        {403, FORBIDDEN("system:serviceaccount:ns1:sa"), MSTR_E_DENIED,
         "user \"system:serviceaccount:ns1:sa\" may not get secrets \"app\" in namespace \"ns1\"",
         "\"kind\":\"Role\",\"metadata\":{\"namespace\":\"ns1\",\"name\":\"read-app\"},\"rules\":[{\"apiGroups\":["
         "\"\"],"
         "\"resources\":[\"secrets\"],\"resourceNames\":[\"app\"],\"verbs\":[\"get\"]}]}; then kubectl create "
         "rolebinding read-app --namespace=ns1 --role=read-app --serviceaccount=ns1:sa"},
        {403, FORBIDDEN("ann"), MSTR_E_DENIED, "user \"ann\" may not", "--user=ann"},
        {403, FORBIDDEN("https://idp.example/#ann"), MSTR_E_DENIED, "may not", "--user=https://idp.example/#ann"},
        {403, FORBIDDEN("o'neill; id $(id)"), MSTR_E_DENIED, "may not", "--user='o'\\''neill; id $(id)'"},
        {403, FORBIDDEN("system:serviceaccount:`id`"), MSTR_E_DENIED, "may not", "--serviceaccount='`id`'"},
        {403, FORBIDDEN("system:anonymous"), MSTR_E_AUTHENTICATION, "the API server saw no credentials",
         "has no token"},
        {403, STATUS(403, "Forbidden", "\"message\":\"a webhook says no\""), MSTR_E_DENIED,
         "the identity may not get secrets \"app\" in namespace \"ns1\": a webhook says no", "--user=NAME"},
        {403, STATUS(403, "Forbidden", "\"message\":\"User \\\"ann\\\" cannot impersonate resource\""), MSTR_E_DENIED,
         "cannot impersonate", "take as out"},
        {403, "<html>blocked", MSTR_E_DENIED, "403: no Status of Kubernetes: <html>blocked", NULL},
        {404, NOT_FOUND("secrets", "app"), MSTR_E_NOT_FOUND, "404: not found", "namespace that does not exist"},
        {404, NOT_FOUND("namespaces", "ns1"), MSTR_E_NOT_FOUND, "404", NULL},
        {404, NOT_FOUND("pods", "app"), MSTR_E_CONFIG, "404", "check the server's URL"},
        {404, "404 page not found", MSTR_E_CONFIG, "no Status of Kubernetes: 404 page not found", "server's URL"},
        {406, STATUS(406, "NotAcceptable", "\"message\":\"m\""), MSTR_E_PROTOCOL, "406", NULL},
        {307, "", MSTR_E_PROTOCOL, "307: no Status of Kubernetes", "redirects are not followed"},
        {422, "{}", MSTR_E_REQUEST, "422", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", APP_URL, cases[i].status, "Audit-Id: audit-1", cases[i].body);
        assert_fails("k8s:app", cases[i].code, cases[i].part, cases[i].hint);
    }
    assert_int_equal(fake_host_requests(), COUNT_OF(cases));
}

static void reason_and_audit_id_are_told(void **state)
{
    (void)state;
    fake_host_answer("GET", APP_URL, 400, "Audit-Id: audit-1", STATUS(400, "BadRequest", "\"message\":\"bad\""));
    struct mstr_request *request = resolve("k8s:app");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_SERVICE_CODE), "BadRequest");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_REQUEST_ID), "audit-1");
    fake_request_free(request);
}

static void passing_failures_are_asked_again_twice(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        fake_host_answer("GET", APP_URL, 503, NULL, STATUS(503, "ServiceUnavailable", "\"message\":\"no leader\""));
    }
    assert_fails("k8s:app", MSTR_E_UNAVAILABLE, "503: no leader", NULL);
    assert_int_equal(fake_host_requests(), 3);
    assert_in_range(fake_host_slept(), 0, 600);
    fake_host_fail("GET", APP_URL, MSTR_E_NETWORK, "reset");
    fake_host_answer("GET", APP_URL, 500, NULL, "");
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));
    assert_resolves("k8s:app", APP_VALUE);
}

static void what_says_when_to_come_again_is_asked_up_to_ten_times(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        fake_host_answer("GET", APP_URL, 429, "Retry-After: 1", STATUS(429, "TooManyRequests", "\"message\":\"m\""));
    }
    for (int i = 0; i < 5; i++) {
        fake_host_answer("GET", APP_URL, 500, NULL,
                         STATUS(500, "ServerTimeout", "\"message\":\"m\",\"details\":{\"retryAfterSeconds\":1}"));
    }
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));
    assert_resolves("k8s:app", APP_VALUE);
    assert_int_equal(fake_host_requests(), 11);
    assert_in_range(fake_host_slept(), 10000, 11000);
    for (int i = 0; i < 11; i++) {
        fake_host_answer("GET", APP_URL, 429, "Retry-After: 1", STATUS(429, "TooManyRequests", "\"message\":\"m\""));
    }
    assert_fails("k8s:app", MSTR_E_THROTTLED, "429", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(refusals_have_their_class_and_hint),
        TOKEN_TEST(reason_and_audit_id_are_told),
        TOKEN_TEST(passing_failures_are_asked_again_twice),
        TOKEN_TEST(what_says_when_to_come_again_is_asked_up_to_ten_times),
    };
    return RUN_TESTS("kubernetes/wire/status");
}
