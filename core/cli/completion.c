/* SPDX-License-Identifier: Apache-2.0 */
/* mstr completion SHELL: a script that completes commands, options and their arguments, made of their tables. Names
 * of profiles, projects and schemes it reads from files when it is used, in the shell's own language: completing
 * starts nothing, resolves nothing and asks nobody. A name with other characters than [A-Za-z0-9._-] is not offered,
 * so that no shell has anything to expand in it. */
#include "command.h"
#include "common_options.h"
#include "failure.h"
#include "output.h"

#include <stdio.h>
#include <string.h>

/* Finding names, for bash and zsh, which share this much of their languages: into `operands` of the caller. */
static const char names_for_both[] =
    "# Takes a name that needs no quotes; $2 goes behind it.\n"
    "_mstr_take() {\n"
    "    local name=${1#\"${1%%[![:space:]]*}\"}\n"
    "    name=${name%\"${name##*[![:space:]]}\"}\n"
    "    [[ -z $name || $name == *[^A-Za-z0-9._-]* ]] || operands+=(\"$name$2\")\n"
    "}\n"
    "# Names of the sections [$1 NAME] of the configuration, or of its projects; $2 goes behind each.\n"
    "_mstr_names() {\n"
    "    local file line name\n"
    "    local -a files\n"
    "    files=(/etc/mstr/config /etc/mstr/config.d/*.conf \"${XDG_CONFIG_HOME:-${HOME-}/.config}/mstr/config\")\n"
    "    [[ -n ${MSTR_CONFIG-} ]] && files=(\"$MSTR_CONFIG\")\n"
    "    [[ -n $config ]] && files=(\"$config\")\n"
    "    for file in \"${files[@]}\"; do\n"
    "        [[ -f $file && -r $file ]] || continue\n"
    "        while IFS= read -r line || [[ -n $line ]]; do\n"
    "            if [[ $1 == project && $line == project[[:space:]=]* ]]; then\n"
    "                _mstr_take \"${line#*=}\" \"$2\"\n"
    "            elif [[ $line == \"[$1 \"*']'* ]]; then\n"
    "                name=${line#\"[$1 \"}\n"
    "                _mstr_take \"${name%%']'*}\" \"$2\"\n"
    "            fi\n"
    "        done <\"$file\"\n"
    "    done\n"
    "}\n"
    "# Built-in schemes, those of installed stores, and those of the configuration.\n"
    "_mstr_schemes() {\n"
    "    local file rest=${MSTR_PLUGIN_PATH-}:" PLUGIN_FOLDER ":\n"
    "    operands+=(cred: env: file: text:)\n"
    "    while [[ -n $rest ]]; do\n"
    "        for file in \"${rest%%:*}\"/*.provider; do\n"
    "            [[ -f $file ]] && { file=${file##*/}; _mstr_take \"${file%.provider}\" :; }\n"
    "        done\n"
    "        rest=${rest#*:}\n"
    "    done\n"
    "    _mstr_names provider :\n"
    "}\n";

static const char names_for_fish[] =
    "function __mstr_configuration\n"
    "    set -l config $MSTR_CONFIG\n"
    "    set -l words (commandline -opc)\n"
    "    set -l at (contains -i -- --config $words); and set config $words[(math $at + 1)]\n"
    "    set -q XDG_CONFIG_HOME; and set -l home $XDG_CONFIG_HOME; or set -l home $HOME/.config\n"
    "    set -l files /etc/mstr/config /etc/mstr/config.d/*.conf $home/mstr/config\n"
    "    test -n \"$config\"; and set files $config\n"
    "    for file in $files\n"
    "        test -f $file -a -r $file; and string collect -a <$file\n"
    "    end\n"
    "end\n"
    "function __mstr_profiles\n"
    "    __mstr_configuration | string match -rg '^\\[profile +([A-Za-z0-9._-]+) *\\]'\n"
    "end\n"
    "function __mstr_projects\n"
    "    __mstr_configuration | string match -rg '^project *= *([A-Za-z0-9._-]+) *$'\n"
    "end\n"
    "function __mstr_schemes\n"
    "    printf '%s\\n' cred: env: file: text:\n"
    "    for folder in (string split : -- \"$MSTR_PLUGIN_PATH\") " PLUGIN_FOLDER "\n"
    "        for file in $folder/*.provider\n"
    "            string replace -rf '^.*/([A-Za-z0-9._-]+)\\.provider$' '$1:' -- $file\n"
    "        end\n"
    "    end\n"
    "    __mstr_configuration | string replace -rf '^\\[provider +([A-Za-z0-9._-]+) *\\].*$' '$1:'\n"
    "end\n";

