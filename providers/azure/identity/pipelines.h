/*
 * Azure Pipelines: the job's own token, exchanged by way of a service connection that trusts it.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_PIPELINES_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_PIPELINES_H

#include "azure/identity/identity.h"

identity_fn pipelines_identity;

#endif
