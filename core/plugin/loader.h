/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds, checks and opens plugin files: providers and stores alike. The only file that knows libltdl, whose global
 * state one mutex guards. Objects stay resident until the process ends. Thread-safe.
 */
#ifndef MSTR_PLUGIN_LOADER_H
#define MSTR_PLUGIN_LOADER_H

#include "base/error.h"

#include <mstr/store.h>

typedef const struct mstr_provider *(*provider_entry)(const struct mstr_host *host);
typedef const struct mstr_store *(*store_entry)(const struct mstr_host *host);

/* The file of a plugin: itself when it is an absolute path, else NAME.so in the first of the folders of `path` that
 * has it (see plugin_path.h). *file is for free(). MSTR_E_PLUGIN tells where it was looked for. */
enum mstr_code loader_find(const char *name, const char *path, char **file, mstr_error *error);

/* Opens the file, if it is trusted (base/trusted_file.h), and gives its entry point. */
enum mstr_code loader_open(const char *file, provider_entry *entry, mstr_error *error);
enum mstr_code loader_open_store(const char *file, store_entry *entry, mstr_error *error);

/* What the entry point of a plugin or of a provider of the library's own gives. It is called once in a process: a
 * second call would write what the plugin's other users read meanwhile. */
const struct mstr_provider *loader_table(provider_entry entry, const struct mstr_host *host);
const struct mstr_store *loader_store_table(store_entry entry, const struct mstr_host *host);

#endif
