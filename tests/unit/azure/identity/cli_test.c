/* SPDX-License-Identifier: Apache-2.0 */
/* The Azure CLI and the Azure Developer CLI. */
#include "unit/azure/tools.h"

static void cli_is_run_away_from_the_callers_folder(void **state)
{
    (void)state;
    fake_host_option("tenant_id", "tenant-1");
    fake_host_option("subscription", "My Subscription");
    install("az", CLI_TOKEN "; echo a warning >&2");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(noted(), "account|get-access-token|--output|json|--resource|https://vault.azure.net|--tenant|"
                                 "tenant-1|--subscription|My Subscription|bin\n");
    fake_host_option("subscription", "a;b");
    plugin->invalidate(instance, NULL);
    fake_host_option("credential", "AzureCliCredential");
    assert_fails(REFERENCE, MSTR_E_CONFIG, "\"a;b\" is no id", NULL);
}

static void vaults_tenant_is_handed_to_a_tool_without_one(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    fake_host_answer("GET", "https://corp.vault.example/*", 401, CHALLENGE_OF("tenant-7", "https://vault.example"),
                     "");
    fake_host_answer("GET", "https://corp.vault.example/*", 200, NULL, SECRET_OF("corp.vault.example"));

    assert_resolves("azure-kv://corp.vault.example/db", "hello");

    assert_contains(noted(), "--resource|https://vault.example|--tenant|tenant-7|");
}

static void old_cli_tells_local_time(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    install("az", "echo '{\"accessToken\":\"cli\",\"expiresOn\":\"2026-01-15 13:00:00.000000\"}'");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    unsetenv("TZ");
}

static void claims_are_left_to_the_user_of_the_cli(void **state)
{
    (void)state;
    fake_host_option("credential", "AzureCliCredential");
    install("az", CLI_TOKEN);
    fake_host_answer("GET", VAULT, 401,
                     "WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "");

    assert_fails(REFERENCE, MSTR_E_AUTHENTICATION, "claims",
                 "az login --claims-challenge eyJhIjoxfQ== --scope "
                 "https://vault.azure.net/.default");
}

static void azd_is_told_the_claims(void **state)
{
    (void)state;
    fake_host_option("credential", "AzureDeveloperCliCredential");
    install("azd", "echo '{\"token\":\"azd\",\"expiresOn\":\"2026-01-15T13:00:00Z\"}'");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(bearer_of_last(), "Bearer azd");
    assert_contains(noted(), "auth|token|--output|json|--no-prompt|--scope|https://vault.azure.net/.default|bin");

    fake_host_answer("GET", VAULT, 401,
                     "WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_contains(noted(), "/.default|--claims|eyJhIjoxfQ==|bin");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TOOLS(cli_is_run_away_from_the_callers_folder),
        WITH_TOOLS(vaults_tenant_is_handed_to_a_tool_without_one),
        WITH_TOOLS(old_cli_tells_local_time),
        WITH_TOOLS(claims_are_left_to_the_user_of_the_cli),
        WITH_TOOLS(azd_is_told_the_claims),
    };
    return RUN_TESTS("azure/identity/cli");
}
