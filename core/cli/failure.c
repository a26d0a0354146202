/* SPDX-License-Identifier: Apache-2.0 */
/* Telling failures, and their exit statuses. */
#include "failure.h"

#include "command.h"
#include "display.h"
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the I-Server's own codes come to where their class says something else: it was busy, or could not. */
static int status_of_iserver(int32_t code)
{
    static const struct {
        int32_t code;
        int status;
    } statuses[] = {
        {-2147206497, STATUS_BUSY}, /* the execution took too long */
        {-2147209054, STATUS_BUSY}, /* the user has too many jobs */
        {-2147209177, STATUS_BUSY}, /* the project is not loaded; offline; idle */
        {-2147209183, STATUS_BUSY},   {-2147209192, STATUS_BUSY},
        {-2147072486, STATUS_BUSY},   /* too many sessions */
        {-2147468986, STATUS_SERVER}, /* the instance is gone */
        {-2147072488, STATUS_SERVER}, /* the cube is not published; is being published */
        {-2147072194, STATUS_SERVER}, {-2147205488, STATUS_SERVER}, /* the result was cut */
        {-2147209196, STATUS_SERVER},                               /* the job was cancelled */
        {-2147468463, STATUS_SERVER},
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].code == code) {
            return statuses[i].status;
        }
    }
    return STATUS_DONE;
}

int tool_status(const mstr_error *error)
{
    /* Without a provider a refused request came from MicroStrategy; with one, the store found the reference
     * invalid. */
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
        [MSTR_E_ISERVER] = 10,
    };
    enum mstr_code code = mstr_error_code(error);
    int iserver = status_of_iserver(mstr_error_iserver_code(error));
    if (iserver != STATUS_DONE) {
        return iserver;
    }
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
            display(output_notes, what);
            output_puts(output_notes, ": ");
        }
        display(output_notes, message);
        output_puts(output_notes, "\n");
        if (hint != NULL) {
            output_puts(output_notes, "hint: ");
            display(output_notes, hint);
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

int tool_unknown_command(struct tool *tool, const char *name)
{
    const char *nearest = command_nearest(tool->commands, name);
    return nearest != NULL ? tool_usage(tool, "there is no command \"%.40s\"; did you mean \"%s\"?", name, nearest)
                           : tool_usage(tool, "there is no command \"%.40s\"", name);
}

static int tell_problem(struct tool *tool, int status, const char *message, const char *hint)
{
    tell(tool, "unexpected", NULL, message, hint);
    if (tool->json) {
        output_printf(output_notes, ", \"exit_status\": %d}\n", status);
    }
    return status;
}

int tool_problem(struct tool *tool, int status, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return tell_problem(tool, status, message, NULL);
}

int tool_output_failed(struct tool *tool, const char *name, int failure)
{
    bool closed = failure == EACCES || failure == EROFS || failure == EPERM;
    char message[512];
    if (failure == EPIPE) {
        return STATUS_NO_READER;
    }
    if (failure == ECANCELED || failure == ETIMEDOUT) {
        bool over = failure == ETIMEDOUT;
        mstr_error_set(tool->error, over ? MSTR_E_TIMEOUT : MSTR_E_CANCELLED, "%s: %s", name,
                       over ? "was not taken in time" : "interrupted");
        return tool_fail(tool);
    }
    if (failure == EBUSY) {
        return tool_problem(tool, STATUS_UNEXPECTED,
                            "%s: is mounted by itself and cannot be replaced; mount the folder that it is in", name);
    }
    snprintf(message, sizeof message, "%s: %s", name, strerror(failure));
    return tell_problem(tool, STATUS_UNEXPECTED, message,
                        closed
                            ? "a file is whole or not touched: it is written beside its place, in a folder that must "
                              "take new files"
                            : NULL);
}
