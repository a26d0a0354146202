/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a section [fleet] or [fleet NAME] says, checked: the keys of the core for those who run a fleet, and all
 * others for the store's module, whose table checks them. References are resolved by whoever has a resolver; those of
 * the seal keys lead to real stores.
 */
#ifndef MSTR_FLEET_SETTINGS_H
#define MSTR_FLEET_SETTINGS_H

#include "config/config.h"
#include "fleet/worker.h"
#include "resolve/resolver.h"

struct fleet_settings {
    char *section;               /* "fleet", "fleet NAME" */
    char *store;                 /* for store_instance_load() */
    struct mstr_header *options; /* for store_instance_create() */
    struct fleet_keys *keys;
    struct fleet_rules rules;
    char *share_secrets; /* patterns of references, separated by blanks; "" = none */
};

/* Appends the section of a profile's fleet: the one that it names, else [fleet]; nothing where there is none, or
 * where the profile's `fleet` is empty. `profile` is a section, such as "profile default". MSTR_E_CONFIG where the
 * named one is absent. */
enum mstr_code fleet_settings_find(const struct config *config, const char *profile, struct buffer *section,
                                   mstr_error *error);

/* Reads a section. MSTR_E_CONFIG with file and line; what a provider says where a reference cannot be resolved. *out
 * is to be released in any case. */
enum mstr_code fleet_settings_read(const struct config *config, const char *section, const struct resolver *resolver,
                                   const struct limits *limits, struct fleet_settings *out, mstr_error *error);
/* Wipes. */
void fleet_settings_release(struct fleet_settings *settings);

/* Whether a key of the section is the core's own, and its value not for the module. */
bool fleet_settings_keeps_key(const char *key);
/* MSTR_E_CONFIG where a section lacks what it cannot do without. */
enum mstr_code fleet_settings_check(const struct config *config, const char *section, mstr_error *error);
/* MSTR_E_CONFIG where the text is no seal key; `key` says which it is. */
enum mstr_code fleet_settings_check_key(const char *key, const char *text, size_t length, mstr_error *error);

#endif
