/* SPDX-License-Identifier: Apache-2.0 */
/* The options that every command has. */
#include "common_options.h"

#include "command.h"
#include "context.h"
#include "deadline.h"
#include "failure.h"

enum { COMMON_CONFIG = 1000, COMMON_PROFILE, COMMON_LOG, COMMON_TIMEOUT, COMMON_JSON, COMMON_AGENT, COMMON_HELP };

const struct option tool_common_options[] = {
    {COMMON_CONFIG, 0, "config", "FILE", "read this configuration in place of the usual files"},
    {COMMON_PROFILE, 0, "profile", "NAME", "use [profile NAME]"},
    {COMMON_LOG, 0, "log", "LEVEL", "log to standard error: error, warn, info, debug or trace"},
    {COMMON_TIMEOUT, 0, "timeout", "DURATION", "give up after 250ms, 30s, 5m or 1h"},
    {COMMON_JSON, 0, "json", NULL, "write data as JSON, and errors as one JSON object"},
    {COMMON_AGENT, 0, "agent", "HOW", "ask an agent for values: auto, off, require, or the path of its socket"},
    {COMMON_HELP, 'h', "help", NULL, "tell about the command"},
    {0, 0, NULL, NULL, NULL},
};

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
    case COMMON_AGENT:
        tool->options.agent = value;
        return 0;
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
    const struct option *const tables[] = {tool_common_options, tool->command->options, NULL};
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
