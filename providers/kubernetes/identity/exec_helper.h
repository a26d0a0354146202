/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helper programs of a kubeconfig's user (client.authentication.k8s.io v1 and v1beta1): they are told on the
 * environment what is wanted and print a credential. Started without a shell and without a terminal, killed in the
 * end; what they print on standard error is told without what may be a secret.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_EXEC_HELPER_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_EXEC_HELPER_H

#include "kubernetes/identity/identity.h"

extern const struct identity_kind exec_helper_identity;

/* Checks a user's "exec"; nothing is started. */
enum mstr_code exec_helper_check(const struct kube_entry *user, struct mstr_error *error);
/* What KUBERNETES_EXEC_INFO holds. */
bool exec_helper_put_info(const struct identity *identity, struct buffer *out);
/* Reads what a helper printed into a proof, with its time of renewal; `version` is what the user's "exec" says. */
enum mstr_code exec_helper_read(const char *text, size_t length, const char *version, struct proof *proof,
                                struct mstr_error *error);

#endif
