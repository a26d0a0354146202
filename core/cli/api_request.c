/* SPDX-License-Identifier: Apache-2.0 */
/* The request of `mstr api`, out of the words of the command line. */
#include "api_request.h"

#include "common_options.h"
#include "failure.h"
#include "input.h"

#include <errno.h>
#include <mstr/uri.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const error_bodies[] = {"auto", "stdout", "stderr", "none"};

/* Cuts "NAME: VALUE" or "NAME=VALUE" in place. False if there is no separator or the table is full. */
static bool add_pair(struct mstr_header *pairs, size_t *count, const char *word, char separator)
{
    char *at = strchr(word, separator);
    if (at == NULL || at == word || *count == API_PAIRS_MAX) {
        return false;
    }
    *at++ = '\0'; /* the words of a command line may be changed (C11 5.1.2.2.1) */
    at += separator == ':' ? strspn(at, " ") : 0;
    pairs[(*count)++] = (struct mstr_header){word, at};
    return true;
}

static int64_t read_source(void *into, size_t capacity, void *data)
{
    struct api_request *request = data;
    return input_read(&request->source, request->reader.descriptor, request->data + 1, into, capacity);
}

/* -d @FILE is sent as it is read. A pipe's writer is waited for. */
static int take_file(struct tool *tool, struct api_request *request, const char *path)
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
static int take_body(struct tool *tool, struct api_request *request)
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
const struct option api_request_options[] = {
    {OPTION_METHOD, 'X', "method", "METHOD", "GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"},
    {OPTION_DATA, 'd', "data", "DATA", "the body; @FILE reads a file, @- standard input"},
    {OPTION_HEADER, 'H', "header", "'N: V'", "one more header"},
    {OPTION_QUERY, 'q', "query", "K=V", "one more query parameter, which is encoded"},
    {OPTION_ARG, 0, "arg", "TEXT", "for the next {} in PATH: one segment, or refused"},
    {OPTION_POINTER, 0, "pointer", "/A/0/B", "write what stands there in the answer's JSON"},
    {OPTION_ERROR_BODY, 0, "error-body", "WHERE", "write the body of a refusal to stdout, stderr or none"},
    {OPTION_INCLUDE, 'i', "include", NULL, "write the answer's status and headers first"},
    {OPTION_PAGINATE, 0, "paginate", NULL, "follow the pages of a list; writes one JSON array"},
    {OPTION_NO_AUTH, 0, "no-auth", NULL, "send no token, and do not log in"},
    {0, 0, NULL, NULL, NULL},
};

static int take_argument(struct tool *tool, struct api_request *request, const char *value)
{
    if (request->argument_count == API_PAIRS_MAX) {
        return tool_usage(tool, "no path has more than %d arguments", (int)API_PAIRS_MAX);
    }
    request->arguments[request->argument_count++] = value;
    return STATUS_DONE;
}

static int take_error_body(struct tool *tool, struct api_request *request, const char *value)
{
    for (size_t i = ERROR_BODY_STDOUT; i <= ERROR_BODY_NONE; i++) {
        if (strcmp(value, error_bodies[i]) == 0) {
            request->error_body = (enum error_body)i;
            return STATUS_DONE;
        }
    }
    return tool_usage(tool, "write --error-body stdout, stderr or none");
}

static int take_option(struct tool *tool, struct api_request *request, int found, const char *value)
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
static int check(struct tool *tool, const struct api_request *request)
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
static int make_path(struct tool *tool, struct api_request *request)
{
    if (request->argument_count == 0) {
        return STATUS_DONE;
    }
    enum mstr_code code = mstr_path(request->path, sizeof request->path, request->wire.path, request->arguments,
                                    request->argument_count, tool->error);
    request->wire.path = request->path;
    return code == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

int api_request_read(struct tool *tool, struct arguments *arguments, struct api_request *request)
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

void api_request_release(struct api_request *request)
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
