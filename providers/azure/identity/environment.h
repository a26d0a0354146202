/*
 * A service principal, as options or variables name it.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_ENVIRONMENT_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_ENVIRONMENT_H

#include "azure/identity/identity.h"

identity_fn environment_identity;

#endif
