/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON that exec: exchanges with a program: what it is asked, and its answer taken apart and checked. No input or
 * output here, so that it can be tested and fuzzed by itself.
 */
#ifndef MSTR_PROVIDERS_BUILTIN_EXEC_ANSWER_H
#define MSTR_PROVIDERS_BUILTIN_EXEC_ANSWER_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <mstr/provider.h>
#include <stdbool.h>

/* {"version":1,"references":[{"body":…,"query":{…}}]} and a newline. False without memory. */
bool exec_write_question(struct mstr_request *const *requests, size_t count, struct buffer *out);
/* The same for a program that stays: with "id", "timeout", ms for which an answer is waited for, and "refresh" where
 * the store's present value is wanted. */
bool exec_write_line(struct mstr_request *const *requests, size_t count, int64_t id, int64_t timeout,
                     struct buffer *out);

/* One element of the answer's results. */
struct exec_result {
    enum mstr_code code;
    struct buffer value;
    const char *version; /* or NULL; as the message, it lives as long as the answer */
    int64_t expires;     /* ms since 1970, 0 = not told */
    const char *message; /* of a failure; NULL = none given */
};

/* The results array of a well-formed answer to `count` references, within *answer, which is to be released with
 * json_release() whatever happened; else NULL and what is wrong with it, which is NULL too where memory ran out. */
struct json_object *exec_read_answer(const char *text, size_t length, size_t count, struct json_object **answer,
                                     const char **fault);
/* One line of a program that stays, which is to be released with json_release(), and whose answer it is; else NULL
 * and what is wrong with it, as above. Its results are for exec_read_results(). */
struct json_object *exec_read_line(const char *text, size_t length, int64_t *id, const char **fault);
/* The results of such a line; else NULL and what is wrong with them. */
struct json_object *exec_read_results(struct json_object *answer, size_t count, const char **fault);
/* An element of results. Its value is to be released, and tells whether memory ran out. NULL, or what is wrong with
 * it. */
const char *exec_read_result(struct json_object *results, size_t index, struct exec_result *result);

#endif
