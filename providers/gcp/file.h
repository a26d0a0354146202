/*
 * Reads the small files that credentials consist of, into memory that is wiped.
 */
#ifndef MSTR_PROVIDERS_GCP_FILE_H
#define MSTR_PROVIDERS_GCP_FILE_H

#include "util/buffer.h"

#include <mstr/provider.h>

/* Appends a regular file of at most 1 MiB. MSTR_E_NOT_AVAILABLE when there is none, MSTR_E_CONFIG when it cannot be
 * read or, with `guarded`, when anybody may write it. `what` begins the message. */
enum mstr_code file_read(const char *path, const char *what, bool guarded, struct buffer *out,
                         struct mstr_error *error);

#endif
