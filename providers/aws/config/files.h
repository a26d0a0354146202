/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that identities are made from: bounded, wiped after use, found below the home folder.
 */
#ifndef MSTR_PROVIDERS_AWS_CONFIG_FILES_H
#define MSTR_PROVIDERS_AWS_CONFIG_FILES_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <sys/stat.h>

/* Which file a path led to, and its latest change. */
struct file_identity {
    bool there;
    bool regular; /* what came through a pipe cannot be read once more, whatever is written into it */
    bool settled; /* it had not changed just then, so that another change shows in its time */
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

/* Put before every path; "" but in tests that bring a file system of their own. */
extern const char *files_root;

/* Appends the path with a leading "~" or "~/" expanded by HOME; false when HOME is unset or memory ran out. */
bool files_expand(const char *path, struct buffer *out);
/* The whole file, or what comes through a pipe within the call's limits. MSTR_E_NOT_FOUND when there is none,
 * MSTR_E_CONFIG when it cannot be read or is longer than `limit`. */
enum mstr_code files_read(const struct mstr_call *call, const char *path, size_t limit, struct buffer *out,
                          struct mstr_error *error);
/* The same, and what it was that was read. */
enum mstr_code files_read_known(const struct mstr_call *call, const char *path, size_t limit, struct buffer *out,
                                struct file_identity *identity, struct mstr_error *error);
/* Makes a header's value of what a file, or another place, has for it: without white space at its end. MSTR_E_CONFIG
 * where a line break or a NUL stays: "WHAT holds a line break, in PLACE". */
enum mstr_code files_header_value(struct buffer *value, const char *what, const char *place,
                                  struct mstr_error *error);
/* Whether the path leads to the same file as then, unchanged, or to none as then. */
bool files_is_known(const char *path, const struct file_identity *identity);
/* Puts a file in the place of another, whole or not at all, for this user alone (0600). MSTR_E_CONFIG tells why
 * not. */
enum mstr_code files_replace(const char *path, const struct buffer *content, struct mstr_error *error);
/* Waits for the other programs of ours that change files in the folder of `path`, within the call's limits; without a
 * lock, -1, one goes on all the same. */
int files_lock(const char *path, const struct mstr_call *call);
void files_unlock(int lock);

#endif
