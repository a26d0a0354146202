/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading secrets of the API server: several side by side, by one identity, each with one request however many of its
 * entries are wanted.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_SERVICE_SECRETS_H
#define MSTR_PROVIDERS_KUBERNETES_SERVICE_SECRETS_H

#include "kubernetes/config/secret_name.h"
#include "kubernetes/identity/identity.h"
#include "kubernetes/service/secret.h"

/* One secret wanted, and what became of it. Zeroed but for name, which has its namespace, and error; to be
 * released. */
struct fetch {
    struct secret_name name;
    struct mstr_error *error; /* the caller's; told why not */
    enum mstr_code code;
    struct secret secret;
    struct proof *proof; /* that the answer was given for */
    /* On the way, of no concern to the caller: */
    struct identity *identity;
    const struct mstr_call *call;
    struct mstr_header headers[IMPERSONATION_MAX + 2];
    struct buffer url;
    bool renewed; /* the proof was refused once */
};

/* Fetches those whose code is MSTR_OK. */
void secrets_fetch(struct identity *identity, const struct mstr_call *call, struct fetch *fetches, size_t count);
void fetch_release(struct fetch *fetch);

#endif
