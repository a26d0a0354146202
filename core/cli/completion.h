/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scripts of all shells are made of: the tables of commands and options, and what each argument may be.
 * Names of profiles, projects and schemes a script reads from files when it is used, in the shell's own language:
 * completing starts nothing, resolves nothing and asks nobody. A name with other characters than [A-Za-z0-9._-] is
 * not offered, so that no shell has anything to expand in it.
 */
#ifndef MSTR_CLI_COMPLETION_H
#define MSTR_CLI_COMPLETION_H

#include "command.h"
#include "options.h"

/* What arguments of an option are: words, or names that the scripts find. Of others, shells offer files. */
struct completion_argument {
    const char *option;
    const char *words;
    const char *both; /* finds names in bash and zsh */
    const char *fish;
};
/* NULL for an option of which nothing is known. */
const struct completion_argument *completion_argument(const struct option *option);
/* Whether its argument is one of the command's forms. */
bool completion_is_form(const struct option *option);

/* Whether a command begins with a word that its synopsis has, or with a reference. */
bool completion_has_operands(const struct command *command);
bool completion_takes_reference(const struct command *command);

/* Written to standard output: names of commands; what may stand first after a command, which are the words that its
 * synopsis begins with, as in "login|show [OPTION]", or the name of any command; and its forms. */
void completion_put_names(const struct command *const *commands, const char *separator);
void completion_put_operands(const struct command *const *commands, const struct command *command);
void completion_put_formats(const struct command *command);

/* Whole scripts. */
void completion_put_bash(const struct command *const *commands);
void completion_put_zsh(const struct command *const *commands);
void completion_put_fish(const struct command *const *commands);

#endif
