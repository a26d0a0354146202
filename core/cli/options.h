/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line in parts: options from const tables, operands in between, "--" before what is not to be read as an
 * option. The tables are also what `mstr help` prints. Never prints and never exits, so that it can be tested alone.
 */
#ifndef MSTR_CLI_OPTIONS_H
#define MSTR_CLI_OPTIONS_H

#include <stdbool.h>

/* One option; a table ends with id 0. */
struct option {
    int id;               /* what the reader's switch calls it; above 0 */
    char letter;          /* 0 = has none */
    const char *name;     /* without dashes; NULL = has none */
    const char *argument; /* what help calls its argument; NULL = takes none */
    const char *help;
};

/* A walk over the words of a command line. Begin with {words, count}, 0 elsewhere. */
struct arguments {
    char *const *words;
    int count;
    int next;             /* index of the word to be read next */
    bool stop_at_operand; /* options end at the first operand, as in `run` */
    bool ended;           /* "--" was read: all further words are operands */
    const char *cluster;  /* rest of a word of single letters, as in -ix */
    char problem[160];    /* set when arguments_next() returns ARGUMENT_WRONG */
};

enum { ARGUMENT_END = 0, ARGUMENT_OPERAND = -1, ARGUMENT_WRONG = -2 };

/* The next option's id, with its argument in `value`; or ARGUMENT_OPERAND with the operand in `value`, ARGUMENT_END,
 * or ARGUMENT_WRONG. `tables` are searched in order and end with NULL. */
int arguments_next(struct arguments *arguments, const struct option *const *tables, const char **value);

/* The length of the name in NAME=VALUE where NAME is an environment variable's; 0 if the word is not of that form. */
int assignment_name(const char *word);

#endif
