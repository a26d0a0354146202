/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest of a scheme: the file SCHEME.provider beside a plugin, which says that the plugin serves references of
 * this scheme without any configuration. In the grammar of the configuration:
 *
 *     [provider SCHEME]
 *     plugin      = NAME             the object beside the manifest, NAME.so
 *     service     = SERVICE          which of the plugin's services; the plugin's first without
 *     summary     = …                one line for people
 *     package     = …                what to install where the object is missing
 *     environment = …                variables and files on which the identity depends
 *     local       = no               yes: values never leave the process that asks
 *
 * Each key once. The last two are for the agent: fingerprint.h, registry_keeps_here().
 * It decides which code is loaded, so it is a trusted file as the plugin is. Immutable once read.
 */
#ifndef MSTR_PLUGIN_MANIFEST_H
#define MSTR_PLUGIN_MANIFEST_H

#include "base/error.h"
#include "base/text_list.h"

#include <stdbool.h>

struct manifest {
    char *scheme;
    char *plugin;
    char *path;    /* its own file */
    char *object;  /* the plugin's file beside it; NULL = the program itself */
    char *service; /* NULL = none, as all that follow */
    char *summary;
    char *package;
    char *environment;
    bool local;
};

/* The manifest of a scheme in the first of the plugins' folders that has one (see plugin_path.h); *out is NULL where
 * none has. A folder that this user may not enter has none. MSTR_E_PLUGIN for a manifest that is not trusted, cannot
 * be read or makes no sense; the error names its file. */
enum mstr_code manifest_find(const char *scheme, const char *path, struct manifest **out, mstr_error *error);
/* The one that a program carries in itself (see bundle.h): `object` is NULL. */
enum mstr_code manifest_read(const char *scheme, const char *text, struct manifest **out, mstr_error *error);
/* NULL is accepted. */
void manifest_free(struct manifest *manifest);

/* Adds the schemes that have a manifest in these folders, in the order of their names. Nothing is read but the
 * folders. */
void manifest_list_schemes(const char *path, struct text_list *schemes);

#endif
