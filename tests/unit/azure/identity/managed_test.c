/* SPDX-License-Identifier: Apache-2.0 */
/* Managed identities: the hosts that need no more than a request, and how an identity is named to all. */
#include "unit/azure/support.h"

static void user_assigned_identity_is_named_in_three_ways(void **state)
{
    static const struct {
        const char *option;
        const char *variable;
        const char *query;
    } cases[] = {
        {"managed_identity_client_id", NULL, "&client_id=id%2F1"},
        {"managed_identity_object_id", NULL, "&object_id=id%2F1"},
        {"managed_identity_resource_id", NULL, "&msi_res_id=id%2F1"},
        {"client_id", NULL, "&client_id=id%2F1"},
        {NULL, "AZURE_CLIENT_ID", "&client_id=id%2F1"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cases[i].option != NULL) {
            fake_host_option(cases[i].option, "id/1");
        } else {
            fake_host_env(cases[i].variable, "id/1");
        }
        plugin->invalidate(instance, NULL);
        fake_host_answer("GET", ASK_IMDS, 200, NULL, MI_TOKEN);
        answer_vault();
        assert_resolves(REFERENCE, "hello");
        assert_contains(fake_host_request(2 * i)->url, cases[i].query);
        fake_host_option(cases[i].option != NULL ? cases[i].option : "client_id", NULL);
    }
}

static void app_service_is_asked_in_its_way(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_option("managed_identity_object_id", "o-1");
    fake_host_answer("GET", "http://127.0.0.1:41741/msi/token[?]*", 200, NULL,
                     "{\"access_token\":\"t1\",\"expires_on\":\"01/15/2026 13:00:00 +00:00\"}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_host_request(0)->url,
                        "http://127.0.0.1:41741/msi/token?api-version=2019-08-01&" RESOURCE "&principal_id=o-1");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "X-IDENTITY-HEADER"), "head");
    assert_null(fake_exchange_header(fake_host_request(0), "Metadata"));
    assert_true(bypasses_proxies(0));
}

static void app_service_learns_which_token_was_refused(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 200, NULL,
                     "{\"access_token\":\"test_token\",\"expires_in\":3600}");
    fake_host_answer("GET", VAULT, 401,
                     "WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 200, NULL, MI_TOKEN);
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(fake_host_request(2)->url,
                        "http://127.0.0.1:41741/msi/token?api-version=2025-03-30&" RESOURCE
                        "&xms_cc=cp1&token_sha256_to_refresh="
                        "cc0af97287543b65da2c7e1476426021826cab166f1e063ed012b855ff819656");
}

static void old_app_service_and_azure_ml_are_asked_in_their_way(void **state)
{
    (void)state;
    fake_host_env("MSI_ENDPOINT", "http://10.0.0.1:8081/msi/token");
    fake_host_env("MSI_SECRET", "s-1");
    fake_host_answer("GET", "http://10.0.0.1:8081/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_host_request(0)->url, "http://10.0.0.1:8081/msi/token?api-version=2017-09-01&" RESOURCE);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "secret"), "s-1");

    plugin->invalidate(instance, NULL);
    fake_host_env("DEFAULT_IDENTITY_CLIENT_ID", "d-1");
    fake_host_answer("GET", "http://10.0.0.1:8081/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_contains(fake_host_request(2)->url, "&clientid=d-1");

    plugin->invalidate(instance, NULL);
    fake_host_option("managed_identity_resource_id", "/subscriptions/x");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "identity that managed_identity_resource_id names", NULL);
}

static void cloud_shell_is_posted_to(void **state)
{
    (void)state;
    fake_host_env("MSI_ENDPOINT", "http://localhost:50342/oauth2/token");
    fake_host_answer("POST", "http://localhost:50342/oauth2/token", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_host_request(0)->body, RESOURCE);
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Metadata"), "true");

    plugin->invalidate(instance, NULL);
    fake_host_env("AZURE_CLIENT_ID", "c-1");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "identity that AZURE_CLIENT_ID names", "unset it");
}

static void an_international_host_name_is_refused_with_its_other_form(void **state)
{
    (void)state;
    fake_host_env("MSI_ENDPOINT", "http://b\303\274cher.example/");
    fake_host_env("MSI_SECRET", "s-1");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "xn--", NULL);
}

static void service_fabric_is_pinned(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "https://localhost:2377/metadata/identity/oauth2/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD");
    fake_host_answer("GET", "https://localhost:2377/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(fake_host_request(0)->leaf_sha1, "AABBCCDDEEFF00112233445566778899AABBCCDD");
    assert_string_equal(fake_exchange_header(fake_host_request(0), "Secret"), "head");
    assert_contains(fake_host_request(0)->url, "?api-version=2019-07-01-preview&");
    assert_null(fake_host_request(1)->leaf_sha1);

    plugin->invalidate(instance, NULL);
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "AABB");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "no SHA-1", NULL);
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "zz");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "no SHA-1", NULL);
    fake_host_env("IDENTITY_SERVER_THUMBPRINT", "AABBCCDDEEFF00112233445566778899AABBCCDD");
    fake_host_env("IDENTITY_ENDPOINT", "http://localhost:2377/");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "no https URL", NULL);
}

static void hosts_that_fail_in_passing_are_asked_again(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token");
    fake_host_env("IDENTITY_HEADER", "head");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 500, NULL, "");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 429, "Retry-After: 2", "");
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 200, NULL, MI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");

    plugin->invalidate(instance, NULL);
    fake_host_answer("GET", "http://127.0.0.1:41741/*", 400, NULL,
                     "{\"statusCode\":400,\"message\":\"No identity\"}");
    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "App Service answered 400: No identity", "assign");
}

static void secret_of_a_host_that_no_header_can_hold_is_refused(void **state)
{
    (void)state;
    fake_host_env("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token");
    fake_host_env("IDENTITY_HEADER", "h-1\r\nX: y");

    assert_fails(REFERENCE, MSTR_E_CONFIG, "IDENTITY_HEADER holds what no header can", NULL);

    assert_int_equal(fake_host_requests(), 0);
}

int main(void)
{
#define ALONE(test) cmocka_unit_test_setup_teardown(test, managed_setup, plugin_teardown)
    const struct CMUnitTest tests[] = {
        ALONE(secret_of_a_host_that_no_header_can_hold_is_refused),
        ALONE(user_assigned_identity_is_named_in_three_ways),
        ALONE(app_service_is_asked_in_its_way),
        ALONE(app_service_learns_which_token_was_refused),
        ALONE(old_app_service_and_azure_ml_are_asked_in_their_way),
        ALONE(cloud_shell_is_posted_to),
        ALONE(an_international_host_name_is_refused_with_its_other_form),
        ALONE(service_fabric_is_pinned),
        ALONE(hosts_that_fail_in_passing_are_asked_again),
    };
    return RUN_TESTS("azure/identity/managed");
}
