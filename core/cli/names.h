/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of names: words of a command line, which are cut in place and outlive the list, or copies that it owns.
 */
#ifndef MSTR_CLI_NAMES_H
#define MSTR_CLI_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct names {
    const char **items;
    size_t count;
    bool owned; /* all of them are copies */
};

/* False without memory. */
bool names_add(struct names *names, const char *name);
/* The same of a copy, in a list of nothing else. */
bool names_copy(struct names *names, const char *text, size_t length);
/* Adds what stands between commas; one in a name has a backslash before it, as has a backslash. */
bool names_split(struct names *names, char *words);
void names_release(struct names *names);

/* Cuts a word at the first `separator` without a backslash before it, and takes the backslashes before separators and
 * backslashes away from what stands before: "a\,b,c" becomes "a,b". What stands behind; NULL if there is none. */
char *names_cut(char *word, char separator);

#endif
