/* SPDX-License-Identifier: Apache-2.0 */
/* mstr help [COMMAND]: the tables of the commands as text. */
#include "help.h"

#include "command.h"
#include "common_options.h"
#include "failure.h"
#include "output.h"

#include <string.h>

static void print_options(struct output *out, const struct option *options)
{
    for (; options->id != 0; options++) {
        char letter[3] = {'-', options->letter, '\0'};
        const char *argument = options->argument != NULL ? options->argument : "";
        size_t width = 2;
        output_puts(out, "  ");
        if (options->letter != 0) {
            output_puts(out, letter);
            width += 2;
        }
        if (options->name != NULL) {
            output_printf(out, "%s--%s", options->letter != 0 ? ", " : "", options->name);
            width += strlen(options->name) + (options->letter != 0 ? 4 : 2);
        }
        if (*argument != '\0') {
            output_printf(out, " %s", argument);
            width += strlen(argument) + 1;
        }
        output_printf(out, "%*s%s\n", width < 29 ? (int)(29 - width) : 2, "", options->help);
    }
}

static void print_formats(const struct command *command)
{
    const char *before = "\nForms of --format: ";
    for (const char *const *each = command->formats; each != NULL && *each != NULL; each++) {
        output_printf(output_data, "%s%s", before, *each);
        before = ", ";
    }
    output_puts(output_data, command->formats != NULL ? ".\n" : "");
}

void help_print(const struct command *command)
{
    const char *before = "Usage:";
    for (const char *const *line = command->synopsis; *line != NULL; line++) {
        output_printf(output_data, "%s mstr %s%s%s\n", before, command->name, **line != '\0' ? " " : "", *line);
        before = "      ";
    }
    output_printf(output_data, "\n%s.\n", command->summary);
    const struct option *tables[COMMAND_TABLES];
    command_tables(command, tables);
    for (const struct option *const *table = tables; *table != NULL; table++) {
        output_puts(output_data, table == tables ? "\nOptions:\n" : "");
        print_options(output_data, *table);
    }
    print_formats(command);
    output_puts(output_data, "\nCommon options:\n");
    print_options(output_data, tool_common_options);
    if (command->examples != NULL) {
        output_puts(output_data, "\nExamples:\n");
        for (const char *const *line = command->examples; *line != NULL; line++) {
            output_printf(output_data, "  %s\n", *line);
        }
    }
}

void help_overview(struct output *out, const struct command *const *commands)
{
    output_puts(out, "Usage: mstr COMMAND [OPTION]... [ARGUMENT]...\n"
                     "       mstr --version\n\n"
                     "MicroStrategy REST sessions whose credentials stay in a secret store.\n\n"
                     "Commands:\n");
    for (; *commands != NULL; commands++) {
        output_printf(out, "  %-11s %s\n", (*commands)->name, (*commands)->summary);
    }
    output_puts(out, "\nCommon options:\n");
    print_options(out, tool_common_options);
    output_puts(out, "\nmstr help COMMAND tells more about one.\n");
}

static int run(struct tool *tool, struct arguments *arguments)
{
    const char *name = NULL;
    const struct command *command = NULL;
    int found = tool_next(tool, arguments, &name);
    if (found == ARGUMENT_END) {
        help_overview(output_data, tool->commands);
        return STATUS_DONE;
    }
    if (found != ARGUMENT_OPERAND || tool_no_more(tool, arguments) != ARGUMENT_END) {
        return STATUS_USAGE;
    }
    command = command_find(tool->commands, name);
    if (command == NULL) {
        return tool_unknown_command(tool, name);
    }
    help_print(command);
    return STATUS_DONE;
}

static const char *const synopsis[] = {"[COMMAND]", NULL};
static const char *const examples[] = {"mstr help get", NULL};
const struct command command_help = {
    .name = "help",
    .synopsis = synopsis,
    .summary = "tell about the tool, or about one command",
    .examples = examples,
    .run = run,
};
