/* mstr api PATH: one request on the session, like curl. Logs in, requests, logs out. */
#include "tool.h"

#include "pages.h"
#include "read_all.h"
#include "session_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAIRS_MAX = 64 };

struct request {
    mstr_session_request wire;
    struct mstr_header headers[PAIRS_MAX];
    struct mstr_header query[PAIRS_MAX];
    char *body; /* read from a file, to be freed */
    const char *file;
    const char *project;
    bool show_headers;
    bool paginate;
    bool saved;
    const char *session_file;
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

/* -d DATA, -d @FILE, -d @-. */
static int take_body(struct tool *tool, struct request *request, const char *value)
{
    if (value[0] != '@') {
        request->wire.body = value;
        request->wire.body_length = strlen(value);
        return STATUS_DONE;
    }
    bool standard = strcmp(value, "@-") == 0;
    int descriptor = standard ? STDIN_FILENO : open(value + 1, O_RDONLY | O_CLOEXEC);
    free(request->body);
    request->body = descriptor >= 0 ? read_all(descriptor, &request->wire.body_length) : NULL;
    int failure = errno;
    if (!standard && descriptor >= 0) {
        close(descriptor);
    }
    if (request->body == NULL) {
        return tool_problem(tool, STATUS_UNEXPECTED, "%s: %s", standard ? "standard input" : value + 1,
                            strerror(failure));
    }
    request->wire.body = request->body;
    return STATUS_DONE;
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
    {OPTION_OUTPUT, 'o', "output", "FILE", "write the answer to a file"},
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
        return take_body(tool, request, value);
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
        request->file = value;
        return STATUS_DONE;
    case OPTION_PAGINATE:
        request->paginate = true;
        return STATUS_DONE;
    case OPTION_NO_AUTH:
        request->wire.flags |= MSTR_REQUEST_NO_AUTH;
        return STATUS_DONE;
    case OPTION_SESSION_FILE:
        request->session_file = value;
        request->saved = true;
        return STATUS_DONE;
    case OPTION_SESSION:
        request->saved = true;
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
    if (request->paginate && (request->wire.body != NULL || request->wire.method != NULL || request->show_headers)) {
        return tool_usage(tool, "--paginate goes with a plain GET");
    }
    if (request->saved && (request->wire.flags & MSTR_REQUEST_NO_AUTH) != 0) {
        return tool_usage(tool, "--session and --no-auth exclude each other");
    }
    if (request->wire.method == NULL && request->wire.body != NULL) {
        request->wire.method = "POST";
    }
    request->wire.headers = request->headers;
    request->wire.query = request->query;
    request->wire.project = request->project;
    return STATUS_DONE;
}

static void print(const struct request *request, const mstr_response *response)
{
    size_t length = 0;
    const char *body = mstr_response_body(response, &length);
    const char *name = NULL;
    const char *value = NULL;
    if (request->show_headers) {
        output_printf(output_data, "HTTP %d\n", mstr_response_status(response));
        for (size_t i = 0; mstr_response_header_at(response, i, &name, &value); i++) {
            output_puts(output_data, name);
            output_puts(output_data, ": ");
            output_puts(output_data, value);
            output_puts(output_data, "\n");
        }
        output_puts(output_data, "\n");
    }
    output_write(output_data, body, length);
    if (isatty(STDOUT_FILENO) && request->file == NULL && length > 0 && body[length - 1] != '\n') {
        output_puts(output_data, "\n");
    }
}

static int send(struct tool *tool, struct request *request, mstr_session *session)
{
    mstr_call_options call = tool_call(tool);
    mstr_response *response = NULL;
    request->wire.call = &call;
    enum mstr_code code = request->paginate ? pages_print(session, &request->wire, tool->error)
                                            : mstr_session_send(session, &request->wire, &response, tool->error);
    if (code == MSTR_OK && response != NULL) {
        print(request, response);
    }
    request->wire.call = NULL;
    mstr_response_free(response);
    return code == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

/* Whether both tell of the same session. */
static bool same(const mstr_secret *a, const mstr_secret *b)
{
    return a != NULL && b != NULL && mstr_secret_length(a) == mstr_secret_length(b) &&
           memcmp(mstr_secret_octets(a), mstr_secret_octets(b), mstr_secret_length(a)) == 0;
}

/* On the saved session, which is saved anew where the request changed it, by a new login for one. */
static int run_saved(struct tool *tool, struct request *request)
{
    char *path = session_file_path(tool, request->session_file);
    mstr_session *session = NULL;
    mstr_secret *before = NULL;
    mstr_secret *after = NULL;
    int status = STATUS_DONE;
    if (path == NULL || session_file_load(tool, path, 0, &session) != MSTR_OK ||
        mstr_session_export(session, &before, tool->error) != MSTR_OK) {
        status = tool_fail(tool);
        goto cleanup;
    }
    status = send(tool, request, session);
    if (mstr_session_export(session, &after, NULL) == MSTR_OK && !same(before, after) &&
        session_file_save(tool, path, session) != MSTR_OK && status == STATUS_DONE) {
        status = tool_fail(tool);
    }

cleanup:
    mstr_secret_release(after);
    mstr_secret_release(before);
    session_file_leave(session);
    free(path);
    return status;
}

static int run_request(struct tool *tool, struct request *request)
{
    if (request->saved) {
        return run_saved(tool, request);
    }
    mstr_session_options session_options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    enum mstr_code code = MSTR_OK;
    if ((request->wire.flags & MSTR_REQUEST_NO_AUTH) == 0) {
        code = tool_session(tool, &session_options, &session);
    } else if ((code = tool_context(tool)) == MSTR_OK) {
        session_options.profile = tool->profile;
        code = mstr_session_new(tool->context, &session_options, &session, tool->error);
    }
    int status = code == MSTR_OK ? send(tool, request, session) : tool_fail(tool);
    tool_session_end(tool, session);
    return status;
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct request request = {.wire = MSTR_SESSION_REQUEST_INIT};
    int status = parse(tool, arguments, &request);
    int file = -1;
    if (status == STATUS_DONE && request.file != NULL) {
        file = open(request.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0) {
            status = tool_problem(tool, STATUS_UNEXPECTED, "%s: %s", request.file, strerror(errno));
        } else {
            output_redirect(file);
        }
    }
    if (status == STATUS_DONE) {
        status = run_request(tool, &request);
    }
    output_flush(output_data);
    if (file >= 0 && close(file) != 0 && status == STATUS_DONE) {
        status = tool_problem(tool, STATUS_UNEXPECTED, "%s: %s", request.file, strerror(errno));
    }
    free(request.body);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... PATH", NULL};
const struct command command_api = {"api",   synopsis, "send one request on a session of the profile",
                                    options, false,    run};