/* What arguments of options are: words, or names that the scripts find. Of others, bash offers files. */
static const struct argument {
    const char *option;
    const char *words;
    const char *both; /* finds names in bash and zsh */
    const char *fish;
} arguments_of[] = {
    {"profile", "", "_mstr_names profile", "(__mstr_profiles)"},
    {"project", "", "_mstr_names project", "(__mstr_projects)"},
    {"log", "error warn info debug trace", "", "error warn info debug trace"},
    {"agent", "auto off require", "", "auto off require"},
    {"method", "GET POST PUT PATCH DELETE HEAD OPTIONS", "", "GET POST PUT PATCH DELETE HEAD OPTIONS"},
};

static const struct argument *argument_of(const struct option *option)
{
    for (size_t i = 0; option->name != NULL && i < sizeof arguments_of / sizeof arguments_of[0]; i++) {
        if (strcmp(option->name, arguments_of[i].option) == 0) {
            return &arguments_of[i];
        }
    }
    return NULL;
}

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

static bool takes_reference(const struct command *command)
{
    return strstr(*command->synopsis, "REFERENCE") != NULL && !command->stop_at_operand;
}

static void print_options(const struct option *options)
{
    for (; options->id != 0; options++) {
        if (options->name != NULL) {
            output_printf(output_data, " --%s", options->name);
        }
        if (options->letter != 0) {
            output_printf(output_data, " -%c", options->letter);
        }
    }
}

static void print_formats(const struct command *command)
{
    for (const char *const *each = command->formats; each != NULL && *each != NULL; each++) {
        output_printf(output_data, "%s%s", each > command->formats ? " " : "", *each);
    }
}

/* The option as it stands in a pattern, behind the command or "*". */
static void print_pattern(const struct option *option, const char *command)
{
    if (option->name != NULL) {
        output_printf(output_data, "%s--%s", command, option->name);
    }
    if (option->letter != 0) {
        output_printf(output_data, "%s%s-%c", option->name != NULL ? "|" : "", command, option->letter);
    }
}

static bool is_form(const struct option *option)
{
    return option->argument != NULL && strcmp(option->argument, "FORM") == 0;
}

/* What to offer behind an option that takes an argument, in bash and zsh. `command` is NULL for common options. */
static void print_arguments(const struct command *command, const struct option *options)
{
    for (; options->id != 0; options++) {
        const struct argument *argument = argument_of(options);
        if (options->argument == NULL) {
            continue;
        }
        output_puts(output_data, "    (");
        print_pattern(options, command != NULL ? command->name : "*");
        output_printf(output_data, ") options=() operands=(%s", argument != NULL ? argument->words : "");
        if (command != NULL && is_form(options)) {
            print_formats(command);
        }
        output_printf(output_data, ") find='%s' ;;\n", argument != NULL ? argument->both : "");
    }
}

/* Which of the words before the one at the cursor is the command: an argument of an option is none. */
static void print_search(const struct command *const *commands)
{
    output_puts(output_data, "        if [[ -n $skip ]]; then\n"
                             "            [[ $skip == --config ]] && config=$word\n"
                             "            skip=\n"
                             "            continue\n"
                             "        fi\n"
                             "        case $word in\n        (");
    const char *before = "";
    for (const struct option *option = tool_common_options; option->id != 0; option++) {
        if (option->argument != NULL) {
            output_printf(output_data, "%s--%s", before, option->name);
            before = "|";
        }
    }
    output_puts(output_data, ") skip=$word ;;\n        (");
    print_names(commands, "|");
    output_puts(output_data, ") command=${command:-$word} ;;\n        esac\n    done\n");
}

/* What bash and zsh share: the command among the words before the one at the cursor, then what it offers. */
static void print_choice(const struct command *const *commands)
{
    const struct option *tables[COMMAND_TABLES];
    print_search(commands);
    output_puts(output_data, "    case $command in\n");
    for (const struct command *const *each = commands; *each != NULL; each++) {
        output_printf(output_data, "    (%s) operands=(", (*each)->name);
        print_operands(commands, *each);
        output_puts(output_data, ") options=(");
        command_tables(*each, tables);
        for (const struct option *const *table = tables; *table != NULL; table++) {
            print_options(*table);
        }
        output_printf(output_data, ") find=%s ;;\n", takes_reference(*each) ? "_mstr_schemes" : "");
    }
    output_puts(output_data, "    (*) operands=(");
    print_names(commands, " ");
    output_puts(output_data, ") options=(--version -V) ;;\n"
                             "    esac\n"
                             "    options+=(");
    print_options(tool_common_options);
    output_puts(output_data, ")\n    case $command$previous in\n");
    for (const struct command *const *each = commands; *each != NULL; each++) {
        command_tables(*each, tables);
        for (const struct option *const *table = tables; *table != NULL; table++) {
            print_arguments(*each, *table);
        }
    }
    print_arguments(NULL, tool_common_options);
    output_puts(output_data, "    esac\n"
                             "    if [[ $current == -* ]]; then\n"
                             "        operands=(\"${options[@]}\")\n"
                             "    else\n"
                             "        case $find in\n"
                             "        (_mstr_schemes) _mstr_schemes ;;\n"
                             "        (*profile) _mstr_names profile '' ;;\n"
                             "        (*project) _mstr_names project '' ;;\n"
                             "        esac\n"
                             "    fi\n");
}

