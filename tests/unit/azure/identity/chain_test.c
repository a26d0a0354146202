/* SPDX-License-Identifier: Apache-2.0 */
/* The chain: its order, what ends it and what does not, who is chosen, and how it is told. */
#include "unit/azure/tools.h"

static void every_attempt_is_listed_where_nothing_is_available(void **state)
{
    static const char *const parts[] = {
        "EnvironmentCredential: AZURE_CLIENT_ID is not set [0 ms]",
        "WorkloadIdentityCredential: AZURE_FEDERATED_TOKEN_FILE is not set",
        "ManagedIdentityCredential: http://169.254.169.254: the metadata service does not answer",
        "AzureCliCredential: az is not installed",
        "AzureDeveloperCliCredential: azd is not installed",
        "AzurePowerShellCredential: pwsh is not installed",
    };
    (void)state;

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
    const char *at = fake_request_message(request);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        assert_contains(at, parts[i]);
        at = strstr(at, parts[i]);
    }
    fake_request_free(request);
    assert_int_equal(fake_host_slept(), 0);
    assert_int_equal(fake_host_requests(), 1);
    assert_contains(fake_host_request(0)->url, IMDS);
    assert_int_equal(fake_host_request(0)->request.timeout, 1000);
    assert_int_equal(fake_host_request(0)->request.connect_timeout, 1000);
}

static void machine_without_identity_leaves_the_turn_to_others(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    fake_host_answer("GET", IMDS "[?]*", 400, NULL,
                     "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}");
    answer_vault();

    assert_resolves(REFERENCE, "hello");

    assert_string_equal(bearer_of_last(), "Bearer cli");
}

static void refused_identity_ends_the_chain(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    fake_host_env("AZURE_CLIENT_ID", "stale");
    fake_host_answer("GET", IMDS "[?]*", 400, NULL, "{\"error\":\"invalid_request\"}");

    struct mstr_request *request = resolve(REFERENCE);

    assert_int_equal(fake_request_code(request), MSTR_E_AUTHENTICATION);
    assert_contains(fake_request_message(request), "before it: EnvironmentCredential: AZURE_TENANT_ID is not set");
    assert_string_equal(fake_request_detail(request, MSTR_DETAIL_STEP), "ManagedIdentityCredential");
    fake_request_free(request);
    assert_string_equal(noted(), "");
}

static void winner_is_asked_alone_from_then_on(void **state)
{
    (void)state;
    install("az", CLI_TOKEN);
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    size_t before = fake_host_requests();

    fake_host_advance(3600000);
    fake_host_deadline(30000);
    install("az", "echo '{\"accessToken\":\"cli2\",\"expires_on\":1768490000}'");
    fake_host_env("AZURE_TENANT_ID", "tenant-1");
    fake_host_env("AZURE_CLIENT_ID", "client-1");
    fake_host_env("AZURE_CLIENT_SECRET", "secret");
    answer_vault();
    assert_resolves(REFERENCE, "hello");

    assert_int_equal(fake_host_requests(), before + 1);
    assert_string_equal(bearer_of_last(), "Bearer cli2");
}

static void selection_takes_a_group_or_one(void **state)
{
    static const struct {
        const char *value;
        const char *part;
        const char *without;
    } cases[] = {
        {"dev", "az is not installed", "EnvironmentCredential"},
        {" PROD ", "does not answer", "az is not installed"},
        {"environmentcredential", "AZURE_CLIENT_ID is not set", "IMDS"},
        {"WorkloadIdentityCredential", "AZURE_FEDERATED_TOKEN_FILE", "EnvironmentCredential"},
        {"managedidentitycredential", "does not answer", "az is not"},
        {"AzureCliCredential", "az is not installed", "azd is"},
        {"AzureDeveloperCliCredential", "azd is not installed", "pwsh"},
        {"AzurePowerShellCredential", "pwsh is not installed", "azd"},
        {"", "EnvironmentCredential", "selects"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_TOKEN_CREDENTIALS", cases[i].value);
        struct mstr_request *request = resolve(REFERENCE);
        assert_int_equal(fake_request_code(request), MSTR_E_NOT_AVAILABLE);
        assert_contains(fake_request_message(request), cases[i].part);
        assert_null(strstr(fake_request_message(request), cases[i].without));
        fake_request_free(request);
    }
}

static void unknown_selection_is_refused_with_the_names(void **state)
{
    static const char *const cases[] = {"developer", "VisualStudioCodeCredential", "interactivebrowsercredential",
                                        "a-very-long-value-that-no-credential-could-ever-have-for-its-own-name-0"};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_env("AZURE_TOKEN_CREDENTIALS", cases[i]);
        assert_fails(REFERENCE, MSTR_E_CONFIG, "AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");
    }
}

static void tool_that_fails_leaves_the_turn_to_the_next(void **state)
{
    (void)state;
    install("az", "echo broken >&2; exit 1");
    install("azd", "echo '{\"token\":\"azd\",\"expiresOn\":\"2026-01-15T13:00:00Z\"}'");
    answer_vault();

    assert_resolves(REFERENCE, "hello");
}

/* What to do about a tool that is there says more than what could be done in general. */
static void hint_of_a_tool_that_failed_is_told_in_the_end(void **state)
{
    (void)state;
    fake_host_option("credential", "dev");
    install("az", "echo garbage");
    install("azd", "exit 127");
    install("pwsh", "exit 127");

    assert_fails(REFERENCE, MSTR_E_PROTOCOL,
                 "no Azure identity gives access: AzureCliCredential: ", "run it by hand");
}

static void cancelled_call_ends_the_chain(void **state)
{
    (void)state;
    fake_host_cancel();

    assert_fails(REFERENCE, MSTR_E_CANCELLED, "cancelled", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TOOLS(every_attempt_is_listed_where_nothing_is_available),
        WITH_TOOLS(machine_without_identity_leaves_the_turn_to_others),
        WITH_TOOLS(refused_identity_ends_the_chain),
        WITH_TOOLS(winner_is_asked_alone_from_then_on),
        WITH_TOOLS(selection_takes_a_group_or_one),
        WITH_TOOLS(unknown_selection_is_refused_with_the_names),
        WITH_TOOLS(tool_that_fails_leaves_the_turn_to_the_next),
        WITH_TOOLS(hint_of_a_tool_that_failed_is_told_in_the_end),
        WITH_TOOLS(cancelled_call_ends_the_chain),
    };
    return RUN_TESTS("azure/identity/chain");
}
