/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of an exec section: what it is started with, and whether it may be. Read from the options once; then
 * any thread may use it.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_COMMAND_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_COMMAND_H

#include "sdk/process_start.h"

enum { EXEC_ARGUMENTS_MAX = 256, EXEC_NAMES_MAX = 64 };

struct exec_command {
    char **argv;
    char *environment; /* what the names point into */
    const char *names[EXEC_NAMES_MAX + 1];
    int64_t timeout;
    size_t output_limit;
};

/* MSTR_E_CONFIG for options that are wrong in a way which the host's check cannot see, and for a program that could
 * not be started, or that others could have written; _MEMORY. To be released whatever happened. */
enum mstr_code exec_command_read(const struct mstr_instance *instance, struct exec_command *command,
                                 struct mstr_error *error);
void exec_command_release(struct exec_command *command);
/* How it is started with these arguments. */
struct process_spec exec_command_spec(const struct exec_command *command, const char *const *argv);
/* That nobody else could have written its arguments, to be asked before each start. */
enum mstr_code exec_command_check(const struct exec_command *command, struct mstr_error *error);

#endif
