/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment that `run` gives to its command: what it is made of, asked for in one batch, and put together in
 * the order in which later wins. What is added may fail with the reason in tool->error.
 */
#ifndef MSTR_CLI_ENVIRONMENT_H
#define MSTR_CLI_ENVIRONMENT_H

#include "asked.h"
#include "variables.h"

struct entry;

/* Begin with {0}. */
struct environment {
    struct entry *entries; /* those of later sources behind those of earlier ones */
    size_t count;
    bool pristine; /* begin with PATH, HOME, LANG and TZ alone */
    bool keep;     /* let stand what is set already */
};

/* The variables of this process whose text names a value by ${SCHEME:…}. */
enum mstr_code environment_add_own(struct tool *tool, struct environment *environment);
/* The section [env NAME]. */
enum mstr_code environment_add_set(struct tool *tool, struct environment *environment, const char *name,
                                   const char *prefix);
/* Each text of the JSON object that a reference names. */
enum mstr_code environment_add_members(struct tool *tool, struct environment *environment, const char *reference,
                                       const char *prefix);
enum mstr_code environment_add_file(struct tool *tool, struct environment *environment, const char *path);
/* NAME=VALUE, the value a reference, or text with ${…} in it. */
enum mstr_code environment_add(struct tool *tool, struct environment *environment, const char *assignment);

/* The questions of all entries; false without memory. Their texts are those of the environment. */
bool environment_ask(const struct environment *environment, struct asked *asked);
/* Puts the environment together, once they were answered. MSTR_OK, or the reason in tool->error. */
enum mstr_code environment_fill(struct tool *tool, const struct environment *environment, const struct asked *asked,
                                struct variables *variables);
/* What the values of its texts are made of, one entry for each ${…}: a password within a URL is a value of its own.
 * To be asked as an environment is, and released. */
enum mstr_code environment_parts(struct tool *tool, const struct environment *environment, struct environment *parts);
/* Hears of each value that came from a store; false ends the telling, and is passed on. */
bool environment_values(const struct environment *environment, const struct asked *asked,
                        bool (*each)(const mstr_secret *value, void *data), void *data);
/* Back to {0}. */
void environment_release(struct environment *environment);

#endif
