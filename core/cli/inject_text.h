/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A template of `inject`: what it asks for, and its text with the answers in their places.
 */
#ifndef MSTR_CLI_INJECT_TEXT_H
#define MSTR_CLI_INJECT_TEXT_H

#include "asked.h"
#include "escape_value.h"
#include "placeholder.h"

struct inject_rules {
    struct marks marks; /* where `own_marks`; else the usual ones */
    bool own_marks;
    bool strict;       /* what no provider is known for is an error */
    const char *allow; /* patterns with blanks between them; NULL = whatever is asked for */
    enum escape escape;
};

struct inject_piece;

struct inject_text {
    const char *name; /* of the template, for messages */
    const struct inject_rules *rules;
    struct inject_piece *pieces; /* which point into the template */
    size_t count;
};

/* Reads a template, which must live as long as what is made of it, and asks for what it names. MSTR_OK, or the reason
 * in tool->error. To be released whatever the result. */
enum mstr_code inject_text_read(struct tool *tool, struct inject_text *text, const char *octets, size_t length,
                                struct asked *asked);
/* Appends the text with the answers in it. MSTR_OK, or the reason in tool->error. */
enum mstr_code inject_text_write(struct tool *tool, const struct inject_text *text, const struct asked *asked,
                                 struct octets *out);
void inject_text_release(struct inject_text *text);

#endif
