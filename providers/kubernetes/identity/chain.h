/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the cluster and our identity there are looked for: the section's options, KUBECONFIG, the pod's service
 * account, ~/.kube/config. A place that is there but broken ends the search; the first that is here is used.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_CHAIN_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_CHAIN_H

#include "kubernetes/identity/identity.h"

/* Finds one, for identity_release(). `report` (NULL = none) is told each place. MSTR_E_NOT_AVAILABLE lists what was
 * tried. */
enum mstr_code identity_find(const struct mstr_instance *instance, const struct mstr_call *call,
                             struct mstr_report *report, struct identity **out, struct mstr_error *error);

#endif