/* Words are compared as they are, and never expanded. Where nothing fits, bash completes files. */
static void print_bash(const struct command *const *commands)
{
    output_puts(output_data, "# Completes mstr's commands, options and their arguments in bash.\n");
    output_puts(output_data, names_for_both);
    output_puts(output_data, "_mstr() {\n"
                             "    local LC_ALL=C command= config= find= skip= word\n"
                             "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                             "    local -a operands options\n"
                             "    [[ $current == = ]] && current=\n"
                             "    [[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD-2]}\n"
                             "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                             "        [[ $word == = ]] && continue\n");
    print_choice(commands);
    output_puts(output_data, "    COMPREPLY=()\n"
                             "    for word in \"${operands[@]}\"; do\n"
                             "        [[ $word == \"$current\"* ]] && COMPREPLY+=(\"$word\")\n"
                             "    done\n"
                             "    [[ ${COMPREPLY[0]-} == *: ]] && compopt -o nospace 2>/dev/null\n"
                             "    return 0\n"
                             "}\n"
                             "complete -o default -F _mstr mstr\n");
}

static void print_zsh(const struct command *const *commands)
{
    output_puts(output_data, "#compdef mstr\n"
                             "# Completes mstr's commands, options and their arguments in zsh.\n");
    output_puts(output_data, names_for_both);
    output_puts(output_data, "_mstr() {\n"
                             "    setopt local_options null_glob no_ksh_arrays\n"
                             "    local LC_ALL=C command= config= find= skip= word\n"
                             "    local current=${words[CURRENT]} previous=${words[CURRENT-1]}\n"
                             "    local -a operands options\n"
                             "    for word in \"${(@)words[2,CURRENT-1]}\"; do\n");
    print_choice(commands);
    output_puts(output_data, "    if (( ${#operands} )); then\n"
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

/* Options behind a command, or anywhere where `command` is NULL. */
static void print_fish_options(const struct command *command, const struct option *options)
{
    for (; options->id != 0; options++) {
        const struct argument *argument = argument_of(options);
        output_puts(output_data, "complete -c mstr");
        if (command != NULL) {
            output_printf(output_data, " -n '__fish_seen_subcommand_from %s'", command->name);
        }
        if (options->name != NULL) {
            output_printf(output_data, " -l %s", options->name);
        }
        if (options->letter != 0) {
            output_printf(output_data, " -s %c", options->letter);
        }
        if (argument != NULL) {
            output_printf(output_data, " -x -a '%s'", argument->fish);
        } else if (command != NULL && is_form(options)) {
            output_puts(output_data, " -x -a '");
            print_formats(command);
            output_puts(output_data, "'");
        } else {
            output_puts(output_data, options->argument != NULL ? " -r" : "");
        }
        print_fish_text(options->help);
    }
}

static void print_fish(const struct command *const *commands)
{
    const struct option *tables[COMMAND_TABLES];
    output_puts(output_data, "# Completes mstr's commands, options and their arguments in fish.\n");
    output_puts(output_data, names_for_fish);
    output_puts(output_data, "complete -c mstr -n __fish_use_subcommand -f -l version -s V -d 'tell the version'\n");
    for (const struct command *const *each = commands; *each != NULL; each++) {
        output_printf(output_data, "complete -c mstr -n __fish_use_subcommand -f -a %s", (*each)->name);
        print_fish_text((*each)->summary);
        if (has_operands(*each) || takes_reference(*each)) {
            output_printf(output_data, "complete -c mstr -n '__fish_seen_subcommand_from %s' -f -a '", (*each)->name);
            print_operands(commands, *each);
            output_puts(output_data, takes_reference(*each) ? "(__mstr_schemes)'\n" : "'\n");
        }
        command_tables(*each, tables);
        for (const struct option *const *table = tables; *table != NULL; table++) {
            print_fish_options(*each, *table);
        }
    }
    print_fish_options(NULL, tool_common_options);
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
