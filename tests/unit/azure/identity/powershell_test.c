/* SPDX-License-Identifier: Apache-2.0 */
/* Azure PowerShell. */
#include "unit/azure/tools.h"

static void powershell_is_given_an_encoded_script(void **state)
{
    (void)state;
    fake_host_option("credential", "AzurePowerShellCredential");
    install("pwsh", "echo '{\"Token\":\"ps\",\"ExpiresOn\":1768482000}'");
    answer_vault();
    assert_resolves(REFERENCE, "hello");
    assert_string_equal(bearer_of_last(), "Bearer ps");
    assert_contains(noted(), "-NoProfile|-NonInteractive|-OutputFormat|Text|-EncodedCommand|JABFAHIAcgBv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TOOLS(powershell_is_given_an_encoded_script),
    };
    return RUN_TESTS("azure/identity/powershell");
}
