/* SPDX-License-Identifier: Apache-2.0 */
/* The options that every command has. */
#include "common_options.h"

#include "command.h"
#include "context.h"
#include "deadline.h"
#include "failure.h"
#include "target.h"

#include <stdio.h>
#include <string.h>

enum {
    COMMON_CONFIG = 1000,
    COMMON_PROFILE,
    COMMON_LOG,
    COMMON_TIMEOUT,
    COMMON_JSON,
    COMMON_AGENT,
    COMMON_QUIET,
    COMMON_HELP,
    COMMON_FORMAT,
    COMMON_OUTPUT,
    COMMON_PROJECT,
    COMMON_SESSION,
    COMMON_SESSION_FILE,
};

const struct option tool_common_options[] = {
    {COMMON_CONFIG, 0, "config", "FILE", "read this configuration in place of the usual files"},
    {COMMON_PROFILE, 0, "profile", "NAME", "use [profile NAME]"},
    {COMMON_LOG, 0, "log", "LEVEL", "log to standard error: error, warn, info, debug or trace"},
    {COMMON_TIMEOUT, 0, "timeout", "DURATION", "give up after 250ms, 30s, 5m or 1h"},
    {COMMON_JSON, 0, "json", NULL, "write data and errors as JSON; as --format json"},
    {COMMON_AGENT, 0, "agent", "HOW", "ask an agent for values: auto, off, require, or the path of its socket"},
    {COMMON_QUIET, 0, "quiet", NULL, "tell nothing but failures"},
    {COMMON_HELP, 'h', "help", NULL, "tell about the command"},
    {0, 0, NULL, NULL, NULL},
};
static const struct option format_options[] = {
    {COMMON_FORMAT, 0, "format", "FORM", "the form of the data"},
    {0, 0, NULL, NULL, NULL},
};
static const struct option output_options[] = {
    {COMMON_OUTPUT, 'o', "output", "FILE", "write to a file, whole or not at all; - is standard output"},
    {0, 0, NULL, NULL, NULL},
};
static const struct option session_options[] = {
    {COMMON_PROJECT, 0, "project", "NAME|ID", "the project, in place of the profile's"},
    {COMMON_SESSION, 0, "session", NULL, "use the saved session, which stays open"},
    {COMMON_SESSION_FILE, 0, "session-file", "FILE", "use the session saved in this file"},
    {0, 0, NULL, NULL, NULL},
};

void command_tables(const struct command *command, const struct option *tables[COMMAND_TABLES])
{
    size_t count = 0;
    if (command->options != NULL) {
        tables[count++] = command->options;
    }
    if (command->formats != NULL) {
        tables[count++] = format_options;
    }
    if ((command->takes & COMMAND_WRITES) != 0) {
        tables[count++] = output_options;
    }
    if ((command->takes & COMMAND_HAS_SESSION) != 0) {
        tables[count++] = session_options;
    }
    tables[count] = command->passed;
    tables[count + (command->passed != NULL)] = NULL;
}

/* --format: one of the command's. JSON is so for errors too. */
static int take_format(struct tool *tool, const char *name)
{
    char known[128] = "";
    for (const char *const *each = tool->command->formats; *each != NULL; each++) {
        if (strcmp(*each, name) == 0) {
            tool->format = *each;
            tool->json = tool->json || strcmp(name, "json") == 0;
            return 0;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used == 0 ? "" : each[1] != NULL ? ", " : " and ", *each);
    }
    return tool_usage(tool, "there is no format \"%.40s\"; there are %s", name, known);
}

static void take_text(struct tool *tool, int id, const char *value)
{
    const char **const places[] = {&tool->options.agent, &tool->output, &tool->project, &tool->session_file};
    static const int ids[] = {COMMON_AGENT, COMMON_OUTPUT, COMMON_PROJECT, COMMON_SESSION_FILE};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (ids[i] == id) {
            *places[i] = value;
        }
    }
}

static bool *flag(struct tool *tool, int id)
{
    return id == COMMON_QUIET ? &tool->quiet : id == COMMON_SESSION ? &tool->saved : &tool->json;
}

/* Takes a common option in; 0, or an exit status after having told what is wrong. */
static int common_option(struct tool *tool, int id, const char *value)
{
    int64_t timeout = 0;
    switch (id) {
    case COMMON_CONFIG:
        if (*value == '\0') { /* which would mean the usual files */
            return tool_usage(tool, "--config needs the name of a file");
        }
        tool->options.config_file = value;
        return 0;
    case COMMON_PROFILE:
        tool->profile = value;
        tool->options.profile = value; /* what the environment stands over is the profile that was chosen */
        return 0;
    case COMMON_LOG:
        return tool_log_level(tool, value) ? 0 : tool_usage(tool, TOOL_NO_LEVEL, value);
    case COMMON_TIMEOUT:
        if (mstr_duration_parse(value, &timeout) != MSTR_OK || timeout == 0) {
            return tool_usage(tool, "\"%.40s\" is no duration; write 250ms, 30s, 5m or 1h", value);
        }
        deadline_set(tool, timeout);
        return 0;
    case COMMON_FORMAT:
        return take_format(tool, value);
    case COMMON_HELP:
        tool->help = true;
        return STATUS_DONE;
    case COMMON_JSON:
    case COMMON_QUIET:
    case COMMON_SESSION:
        *flag(tool, id) = true;
        return 0;
    default:
        take_text(tool, id, value);
        return 0;
    }
}

int tool_next(struct tool *tool, struct arguments *arguments, const char **value)
{
    const struct option *tables[COMMAND_TABLES + 1];
    command_tables(tool->command, tables);
    size_t count = 0;
    while (tables[count] != tool->command->passed) { /* NULL where nothing is */
        count++;
    }
    tables[count] = tool_common_options;
    tables[count + 1] = NULL;
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

int tool_take_operand(struct tool *tool, const char **operand, const char *value)
{
    if (*operand != NULL) {
        return tool_usage(tool, "unexpected argument \"%.80s\"", value);
    }
    *operand = value;
    return STATUS_DONE;
}

int tool_write(struct tool *tool, int (*work)(struct tool *tool, void *data), void *data)
{
    const struct target target = {.file = tool->output};
    return target_write(tool, &target, work, data);
}

bool tool_is_shown(const struct tool *tool)
{
    const struct target target = {.file = tool->output};
    return target_is_shown(&target);
}
