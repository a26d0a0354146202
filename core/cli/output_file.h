/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that takes the tool's data in place of standard output. It is written under a name of its own beside the one
 * asked for, and takes that one's place when all went well: a failure, of the request or of the disk, leaves what was
 * there. What is no regular file, such as a pipe or a device, is written to as it is. A link stays: the
 * file that it leads to is replaced; one that leads nowhere is refused.
 */
#ifndef MSTR_CLI_OUTPUT_FILE_H
#define MSTR_CLI_OUTPUT_FILE_H

#include <stdbool.h>

struct output_file {
    char *path;      /* links resolved */
    char *temporary; /* NULL = written to as it is */
    int descriptor;
};

/* Readable by the user alone, unless there is a file with another mode already. 0, or an errno. */
int output_file_open(struct output_file *file, const char *path);
/* Puts the file into its place if `good`, removes it else. 0, or an errno. */
int output_file_close(struct output_file *file, bool good);

#endif
