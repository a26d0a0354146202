/* SPDX-License-Identifier: Apache-2.0 */
/* What mstr doctor is told of a reference. */
#include "unit/azure/tools.h"

static enum mstr_code explain(const char *text)
{
    struct mstr_request *request = fake_request_new(text);
    enum mstr_code code =
        plugin->explain(instance, request->reference, fake_host_report_object(), fake_host_call(), request->error);
    fake_request_free(request);
    return code;
}

static void report_tells_vault_chain_and_token(void **state)
{
    (void)state;
    install("az", "echo '{\"accessToken\":\"e30.eyJhdWQiOiJodHRwczovL3ZhdWx0LmF6dXJlLm5ldCIsInRpZCI6InRlbmFudC0xIiwi"
                  "YXBwaWQiOiJhcHAtMSIsIm9pZCI6Im9iai0xIn0.c2ln\",\"expires_on\":1768482000}'");
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);

    assert_int_equal(explain(REFERENCE), MSTR_OK);

    assert_string_equal(
        fake_host_report(),
        "info authority: https://login.microsoftonline.com\n"
        "info vault: https://corp.vault.azure.net answers; it takes tokens for https://vault.azure.net of tenant "
        "tenant-1\n"
        "skipped EnvironmentCredential: AZURE_CLIENT_ID is not set\n"
        "skipped WorkloadIdentityCredential: AZURE_FEDERATED_TOKEN_FILE is not set\n"
        "skipped ManagedIdentityCredential: http://169.254.169.254: the metadata service does not answer; asked for: "
        "system-assigned managed identity of the instance metadata service (this machine is not on Azure, or a "
        "firewall stands between; where the service is only slow, set imds_timeout, or credential = "
        "ManagedIdentityCredential)\n"
        "used AzureCliCredential: the account that is logged in, tenant tenant-1\n"
        "info token: audience https://vault.azure.net, tenant tenant-1, application app-1, object obj-1, until "
        "2026-01-15T13:00:00Z\n");
}

static void report_goes_on_when_the_vault_cannot_be_reached(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);

    assert_int_equal(explain(REFERENCE), MSTR_OK);

    assert_contains(fake_host_report(), "failed vault: nothing answers");
    assert_contains(fake_host_report(), "used AzureCliCredential");
}

static void report_tells_what_a_closed_vault_answers(void **state)
{
    (void)state;
    fake_host_env("AZURE_AUTHORITY_HOST", "http://login.example");
    fake_host_answer("GET", VAULT, 403, NULL,
                     "{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"innererror\":{\"code\":"
                     "\"ForbiddenByFirewall\"}}}");

    assert_int_equal(explain("azure-kv://corp.vault.azure.net/db"), MSTR_E_DENIED);

    assert_contains(fake_host_report(), "failed authority: AZURE_AUTHORITY_HOST");
    assert_contains(fake_host_report(), "add it to the vault's networks");
}

static void report_ends_with_the_failure(void **state)
{
    (void)state;
    fake_host_answer("GET", VAULT, 401, CHALLENGE_OF("t", "https://graph.microsoft.com"), UNAUTHORIZED);
    assert_int_equal(explain(REFERENCE), MSTR_E_DENIED);
    assert_int_equal(explain("azure-kv://corp/a_b"), MSTR_E_CONFIG);
    fake_host_answer("GET", VAULT, 401, CHALLENGE, UNAUTHORIZED);
    assert_int_equal(explain(REFERENCE), MSTR_E_NOT_AVAILABLE);
    assert_contains(fake_host_report(), "skipped AzurePowerShellCredential: pwsh is not installed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TOOLS(report_tells_vault_chain_and_token),
        WITH_TOOLS(report_goes_on_when_the_vault_cannot_be_reached),
        WITH_TOOLS(report_tells_what_a_closed_vault_answers),
        WITH_TOOLS(report_ends_with_the_failure),
    };
    return RUN_TESTS("azure/service/explain");
}
