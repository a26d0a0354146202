/* SPDX-License-Identifier: Apache-2.0 */
/* mstr completion SHELL: a script that completes commands and options, made of their tables. It holds all that it
 * offers, so that completing reads no configuration, starts nothing and asks nobody. */
#include "command.h"
#include "common_options.h"
#include "failure.h"
#include "output.h"

#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

static void print_names(const struct command *const *commands, const char *separator)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        output_printf(output_data, "%s%s", i > 0 ? separator : "", commands[i]->name);
    }
}

static bool takes_command(const char *line)
{
    return strcmp(line, "[COMMAND]") == 0;
}

static bool has_operands(const struct command *command)
{
    return takes_command(*command->synopsis) || strspn(*command->synopsis, letters) > 0;
}

/* What may stand first after the command: the words that a synopsis begins with, as in "login|show [OPTION]", or the
 * name of any command. */
static void print_operands(const struct command *const *commands, const struct command *command)
{
    const char *separator = "";
    for (const char *const *line = command->synopsis; *line != NULL; line++) {
        if (takes_command(*line)) {
            print_names(commands, " ");
        }
        const char *word = *line;
        for (size_t length; (length = strspn(word, letters)) > 0; word += length + (word[length] == '|')) {
            output_puts(output_data, separator);
            output_write(output_data, word, length);
            separator = " ";
        }
    }
}

static void print_options(const struct option *options)
{
    for (; options != NULL && options->id != 0; options++) {
        if (options->name != NULL) {
            output_printf(output_data, " --%s", options->name);
        }
        if (options->letter != 0) {
            output_printf(output_data, " -%c", options->letter);
        }
    }
}

/* What bash and zsh share: the command among the words before the one at the cursor, then what it offers. */
static void print_choice(const struct command *const *commands)
{
    output_puts(output_data, "        case $word in\n        (");
    print_names(commands, "|");
    output_puts(output_data, ") command=$word; break ;;\n"
                             "        esac\n"
                             "    done\n"
                             "    case $command in\n");
    for (const struct command *const *each = commands; *each != NULL; each++) {
        output_printf(output_data, "    (%s) operands=(", (*each)->name);
        print_operands(commands, *each);
        output_puts(output_data, ") options=(");
        print_options((*each)->options);
        output_puts(output_data, ") ;;\n");
    }
    output_puts(output_data, "    (*) operands=(");
    print_names(commands, " ");
    output_puts(output_data, ") options=(--version -V) ;;\n"
                             "    esac\n"
                             "    options+=(");
    print_options(tool_common_options);
    output_puts(output_data, ")\n");
}

/* Words are compared as they are, and never expanded. Where nothing fits, bash completes files. */
static void print_bash(const struct command *const *commands)
{
    output_puts(output_data, "# Completes mstr's commands and options in bash.\n"
                             "_mstr() {\n"
                             "    local command= word current=${COMP_WORDS[COMP_CWORD]}\n"
                             "    local -a operands options\n"
                             "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n");
    print_choice(commands);
    output_puts(output_data, "    [[ $current == -* ]] && operands=(\"${options[@]}\")\n"
                             "    COMPREPLY=()\n"
                             "    for word in \"${operands[@]}\"; do\n"
                             "        [[ $word == \"$current\"* ]] && COMPREPLY+=(\"$word\")\n"
                             "    done\n"
                             "    return 0\n"
                             "}\n"
                             "complete -o default -F _mstr mstr\n");
}

static void print_zsh(const struct command *const *commands)
{
    output_puts(output_data, "#compdef mstr\n"
                             "# Completes mstr's commands and options in zsh.\n"
                             "_mstr() {\n"
                             "    local command= word\n"
                             "    local -a operands options\n"
                             "    for word in \"${(@)words[2,CURRENT-1]}\"; do\n");
    print_choice(commands);
    output_puts(output_data, "    if [[ ${words[CURRENT]} == -* ]]; then\n"
                             "        compadd -- \"${options[@]}\"\n"
                             "    elif (( ${#operands} )); then\n"
                             "        compadd -- \"${operands[@]}\"\n"
                             "    else\n"
                             "        _files\n"
                             "    fi\n"
                             "}\n"
                             "if [[ $funcstack[1] == _mstr ]]; then\n"
                             "    _mstr \"$@\"\n"
                             "else\n"
                             "    compdef _mstr mstr\n"
                             "fi\n");
}

/* In single quotes for fish, in which a backslash escapes. */
static void print_fish_text(const char *text)
{
    output_puts(output_data, " -d '");
    for (; *text != '\0'; text++) {
        output_printf(output_data, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
    }
    output_puts(output_data, "'\n");
}

static void print_fish_options(const char *condition, const char *name, const struct option *options)
{
    for (; options != NULL && options->id != 0; options++) {
        output_printf(output_data, "complete -c mstr%s%s", condition, name);
        if (*name != '\0') {
            output_puts(output_data, "'");
        }
        if (options->name != NULL) {
            output_printf(output_data, " -l %s", options->name);
        }
        if (options->letter != 0) {
            output_printf(output_data, " -s %c", options->letter);
        }
        output_puts(output_data, options->argument != NULL ? " -r" : "");
        print_fish_text(options->help);
    }
}

static void print_fish(const struct command *const *commands)
{
    output_puts(output_data, "# Completes mstr's commands and options in fish.\n"
                             "complete -c mstr -n __fish_use_subcommand -f -l version -s V -d 'tell the version'\n");
    for (const struct command *const *each = commands; *each != NULL; each++) {
        output_printf(output_data, "complete -c mstr -n __fish_use_subcommand -f -a %s", (*each)->name);
        print_fish_text((*each)->summary);
        if (has_operands(*each)) {
            output_printf(output_data, "complete -c mstr -n '__fish_seen_subcommand_from %s' -f -a '", (*each)->name);
            print_operands(commands, *each);
            output_puts(output_data, "'\n");
        }
        print_fish_options(" -n '__fish_seen_subcommand_from ", (*each)->name, (*each)->options);
    }
    print_fish_options("", "", tool_common_options);
}

static const struct shell {
    const char *name;
    void (*print)(const struct command *const *commands);
} shells[] = {{"bash", print_bash}, {"fish", print_fish}, {"zsh", print_zsh}};

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
