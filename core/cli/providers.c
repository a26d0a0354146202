/* SPDX-License-Identifier: Apache-2.0 */
/* mstr providers: every provider instance, built in or configured, and whether it can be used. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"

static const char *const type_names[] = {"string", "integer", "boolean", "duration", "url", "path", "secret"};

static const char *type_name(enum mstr_option_type type)
{
    return (size_t)type < sizeof type_names / sizeof type_names[0] ? type_names[type] : "unknown";
}

/* The entry of a plugin's table, whose entries may be longer than ours; NULL past the last. */
static const struct mstr_option *option_at(const mstr_provider_info *info, size_t index)
{
    if (info->options == NULL) {
        return NULL;
    }
    const struct mstr_option *option = (const void *)((const char *)info->options + index * info->option_size);
    return option->name != NULL ? option : NULL;
}

static void print_options(const mstr_provider_info *info)
{
    const struct mstr_option *option = NULL;
    for (size_t i = 0; (option = option_at(info, i)) != NULL; i++) {
        output_printf(output_data, "    %-20s %-9s %s%s", option->name, type_name(option->type),
                      option->flags & MSTR_OPTION_REQUIRED ? "(required) " : "",
                      option->help != NULL ? option->help : "");
        if (option->default_value != NULL && option->default_value[0] != '\0') {
            output_printf(output_data, " [%s]", option->default_value);
        }
        output_puts(output_data, "\n");
    }
}

static void print_text(const mstr_provider_info *info)
{
    output_printf(output_data, "%s", info->name);
    if (info->problem != NULL) {
        output_printf(output_data, ": cannot be used: %s\n", info->problem);
        return;
    }
    output_printf(output_data, ": %s%s%s %s, ABI %u, %s\n", info->plugin, info->service != NULL ? "/" : "",
                  info->service != NULL ? info->service : "", info->version != NULL ? info->version : "",
                  info->abi_major, info->file != NULL ? info->file : "built in");
    if (info->summary != NULL) {
        output_printf(output_data, "    %s\n", info->summary);
    }
    print_options(info);
}

static void print_json_options(const mstr_provider_info *info)
{
    const struct mstr_option *option = NULL;
    const char *before = "{";
    for (size_t i = 0; (option = option_at(info, i)) != NULL; i++) {
        output_member(output_data, before, "name", option->name);
        output_member(output_data, ", ", "type", type_name(option->type));
        output_printf(output_data, ", \"required\": %s", option->flags & MSTR_OPTION_REQUIRED ? "true" : "false");
        output_member(output_data, ", ", "default", option->default_value);
        output_member(output_data, ", ", "help", option->help);
        output_puts(output_data, "}");
        before = ", {";
    }
}

static void print_json(const mstr_provider_info *info, bool first)
{
    output_member(output_data, first ? "[\n  {" : ",\n  {", "name", info->name);
    output_member(output_data, ", ", "plugin", info->plugin);
    output_member(output_data, ", ", "service", info->service);
    output_member(output_data, ", ", "file", info->file);
    output_printf(output_data, ", \"abi\": %u", info->abi_major);
    output_member(output_data, ", ", "version", info->version);
    output_member(output_data, ", ", "summary", info->summary);
    output_puts(output_data, ", \"options\": [");
    print_json_options(info);
    output_printf(output_data, "], \"loadable\": %s", info->problem == NULL ? "true" : "false");
    output_member(output_data, ", ", "problem", info->problem);
    output_puts(output_data, "}");
}

struct listing {
    bool json;
    size_t count;
};

static int print(const mstr_provider_info *info, void *data)
{
    struct listing *listing = data;
    if (listing->json) {
        print_json(info, listing->count == 0);
    } else {
        print_text(info);
    }
    listing->count++;
    return 0;
}

static int list(struct tool *tool, void *data)
{
    struct listing listing = {.json = tool->json};
    (void)data;
    if (tool_context(tool) != MSTR_OK) {
        return tool_fail(tool);
    }
    enum mstr_code code = mstr_context_providers(tool->context, print, &listing, tool->error);
    if (tool->json) {
        output_list_end(output_data, listing.count, code == MSTR_OK);
    }
    return code == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    return tool_no_more(tool, arguments) == ARGUMENT_END ? tool_write(tool, list, NULL) : STATUS_USAGE;
}

static const char *const synopsis[] = {"[OPTION]...", NULL};
static const char *const formats[] = {"text", "json", NULL};
static const char *const examples[] = {"mstr providers", NULL};
const struct command command_providers = {
    .name = "providers",
    .synopsis = synopsis,
    .summary = "tell the providers, their options and whether they load",
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES,
    .run = run,
};
