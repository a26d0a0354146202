/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS's shared config and credentials files as one set of profiles, SSO sessions and services, by the rules of the
 * newest SDKs: the credentials file wins property by property, [profile default] replaces [default].
 */
#ifndef MSTR_PROVIDERS_AWS_CONFIG_SHARED_CONFIG_H
#define MSTR_PROVIDERS_AWS_CONFIG_SHARED_CONFIG_H

#include "sdk/renewable.h"

#include <mstr/provider.h>
#include <stdbool.h>

enum section_kind { SECTION_PROFILE, SECTION_SSO_SESSION, SECTION_SERVICES };

struct property {
    char *parent; /* of a sub-property; NULL for a plain one */
    char *key;    /* as first written; compared without case */
    char *value;
};

/* Trees are those of tsearch(): what is in them is found in a time that their size hardly matters to. */
struct section {
    enum section_kind kind;
    bool plain_default; /* a config file's [default] */
    char *name;
    void *properties; /* tree of struct property */
};

/* Shared by counting; nothing changes in it once it was read. Keys in it lie in secret memory. */
struct shared_config {
    struct kept kept; /* first */
    void *sections;   /* tree of struct section */
};

/* An empty one, for shared_config_release(); NULL without memory. */
struct shared_config *shared_config_new(void);
/* Adds one file's text: that of the config file before that of the credentials file. */
enum mstr_code shared_config_add(struct shared_config *config, bool credentials, const char *file, const char *text,
                                 size_t length, struct mstr_error *error);
struct shared_config *shared_config_retain(struct shared_config *config);
/* The last owner wipes; NULL is accepted. */
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
