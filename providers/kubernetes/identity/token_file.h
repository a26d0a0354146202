/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens in files, as pods have them: swapped under a running program, so the file is opened by its name each time
 * and read anew once what is known of it is a minute old.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_IDENTITY_TOKEN_FILE_H
#define MSTR_PROVIDERS_KUBERNETES_IDENTITY_TOKEN_FILE_H

#include "kubernetes/identity/identity.h"

/* By the identity's token_file alone. */
extern const struct identity_kind token_file_identity;

/* Puts the token of a file into a proof, which is then good for a minute, or while the file cannot be read. `bad` is
 * the class where it holds none. */
enum mstr_code token_file_prove(const char *path, enum mstr_code bad, struct proof *proof, struct mstr_error *error);
/* What comes out of files is looked at again after a minute, and serves on where that fails. */
void token_file_age(struct proof *proof);

#endif
