/*
 * A small file that only its owner may read: written as a whole or not at all, and not believed when others could
 * have had their hands in it. Processes that read it and write it anew can exclude each other by its lock.
 */
#ifndef MSTR_SESSION_SAVED_SNAPSHOT_FILE_H
#define MSTR_SESSION_SAVED_SNAPSHOT_FILE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"

/* Replaces the file, never what is no regular one, by a new one of mode 0600. MSTR_E_CONFIG with the reason. */
enum mstr_code snapshot_file_write(const char *path, const void *octets, size_t length, mstr_error *error);
/* MSTR_E_NOT_FOUND, MSTR_E_DENIED for a file of another owner or open to others, MSTR_E_CONFIG with the reason. */
enum mstr_code snapshot_file_read(const char *path, struct buffer *out, mstr_error *error);

struct snapshot_lock {
    int file; /* -1 = none */
};
/* Waits for the lock of the file that stands at this path, whoever replaces it meanwhile. MSTR_OK also where there is
 * nothing that could be locked: no file, another's, one of a file system without locks. Else what the limits say. */
enum mstr_code snapshot_file_lock(const char *path, const struct limits *limits, struct snapshot_lock *lock,
                                  mstr_error *error);
void snapshot_file_unlock(struct snapshot_lock *lock);

#endif
