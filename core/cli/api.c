/* SPDX-License-Identifier: Apache-2.0 */
/* mstr api PATH: one request on the session, like curl. Logs in, requests, logs out. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "display.h"
#include "failure.h"
#include "input.h"
#include "output.h"
#include "pages.h"
#include "progress.h"

#include <errno.h>
#include <mstr/uri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAIRS_MAX = 64, PATH_SIZE = 8192 };

/* Where the body of a refusal goes. */
enum error_body { ERROR_BODY_AUTO, ERROR_BODY_STDOUT, ERROR_BODY_STDERR, ERROR_BODY_NONE };
static const char *const error_bodies[] = {"auto", "stdout", "stderr", "none"};

struct request {
    mstr_session_request wire;
    struct mstr_header headers[PAIRS_MAX];
    struct mstr_header query[PAIRS_MAX];
    const char *data;   /* of -d, or NULL */
    char *body;         /* read from standard input, to be freed */
    mstr_reader reader; /* of a file, whose descriptor is to be closed */
    struct tool source; /* as the run's, with an error of its own, for what is read while the request is sent */
    const char *arguments[PAIRS_MAX]; /* of the path's pattern */
    size_t argument_count;
    char path[PATH_SIZE];
    const char *pointer; /* to the member that is written; NULL = the whole answer */
    enum error_body error_body;
    bool show_headers;
    bool paginate;
};

/* Cuts "NAME: VALUE" or "NAME=VALUE" in place. False if there is no separator or the table is full. */
static bool add_pair(struct mstr_header *pairs, size_t *count, const char *word, char separator)
{
    char *at = strchr(word, separator);
    if (at == NULL || at == word || *count == PAIRS_MAX) {
        return false;
    }
    *at++ = '\0'; /* the words of a command line may be changed (C11 5.1.2.2.1) */
    at += separator == ':' ? strspn(at, " ") : 0;
    pairs[(*count)++] = (struct mstr_header){word, at};
    return true;
}

static void drop_body(struct request *request)
{
    if (request->body != NULL) {
        mstr_wipe(request->body, request->wire.body_length);
        free(request->body);
    }
    if (request->reader.descriptor >= 0) {
        close(request->reader.descriptor);
    }
    mstr_error_free(request->source.error);
}

static int64_t read_source(void *into, size_t capacity, void *data)
{
    struct request *request = data;
    return input_read(&request->source, request->reader.descriptor, request->data + 1, into, capacity);
}

