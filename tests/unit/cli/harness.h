/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs parts of the tool in the test's own process, with standard output and error captured, standard input as the
 * test gives it, and an environment that knows nothing of whoever runs the tests: HOME and all that follows from it
 * is a folder of the test's own.
 */
#ifndef MSTR_TESTS_UNIT_CLI_HARNESS_H
#define MSTR_TESTS_UNIT_CLI_HARNESS_H

#include "cli/command.h"
#include "cli/failure.h"
#include "support/unit.h"

/* The value of the variable SECRET, which no run may write. */
#define SECRET "c4n4ry-value"

struct outcome {
    int status;
    int failure; /* errno of the first write of data that failed */
    size_t output_length;
    char output[192 * 1024]; /* NUL-terminated */
    char errors[16 * 1024];
};

/* Group setup and teardown: the folder, and an environment with SECRET and an empty configuration. */
int harness_start(void **state);
int harness_stop(void **state);
/* Test setup: the environment and the configuration as at the start. */
int harness_reset(void **state);

/* The folder that is HOME, and a path in it, which is valid until the next call. */
const char *harness_path(const char *name);
/* A file of the folder: writes it, and reads its text, which is valid until the next call. */
void harness_write(const char *name, const void *octets, size_t length);
const char *harness_read(const char *name);
/* Replaces the configuration of runs without --config. */
void harness_config(const char *format, ...) MSTR_PRINTF(1, 2);
/* What the next run reads from standard input; by default there is nothing. */
void harness_input(const void *octets, size_t length);
/* Calls `body`, which must not assert, with the streams captured; its result is the status. The outcome is valid
 * until the next call. */
const struct outcome *harness_call(int (*body)(void *data), void *data);
/* The same in a child, for what would end or replace the process. */
const struct outcome *harness_fork(int (*body)(void *data), void *data);

/* The words behind a command's name, ended by NULL. */
struct command_line {
    const struct command *command;
    const char *const *words;
};
/* A body: runs the command line `data` points to, as main() does. */
int command_line_run(void *data);

/* run_command(command_get, "-o", "json", "env:X"), with words up to a NULL that may be left out. */
#define run_command(command, ...)                                                                                    \
    harness_call(command_line_run, &(struct command_line){&(command), (const char *const[]){__VA_ARGS__, NULL, NULL}})
/* The same for harness_fork(). */
#define fork_command(command, ...)                                                                                   \
    harness_fork(command_line_run, &(struct command_line){&(command), (const char *const[]){__VA_ARGS__, NULL, NULL}})

/* A run of its own for calls that take one: as main() makes it, with a table of `command` alone. */
struct tool harness_tool(const struct command *command);
void harness_tool_free(struct tool *tool);

/* A test that begins with the environment as at the start, and the main() of a program of such tests. */
#define CLI_TEST(name)      cmocka_unit_test_setup(name, harness_reset)
#define RUN_CLI_TESTS(name) cmocka_run_group_tests_name(name, tests, harness_start, harness_stop)

/* What a run came to, the streams as they should be to the octet. */
#define assert_outcome(done, wanted_status, wanted_output, wanted_errors)                                            \
    do {                                                                                                             \
        const struct outcome *outcome_ = (done);                                                                     \
        assert_string_equal(outcome_->errors, wanted_errors);                                                        \
        assert_string_equal(outcome_->output, wanted_output);                                                        \
        assert_int_equal(outcome_->status, wanted_status);                                                           \
    } while (0)

#endif
