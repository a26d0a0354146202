/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts for bash and zsh, which share all but how they are called. */
#include "common_options.h"
#include "completion.h"
#include "output.h"

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

/* What to offer behind an option that takes an argument, in bash and zsh. `command` is NULL for common options. */
static void print_arguments(const struct command *command, const struct option *options)
{
    for (; options->id != 0; options++) {
        const struct completion_argument *argument = completion_argument(options);
        if (options->argument == NULL) {
            continue;
        }
        output_puts(output_data, "    (");
        print_pattern(options, command != NULL ? command->name : "*");
        output_printf(output_data, ") options=() operands=(%s", argument != NULL ? argument->words : "");
        if (command != NULL && completion_is_form(options)) {
            completion_put_formats(command);
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
    completion_put_names(commands, "|");
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
        completion_put_operands(commands, *each);
        output_puts(output_data, ") options=(");
        command_tables(*each, tables);
        for (const struct option *const *table = tables; *table != NULL; table++) {
            print_options(*table);
        }
        output_printf(output_data, ") find=%s ;;\n", completion_takes_reference(*each) ? "_mstr_schemes" : "");
    }
    output_puts(output_data, "    (*) operands=(");
    completion_put_names(commands, " ");
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
void completion_put_bash(const struct command *const *commands)
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

void completion_put_zsh(const struct command *const *commands)
{
    output_puts(output_data, "#compdef mstr\n"
                             "# Completes mstr's commands, options and their arguments in zsh.\n");
    output_puts(output_data, names_for_both);
    output_puts(output_data, "_mstr() {\n"
                             "    setopt local_options null_glob no_ksh_arrays\n"
                             "    local LC_ALL=C command= config= find= skip= word\n"
                             "    local current=${words[CURRENT]} previous=${words[CURRENT-1]}\n"
                             "    local -a operands options\n"
                             "    if [[ $current == --*=* ]]; then\n"
                             "        previous=${current%%=*} current=${current#*=}\n"
                             "        compset -P '*='\n"
                             "    fi\n"
                             "    for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
                             "        [[ $word == --config=* ]] && config=${word#*=}\n");
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
