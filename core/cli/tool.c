/* The common options, the context and session made from them, and how failures are told. */
#include "tool.h"

#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMON_CONFIG = 1000, COMMON_PROFILE, COMMON_LOG, COMMON_TIMEOUT, COMMON_JSON, COMMON_HELP };

const struct option tool_common_options[] = {
    {COMMON_CONFIG, 0, "config", "FILE", "read this configuration in place of the usual files"},
    {COMMON_PROFILE, 0, "profile", "NAME", "use [profile NAME]"},
    {COMMON_LOG, 0, "log", "LEVEL", "log to standard error: error, warn, info, debug or trace"},
    {COMMON_TIMEOUT, 0, "timeout", "DURATION", "give up after 250ms, 30s, 5m or 1h"},
    {COMMON_JSON, 0, "json", NULL, "write data as JSON, and errors as one JSON object"},
    {COMMON_HELP, 'h', "help", NULL, "tell about the command"},
    {0, 0, NULL, NULL, NULL},
};

static const char *const level_names[] = {"error", "warn", "info", "debug", "trace"};

static void log_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)data;
    /* One write a line, from whatever thread: stdio's lock keeps lines whole. */
    fprintf(stderr, "%s %s: %s\n", level_names[level], scope, message);
}

#define NO_LEVEL "there is no log level \"%.40s\"; there are error, warn, info, debug and trace"
static bool set_log_level(struct tool *tool, const char *name)
{
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            tool->options.log = log_line;
            tool->options.log_level = (enum mstr_level)i;
            return true;
        }
    }
    return false;
}

/* Takes a common option in; 0, or an exit status after having told what is wrong. */
static int common_option(struct tool *tool, int id, const char *value)
{
    switch (id) {
    case COMMON_CONFIG:
        tool->options.config_file = value;
        return 0;
    case COMMON_PROFILE:
        tool->profile = value;
        tool->options.profile = value; /* what the environment stands over is the profile that was chosen */
        return 0;
    case COMMON_LOG:
        return set_log_level(tool, value) ? 0 : tool_usage(tool, NO_LEVEL, value);
    case COMMON_TIMEOUT:
        return duration_parse(value, &tool->timeout)
                   ? 0
                   : tool_usage(tool, "\"%.40s\" is no duration; write 250ms, 30s, 5m or 1h", value);
    case COMMON_HELP:
        tool->help = true;
        return STATUS_DONE;
    default:
        tool->json = true;
        return 0;
    }
}

int tool_next(struct tool *tool, struct arguments *arguments, const char **value)
{
    const struct option *const tables[] = {tool->command->options, tool_common_options, NULL};
    for (;;) {
        int found = arguments_next(arguments, tables, value);
        if (found == ARGUMENT_WRONG) {
            tool_usage(tool, "%s", arguments->problem);
        }
        if (found < COMMON_CONFIG) {
            return found;
        }
        if (common_option(tool, found, *value) != 0 || tool->help) {
            return ARGUMENT_WRONG;
        }
    }
}

int tool_no_more(struct tool *tool, struct arguments *arguments)
{
    const char *value = NULL;
    int found = tool_next(tool, arguments, &value);
    if (found == ARGUMENT_OPERAND) {
        tool_usage(tool, "unexpected argument \"%.80s\"", value);
        return ARGUMENT_WRONG;
    }
    return found;
}

enum mstr_code tool_context(struct tool *tool)
{
    const char *level = getenv("MSTR_LOG");
    if (tool->context != NULL) {
        return MSTR_OK;
    }
    if (tool->options.log == NULL && level != NULL && *level != '\0' && !set_log_level(tool, level)) {
        return mstr_error_report(tool->error, MSTR_E_USAGE, "MSTR_LOG: " NO_LEVEL, level);
    }
    enum mstr_code code = mstr_context_new(&tool->options, &tool->context, tool->error);
    if (code == MSTR_OK) {
        mstr_context_set_prompt(tool->context, terminal_ask, NULL);
    }
    return code;
}

mstr_call_options tool_call(const struct tool *tool)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = tool->timeout;
    call.cancel = tool->cancel;
    return call;
}

enum mstr_code tool_session(struct tool *tool, const mstr_session_options *options, mstr_session **out)
{
    mstr_session_options all = *options;
    mstr_call_options call = tool_call(tool);
    enum mstr_code code = tool_context(tool);
    all.profile = tool->profile;
    all.timeout = tool->timeout;
    if (code == MSTR_OK) {
        code = mstr_session_new(tool->context, &all, out, tool->error);
    }
    if (code == MSTR_OK) {
        code = mstr_session_open(*out, &call, tool->error);
    }
    return code;
}

void tool_session_end(struct tool *tool, mstr_session *session)
{
    mstr_error *error = mstr_error_new();
    if (session != NULL && mstr_session_is_open(session) && mstr_session_close(session, error) != MSTR_OK &&
        !tool->json) {
        output_printf(output_notes, "mstr: the session was not logged out: %s\n", mstr_error_message(error));
    }
    mstr_session_free(session);
    mstr_error_free(error);
}

