/* SPDX-License-Identifier: Apache-2.0 */
/* Writing beside, then renaming. */
#define _GNU_SOURCE /* mkostemp() */
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_as_it_is(struct output_file *file, const char *path, int flags)
{
    free(file->temporary);
    file->temporary = NULL;
    file->descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags);
    return file->descriptor >= 0 ? 0 : errno;
}

int output_file_open(struct output_file *file, const char *path)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    int failure = exists ? 0 : errno;
    *file = (struct output_file){.descriptor = -1};
    if (exists && !S_ISREG(old.st_mode)) {
        return open_as_it_is(file, path, 0);
    }
    if (!exists && (failure != ENOENT || lstat(path, &old) == 0)) {
        return failure; /* a link that leads nowhere would be replaced, and its target stay absent */
    }
    file->path = exists ? realpath(path, NULL) : strdup(path);
    if (file->path == NULL || asprintf(&file->temporary, "%s.XXXXXX", file->path) < 0) {
        file->temporary = NULL;
        return errno;
    }
    file->descriptor = mkostemp(file->temporary, O_CLOEXEC);
    if (file->descriptor < 0) {
        /* A file may be written to in a folder that may not. */
        failure = errno;
        return exists ? open_as_it_is(file, path, O_TRUNC) : failure;
    }
    return exists && fchmod(file->descriptor, old.st_mode & 0777) != 0 ? errno : 0;
}

int output_file_close(struct output_file *file, bool good)
{
    int failure = file->descriptor >= 0 && close(file->descriptor) != 0 ? errno : 0;
    bool keep = good && failure == 0;
    if (file->temporary != NULL && file->descriptor >= 0) {
        if (keep && rename(file->temporary, file->path) != 0) {
            failure = errno;
            keep = false;
        }
        if (!keep) {
            unlink(file->temporary);
        }
    }
    free(file->temporary);
    free(file->path);
    *file = (struct output_file){.descriptor = -1};
    return failure;
}
