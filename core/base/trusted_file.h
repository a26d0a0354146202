/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that decide what happens: configuration, plugins, programs. Nobody but root and the effective user may have
 * written them, or may exchange them or a folder or link on their way. This is the one place that finds that out, for
 * every floor; it keeps no state but the folders of MSTR_TRUSTED_FOLDERS. Part of the library alone. Thread-safe.
 *
 * Each component of the real path is opened in turn, from "/" on, and its owner, writers and mount are those of the
 * descriptor, so that nothing can be exchanged between look and use.
 */
#ifndef MSTR_BASE_TRUSTED_FILE_H
#define MSTR_BASE_TRUSTED_FILE_H

#include "base/buffer.h"
#include "base/trusted_kind.h"

enum trusted_verdict {
    TRUSTED_GOOD,
    TRUSTED_ABSENT,     /* ENOENT or ENOTDIR on the way */
    TRUSTED_UNREADABLE, /* any other failure of the system, which must not pass for an absence */
    TRUSTED_REFUSED     /* somebody else could have written it */
};

struct trusted_file {
    int fd;      /* of what was checked: to be read, which blocks not, or of a program to be looked at; -1 = not
                    TRUSTED_GOOD */
    int failure; /* errno where it is absent or unreadable */
    struct buffer path; /* the real path that was checked */
    struct buffer
        problem; /* without TRUSTED_GOOD: "/etc/x is writable by others (owner 0, mode 0666)", or the failure */
    struct buffer remedy; /* what to do about TRUSTED_REFUSED; may be empty */
};

/* Checks a path, which may be relative to the working directory, and opens what it leads to. *file is to be closed
 * whatever the verdict. */
enum trusted_verdict trusted_file_open(const char *path, enum trusted_kind kind, struct trusted_file *file);
/* The class of a verdict other than TRUSTED_GOOD: `otherwise`, unless it is memory that is missing. */
enum mstr_code trusted_file_class(const struct trusted_file *file, enum mstr_code otherwise);
void trusted_file_close(struct trusted_file *file);

#endif
