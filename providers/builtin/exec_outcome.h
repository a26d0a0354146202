/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came of asking a program, as it is told: its answer to those who wanted the values, its end, and what it said,
 * without values and what may be secrets.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_OUTCOME_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_OUTCOME_H

#include "base/json.h"
#include "sdk/process_child.h"

#include <mstr/provider.h>

enum { EXEC_END_SIZE = 64 };

/* Why nothing that the program answered can be used, or NULL where it ended with status 0. */
const char *exec_describe_end(const struct process_result *result, char text[EXEC_END_SIZE]);
/* What its exit status says: the numbers are those of mstr itself. MSTR_E_UNEXPECTED for any other. */
enum mstr_code exec_class_of_end(const struct process_result *result);

/* Appends "program NAME WHAT: what it said", of which the last is shown. */
void exec_describe(struct buffer *out, const char *program, const char *what, const char *said);
/* The same as the failure of a request. */
void exec_fail(struct mstr_request *request, enum mstr_code code, const char *program, const char *what,
               const char *said);

/* Overwrites the lines of a program's output in a text that may be quoted. */
void exec_hide_lines(const struct buffer *output, struct buffer *text);
/* The same with the values of an answer; nothing is left of the text where one cannot be read. */
void exec_hide_values(struct json_object *results, size_t count, struct buffer *text);

/* Answers each request with its result. Without results, NULL, the answer breaks the contract, as `fault` tells; NULL
 * = memory ran out. */
void exec_answer_all(const char *program, struct mstr_request *const *requests, size_t count,
                     struct json_object *results, const char *fault);

#endif
