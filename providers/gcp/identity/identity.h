/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One identity of Application Default Credentials, whatever its kind: how it proves who we are, and the token that it
 * got for it. Counted: many threads may hold one. Its names begin with gcp, since AWS's identities are linked in
 * beside.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_GCP_IDENTITY_IDENTITY_H

#include "base/json.h"
#include "sdk/clock_skew.h"
#include "sdk/host.h"
#include "sdk/identity_digest.h"
#include "sdk/renewable_token.h"

#define UNIVERSE_DEFAULT "googleapis.com"

enum { LOCATIONS_MAX = 255 };

struct gcp_identity {
    struct kept kept; /* first */
    const struct gcp_identity_kind *kind;
    const struct mstr_instance *instance;
    char *source;               /* where it was found, for messages */
    char *before;               /* who was looked for before it and is not here, for messages; NULL = nobody */
    struct json_object *config; /* the credential file; NULL for the metadata server */
    char *universe;             /* universe domain */
    char *principal;            /* who it is, where the configuration tells; else NULL */
    void *state;                /* of the kind */
    struct renewable_token token;
    char locations[LOCATIONS_MAX + 1]; /* that it may be used from, under the token's mutex; "" = not known */
    int64_t located;                   /* the end of the token with which they were asked for */
    struct clock_skew clock;           /* of those who take its tokens */
};

/* One way to prove who we are, in a file of its own: it knows how to check its configuration and how to fetch a
 * token. */
struct gcp_identity_kind {
    const char *name; /* as in the file's "type" */
    /* Checks the configuration and prepares; no network. NULL = nothing to check. */
    enum mstr_code (*open)(struct gcp_identity *identity, struct mstr_error *error);
    enum mstr_code (*fetch)(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error);
    void (*close)(struct gcp_identity *identity); /* NULL = nothing to free */
};

/* Makes one of a kind, taking `config` over, also on failure. */
enum mstr_code gcp_identity_new(const struct mstr_instance *instance, const struct gcp_identity_kind *kind,
                                const char *source, struct json_object *config, struct gcp_identity **out,
                                struct mstr_error *error);
void gcp_identity_release(struct gcp_identity *identity);

/* A member of the configuration that must be a text and not empty; NULL with the error told. */
const char *gcp_identity_need(const struct gcp_identity *identity, const char *member, struct mstr_error *error);
/* The same for several, ended by NULL; false when one is missing. */
bool gcp_identity_need_all(const struct gcp_identity *identity, const char *const members[],
                           struct mstr_error *error);
/* Tells why something that the identity is asked for failed, in the words of sdk/chain, and returns its code. An
 * identity that another one impersonates is of the same file, which is named once. */
enum mstr_code gcp_identity_fail(const struct gcp_identity *identity, const struct mstr_error *why,
                                 enum mstr_code code, struct mstr_error *error);
/* A copy of its token, fetched where there is none that still holds. A failure names the credential file, and who was
 * looked for before it. */
enum mstr_code gcp_identity_token(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                                  struct mstr_error *error);
/* Drops the token if it still is this one, which a service refused. */
void gcp_identity_drop_token(struct gcp_identity *identity, const char *text);
/* Who it is, once a service has accepted this token of it: the same with the next token, where that can be known. */
void gcp_identity_digest(const struct gcp_identity *identity, const char *token, char digest[IDENTITY_SIZE]);

#endif
