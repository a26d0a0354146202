/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of identities that the chain knows, a file each.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_KINDS_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_KINDS_H

#include "azure/identity/tool.h"

identity_fn environment_identity; /* a service principal, as options or variables name it */
identity_fn workload_identity;    /* the federated token that Kubernetes projects into a file */
identity_fn managed_identity;     /* of the machine or service that this runs on */
identity_fn pipelines_identity;   /* a job of Azure Pipelines, by way of a service connection that trusts it */
identity_fn cli_identity;         /* who is logged in at the Azure CLI, */
identity_fn azd_identity;         /* the Azure Developer CLI, */
identity_fn powershell_identity;  /* or Azure PowerShell, by the module Az.Accounts */

extern const struct tool cli_tool;
extern const struct tool azd_tool;
extern const struct tool powershell_tool;

#endif
