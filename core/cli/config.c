/* SPDX-License-Identifier: Apache-2.0 */
/* mstr config check|show|path: the configuration as the library reads it. Never shows a secret. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"

#include <string.h>

struct walk {
    bool json;
    size_t count;
    size_t problems;
    char section[256]; /* of the item before */
};

static void print_json(const mstr_config_item *item, size_t index)
{
    output_member(output_data, index == 0 ? "[\n  {" : ",\n  {", "file", item->file);
    output_printf(output_data, ", \"line\": %u", item->line);
    output_member(output_data, ", ", "section", item->section);
    output_member(output_data, ", ", "key", item->key);
    output_member(output_data, ", ", "value", item->value);
    output_member(output_data, ", ", "problem", item->problem);
    output_member(output_data, ", ", "hint", item->hint);
    output_puts(output_data, "}");
}

/* In one line, as compilers tell theirs, so that editors find the place. */
static void print_problem(const mstr_config_item *item)
{
    output_clean(output_notes, item->file != NULL ? item->file : "configuration");
    if (item->line > 0) {
        output_printf(output_notes, ":%u", item->line);
    }
    if (item->value != NULL) { /* a weakening */
        output_printf(output_notes, ": %s=", item->key);
        output_clean(output_notes, item->value);
    }
    output_puts(output_notes, ": ");
    output_clean(output_notes, item->problem);
    if (item->hint != NULL) {
        output_puts(output_notes, ": ");
        output_clean(output_notes, item->hint);
    }
    output_puts(output_notes, "\n");
}

static void print_setting(const mstr_config_item *item, struct walk *walk)
{
    if (strncmp(walk->section, item->section, sizeof walk->section - 1) != 0) {
        output_printf(output_data, "%s[%s]\n", walk->count > 0 ? "\n" : "", item->section);
        strncpy(walk->section, item->section, sizeof walk->section - 1);
    }
    output_printf(output_data, "%s = ", item->key);
    output_puts(output_data, item->value != NULL ? item->value : "(hidden)");
    output_puts(output_data, "    # ");
    output_clean(output_data, item->file);
    if (item->line > 0) {
        output_printf(output_data, ":%u", item->line);
    }
    output_puts(output_data, "\n");
}

static void print(const mstr_config_item *item, void *data, void (*as_text)(const mstr_config_item *, struct walk *))
{
    struct walk *walk = data;
    if (walk->json) {
        print_json(item, walk->count);
    } else {
        as_text(item, walk);
    }
    walk->count++;
    walk->problems += item->problem != NULL && item->value == NULL;
}

static void text_of_problem(const mstr_config_item *item, struct walk *walk)
{
    (void)walk;
    print_problem(item);
}

static void text_of_path(const mstr_config_item *item, struct walk *walk)
{
    (void)walk;
    output_clean(output_data, item->file);
    if (item->problem != NULL) {
        output_puts(output_data, "  (");
        output_clean(output_data, item->problem);
        output_puts(output_data, ")");
    }
    output_puts(output_data, "\n");
}

static int each_problem(const mstr_config_item *item, void *data)
{
    print(item, data, text_of_problem);
    return 0;
}

static int each_setting(const mstr_config_item *item, void *data)
{
    print(item, data, print_setting);
    return 0;
}

static int each_path(const mstr_config_item *item, void *data)
{
    print(item, data, text_of_path);
    return 0;
}

static const struct action {
    const char *name;
    uint32_t flags;
    mstr_config_fn each;
    const char *when_empty;
} actions[] = {
    {"check", MSTR_CONFIG_PROBLEMS | MSTR_CONFIG_WEAKENINGS, each_problem, "the configuration is in order\n"},
    {"show", MSTR_CONFIG_SETTINGS, each_setting, ""},
    {"path", MSTR_CONFIG_PATHS, each_path, ""},
};

static int perform(struct tool *tool, void *data)
{
    const struct action *action = data;
    struct walk walk = {.json = tool->json};
    if (tool_log(tool) != MSTR_OK) {
        return tool_fail(tool);
    }
    enum mstr_code code = mstr_config_visit(&tool->options, action->flags, action->each, &walk, tool->error);
    if (tool->json) {
        output_list_end(output_data, walk.count, code == MSTR_OK);
    }
    if (code == MSTR_OK) {
        output_puts(output_data, walk.problems == 0 && !tool->json ? action->when_empty : "");
        return STATUS_DONE;
    }
    /* Problems that were told one by one need no summary. */
    return action->each == each_problem && walk.problems > 0 ? tool_status(tool->error) : tool_fail(tool);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    const char *name = NULL;
    int found = tool_next(tool, arguments, &name);
    if (found == ARGUMENT_END) {
        return tool_usage(tool, "say check, show or path");
    }
    if (found != ARGUMENT_OPERAND || tool_no_more(tool, arguments) != ARGUMENT_END) {
        return STATUS_USAGE;
    }
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(name, actions[i].name) == 0) {
            struct action action = actions[i];
            return tool_write(tool, perform, &action);
        }
    }
    return tool_usage(tool, "there is no \"config %.40s\"; there are check, show and path", name);
}

static const char *const synopsis[] = {"check|show|path [OPTION]...", NULL};
static const char *const formats[] = {"text", "json", NULL};
static const char *const examples[] = {"mstr config check", "mstr config show --profile production", NULL};
const struct command command_config = {
    .name = "config",
    .synopsis = synopsis,
    .summary = "check the configuration, show it, or tell its files",
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES,
    .run = run,
};
