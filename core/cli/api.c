/* SPDX-License-Identifier: Apache-2.0 */
/* mstr api PATH: one request on the session, like curl. Logs in, requests, logs out. */
#include "api_request.h"
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "display.h"
#include "failure.h"
#include "output.h"
#include "pages.h"
#include "progress.h"
#include "session_use.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_headers(const struct tool *tool, const mstr_response *response)
{
    void (*put)(struct output *, const char *) = tool_is_shown(tool) ? display : output_puts;
    const char *name = NULL;
    const char *value = NULL;
    output_printf(output_data, "HTTP %d\n", mstr_response_status(response));
    for (size_t i = 0; mstr_response_header_at(response, i, &name, &value); i++) {
        put(output_data, name);
        output_puts(output_data, ": ");
        put(output_data, value);
        output_puts(output_data, "\n");
    }
    output_puts(output_data, "\n");
}

/* An answer on its way to whoever reads it. Begin with {.shown, .last = '\n'}. */
struct body {
    bool shown;   /* on a terminal, which nothing in it may command */
    char last;    /* octet so far */
    char held[4]; /* begin of a character whose rest is to come */
    size_t held_length;
    struct progress *progress; /* NULL = nobody is told */
};

static void print_piece(struct body *body, const char *octets, size_t length)
{
    if (length == 0) {
        return;
    }
    body->last = octets[length - 1];
    if (!body->shown) {
        output_write(output_data, octets, length);
        return;
    }
    while (body->held_length > 0 && length > 0) { /* octet by octet, until the character is there */
        body->held[body->held_length++] = *octets++;
        length--;
        bool full = body->held_length == sizeof body->held;
        size_t taken = display_text(output_data, body->held, body->held_length, full);
        body->held_length -= taken;
        memmove(body->held, body->held + taken, body->held_length);
    }
    size_t taken = display_text(output_data, octets, length, false);
    memcpy(body->held + body->held_length, octets + taken, length - taken);
    body->held_length += length - taken;
}

static int print_piece_of(const void *octets, size_t length, void *data)
{
    struct body *body = data;
    print_piece(body, octets, length);
    atomic_fetch_add(&body->progress->done, (int64_t)length);
    return output_failure(output_data);
}

/* What is cut off in a character is shown as it is; a line ends before the prompt does. */
static void end_body(struct body *body)
{
    display_text(output_data, body->held, body->held_length, true);
    output_puts(output_data, body->shown && body->last != '\n' ? "\n" : "");
}

static enum error_body error_body_of(const struct api_request *request)
{
    bool seen = request->show_headers || isatty(STDERR_FILENO) != 0;
    return request->error_body != ERROR_BODY_AUTO ? request->error_body : seen ? ERROR_BODY_STDERR : ERROR_BODY_NONE;
}

/* What the server says to its refusal, in its own words. Errors in JSON stay one object. */
static void print_refusal(const struct tool *tool, const struct api_request *request, const mstr_response *response)
{
    size_t length = 0;
    const char *body = mstr_response_body(response, &length);
    bool notes = error_body_of(request) == ERROR_BODY_STDERR;
    struct output *output = notes ? output_notes : output_data;
    if (length == 0 || (notes && tool->json)) {
        return;
    }
    if (notes ? isatty(STDERR_FILENO) != 0 : tool_is_shown(tool)) {
        display_text(output, body, length, true);
    } else {
        output_write(output, body, length);
    }
    output_puts(output, body[length - 1] != '\n' ? "\n" : "");
}

/* The method and the path, as messages have them. */
static enum mstr_code tell_refusal(const struct api_request *request, const mstr_response *response,
                                   mstr_error *error)
{
    char what[512];
    const char *path = request->wire.path;
    snprintf(what, sizeof what, "%s %.*s", request->wire.method != NULL ? request->wire.method : "GET",
             (int)strcspn(path, "?"), path);
    return mstr_response_refusal(response, what, error);
}

