/* SPDX-License-Identifier: Apache-2.0 */
/* mstr session: a session that is kept between runs, sealed in a file of the user's. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "display.h"
#include "failure.h"
#include "input.h"
#include "output.h"
#include "session_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Opens a session and keeps it. One that cannot be kept is closed again. */
static int login(struct tool *tool, const char *path)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.session_file = path;
    if (session_file_prepare(tool, path) != MSTR_OK || tool_session(tool, &options, &session) != MSTR_OK ||
        session_file_save(tool, path, session) != MSTR_OK) {
        int status = tool_fail(tool);
        tool_session_end(tool, session);
        return status;
    }
    session_file_leave(session);
    return STATUS_DONE;
}

static void print(struct tool *tool, mstr_response *info, mstr_response *user)
{
    const char *name = mstr_response_text(user, "/fullName");
    const char *id = mstr_response_text(user, "/id");
    int64_t timeout = 0;
    int known = mstr_response_number(info, "/timeout", &timeout);
    if (tool->json) {
        output_member(output_data, "{", "id", id);
        output_member(output_data, ", ", "fullName", name);
        output_printf(output_data, known ? ", \"timeout\": %lld}\n" : "}\n", (long long)timeout);
        return;
    }
    display(output_data, name != NULL ? name : "somebody without a name");
    output_puts(output_data, id != NULL ? "\t" : "");
    display(output_data, id);
    if (known) {
        output_printf(output_data, "\tends after %lld s without a request", (long long)timeout);
    }
    output_puts(output_data, "\n");
}

/* Asks the server, so that what is shown is true. Never logs in. */
static int show(struct tool *tool, const char *path)
{
    mstr_session *session = NULL;
    mstr_response *info = NULL;
    mstr_response *user = NULL;
    int status = STATUS_DONE;
    if (session_file_load(tool, path, MSTR_SESSION_NO_RELOGIN, &session) == MSTR_OK &&
        mstr_session_info(session, &info, tool->error) == MSTR_OK &&
        mstr_session_userinfo(session, &user, tool->error) == MSTR_OK) {
        print(tool, info, user);
    } else {
        status = tool_fail(tool);
    }
    mstr_response_free(user);
    mstr_response_free(info);
    session_file_leave(session);
    return status;
}

static int extend(struct tool *tool, const char *path)
{
    mstr_session *session = NULL;
    int status = STATUS_DONE;
    if (session_file_load(tool, path, MSTR_SESSION_NO_RELOGIN, &session) != MSTR_OK ||
        mstr_session_extend(session, tool->error) != MSTR_OK || session_file_save(tool, path, session) != MSTR_OK) {
        status = tool_fail(tool);
    }
    session_file_leave(session);
    return status;
}

/* Ends the session at the server and removes the file; a logout that failed can be tried again. */
static int logout(struct tool *tool, const char *path)
{
    mstr_call_options call = tool_call(tool);
    mstr_session *session = NULL;
    int status = STATUS_DONE;
    if (session_file_load(tool, path, MSTR_SESSION_NO_RELOGIN, &session) != MSTR_OK ||
        mstr_session_logout(session, tool->deadline != 0 ? &call : NULL, tool->error) != MSTR_OK) {
        status = tool_fail(tool);
    }
    session_file_leave(session);
    return status;
}

static int export(struct tool *tool, const char *path)
{
    mstr_session *session = NULL;
    mstr_secret *json = NULL;
    int status = STATUS_DONE;
    if (session_file_load(tool, path, 0, &session) == MSTR_OK &&
        mstr_session_export(session, &json, tool->error) == MSTR_OK) {
        output_write(output_data, mstr_secret_octets(json), mstr_secret_length(json));
        output_puts(output_data, "\n");
    } else {
        status = tool_fail(tool);
    }
    mstr_secret_release(json);
    session_file_leave(session);
    return status;
}

static int import(struct tool *tool, const char *path)
{
    mstr_session *session = NULL;
    size_t length = 0;
    int status = STATUS_DONE;
    bool ready = session_file_prepare(tool, path) == MSTR_OK;
    char *json = ready ? input_read_all(tool, STDIN_FILENO, "standard input", &length) : NULL;
    if (json == NULL) {
        return tool_fail(tool);
    }
    if (session_file_new(tool, 0, &session) != MSTR_OK ||
        mstr_session_import(session, json, length, tool->error) != MSTR_OK ||
        session_file_save(tool, path, session) != MSTR_OK) {
        status = tool_fail(tool);
    }
    explicit_bzero(json, length);
    free(json);
    session_file_leave(session);
    return status;
}

static const struct {
    const char *name;
    int (*run)(struct tool *tool, const char *path);
} actions[] = {
    {"login", login}, {"show", show}, {"extend", extend}, {"logout", logout}, {"export", export}, {"import", import},
};

static int act(struct tool *tool, void *data)
{
    const char *action = data;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i].name, action) == 0) {
            char *path = session_file_path(tool, tool->session_file);
            int status = path != NULL ? actions[i].run(tool, path) : tool_fail(tool);
            free(path);
            return status;
        }
    }
    return tool_usage(tool, "there is no \"session %.40s\"; there are login, show, extend, logout, export and import",
                      action);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    const char *action = NULL;
    int found = tool_next(tool, arguments, &action);
    if (found == ARGUMENT_END) {
        return tool_usage(tool, "say what to do with the saved session");
    }
    if (found != ARGUMENT_OPERAND || tool_no_more(tool, arguments) != ARGUMENT_END) {
        return STATUS_USAGE;
    }
    return tool_write(tool, act, (char *)(uintptr_t)action);
}

static const char *const synopsis[] = {"login|show|extend|logout [OPTION]...", "export|import [OPTION]...", NULL};
static const char *const formats[] = {"text", "json", NULL};
static const char *const examples[] = {"mstr session login", "mstr api v2/status --session", "mstr session logout",
                                       NULL};
const struct command command_session = {
    .name = "session",
    .synopsis = synopsis,
    .summary = "keep a session between runs, encrypted at rest",
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run,
};
