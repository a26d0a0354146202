/*
 * AWS's shared config and credentials files as one set of profiles, SSO sessions and services, by the rules of the
 * newest SDKs: the credentials file wins property by property, [profile default] replaces [default].
 */
#ifndef MSTR_PROVIDERS_AWS_CONFIG_SHARED_CONFIG_H
#define MSTR_PROVIDERS_AWS_CONFIG_SHARED_CONFIG_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

enum section_kind { SECTION_PROFILE, SECTION_SSO_SESSION, SECTION_SERVICES };

struct property {
    char *parent; /* of a sub-property; NULL for a plain one */
    char *key;    /* as last written; compared without case */
    char *value;
};

struct section {
    enum section_kind kind;
    bool plain_default; /* a config file's [default] */
    char *name;
    struct property *properties;
    size_t count;
};

struct shared_config {
    struct section *sections;
    size_t count;
};

/* Where the files are: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else below the home folder. False when there
 * is no home folder. */
bool shared_config_path(struct buffer *out);
bool shared_config_credentials_path(struct buffer *out);

/* Reads both; a missing file is an empty one. MSTR_E_CONFIG names file and line. Release whatever happened. */
enum mstr_code shared_config_load(struct shared_config *config, struct mstr_error *error);
/* Adds one file's text. */
enum mstr_code shared_config_add(struct shared_config *config, bool credentials, const char *file, const char *text,
                                 size_t length, struct mstr_error *error);
/* To be called after the config file and before the credentials file. */
void shared_config_settle_default(struct shared_config *config);
/* Wipes. */
void shared_config_release(struct shared_config *config);

const struct section *shared_config_find(const struct shared_config *config, enum section_kind kind,
                                         const char *name);
/* The value, or NULL when it is missing or empty, or the section is NULL. */
const char *section_get(const struct section *section, const char *key);
const char *section_get_sub(const struct section *section, const char *parent, const char *key);
/* A setting of the environment, by a variable that is set and not empty, else of the section. */
const char *section_setting(const struct section *section, const char *variable, const char *key);
/* Whether that is "true", in any case. */
bool section_switch(const struct section *section, const char *variable, const char *key);

#endif
