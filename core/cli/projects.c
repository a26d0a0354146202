/* SPDX-License-Identifier: Apache-2.0 */
/* mstr projects: id and name of each project that the user may see. */
#include "command.h"
#include "common_options.h"
#include "display.h"
#include "failure.h"
#include "output.h"
#include "session_use.h"

struct listing {
    bool json;
    size_t count;
};

static int print(const mstr_project *project, void *data)
{
    struct listing *listing = data;
    if (!listing->json) {
        display(output_data, project->id);
        output_puts(output_data, "\t");
        display(output_data, project->name);
        output_puts(output_data, "\n");
        return 0;
    }
    output_member(output_data, listing->count++ == 0 ? "[\n  {" : ",\n  {", "id", project->id);
    output_member(output_data, ", ", "name", project->name);
    output_member(output_data, ", ", "alias", project->alias);
    output_member(output_data, ", ", "description", project->description);
    output_printf(output_data, ", \"status\": %d}", (int)project->status);
    return 0;
}

static int list(struct tool *tool, mstr_session *session, void *data)
{
    struct listing listing = {.json = tool->json};
    (void)data;
    enum mstr_code code = mstr_session_projects(session, print, &listing, tool->error);
    if (tool->json) {
        output_list_end(output_data, listing.count, code == MSTR_OK);
    }
    return code == MSTR_OK ? STATUS_DONE : tool_fail(tool);
}

static int write(struct tool *tool, void *data)
{
    return tool_work(tool, list, data);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    return tool_no_more(tool, arguments) == ARGUMENT_END ? tool_write(tool, write, NULL) : STATUS_USAGE;
}

static const char *const synopsis[] = {"[OPTION]...", NULL};
static const char *const formats[] = {"text", "json", NULL};
static const char *const examples[] = {"mstr projects", "mstr projects --json --session", NULL};
const struct command command_projects = {
    .name = "projects",
    .synopsis = synopsis,
    .summary = "list the projects that the user may see",
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run,
};
