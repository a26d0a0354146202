/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What proves to the API server who we are, as it goes on the wire: an Authorization header, a client certificate,
 * both or nothing. Counted and immutable once made, wiped in the end.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_WIRE_PROOF_H
#define MSTR_PROVIDERS_KUBERNETES_WIRE_PROOF_H

#include "sdk/renewable.h"

#include "base/buffer.h"

#include <stdbool.h>

struct proof {
    struct kept kept;            /* first */
    struct buffer authorization; /* the header's value; empty = none */
    struct buffer certificate;   /* PEM; empty = none */
    struct buffer key;           /* PEM */
};

/* One owner, and no end; NULL without memory. Released with kept_release(). */
struct proof *proof_new(void);
/* "Bearer" and a token, without the white space around it. MSTR_E_PROTOCOL tells that `what` holds no token. */
enum mstr_code proof_set_token(struct proof *proof, const char *token, const char *what, struct mstr_error *error);
/* User and password (RFC 7617). False without memory. */
bool proof_set_password(struct proof *proof, const char *user, const char *password);
bool proof_is_same(const struct proof *a, const struct proof *b);
/* Puts the certificate into a request. */
void proof_show(const struct proof *proof, struct mstr_http_request *http);

#endif
