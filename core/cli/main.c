/* SPDX-License-Identifier: Apache-2.0 */
/* mstr: the command-line tool. Finds the command, keeps secrets out of core dumps, and turns SIGINT into
 * cancellation. */
#include "commands.h"
#include "common_options.h"
#include "failure.h"
#include "help.h"
#include "output.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Reached from the signal handler; set before the handler is, and NULL again before it goes away. */
static mstr_cancel *_Atomic cancelled;
static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    mstr_cancel *cancel = cancelled;
    interrupted = signal;
    if (cancel != NULL) {
        mstr_cancel_now(cancel);
    }
}

static void watch(int number)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    struct sigaction before;
    /* Who starts the tool in the background may have had it ignore the signal; then it does. */
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        sigaction(number, &action, NULL);
    }
}

/* Of a handler, unlike of SIG_IGN, a program that is started hears nothing. */
static void pass_over(int signal)
{
    (void)signal;
}

/* A file that becomes longer than may be is a failed write, told like any other, and no reason to dump the process.
 */
static void survive_limits(void)
{
    const struct sigaction action = {.sa_handler = pass_over, .sa_flags = SA_RESTART};
    struct sigaction before;
    if (sigaction(SIGXFSZ, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        sigaction(SIGXFSZ, &action, NULL);
    }
}

/* The first SIGINT or SIGTERM, or the end of its terminal, lets the tool end in order, logout included; the next one
 * ends it at once. */
static void watch_signals(struct tool *tool)
{
    cancelled = tool->cancel;
    tool->interrupted = &interrupted;
    if (cancelled != NULL) {
        watch(SIGHUP);
        watch(SIGINT);
        watch(SIGTERM);
    }
    /* A reader that goes away is a failed write: the tool ends by itself, logout included. */
    tool->ignores_pipe = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
}

/* Holds the standard streams that are closed, lest a socket or file opened later take their numbers and be written to
 * as though it were one. What holds them can be used for neither, and is not handed on to a program. */
static void hold_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) < 0) {
            open("/dev/null", (stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
        }
    }
}

/* Words before the command: common options and --version. */
static const struct command *find_command(struct tool *tool, struct arguments *arguments, int *status)
{
    enum { OPTION_VERSION = 1 };
    static const struct option options[] = {
        {OPTION_VERSION, 'V', "version", NULL, ""},
        {0, 0, NULL, NULL, NULL},
    };
    static const struct command itself = {.name = "", .options = options};
    const char *value = NULL;
    tool->command = &itself;
    int found = tool_next(tool, arguments, &value);
    tool->command = NULL;
    *status = STATUS_USAGE;
    switch (found) {
    case OPTION_VERSION:
        return &command_version;
    case ARGUMENT_OPERAND:
        break;
    case ARGUMENT_END:
        help_overview(output_notes, tool->commands); /* which nobody asked for */
        return NULL;
    default:
        return tool->help ? &command_help : NULL;
    }
    const struct command *command = command_find(tool->commands, value);
    if (command == NULL) {
        tool_unknown_command(tool, value);
    }
    return command;
}

static int finish(struct tool *tool, int status)
{
    mstr_context_free(tool->context);
    tool->context = NULL;
    int failure = output_finish();
    if (failure != 0) {
        status = tool_output_failed(tool, "standard output", failure);
        output_flush(output_notes);
    }
    mstr_error_free(tool->error);
    cancelled = NULL;
    mstr_cancel_free(tool->cancel);
    /* Nothing secret is left, and leak checkers, which run now, need to look into the process. */
    prctl(PR_SET_DUMPABLE, 1);
    return status;
}

int main(int argc, char **argv)
{
    hold_streams(); /* before anything is opened */
    static const mstr_context_options defaults = MSTR_CONTEXT_OPTIONS_INIT;
    struct tool tool = {
        .commands = commands, .options = defaults, .error = mstr_error_new(), .cancel = mstr_cancel_new()};
    struct arguments arguments = {.words = argv, .count = argc, .next = argc > 0 ? 1 : 0};
    int status = STATUS_UNEXPECTED;

    tool.options.cancel = tool.cancel;
    prctl(PR_SET_DUMPABLE, 0);
    output_limit(&tool);
    watch_signals(&tool);
    survive_limits();
    arguments.stop_at_operand = true;
    const struct command *command = find_command(&tool, &arguments, &status);
    if (command != NULL) {
        tool.command = command;
        tool.help = false;
        arguments.ended = false;
        arguments.stop_at_operand = command->stop_at_operand;
        status = command->run(&tool, &arguments);
        if (tool.help) {
            help_print(command);
            status = STATUS_DONE;
        }
    }
    status = finish(&tool, status);
#ifndef MSTR_EXIT_HANDLERS
    /* All is written, wiped and freed. Exit handlers of some thirty libraries behind libcurl would only take time. */
    _exit(status);
#endif
    return status;
}
