/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output, files, and data that is held back. */
#define _GNU_SOURCE /* O_TMPFILE, mkostemp() */
#include "target.h"

#include "failure.h"
#include "output.h"
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_standard(const struct target *target)
{
    return target->file == NULL || strcmp(target->file, "-") == 0;
}

bool target_is_shown(const struct target *target)
{
    return is_standard(target) && isatty(STDOUT_FILENO) != 0;
}

static int write_file(struct tool *tool, const char *path, int (*work)(struct tool *tool, void *data), void *data)
{
    struct output_file file;
    int failure = output_file_open(tool, &file, path);
    int status = STATUS_UNEXPECTED;
    if (failure == 0) {
        output_redirect(file.to.descriptor);
        status = work(tool, data);
        failure = output_restore();
    }
    int later = output_file_close(&file, status == STATUS_DONE && failure == 0);
    failure = failure != 0 ? failure : later;
    return failure == 0 ? status : tool_output_failed(tool, path, failure);
}

/* A file without a name in $TMPDIR, so that nothing of it stays, however the run ends. -1 with errno set. On file
 * systems that know no such files it has one for a moment. */
static int open_spool(void)
{
    char path[4096];
    const char *given = getenv("TMPDIR");
    const char *folder = given != NULL && *given == '/' ? given : P_tmpdir;
    int spool = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (spool >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) {
        return spool;
    }
    if (snprintf(path, sizeof path, "%s/mstr.XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    spool = mkostemp(path, O_CLOEXEC);
    if (spool >= 0) {
        unlink(path);
    }
    return spool;
}

/* What was held back, to standard output; 0, or the errno of a read that failed. */
static int release(int spool)
{
    char piece[65536];
    ssize_t got = lseek(spool, 0, SEEK_SET) == 0 ? 1 : -1;
    while (got > 0 && output_failure(output_data) == 0) {
        got = read(spool, piece, sizeof piece);
        if (got > 0) {
            output_write(output_data, piece, (size_t)got);
        } else if (got < 0 && errno == EINTR) {
            got = 1;
        }
    }
    return got < 0 ? errno : 0;
}

static int write_spooled(struct tool *tool, int (*work)(struct tool *tool, void *data), void *data)
{
    int spool = open_spool();
    if (spool < 0) {
        return tool_output_failed(tool, "the file that holds output back", errno);
    }
    output_redirect(spool);
    int status = work(tool, data);
    int failure = output_restore();
    if (failure == 0 && status == STATUS_DONE) {
        failure = release(spool);
    }
    close(spool);
    return failure == 0 ? status : tool_output_failed(tool, "the file that holds output back", failure);
}

int target_write(struct tool *tool, const struct target *target, int (*work)(struct tool *tool, void *data),
                 void *data)
{
    if (!is_standard(target)) {
        return write_file(tool, target->file, work, data);
    }
    return target->spool ? write_spooled(tool, work, data) : work(tool, data);
}
