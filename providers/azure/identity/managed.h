/*
 * The identity of the machine or service that this runs on.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_MANAGED_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_MANAGED_H

#include "azure/identity/identity.h"

identity_fn managed_identity;

#endif
