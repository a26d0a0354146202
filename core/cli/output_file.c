/* SPDX-License-Identifier: Apache-2.0 */
/* Writing beside, then renaming. */
#include "output_file.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct output_file_rules usual = {false, (mode_t)-1, (gid_t)-1};

/* A pipe that nobody reads yet is asked again and again, since open() would wait for longer than the run may last. */
static int open_as_it_is(const struct tool *tool, struct output_file *file, const char *path, bool pipe)
{
    enum { PAUSE = 20 /* ms */ };
    int failure = 0;
    while ((file->to.descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0) {
        if (!pipe || errno != ENXIO) {
            return errno;
        }
        if ((failure = deadline_pause(tool, PAUSE)) != 0) {
            return failure;
        }
    }
    return fcntl(file->to.descriptor, F_SETFL, 0) == 0 ? 0 : errno;
}

/* Of a file that is there, owner and group, too, where somebody waits for it. */
static int set_rights(const struct output_file *file, const struct output_file_rules *rules, const struct stat *old)
{
    struct stat made;
    gid_t group = rules->group != (gid_t)-1 || old == NULL || !rules->own_place ? rules->group : old->st_gid;
    uid_t owner = old != NULL && rules->own_place ? old->st_uid : (uid_t)-1;
    mode_t mode = rules->mode != (mode_t)-1 ? rules->mode : old != NULL ? old->st_mode & 0777 : 0600;
    if (fstat(file->to.descriptor, &made) != 0) {
        return errno;
    }
    owner = owner == made.st_uid ? (uid_t)-1 : owner;
    group = group == made.st_gid ? (gid_t)-1 : group;
    if ((owner != (uid_t)-1 || group != (gid_t)-1) && fchown(file->to.descriptor, owner, group) != 0) {
        return errno;
    }
    return fchmod(file->to.descriptor, mode) == 0 ? 0 : errno;
}

int output_file_open(const struct tool *tool, struct output_file *file, const char *path)
{
    return output_file_open_by(tool, file, path, &usual);
}

int output_file_open_by(const struct tool *tool, struct output_file *file, const char *path,
                        const struct output_file_rules *rules)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    int failure = exists ? 0 : errno;
    *file = (struct output_file){.to = WHOLE_FILE_NONE};
    if (rules->own_place && lstat(path, &old) == 0 && S_ISLNK(old.st_mode)) {
        return ELOOP;
    }
    if (exists && !S_ISREG(old.st_mode)) {
        return open_as_it_is(tool, file, path, S_ISFIFO(old.st_mode));
    }
    if (!exists && (failure != ENOENT || lstat(path, &old) == 0)) {
        return failure; /* a link that leads nowhere would be replaced, and its target stay absent */
    }
    file->path = exists ? realpath(path, NULL) : strdup(path);
    failure = file->path != NULL ? whole_file_begin(&file->to, file->path) : errno;
    if (failure != 0) { /* in place it could be left half written (contract of the tool, -o) */
        return failure;
    }
    return set_rights(file, rules, exists ? &old : NULL);
}

int output_file_close(struct output_file *file, bool good)
{
    int failure = 0;
    if (file->to.temporary != NULL) {
        failure = whole_file_end(&file->to, file->path, good ? WHOLE_FILE_REPLACE : WHOLE_FILE_DROP);
    } else if (file->to.descriptor >= 0) {
        failure = close(file->to.descriptor) != 0 ? errno : 0;
    }
    free(file->path);
    *file = (struct output_file){.to = WHOLE_FILE_NONE};
    return failure;
}
