/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command asks for: settings and references, resolved in one batch, told of where they fail, and asked for
 * again by those who watch them.
 */
#ifndef MSTR_CLI_ASKED_H
#define MSTR_CLI_ASKED_H

#include "tool.h"

/* Begin with {0}. */
struct asked {
    mstr_setting *settings;
    size_t count;
};

/* One more, whose texts live as long as `asked`; a NULL section as in mstr_setting. False without memory. */
bool asked_add(struct asked *asked, const char *section, const char *key);
/* All of them at once. */
enum mstr_code asked_resolve(struct asked *asked, mstr_context *context, const mstr_call_options *call);
/* Tells each failure, with --json the first, and returns the exit status of the first. */
int asked_tell(struct tool *tool, const struct asked *asked);
/* The same questions without their answers; false without memory. */
bool asked_again(const struct asked *asked, struct asked *again);
/* Whether all were answered alike. */
bool asked_same(const struct asked *a, const struct asked *b);
/* Back to {0}. */
void asked_release(struct asked *asked);

#endif
