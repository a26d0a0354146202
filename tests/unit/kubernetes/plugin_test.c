/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's table: batches, entries, explanations. */
#include "unit/kubernetes/support.h"

static void references_to_one_secret_share_a_get(void **state)
{
    (void)state;
    size_t length = 0;
    struct mstr_request *requests[] = {fake_request_new("k8s:app"), fake_request_new("k8s://ns1/app?key=password"),
                                       fake_request_new("k8s:app?key=blob"), fake_request_new("k8s:app?key=none"),
                                       fake_request_new("k8s:app?key=a/b")};
    fake_host_answer("GET", APP_URL, 200, NULL, APP(DATA));

    plugin->resolve(instance, requests, COUNT_OF(requests), fake_host_call());

    assert_int_equal(fake_host_requests(), 1);
    assert_string_equal(fake_request_value(requests[0], NULL), APP_VALUE);
    assert_string_equal(fake_request_value(requests[1], NULL), "hush\n");
    assert_memory_equal(fake_request_value(requests[2], &length), "\xff\0", 2);
    assert_int_equal(length, 2);
    assert_string_equal(fake_request_version(requests[2]), "17");
    assert_int_equal(fake_request_code(requests[3]), MSTR_E_NOT_FOUND);
    assert_contains(fake_request_message(requests[3]), "the secret \"app\" has no entry \"none\"");
    assert_contains(fake_request_detail(requests[3], MSTR_DETAIL_HINT), "user, password, blob");
    assert_int_equal(fake_request_code(requests[4]), MSTR_E_CONFIG);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        fake_request_free(requests[i]);
    }
}

static void malformed_references_are_refused_without_asking(void **state)
{
    (void)state;
    assert_malformed("k8s://ns1", "needs the form //NAMESPACE/NAME", NULL);
    assert_malformed("k8s:App", "has a name that no secret can have", NULL);
    assert_malformed("k8s:app?key=a/b", "has a key that no secret can have", NULL);
    assert_malformed("k8s:app?version=1", "has a query, of which only", NULL);
}

static enum mstr_code explain(const char *body, const struct mstr_query *query)
{
    const struct mstr_reference reference = {sizeof(reference), query != NULL ? 1 : 0, "k8s:app", "k8s", body, query};
    struct mstr_error *error = host->error_new();
    enum mstr_code code = plugin->explain(instance, &reference, fake_host_report_object(), fake_host_call(), error);
    host->error_free(error);
    return code;
}

static void explanation_tells_each_step_and_no_value(void **state)
{
    (void)state;
    fake_host_answer_always("GET", APP_URL, 200, NULL, APP(DATA));

    assert_int_equal(explain("app", NULL), MSTR_OK);

    assert_contains(fake_host_report(), "skipped kubeconfig: not set");
    assert_contains(fake_host_report(), "used KUBECONFIG: kubeconfig user at " SERVER);
    assert_contains(fake_host_report(), "used credentials: kubeconfig user");
    assert_contains(fake_host_report(), "info context: dev");
    assert_contains(fake_host_report(), "info own namespace: ns1");
    assert_contains(fake_host_report(), "used API server: the secret can be read");
    assert_null(strstr(fake_host_report(), "hush"));
    assert_null(strstr(fake_host_report(), "first"));
    assert_int_equal(explain("app", &(struct mstr_query){"key", "none"}), MSTR_E_NOT_FOUND);
    assert_contains(fake_host_report(), "failed API server: the secret \"app\" has no entry");
    assert_int_equal(explain("App", NULL), MSTR_E_CONFIG);
}

static void an_older_host_is_refused_with_a_sentence(void **state)
{
    (void)state;
    void *self = NULL;
    struct mstr_error *error = host->error_new();
    fake_host_be_old();
    assert_int_equal(plugin->create(fake_host_instance(NULL), &self, error), MSTR_E_PLUGIN);
    assert_contains(host->error_message(error), "ABI 1.2");
    host->error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(references_to_one_secret_share_a_get),
        TOKEN_TEST(malformed_references_are_refused_without_asking),
        TOKEN_TEST(explanation_tells_each_step_and_no_value),
        TOKEN_TEST(an_older_host_is_refused_with_a_sentence),
    };
    return RUN_TESTS("kubernetes/plugin");
}
