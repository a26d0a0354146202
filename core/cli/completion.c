/* SPDX-License-Identifier: Apache-2.0 */
/* mstr completion SHELL: a script that completes commands, options and their arguments, made of their tables. */
#include "completion.h"

#include "common_options.h"
#include "failure.h"
#include "output.h"

#include <string.h>

static const struct completion_argument arguments_of[] = {
    {"profile", "", "_mstr_names profile", "(__mstr_profiles)"},
    {"project", "", "_mstr_names project", "(__mstr_projects)"},
    {"log", "error warn info debug trace", "", "error warn info debug trace"},
    {"agent", "auto off require", "", "auto off require"},
    {"method", "GET POST PUT PATCH DELETE HEAD OPTIONS", "", "GET POST PUT PATCH DELETE HEAD OPTIONS"},
};

const struct completion_argument *completion_argument(const struct option *option)
{
    for (size_t i = 0; option->name != NULL && i < sizeof arguments_of / sizeof arguments_of[0]; i++) {
        if (strcmp(option->name, arguments_of[i].option) == 0) {
            return &arguments_of[i];
        }
    }
    return NULL;
}

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

void completion_put_names(const struct command *const *commands, const char *separator)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        output_printf(output_data, "%s%s", i > 0 ? separator : "", commands[i]->name);
    }
}

static bool takes_command(const char *line)
{
    return strcmp(line, "[COMMAND]") == 0;
}

bool completion_has_operands(const struct command *command)
{
    return takes_command(*command->synopsis) || strspn(*command->synopsis, letters) > 0;
}

void completion_put_operands(const struct command *const *commands, const struct command *command)
{
    const char *separator = "";
    for (const char *const *line = command->synopsis; *line != NULL; line++) {
        if (takes_command(*line)) {
            completion_put_names(commands, " ");
        }
        const char *word = *line;
        for (size_t length; (length = strspn(word, letters)) > 0; word += length + (word[length] == '|')) {
            output_puts(output_data, separator);
            output_write(output_data, word, length);
            separator = " ";
        }
    }
}

bool completion_takes_reference(const struct command *command)
{
    return strstr(*command->synopsis, "REFERENCE") != NULL && !command->stop_at_operand;
}

void completion_put_formats(const struct command *command)
{
    for (const char *const *each = command->formats; each != NULL && *each != NULL; each++) {
        output_printf(output_data, "%s%s", each > command->formats ? " " : "", *each);
    }
}

bool completion_is_form(const struct option *option)
{
    return option->argument != NULL && strcmp(option->argument, "FORM") == 0;
}

static const struct shell {
    const char *name;
    void (*print)(const struct command *const *commands);
} shells[] = {{"bash", completion_put_bash}, {"fish", completion_put_fish}, {"zsh", completion_put_zsh}};

static int print_script(struct tool *tool, void *data)
{
    const struct shell *shell = data;
    shell->print(tool->commands);
    return STATUS_DONE;
}

static int run(struct tool *tool, struct arguments *arguments)
{
    const char *name = NULL;
    int found = tool_next(tool, arguments, &name);
    if (found == ARGUMENT_END) {
        return tool_usage(tool, "name a shell: bash, fish or zsh");
    }
    if (found != ARGUMENT_OPERAND || tool_no_more(tool, arguments) != ARGUMENT_END) {
        return STATUS_USAGE;
    }
    for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
        if (strcmp(name, shells[i].name) == 0) {
            struct shell shell = shells[i];
            return tool_write(tool, print_script, &shell);
        }
    }
    return tool_usage(tool, "there are completions for bash, fish and zsh, not for \"%.40s\"", name);
}

static const char *const synopsis[] = {"bash|fish|zsh [OPTION]...", NULL};
static const char *const examples[] = {"mstr completion bash >~/.local/share/bash-completion/completions/mstr",
                                       "mstr completion fish >~/.config/fish/completions/mstr.fish", NULL};
const struct command command_completion = {
    .name = "completion",
    .synopsis = synopsis,
    .summary = "write a script that completes commands in a shell",
    .examples = examples,
    .takes = COMMAND_WRITES,
    .run = run,
};
