/* SPDX-License-Identifier: Apache-2.0 */
/* mstr projects: id and name of each project that the user may see. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "display.h"
#include "failure.h"
#include "output.h"

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

static int run(struct tool *tool, struct arguments *arguments)
{
    mstr_session_options session_options = MSTR_SESSION_OPTIONS_INIT;
    struct listing listing = {0};
    mstr_session *session = NULL;
    int status = STATUS_DONE;
    if (tool_no_more(tool, arguments) != ARGUMENT_END) {
        return STATUS_USAGE;
    }
    listing.json = tool->json;
    if (tool_session(tool, &session_options, &session) != MSTR_OK) {
        status = tool_fail(tool);
        goto cleanup;
    }
    enum mstr_code code = mstr_session_projects(session, print, &listing, tool->error);
    if (tool->json) {
        output_list_end(output_data, listing.count, code == MSTR_OK);
    }
    status = code == MSTR_OK ? STATUS_DONE : tool_fail(tool);

cleanup:
    tool_session_end(tool, session);
    return status;
}

static const char *const synopsis[] = {"[--json]", NULL};
const struct command command_projects = {
    .name = "projects",
    .synopsis = synopsis,
    .summary = "list the projects that the user may see",
    .run = run,
};
