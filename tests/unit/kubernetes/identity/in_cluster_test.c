/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/in_cluster.c: the service account of a pod. */
#include "unit/kubernetes/support.h"

#include "kubernetes/identity/in_cluster.h"

static char folder[64];

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    write_file(path, text, strlen(text));
}

static void drop(const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    unlink(path);
}

static int setup(void **state)
{
    int result = plugin_setup(state);
    strcpy(folder, "/tmp/mstr-pod-XXXXXX");
    assert_non_null(mkdtemp(folder));
    put("token", "pod-token\n");
    put("ca.crt", "PEM");
    put("namespace", "ns1\n");
    fake_host_env("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    fake_host_env("KUBERNETES_SERVICE_PORT", "443");
    return result;
}

static int teardown(void **state)
{
    drop("token");
    drop("ca.crt");
    drop("namespace");
    rmdir(folder);
    return plugin_teardown(state);
}

static struct identity *find(void)
{
    struct identity *identity = NULL;
    assert_int_equal(in_cluster_find(fake_host_instance(NULL), folder, &identity, NULL), MSTR_OK);
    return identity;
}

static void a_pod_has_server_authority_namespace_and_token(void **state)
{
    (void)state;
    char path[96];
    struct identity *identity = find();
    struct proof *proof = NULL;
    assert_string_equal(identity->cluster.server, "https://10.0.0.1:443");
    snprintf(path, sizeof(path), "%s/ca.crt", folder);
    assert_string_equal(identity->cluster.ca_file, path);
    assert_string_equal(identity->cluster.namespace, "ns1");
    assert_int_equal(identity_prove(identity, fake_host_call(), &proof, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&proof->authorization), "Bearer pod-token");
    kept_release(&proof->kept);
    identity_release(identity);
}

static void addresses_of_ipv6_stand_in_brackets(void **state)
{
    (void)state;
    fake_host_env("KUBERNETES_SERVICE_HOST", "fd00::1");
    struct identity *identity = find();
    assert_string_equal(identity->cluster.server, "https://[fd00::1]:443");
    identity_release(identity);
}

static void the_namespace_is_what_the_pod_says(void **state)
{
    (void)state;
    drop("namespace");
    struct identity *identity = find();
    assert_string_equal(identity->cluster.namespace, "default");
    identity_release(identity);
    fake_host_env("POD_NAMESPACE", "ns2");
    identity = find();
    assert_string_equal(identity->cluster.namespace, "ns2");
    identity_release(identity);
}

static void what_is_no_pod_or_one_without_a_token_is_not_available(void **state)
{
    (void)state;
    struct identity *identity = NULL;
    struct mstr_error *error = host->error_new();
    fake_host_env("KUBERNETES_SERVICE_PORT", "");
    assert_int_equal(in_cluster_find(fake_host_instance(NULL), folder, &identity, error), MSTR_E_NOT_AVAILABLE);
    assert_contains(host->error_message(error), "not in a pod");
    fake_host_env("KUBERNETES_SERVICE_PORT", "443");
    drop("token");
    assert_int_equal(in_cluster_find(fake_host_instance(NULL), folder, &identity, error), MSTR_E_NOT_AVAILABLE);
    assert_contains(host->error_message(error), "the pod has no token");
    assert_contains(host->error_text(error, MSTR_DETAIL_HINT), "automountServiceAccountToken");
    put("token", "pod-token");
    drop("ca.crt");
    assert_int_equal(in_cluster_find(fake_host_instance(NULL), folder, &identity, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "/ca.crt cannot be read");
    assert_null(identity);
    host->error_free(error);
}

static void an_empty_token_is_a_matter_of_authentication(void **state)
{
    (void)state;
    struct proof *proof = NULL;
    put("token", "");
    struct identity *identity = find();
    assert_int_equal(identity_prove(identity, fake_host_call(), &proof, NULL), MSTR_E_AUTHENTICATION);
    identity_release(identity);
}

static void options_stand_for_the_files_of_the_folder(void **state)
{
    (void)state;
    struct identity *identity = NULL;
    char path[128];
    snprintf(path, sizeof(path), "%s/token", folder);
    fake_host_option("token_file", path);
    fake_host_option("ca_file", path);
    assert_int_equal(in_cluster_find(fake_host_instance(NULL), "/nonexistent", &identity, NULL), MSTR_OK);
    assert_string_equal(identity->token_file, path);
    assert_string_equal(identity->cluster.ca_file, path);
    identity_release(identity);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_pod_has_server_authority_namespace_and_token),
        EACH(addresses_of_ipv6_stand_in_brackets),
        EACH(the_namespace_is_what_the_pod_says),
        EACH(what_is_no_pod_or_one_without_a_token_is_not_available),
        EACH(an_empty_token_is_a_matter_of_authentication),
        EACH(options_stand_for_the_files_of_the_folder),
    };
    return RUN_TESTS("kubernetes/identity/in_cluster");
}
