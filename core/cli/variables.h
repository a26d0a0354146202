/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An environment under construction: NAME=value texts of our own, each name once, each wiped when it is freed.
 */
#ifndef MSTR_CLI_VARIABLES_H
#define MSTR_CLI_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>

/* Begin with {0}. */
struct variables {
    char **texts; /* ends with NULL as soon as there is one */
    size_t count;
    size_t capacity;
};

/* Takes over the text, in place of one of the same name. False without memory, which a NULL stands for too. */
bool variables_put(struct variables *variables, char *text);
/* "NAME=value", the value of so many octets without a NUL. */
bool variables_set(struct variables *variables, const char *name, const char *value, size_t length);
bool variables_has(const struct variables *variables, const char *name);
/* Those of this process: all, or PATH, HOME, LANG and TZ alone. */
bool variables_inherit(struct variables *variables, bool pristine);
/* Back to {0}. */
void variables_release(struct variables *variables);
/* The name of the longest variable and its octets, "=" and NUL among them, and the octets of all. */
const char *variables_longest(const struct variables *variables, int *name, size_t *length, size_t *all);

#endif
