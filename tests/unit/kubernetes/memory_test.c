/* SPDX-License-Identifier: Apache-2.0 */
/* kubeconfig files, what helpers print, and answers of the API server, read while memory runs out. */
#include "kubernetes/identity/exec_helper.h"
#include "kubernetes/identity/user.h"
#include "kubernetes/service/secret.h"

#include "unit/kubernetes/support.h"
#include "unit/memory.h"

static enum mstr_code read_config(const char *text, size_t length, struct mstr_error *error)
{
    struct identity *identity = identity_new(fake_host_instance(NULL), "it");
    if (identity == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = kubeconfig_add_text(&identity->config, "/it", text, length, error);
    code = code == MSTR_OK ? kubeconfig_select(&identity->config, NULL, &identity->context, error) : code;
    code = code == MSTR_OK ? cluster_read(&identity->context, identity->instance, &identity->cluster, error) : code;
    code = code == MSTR_OK ? user_settle(identity, error) : code;
    identity_release(identity);
    return code;
}

static enum mstr_code read_credential(const char *text, size_t length, struct mstr_error *error)
{
    struct proof *proof = proof_new();
    enum mstr_code code = proof != NULL
                              ? exec_helper_read(text, length, "client.authentication.k8s.io/v1", proof, error)
                              : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    kept_release((struct kept *)(void *)proof);
    return code;
}

static enum mstr_code read_secret(const char *text, size_t length, struct mstr_error *error)
{
    struct secret secret = {.count = 0};
    const struct mstr_http_answer answer = {.status = 200, .body = text, .body_length = length};
    enum mstr_code code = secret_read(&answer, "ns1", "app", &secret, error);
    secret_release(&secret);
    return code;
}

static void a_kubeconfig_without_memory_is_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(
        read_config, CONFIG_OF(CLUSTER "    certificate-authority-data: UEVN\n    proxy-url: http://p\n",
                               "    token: &t first\n    as: *t\n    as-groups: [a]\n    as-user-extra: {x: [y]}\n"));
    assert_tells_memory(read_config,
                        "{\"current-context\":\"d\",\"contexts\":[{\"name\":\"d\",\"context\":{\"cluster\":"
                        "\"c\"}}],\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"https://x\"}}]}");
}

static void what_a_helper_printed_without_memory_is_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_credential,
                        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
                        "\"status\":{\"token\":\"t\",\"clientCertificateData\":\"c\",\"clientKeyData\":\"k\"}}");
}

static void a_secret_without_memory_is_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_secret, APP(DATA));
}

static void an_instance_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct mstr_provider *provider = mstr_provider_entry(fake_host_table());
    assert_made_whole_or_not_at_all(provider->create, provider->destroy, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_is_made_whole_or_not_at_all),
        cmocka_unit_test(a_kubeconfig_without_memory_is_told_as_that),
        cmocka_unit_test(what_a_helper_printed_without_memory_is_told_as_that),
        cmocka_unit_test(a_secret_without_memory_is_told_as_that),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
