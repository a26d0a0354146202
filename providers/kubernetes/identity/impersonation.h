/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a user of a kubeconfig acts as, told to the API server by headers.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_IMPERSONATION_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_IMPERSONATION_H

#include "kubernetes/identity/identity.h"

/* Reads as, as-uid, as-groups and as-user-extra into the identity's headers. MSTR_E_CONFIG. */
enum mstr_code impersonation_read(const struct kube_entry *user, struct identity *identity, struct mstr_error *error);

#endif
