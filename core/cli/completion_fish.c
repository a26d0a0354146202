/* SPDX-License-Identifier: Apache-2.0 */
/* The script for fish. */
#include "common_options.h"
#include "completion.h"
#include "output.h"

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
        const struct completion_argument *argument = completion_argument(options);
        output_puts(output_data, "complete -c mstr");
        if (command != NULL) {
            output_printf(output_data, " -n '__mstr_is %s'", command->name);
        }
        if (options->name != NULL) {
            output_printf(output_data, " -l %s", options->name);
        }
        if (options->letter != 0) {
            output_printf(output_data, " -s %c", options->letter);
        }
        if (argument != NULL) {
            output_printf(output_data, " -x -a '%s'", argument->fish);
        } else if (command != NULL && completion_is_form(options)) {
            output_puts(output_data, " -x -a '");
            completion_put_formats(command);
            output_puts(output_data, "'");
        } else {
            output_puts(output_data, options->argument != NULL ? " -r" : "");
        }
        print_fish_text(options->help);
    }
}

/* Whether a command is the one of the line: words behind it, as in "agent run", are none. */
static void print_is(void)
{
    output_puts(output_data, "function __mstr_is\n"
                             "    set -l words (commandline -opc)\n"
                             "    set -e words[1]\n"
                             "    while set -q words[1]\n"
                             "        switch $words[1]\n"
                             "            case");
    for (const struct option *option = tool_common_options; option->id != 0; option++) {
        if (option->argument != NULL) {
            output_printf(output_data, " --%s", option->name);
        }
    }
    output_puts(output_data, "\n"
                             "                set -q words[2]; and set -e words[1]\n"
                             "            case '-*'\n"
                             "            case '*'\n"
                             "                test $words[1] = $argv[1]\n"
                             "                return\n"
                             "        end\n"
                             "        set -e words[1]\n"
                             "    end\n"
                             "    return 1\n"
                             "end\n");
}

void completion_put_fish(const struct command *const *commands)
{
    const struct option *tables[COMMAND_TABLES];
    output_puts(output_data, "# Completes mstr's commands, options and their arguments in fish.\n");
    output_puts(output_data, names_for_fish);
    print_is();
    output_puts(output_data, "complete -c mstr -n __fish_use_subcommand -f -l version -s V -d 'tell the version'\n");
    for (const struct command *const *each = commands; *each != NULL; each++) {
        output_printf(output_data, "complete -c mstr -n __fish_use_subcommand -f -a %s", (*each)->name);
        print_fish_text((*each)->summary);
        if (completion_has_operands(*each) || completion_takes_reference(*each)) {
            output_printf(output_data, "complete -c mstr -n '__mstr_is %s' -f -a '", (*each)->name);
            completion_put_operands(commands, *each);
            output_puts(output_data, completion_takes_reference(*each) ? "(__mstr_schemes)'\n" : "'\n");
        }
        command_tables(*each, tables);
        for (const struct option *const *table = tables; *table != NULL; table++) {
            print_fish_options(*each, *table);
        }
    }
    print_fish_options(NULL, tool_common_options);
}
