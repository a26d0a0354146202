/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user of a kubeconfig's context: token, token file, password, client certificate, or a helper program.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_USER_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_USER_H

#include "kubernetes/identity/identity.h"

/* Gives the identity of a context its kind, and the headers of whom it acts as. MSTR_E_CONFIG tells what is wrong
 * with the user, or which program takes the place of a way that is no more. */
enum mstr_code user_settle(struct identity *identity, struct mstr_error *error);

#endif
