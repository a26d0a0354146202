/*
 * A small file that only its owner may read: written as a whole or not at all, and not believed when others could
 * have had their hands in it.
 */
#ifndef MSTR_SESSION_SAVED_SNAPSHOT_FILE_H
#define MSTR_SESSION_SAVED_SNAPSHOT_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/* Replaces the file by a new one of mode 0600. MSTR_E_CONFIG with the system's reason. */
enum mstr_code snapshot_file_write(const char *path, const void *octets, size_t length, mstr_error *error);
/* MSTR_E_NOT_FOUND, MSTR_E_DENIED for a file of another owner or open to others, MSTR_E_CONFIG with the reason. */
enum mstr_code snapshot_file_read(const char *path, struct buffer *out, mstr_error *error);

#endif
