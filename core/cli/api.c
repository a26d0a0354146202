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
#include "session_use.h"
#include "target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAIRS_MAX = 64 };

struct request {
    mstr_session_request wire;
    struct mstr_header headers[PAIRS_MAX];
    struct mstr_header query[PAIRS_MAX];
    const char *data;   /* of -d, or NULL */
    char *body;         /* read from standard input, to be freed */
    mstr_reader reader; /* of a file, whose descriptor is to be closed */
    struct tool source; /* as the run's, with an error of its own, for what is read while the request is sent */
    struct target target;
    struct session_use session;
    const char *project;
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
    OPTION_PROJECT,
    OPTION_INCLUDE,
    OPTION_OUTPUT,
    OPTION_PAGINATE,
    OPTION_NO_AUTH,
    OPTION_SESSION,
    OPTION_SESSION_FILE,
};
static const struct option options[] = {
    {OPTION_METHOD, 'X', "method", "METHOD", "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"},
    {OPTION_DATA, 'd', "data", "DATA", "the body; @FILE reads a file, @- standard input"},
    {OPTION_HEADER, 'H', "header", "'N: V'", "one more header"},
    {OPTION_QUERY, 'q', "query", "K=V", "one more query parameter, which is encoded"},
    {OPTION_PROJECT, 0, "project", "NAME|ID", "the project of the request"},
    {OPTION_INCLUDE, 'i', "include", NULL, "write the answer's status and headers first"},
    {OPTION_OUTPUT, 'o', "output", "FILE", "write the answer to a file; - is standard output"},
    {OPTION_PAGINATE, 0, "paginate", NULL, "follow the pages of a list; writes one JSON array"},
    {OPTION_NO_AUTH, 0, "no-auth", NULL, "send no token, and do not log in"},
    {OPTION_SESSION, 0, "session", NULL, "use the saved session, which stays open"},
    {OPTION_SESSION_FILE, 0, "session-file", "FILE", "use the session saved in this file"},
    {0, 0, NULL, NULL, NULL},
};

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
    case OPTION_PROJECT:
        request->project = value;
        return STATUS_DONE;
    case OPTION_INCLUDE:
        request->show_headers = true;
        return STATUS_DONE;
    case OPTION_OUTPUT:
        request->target.file = value;
        return STATUS_DONE;
    case OPTION_PAGINATE:
        request->paginate = true;
        return STATUS_DONE;
    case OPTION_NO_AUTH:
        request->wire.flags |= MSTR_REQUEST_NO_AUTH;
        return STATUS_DONE;
    case OPTION_SESSION_FILE:
        request->session.file = value;
        return STATUS_DONE;
    case OPTION_SESSION:
        request->session.saved = true;
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

static int parse(struct tool *tool, struct arguments *arguments, struct request *request)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        int status = take_option(tool, request, found, value);
        if (status != STATUS_DONE) {
            return status;
        }
    }
    if (request->wire.path == NULL) {
        return tool_usage(tool, "no path was given");
    }
    if (request->paginate && (request->data != NULL || request->wire.method != NULL || request->show_headers)) {
        return tool_usage(tool, "--paginate goes with a plain GET");
    }
    if ((request->session.saved || request->session.file != NULL) &&
        (request->wire.flags & MSTR_REQUEST_NO_AUTH) != 0) {
        return tool_usage(tool, "--session and --no-auth exclude each other");
    }
    if (request->wire.method == NULL && request->data != NULL) {
        request->wire.method = "POST";
    }
    request->wire.headers = request->headers;
    request->wire.query = request->query;
    request->wire.project = request->project;
    int status = take_body(tool, request); /* once all options are known: it may take time */
    request->wire.content_type = request->wire.reader != NULL ? "application/json" : NULL;
    return status;
}

static void print_headers(const struct request *request, const mstr_response *response)
{
    void (*put)(struct output *, const char *) = target_is_shown(&request->target) ? display : output_puts;
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

/* Writes a piece of the answer; `data` is its last octet so far. */
static int print_piece(const void *octets, size_t length, void *data)
{
    char *last = data;
    if (length > 0) {
        *last = ((const char *)octets)[length - 1];
        output_write(output_data, octets, length);
    }
    return output_failure(output_data);
}

/* The answer is written while it arrives, unless its headers come first. */
static enum mstr_code send_and_print(struct tool *tool, struct request *request, mstr_session *session)
{
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_response *response = NULL;
    char last = '\n';
    writer.write = print_piece;
    writer.data = &last;
    request->wire.writer = request->show_headers ? NULL : &writer;
    enum mstr_code code = mstr_session_send(session, &request->wire, &response, tool->error);
    request->wire.writer = NULL;
    if (code == MSTR_OK && request->show_headers) {
        size_t length = 0;
        const char *body = mstr_response_body(response, &length);
        print_headers(request, response);
        print_piece(body, length, &last);
    }
    if (code == MSTR_OK && last != '\n' && target_is_shown(&request->target)) {
        output_puts(output_data, "\n");
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
        return session_use(tool, &request->session, send, request);
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
        status = target_write(tool, &request.target, run_request, &request);
    }
    drop_body(&request);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... PATH", NULL};
const struct command command_api = {
    .name = "api",
    .synopsis = synopsis,
    .summary = "send one request on a session of the profile",
    .options = options,
    .run = run,
};
