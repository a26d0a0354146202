/* SPDX-License-Identifier: Apache-2.0 */
/* What came of asking a program, as it is told. */
#define _GNU_SOURCE /* memmem() */
#include "builtin/exec_outcome.h"

#include "builtin/exec_answer.h"
#include "sdk/host.h"
#include "sdk/printed.h"

#include <stdio.h>
#include <string.h>

enum { QUOTED_MAX = 512 };

static const struct {
    int status;
    enum mstr_code code;
} statuses[] = {
    {3, MSTR_E_CONFIG},         {4, MSTR_E_NOT_FOUND}, {5, MSTR_E_DENIED},
    {6, MSTR_E_AUTHENTICATION}, {7, MSTR_E_NETWORK},   {8, MSTR_E_UNAVAILABLE},
};

const char *exec_describe_end(const struct process_result *result, char text[EXEC_END_SIZE])
{
    if (result->exit_status == 0) {
        return NULL;
    }
    if (result->left_behind) {
        return "could not be killed, as it runs as another user";
    }
    if (result->signal != 0) {
        snprintf(text, EXEC_END_SIZE, "was ended by signal %d", result->signal);
    } else if (result->exit_status > 0) {
        snprintf(text, EXEC_END_SIZE, "failed with exit status %d", result->exit_status);
    } else {
        snprintf(text, EXEC_END_SIZE, "ended in a way that this program did not let be seen");
    }
    return text;
}

enum mstr_code exec_class_of_end(const struct process_result *result)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        if (statuses[i].status == result->exit_status) {
            return statuses[i].code;
        }
    }
    return MSTR_E_UNEXPECTED;
}

void exec_describe(struct buffer *out, const char *program, const char *what, const char *said)
{
    struct buffer quoted = BUFFER_INIT;
    printed_quote(said, &quoted);
    const size_t past = quoted.length > QUOTED_MAX ? quoted.length - QUOTED_MAX : 0;
    buffer_printf(out, "program %s %s%s%s", program, what, quoted.length > 0 ? ": " : "",
                  buffer_text(&quoted) + past);
    buffer_release(&quoted);
}

void exec_fail(struct mstr_request *request, enum mstr_code code, const char *program, const char *what,
               const char *said)
{
    struct buffer text = BUFFER_INIT;
    exec_describe(&text, program, what, said);
    host->set_error(request, text.failed ? MSTR_E_MEMORY : code, "%s",
                    text.failed ? "out of memory" : buffer_text(&text));
    buffer_release(&text);
}

/* Overwrites every occurrence of a value, so that the rest may be quoted. */
static void cut_out(struct buffer *text, const char *value, size_t length)
{
    char *at = text->data;
    while (length > 0 && at != NULL && (size_t)(text->data + text->length - at) >= length &&
           (at = memmem(at, (size_t)(text->data + text->length - at), value, length)) != NULL) {
        memset(at, '*', length);
        at += length;
    }
}

/* Each line may be quoted without the others. */
void exec_hide_lines(const struct buffer *output, struct buffer *text)
{
    const char *line = buffer_text(output);
    const char *end = line + output->length;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline != NULL ? newline : end) - line);
        cut_out(text, line, length);
        line += length + 1;
    }
}

void exec_hide_values(struct json_object *results, size_t count, struct buffer *text)
{
    for (size_t i = 0; results != NULL && i < count; i++) {
        struct exec_result one;
        const char *fault = exec_read_result(results, i, &one);
        cut_out(text, buffer_text(&one.value), one.value.length);
        buffer_truncate(text, fault != NULL || one.value.failed ? 0 : text->length);
        buffer_release(&one.value);
    }
}

/* An answer that breaks the contract between provider and library. */
static void refuse_answer(struct mstr_request *request, const char *program, const char *fault)
{
    if (fault == NULL) {
        host->set_error(request, MSTR_E_MEMORY, "out of memory");
    } else {
        host->set_error(request, MSTR_E_PLUGIN, "program %s gave an answer that %s", program, fault);
    }
}

/* A failure that the answer tells may still quote a value beside it. */
static void refuse(const char *program, struct mstr_request *request, struct json_object *results, size_t count,
                   const struct exec_result *result)
{
    struct buffer message = BUFFER_INIT;
    buffer_puts(&message, result->message != NULL ? result->message : "an error");
    exec_hide_values(results, count, &message);
    exec_fail(request, result->code, program, "answered", buffer_text(&message));
    buffer_release(&message);
}

/* Hands one result over. */
static void answer_one(const char *program, struct mstr_request *request, struct json_object *results, size_t count,
                       size_t index)
{
    struct exec_result result;
    const char *fault = exec_read_result(results, index, &result);
    if (fault != NULL || result.value.failed) {
        refuse_answer(request, program, result.value.failed ? NULL : fault);
    } else if (result.code != MSTR_OK) {
        refuse(program, request, results, count, &result);
    } else {
        const struct mstr_meta meta = {.size = sizeof(meta), .expires = result.expires, .version = result.version};
        host->set_value(request, buffer_text(&result.value), result.value.length, &meta);
    }
    buffer_release(&result.value);
}

void exec_answer_all(const char *program, struct mstr_request *const *requests, size_t count,
                     struct json_object *results, const char *fault)
{
    for (size_t i = 0; i < count; i++) {
        if (results != NULL) {
            answer_one(program, requests[i], results, count, i);
        } else {
            refuse_answer(requests[i], program, fault);
        }
    }
}
