/*
 * The account that is logged in at the Azure CLI, az, or the Azure Developer CLI, azd.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_CLI_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_CLI_H

#include "azure/identity/tool.h"

identity_fn cli_identity;
identity_fn azd_identity;

extern const struct tool_answer cli_answer;
extern const struct tool_answer azd_answer;

#endif
