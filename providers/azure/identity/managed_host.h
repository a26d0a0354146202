/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts of managed identities: what a request to one consists of, and what it answers. Never through a proxy, never
 * redirected.
 */
#ifndef MSTR_PROVIDERS_AZURE_IDENTITY_MANAGED_HOST_H
#define MSTR_PROVIDERS_AZURE_IDENTITY_MANAGED_HOST_H

#include "azure/identity/identity.h"
#include "base/json.h"
#include "sdk/attempt.h"

/* How an identity is named; the system-assigned one has no name. */
enum managed_naming { BY_NOTHING, BY_CLIENT, BY_OBJECT, BY_RESOURCE, NAMINGS };

struct managed_id {
    enum managed_naming naming;
    const char *value;
    const char *from; /* option or variable that names it */
};

/* One kind of host, as its documents define it. */
struct managed_host {
    const char *name;
    const char *endpoint; /* variable that holds the URL; NULL = the host's own way */
    const char *method;
    const char *api_version;
    const char *claims_version;      /* that knows of refused tokens; NULL = none does */
    const char *secret_header;       /* NULL = "Metadata: true" in its place */
    const char *secret;              /* variable that holds the header's value */
    const char *pin;                 /* variable that holds the SHA-1 of its certificate; NULL = none */
    const char *parameters[NAMINGS]; /* of the query; NULL = an identity cannot be named so */
    const char *needs[4];            /* variables that are all set where this is; ended by NULL */
    bool (*is_here)(void);           /* where they do not tell; NULL = they do */
    enum mstr_code (*ask)(const struct turn *turn, const struct managed_host *host, const struct managed_id *id,
                          struct token *token, struct mstr_error *error);
    /* Whether an answer is for the identity that was asked for; NULL = it always is. */
    enum mstr_code (*check)(const struct managed_id *id, struct json_object *body, struct mstr_error *error);
};

/* A question to one. */
struct managed_question {
    const struct managed_host *managed;
    const struct managed_id *id;
    struct token *token; /* where the answer goes */
};

/* Appends `url` with the query that all hosts take. MSTR_E_CONFIG when the host cannot be asked for that identity. */
enum mstr_code managed_url(const struct ask *ask, const struct managed_host *managed, const struct managed_id *id,
                           const char *url, struct buffer *out, struct mstr_error *error);
/* Of each request to one. */
enum { MANAGED_FLAGS = MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN };
/* Tells a refusal, whatever shape the host gives it; returns its class, `refused` where no other attempt mends it. */
enum mstr_code managed_refusal(const struct mstr_http_answer *answer, const struct managed_host *managed,
                               const struct managed_id *id, enum mstr_code refused, struct mstr_error *error);
/* Reads an answer to a question, of a struct request: takes the token, or tells the refusal. */
enum mstr_code managed_read(void *question, struct attempt *attempt, struct mstr_http_response *response,
                            struct mstr_error *error);

#endif
