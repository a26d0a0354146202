/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the small files that identities are configured by, into memory that is wiped.
 */
#ifndef MSTR_PROVIDERS_SDK_FILE_H
#define MSTR_PROVIDERS_SDK_FILE_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

/* Anybody may write it: refused. */
#define FILE_GUARDED 1u
/* A symbolic link in place of it: refused. */
#define FILE_NO_LINK 2u

/* Whether a failure to open a file means that it is not there, also since it lies below a HOME that cannot be
 * used. */
bool file_is_absent(const char *path, int failure);
/* Appends a regular file of at most 1 MiB. MSTR_E_NOT_AVAILABLE when there is none, MSTR_E_CONFIG when it cannot be
 * read or the flags (FILE_…) refuse it. `what` begins the message. */
enum mstr_code file_read(const char *path, const char *what, unsigned flags, struct buffer *out,
                         struct mstr_error *error);

/* Appends what a descriptor gives, at most `limit` octets, to its end. A pipe, which must be opened without blocking,
 * is waited for within the call's limits; NULL = it is a regular file. MSTR_E_CONFIG when it cannot be read or is
 * longer. */
enum mstr_code file_drain(const struct mstr_call *call, int fd, const char *what, size_t limit, struct buffer *out,
                          struct mstr_error *error);

#endif
