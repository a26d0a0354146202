/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service account of the pod that this runs in: the API server by the variables that each container has, token,
 * authority and namespace by files.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_IN_CLUSTER_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_IN_CLUSTER_H

#include "kubernetes/identity/identity.h"

#define IN_CLUSTER_FOLDER "/var/run/secrets/kubernetes.io/serviceaccount"

/* MSTR_OK with the identity; MSTR_E_NOT_AVAILABLE tells why this is no pod, or one without a token. The section's
 * token_file and ca_file stand for those of the folder. */
enum mstr_code in_cluster_find(const struct mstr_instance *instance, const char *folder, struct identity **out,
                               struct mstr_error *error);

#endif