int tool_status(const mstr_error *error)
{
    /* Without a provider a refused request came from MicroStrategy; with one, the store found the reference invalid.
     */
    static const int statuses[] = {
        [MSTR_OK] = 0,
        [MSTR_E_UNEXPECTED] = 1,
        [MSTR_E_MEMORY] = 1,
        [MSTR_E_USAGE] = 2,
        [MSTR_E_CONFIG] = 3,
        [MSTR_E_NOT_FOUND] = 4,
        [MSTR_E_NOT_AVAILABLE] = 6,
        [MSTR_E_DENIED] = 5,
        [MSTR_E_AUTHENTICATION] = 6,
        [MSTR_E_SESSION] = 6,
        [MSTR_E_NETWORK] = 7,
        [MSTR_E_TLS] = 7,
        [MSTR_E_TIMEOUT] = 7,
        [MSTR_E_CANCELLED] = 130,
        [MSTR_E_THROTTLED] = 8,
        [MSTR_E_UNAVAILABLE] = 8,
        [MSTR_E_PROTOCOL] = 8,
        [MSTR_E_PLUGIN] = 9,
        [MSTR_E_EXISTS] = 10,
        [MSTR_E_REQUEST] = 10,
        [MSTR_E_SERVER] = 10,
    };
    enum mstr_code code = mstr_error_code(error);
    if (code == MSTR_E_REQUEST && mstr_error_provider(error) != NULL) {
        return STATUS_CONFIG;
    }
    return (size_t)code < sizeof statuses / sizeof statuses[0] && code != MSTR_OK ? statuses[code]
                                                                                  : STATUS_UNEXPECTED;
}

/* `what` may be NULL; in JSON it is a member of its own, for the caller to write. */
static void tell(struct tool *tool, const char *class_name, const char *what, const char *message, const char *hint)
{
    if (!tool->json) {
        output_puts(output_notes, "mstr: ");
        if (what != NULL) {
            output_puts(output_notes, what);
            output_puts(output_notes, ": ");
        }
        output_puts(output_notes, message);
        output_puts(output_notes, "\n");
        if (hint != NULL) {
            output_puts(output_notes, "hint: ");
            output_puts(output_notes, hint);
            output_puts(output_notes, "\n");
        }
        return;
    }
    output_member(output_notes, "{", "error", class_name);
    output_member(output_notes, ", ", "message", message);
    output_member(output_notes, ", ", "hint", hint);
}

/* The parts of an error that only its JSON form shows one by one. */
static void tell_details(const mstr_error *error)
{
    const struct {
        const char *name, *text;
    } members[] = {
        {"reference", mstr_error_reference(error)},
        {"provider", mstr_error_provider(error)},
        {"step", mstr_error_step(error)},
        {"service_code", mstr_error_service_code(error)},
        {"request_id", mstr_error_request_id(error)},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].text != NULL) {
            output_member(output_notes, ", ", members[i].name, members[i].text);
        }
    }
    if (mstr_error_http_status(error) != 0) {
        output_printf(output_notes, ", \"http_status\": %d", mstr_error_http_status(error));
    }
    if (mstr_error_iserver_code(error) != 0) {
        output_printf(output_notes, ", \"iserver_code\": %ld", (long)mstr_error_iserver_code(error));
    }
}

int tool_fail_with(struct tool *tool, const mstr_error *error)
{
    int status = tool_status(error);
    const char *message = mstr_error_message(error);
    const char *reference = mstr_error_reference(error);
    bool named = reference == NULL || strstr(message, reference) != NULL;
    tell(tool, mstr_code_name(mstr_error_code(error)), named ? NULL : reference,
         *message != '\0' ? message : "out of memory", mstr_error_hint(error));
    if (tool->json) {
        tell_details(error);
        output_printf(output_notes, ", \"exit_status\": %d}\n", status);
    }
    return status;
}

int tool_fail(struct tool *tool)
{
    return tool_fail_with(tool, tool->error);
}

int tool_usage(struct tool *tool, const char *format, ...)
{
    char message[512], hint[64];
    const char *name = tool->command != NULL ? tool->command->name : "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    snprintf(hint, sizeof hint, *name != '\0' ? "mstr help %s tells its options" : "mstr help tells the commands",
             name);
    tell(tool, "usage", NULL, message, hint);
    if (tool->json) {
        output_printf(output_notes, ", \"exit_status\": %d}\n", STATUS_USAGE);
    }
    return STATUS_USAGE;
}

int tool_problem(struct tool *tool, int status, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    tell(tool, "unexpected", NULL, message, NULL);
    if (tool->json) {
        output_printf(output_notes, ", \"exit_status\": %d}\n", status);
    }
    return status;
}