/* -d @FILE is sent as it is read. A pipe's writer is waited for. */
static int take_file(struct tool *tool, struct request *request, const char *path)
{
    struct stat status;
    request->reader.descriptor = input_open(path);
    if (request->reader.descriptor < 0 || fstat(request->reader.descriptor, &status) != 0) {
        return tool_problem(tool, STATUS_UNEXPECTED, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        request->reader.read = read_source;
        request->reader.data = request;
        request->source = *tool;
        request->source.error = mstr_error_new();
    }
    request->wire.reader = &request->reader;
    return STATUS_DONE;
}

/* -d DATA, -d @FILE, -d @-. Standard input is read first, as it could not be sent again after a new login. */
static int take_body(struct tool *tool, struct request *request)
{
    if (request->data == NULL || request->data[0] != '@') {
        request->wire.body = request->data;
        request->wire.body_length = request->data != NULL ? strlen(request->data) : 0;
        return STATUS_DONE;
    }
    if (strcmp(request->data, "@-") != 0) {
        return take_file(tool, request, request->data + 1);
    }
    request->body = input_read_all(tool, STDIN_FILENO, "standard input", &request->wire.body_length);
    request->wire.body = request->body;
    return request->body != NULL ? STATUS_DONE : tool_fail(tool);
}

enum {
    OPTION_METHOD = 1,
    OPTION_DATA,
    OPTION_HEADER,
    OPTION_QUERY,
    OPTION_ARG,
    OPTION_POINTER,
    OPTION_ERROR_BODY,
    OPTION_INCLUDE,
    OPTION_PAGINATE,
    OPTION_NO_AUTH,
};
static const struct option options[] = {
    {OPTION_METHOD, 'X', "method", "METHOD", "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"},
    {OPTION_DATA, 'd', "data", "DATA", "the body; @FILE reads a file, @- standard input"},
    {OPTION_HEADER, 'H', "header", "'N: V'", "one more header"},
    {OPTION_QUERY, 'q', "query", "K=V", "one more query parameter, which is encoded"},
    {OPTION_ARG, 0, "arg", "TEXT", "for the next {} in PATH; one segment, whatever is in it"},
    {OPTION_POINTER, 0, "pointer", "/A/0/B", "write what stands there in the answer's JSON"},
    {OPTION_ERROR_BODY, 0, "error-body", "WHERE", "write the body of a refusal to stdout, stderr or none"},
    {OPTION_INCLUDE, 'i', "include", NULL, "write the answer's status and headers first"},
    {OPTION_PAGINATE, 0, "paginate", NULL, "follow the pages of a list; writes one JSON array"},
    {OPTION_NO_AUTH, 0, "no-auth", NULL, "send no token, and do not log in"},
    {0, 0, NULL, NULL, NULL},
};

static int take_argument(struct tool *tool, struct request *request, const char *value)
{
    if (request->argument_count == PAIRS_MAX) {
        return tool_usage(tool, "no path has more than %d arguments", (int)PAIRS_MAX);
    }
    request->arguments[request->argument_count++] = value;
    return STATUS_DONE;
}

static int take_error_body(struct tool *tool, struct request *request, const char *value)
{
    for (size_t i = ERROR_BODY_STDOUT; i <= ERROR_BODY_NONE; i++) {
        if (strcmp(value, error_bodies[i]) == 0) {
            request->error_body = (enum error_body)i;
            return STATUS_DONE;
        }
    }
    return tool_usage(tool, "write --error-body stdout, stderr or none");
}

static int take_option(struct tool *tool, struct request *request, int found, const char *value)
{
    switch (found) {
    case OPTION_METHOD:
        request->wire.method = value;
        return STATUS_DONE;
    case OPTION_DATA:
        request->data = value;
        return STATUS_DONE;
    case OPTION_HEADER:
        return add_pair(request->headers, &request->wire.header_count, value, ':')
                   ? STATUS_DONE
                   : tool_usage(tool, "write a header as 'NAME: VALUE'");
    case OPTION_QUERY:
        return add_pair(request->query, &request->wire.query_count, value, '=')
                   ? STATUS_DONE
                   : tool_usage(tool, "write a query parameter as KEY=VALUE");
    case OPTION_ARG:
        return take_argument(tool, request, value);
    case OPTION_POINTER:
        request->pointer = value;
        return STATUS_DONE;
    case OPTION_ERROR_BODY:
        return take_error_body(tool, request, value);
    case OPTION_INCLUDE:
        request->show_headers = true;
        return STATUS_DONE;
    case OPTION_PAGINATE:
        request->paginate = true;
        return STATUS_DONE;
    case OPTION_NO_AUTH:
        request->wire.flags |= MSTR_REQUEST_NO_AUTH;
        return STATUS_DONE;
    case ARGUMENT_OPERAND:
        if (request->wire.path != NULL) {
            return tool_usage(tool, "unexpected argument \"%.80s\"", value);
        }
        request->wire.path = value;
        return STATUS_DONE;
    default:
        return STATUS_USAGE;
    }
}

/* What goes together. */
static int check(struct tool *tool, const struct request *request)
{
    if (request->wire.path == NULL) {
        return tool_usage(tool, "no path was given");
    }
    if (request->paginate && (request->data != NULL || request->wire.method != NULL || request->show_headers)) {
        return tool_usage(tool, "--paginate goes with a plain GET");
    }
    if (request->pointer != NULL && (request->paginate || request->show_headers)) {
        return tool_usage(tool, "--pointer writes one member, and nothing else");
    }
    if ((tool->saved || tool->session_file != NULL) && (request->wire.flags & MSTR_REQUEST_NO_AUTH) != 0) {
        return tool_usage(tool, "--session and --no-auth exclude each other");
    }
    return STATUS_DONE;
}

/* A path without arguments is as it was given, whatever braces are in it. */
static int make_path(struct tool *tool, struct request *request)
{
    if (request->argument_count == 0) {
        return STATUS_DONE;
    }
    enum mstr_code code = mstr_path(request->path, sizeof request->path, request->wire.path, request->arguments,
                                    request->argument_count, tool->error);
    request->wire.path = request->path;
    return code == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

static int parse(struct tool *tool, struct arguments *arguments, struct request *request)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        int status = take_option(tool, request, found, value);
        if (status != STATUS_DONE) {
            return status;
        }
    }
    int status = check(tool, request);
    if (status != STATUS_DONE || (status = make_path(tool, request)) != STATUS_DONE) {
        return status;
    }
    if (request->wire.method == NULL && request->data != NULL) {
        request->wire.method = "POST";
    }
    request->wire.headers = request->headers;
    request->wire.query = request->query;
    request->wire.project = tool->project;
    status = take_body(tool, request); /* once all options are known: it may take time */
    request->wire.content_type = request->wire.reader != NULL ? "application/json" : NULL;
    return status;
}

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

static enum error_body error_body_of(const struct request *request)
{
    bool seen = request->show_headers || isatty(STDERR_FILENO) != 0;
    return request->error_body != ERROR_BODY_AUTO ? request->error_body : seen ? ERROR_BODY_STDERR : ERROR_BODY_NONE;
}

/* What the server says to its refusal, in its own words. Errors in JSON stay one object. */
static void print_refusal(const struct tool *tool, const struct request *request, const mstr_response *response)
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
static enum mstr_code tell_refusal(const struct request *request, const mstr_response *response, mstr_error *error)
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
static enum mstr_code print_answer(struct tool *tool, const struct request *request, const mstr_response *response,
                                   struct body *shown)
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
static enum mstr_code send_and_print(struct tool *tool, struct request *request, mstr_session *session)
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
    struct request *request = data;
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
    struct request *request = data;
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
    struct request request = {.wire = MSTR_SESSION_REQUEST_INIT, .reader = MSTR_READER_INIT};
    int status = parse(tool, arguments, &request);
    if (status == STATUS_DONE) {
        status = tool_write(tool, run_request, &request);
    }
    drop_body(&request);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... PATH", NULL};
static const char *const examples[] = {
    "mstr api 'projects/{}' --arg 'Sales 50/50'",
    "mstr api -q limit=5 --pointer /0/name projects",
    "mstr api -d @report.json -o answer.json v2/reports",
    NULL,
};
const struct command command_api = {
    .name = "api",
    .synopsis = synopsis,
    .summary = "send one request on a session of the profile",
    .options = options,
    .examples = examples,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run,
};
