/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that plugins have the host read: their content in secret memory, bounded in size and time, with the class of
 * failure that fits the cause. Thread-safe.
 */
#ifndef MSTR_PLUGIN_HOST_FILE_H
#define MSTR_PLUGIN_HOST_FILE_H

#include "base/limits.h"

#include <mstr/provider.h>

/* No file is read beyond this, whatever limit a plugin sets. */
#define HOST_FILE_MAX ((size_t)16 * 1024 * 1024)

/* As mstr_host::read_file; NULL limits do not wait. */
enum mstr_code host_file_read(const struct limits *limits, const char *path, size_t most, char **content,
                              size_t *length, struct mstr_error *error);
/* As mstr_host::read_trusted_file. */
enum mstr_code host_file_read_trusted(const struct limits *limits, const char *path, size_t most, char **content,
                                      size_t *length, struct mstr_error *error);

#endif
