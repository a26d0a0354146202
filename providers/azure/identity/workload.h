/*
 * Workload identity: the federated token that Kubernetes projects into a file.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_WORKLOAD_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_WORKLOAD_H

#include "azure/identity/identity.h"

identity_fn workload_identity;

#endif
