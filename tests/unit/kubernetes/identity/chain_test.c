/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/chain.c: where the cluster is looked for, and in which order. */
#include "unit/kubernetes/support.h"

static void nothing_at_all_is_not_available(void **state)
{
    (void)state;
    struct mstr_request *request = resolve("k8s:app");
    assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
    assert_contains(fake_request_message(request), "no Kubernetes identity is available here");
    assert_contains(fake_request_message(request), "server and token_file are not both set");
    assert_contains(fake_request_message(request), "KUBECONFIG: not set");
    assert_contains(fake_request_message(request), "not in a pod");
    assert_contains(fake_request_message(request), "HOME is not set");
    assert_contains(fake_request_detail(request, MSTR_DETAIL_HINT), "set KUBECONFIG");
    fake_request_free(request);
    assert_int_equal(fake_host_requests(), 0); /* never localhost:8080 */
}

/* The token that goes out tells the place. */
static void assert_found(const char *authorization)
{
    fake_host_answer_always("GET", "*", 200, NULL, APP(DATA));
    plugin->invalidate(instance, NULL);
    assert_resolves("k8s://ns1/app", APP_VALUE);
    assert_string_equal(fake_exchange_header(fake_host_request(fake_host_requests() - 1), "Authorization"),
                        authorization);
}

static void the_first_place_that_is_there_is_used(void **state)
{
    (void)state;
    char home[] = "/tmp/mstr-home-XXXXXX";
    char path[64];
    const char *pod = write_beside("pod", "pod");
    const char *own = write_beside("own", CONFIG("    token: option\n"));
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof(path), "%s/.kube", home);
    assert_int_equal(mkdir(path, 0700), 0);
    strcat(path, "/config");
    write_file(path, CONFIG("    token: home\n"), strlen(CONFIG("    token: home\n")));

    fake_host_env("HOME", home);
    assert_found("Bearer home");
    fake_host_env("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    fake_host_env("KUBERNETES_SERVICE_PORT", "443");
    fake_host_option("token_file", pod);
    fake_host_option("ca_file", pod);
    assert_found("Bearer pod");
    assert_contains(fake_host_request(1)->url, "https://10.0.0.1:443/");
    fake_host_option("token_file", NULL);
    use_config(CONFIG("    token: variable\n"));
    assert_found("Bearer variable");
    fake_host_option("kubeconfig", own);
    assert_found("Bearer option");
    fake_host_option("kubeconfig", NULL);
    fake_host_option("server", SERVER);
    fake_host_option("token_file", pod);
    assert_found("Bearer pod");
    assert_string_equal(fake_host_request(4)->url, APP_URL);
    fake_host_option("context", "dev"); /* which is one of a kubeconfig; the token goes along */
    assert_found("Bearer pod");

    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    rmdir(home);
    unlink(pod);
    unlink(own);
}

static void a_place_that_is_there_but_broken_ends_the_search(void **state)
{
    (void)state;
    const char *good = write_beside("good", TOKEN_CONFIG);
    fake_host_env("KUBECONFIG", good);
    fake_host_option("kubeconfig", "/nonexistent/config");
    assert_fails("k8s:app", MSTR_E_CONFIG, "kubeconfig: /nonexistent/config: No such file", NULL);
    write_text("current-context: [");
    fake_host_option("kubeconfig", file_path);
    assert_fails("k8s:app", MSTR_E_CONFIG, "the YAML", NULL);
    write_text("");
    assert_fails("k8s:app", MSTR_E_CONFIG, "there is no context in it", NULL);
    unlink(good);
}

static void files_of_kubeconfig_that_are_missing_are_passed_over_with_a_word(void **state)
{
    (void)state;
    const char *pod = write_beside("pod", "pod");
    fake_host_env("KUBECONFIG", "/nonexistent/config");
    fake_host_env("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    fake_host_env("KUBERNETES_SERVICE_PORT", "443");
    fake_host_option("token_file", pod);
    fake_host_option("ca_file", pod);
    assert_found("Bearer pod");
    assert_contains(fake_host_log(), "warn KUBECONFIG is passed over: none of its files is there");
    fake_host_option("context", "dev");
    plugin->invalidate(instance, NULL);
    assert_fails("k8s:app", MSTR_E_NOT_AVAILABLE, "a context is named, which only a kubeconfig has", NULL);
    unlink(pod);
}

static void a_context_of_ones_own_is_taken(void **state)
{
    (void)state;
    use_config(TOKEN_CONFIG "- name: other\n  context: {cluster: c, namespace: ns2}\n");
    fake_host_option("context", "other");
    fake_host_answer("GET", SERVER "/api/v1/namespaces/ns2/secrets/app", 401, NULL, UNAUTHORIZED);
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "401", NULL);
    assert_null(fake_exchange_header(fake_host_request(0), "Authorization"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_at_all_is_not_available),
        TEST(the_first_place_that_is_there_is_used),
        TEST(a_place_that_is_there_but_broken_ends_the_search),
        TEST(files_of_kubeconfig_that_are_missing_are_passed_over_with_a_word),
        TEST(a_context_of_ones_own_is_taken),
    };
    return RUN_TESTS("kubernetes/identity/chain");
}
