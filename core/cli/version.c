/* SPDX-License-Identifier: Apache-2.0 */
/* mstr version, and --version. */
#include "command.h"
#include "common_options.h"
#include "failure.h"
#include "output.h"

static int print(struct tool *tool, void *data)
{
    (void)data;
    if (tool->json) {
        output_member(output_data, "{", "version", mstr_version());
        output_puts(output_data, "}\n");
    } else {
        output_printf(output_data, "mstr %s\n", mstr_version());
    }
    return STATUS_DONE;
}

static int run(struct tool *tool, struct arguments *arguments)
{
    return tool_no_more(tool, arguments) == ARGUMENT_END ? tool_write(tool, print, NULL) : STATUS_USAGE;
}

static const char *const synopsis[] = {"", NULL};
static const char *const examples[] = {"mstr version", NULL};
static const char *const formats[] = {"text", "json", NULL};
const struct command command_version = {
    .name = "version",
    .synopsis = synopsis,
    .summary = "tell the version",
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES,
    .run = run,
};
