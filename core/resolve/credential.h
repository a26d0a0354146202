/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a mstr_credential holds, for the context that resolves it.
 */
#ifndef MSTR_RESOLVE_CREDENTIAL_H
#define MSTR_RESOLVE_CREDENTIAL_H

#include <mstr/credential.h>

struct mstr_credential {
    unsigned holders;
    enum credential_origin {
        CREDENTIAL_LITERAL,
        CREDENTIAL_CALLBACK,
        CREDENTIAL_REFERENCE,
        CREDENTIAL_TEMPLATE
    } origin;
    mstr_secret *literal;
    char *text; /* of a reference or template */
    mstr_credential_fn callback;
    void *data;
    void (*free_data)(void *data);
};

#endif
