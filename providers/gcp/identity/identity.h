/*
 * One identity of Application Default Credentials, whatever its kind. A kind is a struct gcp_identity_kind in a file
 * of its own; it knows how to check its configuration and how to fetch a token. Counted: many threads may hold one.
 * Names begin with gcp, since AWS's identities are linked in beside.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_GCP_IDENTITY_IDENTITY_H

#include "base/json.h"
#include "sdk/host.h"
#include "sdk/renewable.h"

#include <stdatomic.h>

#define SCOPE_CLOUD_PLATFORM "https://www.googleapis.com/auth/cloud-platform"
#define UNIVERSE_DEFAULT     "googleapis.com"

struct gcp_identity {
    const struct gcp_identity_kind *kind;
    const struct mstr_instance *instance;
    char *source;               /* where it was found, for messages */
    struct json_object *config; /* the file; NULL for the metadata server */
    char *universe;             /* universe domain */
    char *principal;            /* who it is, where the configuration tells; else NULL */
    void *state;                /* of the kind */
    struct renewable cache;
    atomic_uint references;
};

struct gcp_identity_kind {
    const char *name; /* as in the file's "type" */
    /* Checks the configuration and prepares; no network. NULL = nothing to check. */
    enum mstr_code (*open)(struct gcp_identity *identity, struct mstr_error *error);
    enum mstr_code (*fetch)(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error);
    void (*close)(struct gcp_identity *identity); /* NULL = nothing to free */
};

extern const struct gcp_identity_kind service_account_identity;
extern const struct gcp_identity_kind authorized_user_identity;
extern const struct gcp_identity_kind metadata_identity;
extern const struct gcp_identity_kind external_account_identity;
extern const struct gcp_identity_kind external_user_identity;
extern const struct gcp_identity_kind impersonated_identity;
extern const struct gcp_identity_kind gdch_identity;

/* Reads a credential file's text. MSTR_E_CONFIG tells what is wrong with it, never quoting it. */
enum mstr_code gcp_identity_parse(const struct mstr_instance *instance, const char *source, const char *text,
                                  size_t length, struct gcp_identity **out, struct mstr_error *error);
/* Makes one of a kind, taking `config` over, also on failure. */
enum mstr_code gcp_identity_new(const struct mstr_instance *instance, const struct gcp_identity_kind *type,
                                const char *source, struct json_object *config, struct gcp_identity **out,
                                struct mstr_error *error);
/* The type that the "type" member names; MSTR_E_CONFIG lists the known ones. */
enum mstr_code gcp_identity_kind_of(struct json_object *config, const char *source,
                                    const struct gcp_identity_kind **type, struct mstr_error *error);
struct gcp_identity *gcp_identity_retain(struct gcp_identity *identity);
void gcp_identity_release(struct gcp_identity *identity);

/* A member that must be a text and not empty; NULL with the error told. */
const char *gcp_identity_need(const struct gcp_identity *identity, const char *member, struct mstr_error *error);
/* A token from its cache, or a new one. */
enum mstr_code gcp_identity_token(struct gcp_identity *identity, const struct mstr_call *call, struct token *token,
                                  struct mstr_error *error);

#endif
