/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one file of the configuration says, put into the configuration: sections and keys in their order, and what is
 * wrong with them, after which the reading goes on. Which files there are is read.c's affair.
 */
#ifndef MSTR_CONFIG_CONTENT_H
#define MSTR_CONFIG_CONTENT_H

#include "base/buffer.h"
#include "base/limits.h"
#include "config/store.h"

/* What the reading needs to know, of all files and of the present one. */
struct reading {
    struct config *config;
    const char *file; /* lives as long as the configuration */
    char *type;       /* of the present section, NULL while it is passed over */
    size_t section;   /* index of the present section */
    const struct limits *limits;
    enum mstr_code ended; /* by the limits, or MSTR_OK */
    bool broken;          /* the file's own fault has ended its reading */
    bool out_of_memory;
};

/* The whole content of the present file. */
void content_read(struct reading *reading, const char *text, size_t length);

/* Notes what is wrong in a line. `section` is NULL, or the present one. A text is NULL where memory ran out while it
 * was made. */
void content_problem(struct reading *reading, unsigned line, const char *section, const char *text);
void content_problem_of(struct reading *reading, unsigned line, const char *section, const struct buffer *text);
/* The section becomes the present one. False without memory. */
bool content_open_section(struct reading *reading, const char *type, const char *name);
/* Puts a value where the key stands already, or at the present section's end. */
void content_store(struct reading *reading, const char *key, const struct config_value *value);

#endif
