/* SPDX-License-Identifier: Apache-2.0 */
/* Azure PowerShell, by the module Az.Accounts. */
#include "azure/identity/kinds.h"

#include "base/base64.h"
#include "sdk/host.h"

const struct tool powershell_tool = {.name = "pwsh",
                                     .log_in_hint = "log in with Connect-AzAccount",
                                     .signs = {"Connect-AzAccount"},
                                     .token = "Token",
                                     .seconds = "ExpiresOn"};

/* Versions from 2.17 to before 5 give the token as plain text unless they are asked not to. */
static const char script[] =
    "$ErrorActionPreference = 'Stop'\n"
    "$module = Import-Module Az.Accounts -MinimumVersion 2.2.0 -PassThru\n"
    "$arguments = @{ ResourceUrl = '%s' }\n"
    "if ('%s') { $arguments.TenantId = '%s' }\n"
    "if ($module.Version -ge [version]'2.17.0' -and $module.Version -lt [version]'5.0.0') {\n"
    "    $arguments.AsSecureString = $true\n"
    "}\n"
    "$answer = Get-AzAccessToken @arguments\n"
    "$text = $answer.Token\n"
    "if ($text -is [System.Security.SecureString]) {\n"
    "    $text = [System.Net.NetworkCredential]::new('', $text).Password\n"
    "}\n"
    "@{ Token = $text; ExpiresOn = $answer.ExpiresOn.ToUnixTimeSeconds() } | ConvertTo-Json -Compress\n";

/* -EncodedCommand takes base64 of UTF-16, little end first; the script is ASCII. */
static bool encode(const struct buffer *text, struct buffer *out)
{
    struct buffer wide = BUFFER_INIT;
    for (size_t i = 0; i < text->length; i++) {
        buffer_putc(&wide, text->data[i]);
        buffer_putc(&wide, '\0');
    }
    bool good = !text->failed && !wide.failed && base64_encode(out, wide.data, wide.length);
    buffer_release(&wide);
    return good;
}

enum mstr_code powershell_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    char tenant[TENANT_MAX + 1] = "";
    struct buffer text = BUFFER_INIT;
    struct buffer encoded = BUFFER_INIT;
    enum mstr_code code = tool_tenant(&turn->ask, tenant, error);
    buffer_printf(&text, script, turn->ask.demand->resource, tenant, tenant);
    if (code == MSTR_OK && !encode(&text, &encoded)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        const char *const argv[] = {"pwsh", "-NoProfile",      "-NonInteractive",     "-OutputFormat",
                                    "Text", "-EncodedCommand", buffer_text(&encoded), NULL};
        code = tool_token(turn, &powershell_tool, argv, tenant, token, error);
    }
    buffer_release(&encoded);
    buffer_release(&text);
    return code;
}
