/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/service/secrets.c: what is asked, and asked again. */
#include "unit/kubernetes/support.h"

static void a_secret_is_one_get(void **state)
{
    (void)state;
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));
    struct mstr_request *request = resolve("k8s:app");
    assert_string_equal(fake_request_value(request, NULL), APP_VALUE);
    assert_string_equal(fake_request_version(request), "17");
    assert_int_equal(strlen(fake_request_identity(request)), 32);
    assert_int_equal(fake_host_requests(), 1);
    assert_string_equal(fake_host_request(0)->headers, "Accept: application/json\nAuthorization: Bearer first\n");
    assert_int_equal(fake_host_request(0)->request.response_limit, 4 << 20);
    fake_request_free(request);
}

static void a_refused_token_of_a_file_that_says_no_other_is_final(void **state)
{
    (void)state;
    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "Kubernetes answered 401: Unauthorized", "has expired");
    assert_int_equal(fake_host_requests(), 1);
}

static void many_secrets_have_a_fate_each(void **state)
{
    enum { COUNT = 40 };
    struct mstr_request *requests[COUNT];
    (void)state;
    fake_host_answer("GET", "*/secrets/s7", 404, NULL,
                     STATUS(404, "NotFound", "\"details\":{\"kind\":\"secrets\",\"name\":\"s7\"}"));
    fake_host_answer("GET", "*/secrets/s8", 503, NULL, "");
    for (size_t i = 0; i < COUNT; i++) {
        char url[64];
        char body[160];
        char reference[32];
        snprintf(url, sizeof(url), "*/namespaces/ns1/secrets/s%zu", i);
        snprintf(body, sizeof(body),
                 "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"s%zu\",\"namespace\":\"ns1\"},\"data\":{}}", i);
        fake_host_answer_always("GET", url, 200, NULL, body);
        snprintf(reference, sizeof(reference), i == 9 ? "k8s:S9" : "k8s:s%zu", i);
        requests[i] = fake_request_new(reference);
    }
    plugin->resolve(instance, requests, COUNT, fake_host_call());
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(fake_request_code(requests[i]), i == 7   ? MSTR_E_NOT_FOUND
                                                         : i == 9 ? MSTR_E_CONFIG
                                                                  : MSTR_OK);
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), COUNT); /* all but the malformed one, one again */
}

static void an_identity_that_fails_does_so_for_all(void **state)
{
    (void)state;
    struct mstr_request *requests[] = {fake_request_new("k8s:a"), fake_request_new("k8s:b")};
    use_config(CONFIG("    tokenFile: /nonexistent/token\n"));
    plugin->resolve(instance, requests, 2, fake_host_call());
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(fake_request_code(requests[i]), MSTR_E_CONFIG);
        assert_contains(fake_request_message(requests[i]), "/nonexistent/token");
        fake_request_free(requests[i]);
    }
}

static void failures_of_tls_have_hints_in_the_words_of_a_kubeconfig(void **state)
{
    (void)state;
    static const struct {
        enum mstr_code code;
        const char *message;
        const char *hint;
    } cases[] = {
        {MSTR_E_TLS, "certificate of x not trusted: SSL: no alternative certificate subject name matches",
         "tls-server-name"},
        {MSTR_E_TLS, "certificate of x not trusted: unable to get local issuer", "certificate-authority-data"},
        {MSTR_E_TLS, "x refuses the client certificate: alert", "client-certificate and client-key"},
        {MSTR_E_CONFIG, "client certificate for x cannot be used", "client-certificate and client-key"},
        {MSTR_E_CONFIG, "CA file for x cannot be used", "certificate-authority or its -data"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_fail("GET", APP_URL, cases[i].code, cases[i].message);
        assert_fails("k8s:app", cases[i].code, cases[i].message, cases[i].hint);
    }
    assert_int_equal(fake_host_requests(), COUNT_OF(cases)); /* none is tried again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(a_secret_is_one_get),
        TOKEN_TEST(a_refused_token_of_a_file_that_says_no_other_is_final),
        TOKEN_TEST(many_secrets_have_a_fate_each),
        TOKEN_TEST(an_identity_that_fails_does_so_for_all),
        TOKEN_TEST(failures_of_tls_have_hints_in_the_words_of_a_kubeconfig),
    };
    return RUN_TESTS("kubernetes/service/secrets");
}
