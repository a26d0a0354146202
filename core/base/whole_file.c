/* SPDX-License-Identifier: Apache-2.0 */
/* Writing beside, then renaming. */
#define _GNU_SOURCE /* asprintf(), mkostemp() */
#include "base/whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Between the place's name and six octets that mkostemp() chooses. A word of these is nothing that somebody calls
 * what he keeps, as he may call the copy of a file ".mstr-backup". */
#define MARK ".mstr-unfinished-"
enum { MARK_LENGTH = sizeof(MARK) - 1, CHOSEN = 6, KEPT_MAX = NAME_MAX - MARK_LENGTH - CHOSEN };

static const char *name_of(const char *place)
{
    const char *slash = strrchr(place, '/');
    return slash != NULL ? slash + 1 : place;
}

/* So much of a place's name as leaves room for what is put behind it. */
static size_t kept_length(const char *name)
{
    return strnlen(name, KEPT_MAX);
}

static bool is_beside(const char *name, const char *place)
{
    size_t length = kept_length(place);
    return strlen(name) == length + MARK_LENGTH + CHOSEN && memcmp(name, place, length) == 0 &&
           memcmp(name + length, MARK, MARK_LENGTH) == 0;
}

/* Removes a file of one's own that nobody is writing any more. */
static void remove_left(int folder, const char *name)
{
    struct stat facts;
    int file = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        return;
    }
    if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == geteuid() &&
        flock(file, LOCK_EX | LOCK_NB) == 0) {
        unlinkat(folder, name, 0);
    }
    close(file);
}

static void remove_all_left(const char *place)
{
    const char *name = name_of(place);
    char *path = name == place ? strdup(".") : strndup(place, (size_t)(name - place));
    DIR *folder = path != NULL ? opendir(path) : NULL;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        if (is_beside(entry->d_name, name)) {
            remove_left(dirfd(folder), entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    free(path);
}

/* False where another one has taken the file for left behind before it was locked. A file system without locks has
 * nothing taken away. */
static bool lock(int descriptor)
{
    struct stat facts;
    while (flock(descriptor, LOCK_EX) != 0 && errno == EINTR) {
    }
    return fstat(descriptor, &facts) != 0 || facts.st_nlink > 0;
}

int whole_file_begin(struct whole_file *file, const char *place)
{
    const char *name = name_of(place);
    int kept = (int)((size_t)(name - place) + kept_length(name));
    *file = (struct whole_file)WHOLE_FILE_NONE;
    remove_all_left(place);
    for (;;) {
        if (asprintf(&file->temporary, "%.*s" MARK "XXXXXX", kept, place) < 0) {
            file->temporary = NULL;
            return ENOMEM;
        }
        file->descriptor = mkostemp(file->temporary, O_CLOEXEC);
        if (file->descriptor < 0) {
            return errno;
        }
        if (lock(file->descriptor)) {
            return 0;
        }
        close(file->descriptor);
        free(file->temporary);
    }
}

int whole_file_write(struct whole_file *file, const void *octets, size_t length)
{
    const char *at = octets;
    while (length > 0) {
        ssize_t written = write(file->descriptor, at, length);
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        at += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

/* Before the name is changed, lest a power failure leave the new name without its content. */
static int reach_disk(int descriptor)
{
    return fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno; /* where there is no disk */
}

static int take_place(const char *temporary, const char *place, enum whole_file_end how)
{
    if (how == WHOLE_FILE_NEW && /* musl has no function for it */
        syscall(SYS_renameat2, AT_FDCWD, temporary, AT_FDCWD, place, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (how == WHOLE_FILE_NEW && errno != EINVAL) { /* which file systems say that cannot do it at once */
        return errno;
    }
    return rename(temporary, place) == 0 ? 0 : errno;
}

int whole_file_end(struct whole_file *file, const char *place, enum whole_file_end how)
{
    bool made = file->descriptor >= 0;
    int failure = made && how != WHOLE_FILE_DROP ? reach_disk(file->descriptor) : 0;
    bool placed = false;
    if (made && how != WHOLE_FILE_DROP && failure == 0) {
        failure = take_place(file->temporary, place, how);
        placed = failure == 0;
    }
    if (made && !placed) {
        unlink(file->temporary);
    }
    if (made) {
        close(file->descriptor);
    }
    free(file->temporary);
    *file = (struct whole_file)WHOLE_FILE_NONE;
    return failure;
}
