/* SPDX-License-Identifier: Apache-2.0 */
/* Federated tokens of a Kubernetes workload. */
#include "unit/azure/support.h"

static int workload_setup(void **state)
{
    int result = principal_setup(state);
    fake_host_env("AZURE_CLIENT_SECRET", NULL);
    fake_host_env("AZURE_FEDERATED_TOKEN_FILE", file_path);
    fake_host_env("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/");
    write_text("federated-1 \r\n");
    return result;
}

static void federated_token_is_exchanged(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(0)->body, "&client_assertion=federated-1");
    assert_true(strlen(strstr(fake_host_request(0)->body, "federated-1")) == strlen("federated-1"));
}

static void stale_federated_token_is_read_again_once(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 401, NULL, REFUSED("invalid_client", "700024"));
    fake_host_answer("POST", AUTHORITY, 401, "Date: Thu, 15 Jan 2026 11:50:00 GMT",
                     REFUSED("invalid_client", "700024"));

    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "700024", "clock is 600 s ahead of");

    assert_int_equal(fake_host_requests(), 2);
    assert_int_equal(fake_host_slept(), 0);
}

static void renewed_federated_token_is_picked_up(void **state)
{
    (void)state;
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t1"));
    fake_host_answer_always("GET", VAULT, 200, NULL, SECRET);
    assert_resolves(REFERENCE, "hello");
    write_text("federated-2");
    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", AUTHORITY, 200, NULL, TOKEN("t2"));

    assert_resolves(REFERENCE, "hello");

    assert_contains(fake_host_request(2)->body, "federated-2");
}

static void broken_token_files_are_told(void **state)
{
    char *huge = malloc(1 << 20);
    (void)state;
    memset(huge, 'a', 1 << 20);

    write_text(" \n");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "is empty", NULL);
    write_file(file_path, huge, 1 << 20);
    assert_fails(REFERENCE, MSTR_E_CONFIG, "larger than 64 KiB", NULL);
    write_file(file_path, "a\0b", 3);
    assert_fails(REFERENCE, MSTR_E_CONFIG, "holds a NUL", NULL);
    fake_host_env("AZURE_FEDERATED_TOKEN_FILE", "/nowhere");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "not there", "azure.workload.identity/use");
    free(huge);
}

static void token_proxy_takes_the_place_of_the_authority(void **state)
{
    (void)state;
    fake_host_env("AZURE_KUBERNETES_TOKEN_PROXY", "https://proxy.cluster:8443/token/");
    fake_host_env("AZURE_KUBERNETES_SNI_NAME", "proxy.aks");
    fake_host_env("AZURE_KUBERNETES_CA_DATA", "-----BEGIN");
    fake_host_answer("POST", "https://proxy.cluster:8443/token/tenant-1/oauth2/v2.0/token", 200, NULL, TOKEN("t1"));
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_host_request(0)->tls_server_name, "proxy.aks");
    assert_string_equal(fake_host_request(0)->ca_pem, "-----BEGIN");
    assert_null(fake_host_request(1)->ca_pem);
}

static void contradictory_proxy_settings_are_refused(void **state)
{
    static const struct {
        const char *proxy;
        const char *ca_file;
        const char *ca_data;
        const char *part;
    } cases[] = {
        {NULL, "/ca", NULL, "without AZURE_KUBERNETES_TOKEN_PROXY"},
        {"https://p", "/ca", "pem", "both set"},
        {"http://p", NULL, NULL, "no https URL"},
        {"https://u@p", NULL, NULL, "no https URL"},
        {"https://p/?q", NULL, NULL, "no https URL"},
        {"https://p/#f", NULL, NULL, "no https URL"},
        {"https://b\303\274cher.example/", NULL, NULL, "xn--"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_KUBERNETES_TOKEN_PROXY", cases[i].proxy);
        fake_host_env("AZURE_KUBERNETES_CA_FILE", cases[i].ca_file);
        fake_host_env("AZURE_KUBERNETES_CA_DATA", cases[i].ca_data);
        assert_fails(REFERENCE, MSTR_E_CONFIG, cases[i].part, NULL);
    }
}

int main(void)
{
#define WITH_WORKLOAD(test) cmocka_unit_test_setup_teardown(test, workload_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        WITH_WORKLOAD(federated_token_is_exchanged),
        WITH_WORKLOAD(stale_federated_token_is_read_again_once),
        WITH_WORKLOAD(renewed_federated_token_is_picked_up),
        WITH_WORKLOAD(broken_token_files_are_told),
        WITH_WORKLOAD(token_proxy_takes_the_place_of_the_authority),
        WITH_WORKLOAD(contradictory_proxy_settings_are_refused),
    };
    return RUN_TESTS("azure/identity/workload");
}