static enum mstr_code print_member(struct tool *tool, const mstr_response *response, const char *pointer)
{
    mstr_secret *member = NULL;
    enum mstr_code code = mstr_response_member(response, pointer, &member, tool->error);
    if (code == MSTR_OK) {
        if (tool_is_shown(tool)) {
            display_text(output_data, mstr_secret_octets(member), mstr_secret_length(member), true);
        } else {
            output_write(output_data, mstr_secret_octets(member), mstr_secret_length(member));
        }
        output_puts(output_data, "\n");
    }
    mstr_secret_release(member);
    return code;
}

/* What is not written while it arrives. */
static enum mstr_code print_answer(struct tool *tool, const struct api_request *request,
                                   const mstr_response *response, struct body *shown)
{
    enum mstr_code code = tell_refusal(request, response, tool->error);
    size_t length = 0;
    const char *body = mstr_response_body(response, &length);
    if (code != MSTR_OK) {
        print_refusal(tool, request, response);
    } else if (request->pointer != NULL) {
        code = print_member(tool, response, request->pointer);
    } else if (request->show_headers) {
        print_headers(tool, response);
        print_piece(shown, body, length);
    }
    return code;
}

/* The answer is written while it arrives, unless its headers come first or one member is wanted. */
static enum mstr_code send_and_print(struct tool *tool, struct api_request *request, mstr_session *session)
{
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_response *response = NULL;
    struct progress progress;
    struct body body = {.shown = tool_is_shown(tool), .last = '\n', .progress = &progress};
    writer.write = print_piece_of;
    writer.data = &body;
    request->wire.writer = request->show_headers || request->pointer != NULL ? NULL : &writer;
    request->wire.flags |= error_body_of(request) != ERROR_BODY_NONE ? MSTR_REQUEST_KEEP_ERRORS : 0;
    progress_begin(&progress, tool, "octets", !tool->quiet && !tool_is_shown(tool), PROGRESS_LINE_PERIOD);
    enum mstr_code code = mstr_session_send(session, &request->wire, &response, tool->error);
    progress_end(&progress);
    request->wire.writer = NULL;
    if (code == MSTR_OK) {
        code = print_answer(tool, request, response, &body);
    }
    if (code == MSTR_OK) {
        end_body(&body);
    }
    mstr_response_free(response);
    return code;
}

static int send(struct tool *tool, mstr_session *session, void *data)
{
    struct api_request *request = data;
    mstr_call_options call = tool_call(tool);
    request->wire.call = &call;
    enum mstr_code code = request->paginate ? pages_print(session, &request->wire, tool->error)
                                            : send_and_print(tool, request, session);
    request->wire.call = NULL;
    if (output_failure(output_data) != 0) {
        return STATUS_UNEXPECTED; /* told once, in the end */
    }
    bool source_failed = mstr_error_code(request->source.error) != MSTR_OK;
    return code == MSTR_OK ? STATUS_DONE : tool_fail_with(tool, source_failed ? request->source.error : tool->error);
}

static int run_request(struct tool *tool, void *data)
{
    struct api_request *request = data;
    if ((request->wire.flags & MSTR_REQUEST_NO_AUTH) == 0) {
        return tool_work(tool, send, request);
    }
    mstr_session_options session_options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    enum mstr_code code = tool_context(tool);
    session_options.profile = tool->profile;
    if (code == MSTR_OK) {
        code = mstr_session_new(tool->context, &session_options, &session, tool->error);
    }
    int status = code == MSTR_OK ? send(tool, session, request) : tool_fail(tool);
    mstr_session_free(session);
    return status;
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct api_request request = {.wire = MSTR_SESSION_REQUEST_INIT, .reader = MSTR_READER_INIT};
    int status = api_request_read(tool, arguments, &request);
    if (status == STATUS_DONE) {
        status = tool_write(tool, run_request, &request);
    }
    api_request_release(&request);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... PATH", NULL};
static const char *const examples[] = {
    "mstr api 'projects/{}' --arg 'Sales & Costs'",
    "mstr api -q limit=5 --pointer /0/name projects",
    "mstr api -d @report.json -o answer.json v2/reports",
    NULL,
};
const struct command command_api = {
    .name = "api",
    .synopsis = synopsis,
    .summary = "send one request on a session of the profile",
    .options = api_request_options,
    .examples = examples,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run,
};
