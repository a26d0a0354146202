/*
 * The account that is logged in at Azure PowerShell, pwsh with Az.Accounts.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_POWERSHELL_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_POWERSHELL_H

#include "azure/identity/tool.h"

identity_fn powershell_identity;

extern const struct tool_answer powershell_answer;

#endif
