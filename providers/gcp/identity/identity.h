/*
 * One identity of Application Default Credentials, whatever its kind. A kind is a struct credential_type in a file of
 * its own; it knows how to check its configuration and how to fetch a token. Counted: many threads may hold one.
 */
#ifndef MSTR_PROVIDERS_GCP_IDENTITY_IDENTITY_H
#define MSTR_PROVIDERS_GCP_IDENTITY_IDENTITY_H

#include "base/json.h"
#include "sdk/host.h"
#include "sdk/renewable.h"

#include <stdatomic.h>

#define SCOPE_CLOUD_PLATFORM "https://www.googleapis.com/auth/cloud-platform"
#define UNIVERSE_DEFAULT     "googleapis.com"

struct credential {
    const struct credential_type *type;
    const struct mstr_instance *instance;
    char *source;               /* where it was found, for messages */
    struct json_object *config; /* the file; NULL for the metadata server */
    char *universe;             /* universe domain */
    char *principal;            /* who it is, where the configuration tells; else NULL */
    void *state;                /* of the type */
    struct renewable cache;
    atomic_uint references;
};

struct credential_type {
    const char *name; /* as in the file's "type" */
    /* Checks the configuration and prepares; no network. NULL = nothing to check. */
    enum mstr_code (*open)(struct credential *credential, struct mstr_error *error);
    enum mstr_code (*fetch)(struct credential *credential, const struct mstr_call *call, struct token *token,
                            struct mstr_error *error);
    void (*close)(struct credential *credential); /* NULL = nothing to free */
};

extern const struct credential_type credential_service_account;
extern const struct credential_type credential_authorized_user;
extern const struct credential_type credential_metadata;
extern const struct credential_type credential_external_account;
extern const struct credential_type credential_external_user;
extern const struct credential_type credential_impersonated;
extern const struct credential_type credential_gdch;

/* Reads a credential file's text. MSTR_E_CONFIG tells what is wrong with it, never quoting it. */
enum mstr_code credential_parse(const struct mstr_instance *instance, const char *source, const char *text,
                                size_t length, struct credential **out, struct mstr_error *error);
/* Makes one of a type, taking `config` over, also on failure. */
enum mstr_code credential_new(const struct mstr_instance *instance, const struct credential_type *type,
                              const char *source, struct json_object *config, struct credential **out,
                              struct mstr_error *error);
/* The type that the "type" member names; MSTR_E_CONFIG lists the known ones. */
enum mstr_code credential_type_of(struct json_object *config, const char *source, const struct credential_type **type,
                                  struct mstr_error *error);
struct credential *credential_retain(struct credential *credential);
void credential_release(struct credential *credential);

/* A member that must be a text and not empty; NULL with the error told. */
const char *credential_need(const struct credential *credential, const char *member, struct mstr_error *error);
/* A token from its cache, or a new one. */
enum mstr_code credential_token(struct credential *credential, const struct mstr_call *call, struct token *token,
                                struct mstr_error *error);

#endif
