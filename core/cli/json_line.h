/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of JSON that is one object of scalars, read in place: texts lose their escapes within the line. Pure.
 */
#ifndef MSTR_CLI_JSON_LINE_H
#define MSTR_CLI_JSON_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct json_line_member {
    const char *name;
    size_t name_length;
    const char *text; /* NULL = null; numbers and truth values as they stand there */
    size_t length;
};

/* Reads up to `most` members out of the line, which is changed. NULL, or what is wrong. */
const char *json_line_read(char *line, size_t length, struct json_line_member *members, size_t most, size_t *count);

#endif
