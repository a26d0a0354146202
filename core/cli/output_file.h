/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that takes the tool's data in place of standard output. It is written under a name of its own beside the
 * one asked for, and takes that one's place when all went well: a failure, of the request or of the disk, leaves
 * what was there, and where nothing can be written beside it, it is not touched. What is no regular file, such as a
 * pipe or a device, is written to as it is. A link stays: the file that it leads to is replaced; one that leads
 * nowhere is refused.
 */
#ifndef MSTR_CLI_OUTPUT_FILE_H
#define MSTR_CLI_OUTPUT_FILE_H

#include "base/whole_file.h"
#include "tool.h"

#include <stdbool.h>
#include <sys/types.h>

/* What a file is to be like that holds what others wait for. */
struct output_file_rules {
    bool own_place; /* a link is refused in its place */
    mode_t mode;    /* (mode_t)-1 = that of the file which is there, or 0600 */
    gid_t group;    /* (gid_t)-1 = that of the file which is there, or the usual one */
};

struct output_file {
    char *path;           /* links resolved */
    struct whole_file to; /* without a name of its own, the file is written to as it is */
};

/* Readable by the user alone, unless there is a file with another mode already. A pipe's reader is waited for as long
 * as the run lasts. 0, or an errno. */
int output_file_open(const struct tool *tool, struct output_file *file, const char *path);
/* The same by rules. A file that is there keeps its owner: EPERM where it cannot. ELOOP for a link. */
int output_file_open_by(const struct tool *tool, struct output_file *file, const char *path,
                        const struct output_file_rules *rules);
/* Puts the file into its place if `good`, removes it else. 0, or an errno. */
int output_file_close(struct output_file *file, bool good);

#endif
