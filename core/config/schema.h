/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which sections and keys the configuration knows, and what their values must look like. Keys of provider sections
 * are checked by the provider's own option table, when it is loaded.
 */
#ifndef MSTR_CONFIG_SCHEMA_H
#define MSTR_CONFIG_SCHEMA_H

#include "base/buffer.h"

#include <stdbool.h>

/* Appends what is wrong with the section [TYPE NAME] (`name` NULL when it has none); false if anything is. The name
 * of a provider is its references' scheme. */
bool schema_check_section(const char *type, const char *name, struct buffer *problem);
/* The same for a key in it, and for what is written there. References in a value are not looked into; a setting that
 * is read before they can be resolved takes none. */
bool schema_check_setting(const char *type, const char *key, const char *value, struct buffer *problem);
/* The same for what a known key comes to: references in it are resolved, or it is given by a program. */
bool schema_check_value(const char *type, const char *key, const char *value, struct buffer *problem);
/* True if the names of the keys are the user's own (an [env NAME] section), so that their case counts. */
bool schema_keeps_case(const char *type);
/* Whether a value is to be written as a secret (config_check_secret()): each of an [env NAME] section is, since any
 * may be one. Of a provider's section the plugin's table tells. */
bool schema_holds_secret(const char *type, const char *key);
/* Whether the literal parts of a value may be secret. */
bool schema_is_secret(const char *type, const char *key, const char *value);

/* Environment variables over a profile's keys, ended by NULLs. */
struct schema_variable {
    const char *variable;
    const char *key;
};
extern const struct schema_variable schema_variables[];

#endif
