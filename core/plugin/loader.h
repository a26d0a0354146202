/*
 * Finds, checks and opens plugin files. The only file that knows libltdl, whose global state one mutex guards.
 * Objects stay resident until the process ends. Thread-safe.
 */
#ifndef MSTR_PLUGIN_LOADER_H
#define MSTR_PLUGIN_LOADER_H

#include "base/error.h"

#include <mstr/provider.h>

typedef const struct mstr_provider *(*provider_entry)(const struct mstr_host *host);

/* The file of a plugin: itself when it is an absolute path, else NAME.so in the first folder of the colon-separated
 * `paths` (NULL ones are passed over) that has it; the last of them is the library's own plugin folder. *file is for
 * free(). MSTR_E_PLUGIN tells where it was looked for. */
enum mstr_code loader_find(const char *name, const char *const paths[], size_t path_count, char **file,
                           mstr_error *error);

/* Checks who may have changed the file, opens it, and gives its entry point. */
enum mstr_code loader_open(const char *file, provider_entry *entry, mstr_error *error);

/* What the entry point of a plugin or of a provider of the library's own gives. It is called once in a process: a
 * second call would write what the plugin's other users read meanwhile. */
const struct mstr_provider *loader_table(provider_entry entry, const struct mstr_host *host);

/* Whether root or the effective user alone could have put this file there: it and every folder above it are owned by
 * either and writable by no others (sticky folders are accepted above the one that holds it). Links are followed
 * first; *real is the path that was checked, for free(), and NULL unless the result is MSTR_OK. */
enum mstr_code loader_check_file(const char *file, char **real, mstr_error *error);

#endif
