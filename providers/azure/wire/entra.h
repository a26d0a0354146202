/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks an authority's token endpoint (Microsoft Entra, or ADFS) by the client credentials grant, with retries.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_ENTRA_H
#define MSTR_PROVIDERS_AZURE_WIRE_ENTRA_H

#include "azure/wire/demand.h"
#include "base/buffer.h"
#include "sdk/token.h"

/* Where the token requests of a pod go in place of the authority (AKS identity bindings). */
struct token_proxy {
    const char *url;
    const char *server_name; /* NULL = the URL's */
    const char *ca_file;     /* NULL = none */
    const char *ca_pem;      /* NULL = none */
};

/* What a proof is made for. */
struct proof_context {
    const char *audience; /* URL of the endpoint */
    bool adfs;
    const char *client_id;
    int64_t now; /* by the authority's clock, ms since 1970 */
};

struct grant {
    const char *own_tenant; /* the identity's */
    const char *client_id;
    bool regional;                   /* a regional authority may be asked */
    const struct token_proxy *proxy; /* NULL = none */
    /* Appends what proves the identity to the form; asked before every attempt, since an assertion serves once. */
    enum mstr_code (*prove)(const void *data, const struct proof_context *context, struct buffer *form,
                            struct mstr_error *error);
    const void *data;
    bool rereads; /* the proof comes from a file that may have changed since */
};

/* Adds an assertion to a form as RFC 7523 2.2 has it. */
enum mstr_code entra_put_assertion(const char *jwt, struct buffer *form, struct mstr_error *error);
enum mstr_code entra_token(const struct ask *ask, const struct grant *grant, struct token *token,
                           struct mstr_error *error);

#endif
