/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small file that only its owner may read: written as a whole or not at all, and not believed when others could
 * have had their hands in it. Processes that read it and write it anew can exclude each other by a lock beside it,
 * and leave each other word there.
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

/* MSTR_OK too if there is none. */
enum mstr_code snapshot_file_remove(const char *path, mstr_error *error);

/* A file of its own, PATH.lock, which stays: so the lock holds also while a file is replaced, and where there is none
 * yet or any more. What is left there has its room from the first lock on. */
struct snapshot_lock {
    int file;   /* -1 = none */
    int fault;  /* errno: why nothing can be written there; 0 = it can */
    char *held; /* PATH.lock.held, which stands for it on a file system without locks; else NULL */
};
/* Waits for the lock. MSTR_OK also where there is nothing that could be locked: a folder that the user may not write
 * to, or another's file. Else what the limits say, or MSTR_E_MEMORY. */
enum mstr_code snapshot_file_lock(const char *path, const struct limits *limits, struct snapshot_lock *lock,
                                  mstr_error *error);
/* MSTR_E_CONFIG with the reason, where nothing can be written there. */
enum mstr_code snapshot_lock_check(const struct snapshot_lock *lock, const char *path, mstr_error *error);
/* What the holders of the lock leave each other in it; nothing, where there is no lock. False without memory. */
bool snapshot_lock_read(const struct snapshot_lock *lock, struct buffer *out);
/* In place of that. False if it could not be written. */
bool snapshot_lock_write(const struct snapshot_lock *lock, const void *octets, size_t length);
void snapshot_file_unlock(struct snapshot_lock *lock);

#endif
