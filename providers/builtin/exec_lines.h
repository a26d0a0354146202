/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that stays, and the many calls that speak with it at once: a question is a line, and so is its answer, in
 * any order, told apart by an id. The program is started by the first call, and anew where it has ended; one that
 * ends again and again without an answer is left in peace for a while, longer each time. A call that is given up
 * leaves its answer behind, which is passed over when it comes.
 *
 * No thread stands between a caller and the program: of those who wait one reads for all, and hands over when it has
 * its own answer. Thread-safe; a process made by fork() starts a program of its own.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_LINES_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_LINES_H

#include "builtin/exec_command.h"

#include <json-c/json.h>

struct exec_lines;

/* The command is borrowed to the end. `idle` is the time in ms after which the program is ended when nobody asks; 0 =
 * never. NULL without resources. */
struct exec_lines *exec_lines_new(const struct exec_command *command, int64_t idle);
/* Ends the program; nobody asks any more. NULL is accepted. */
void exec_lines_free(struct exec_lines *lines);
/* The answer to these references, for exec_read_results() and json_release(). MSTR_E_PLUGIN when the program breaks
 * the protocol, _TIMEOUT, _CANCELLED; what its exit status says, else MSTR_E_UNAVAILABLE, when it ends without an
 * answer; as child_start() when it cannot be started. */
enum mstr_code exec_lines_ask(struct exec_lines *lines, struct mstr_request *const *requests, size_t count,
                              const struct mstr_call *call, struct json_object **answer, struct mstr_error *error);

#endif
