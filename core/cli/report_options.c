/* SPDX-License-Identifier: Apache-2.0 */
/* The options of reports and cubes. */
#include "report_options.h"

#include "command.h"
#include "common_options.h"
#include "failure.h"
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_ATTRIBUTES = 1,
    OPTION_METRICS,
    OPTION_FORMS,
    OPTION_FILTER,
    OPTION_PROMPT,
    OPTION_PROMPTS,
    OPTION_PAGE_BY,
    OPTION_LIMIT,
    OPTION_FORMATTED,
    OPTION_TYPED,
    OPTION_TOTALS,
    OPTION_IDS,
    OPTION_CROSS,
    OPTION_NULL,
    OPTION_NO_HEADER,
    OPTION_CRLF,
    OPTION_EXCEL_SAFE,
    OPTION_TEXT,
    OPTION_SPOOL,
    OPTION_DESCRIBE,
};
const struct option report_options[] = {
    {OPTION_ATTRIBUTES, 0, "attributes", "A,B", "these attributes; those left out are aggregated over"},
    {OPTION_METRICS, 0, "metrics", "M,N", "these metrics"},
    {OPTION_FORMS, 0, "forms", "A@ID,DESC", "these forms of an attribute, or A@all"},
    {OPTION_FILTER, 0, "filter", "CONDITION", "as 'Region in North,South'; @FILE is the API's viewFilter"},
    {OPTION_PROMPT, 0, "prompt", "NAME=VALUE", "answer a prompt; NAME alone closes it, NAME=@FILE is JSON"},
    {OPTION_PROMPTS, 0, "prompts", "HOW", "all other prompts: default, ask, or a file with the API's answers"},
    {OPTION_PAGE_BY, 0, "page-by", "UNIT=ELEMENT", "pages with this element alone; current is the stored page"},
    {OPTION_LIMIT, 0, "limit", "ROWS", "no more rows than so many"},
    {OPTION_FORMATTED, 0, "formatted", NULL, "metrics as the report shows them"},
    {OPTION_TYPED, 0, "typed", NULL, "forms that are numbers by their type are numbers in JSON and Arrow"},
    {OPTION_TOTALS, 0, "totals", NULL, "keep subtotals and grand totals"},
    {OPTION_IDS, 0, "ids", NULL, "tell columns of one name apart by their ids"},
    {OPTION_CROSS, 0, "cross", "keep", "let a cross-tab be as wide as it is"},
    {OPTION_NULL, 0, "null", "TEXT", "in CSV, for a null"},
    {OPTION_NO_HEADER, 0, "no-header", NULL, "in CSV, no line with the names of the columns"},
    {OPTION_CRLF, 0, "crlf", NULL, "in CSV, end lines as Windows does"},
    {OPTION_EXCEL_SAFE, 0, "excel-safe", NULL, "in CSV, an apostrophe before what a spreadsheet would compute"},
    {OPTION_TEXT, 0, "text", NULL, "in Arrow, each column as text, with the server's digits"},
    {OPTION_SPOOL, 0, "spool", NULL, "write nothing before all rows came"},
    {OPTION_DESCRIBE, 0, "describe", NULL, "tell columns, page-by and prompts, and run nothing"},
    {0, 0, NULL, NULL, NULL},
};

static int no_memory(struct tool *tool)
{
    mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
    return tool_fail(tool);
}

const char *const report_formats[] = {
    [TABLE_CSV] = "csv", [TABLE_JSONL] = "jsonl", [TABLE_JSON] = "json", [TABLE_ARROW] = "arrow", NULL};

static bool take_flag(struct report_job *job, int found)
{
    static const struct {
        int option;
        uint32_t flag;
    } flags[] = {
        {OPTION_FORMATTED, MSTR_TABLE_FORMATTED}, {OPTION_TYPED, MSTR_TABLE_TYPED},
        {OPTION_TOTALS, MSTR_TABLE_TOTALS},       {OPTION_IDS, MSTR_TABLE_IDS},
        {OPTION_DESCRIBE, MSTR_TABLE_DESCRIBE},   {OPTION_TEXT, MSTR_TABLE_ARROW_TEXT},
    };
    const struct {
        int option;
        bool *value;
    } switches[] = {
        {OPTION_NO_HEADER, &job->output.no_header},
        {OPTION_CRLF, &job->output.crlf},
        {OPTION_EXCEL_SAFE, &job->output.guard},
        {OPTION_SPOOL, &job->target.spool},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (flags[i].option == found) {
            job->request.flags |= flags[i].flag;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (switches[i].option == found) {
            *switches[i].value = true;
            return true;
        }
    }
    return false;
}

/* --- values with a grammar -------------------------------------------------------------------------------------- */

static int take_filter(struct tool *tool, struct report_job *job, const char *value)
{
    if (*value != '@') {
        return names_add(&job->filters, value) ? STATUS_DONE : no_memory(tool);
    }
    if (job->view_filter != NULL) {
        return tool_usage(tool, "one file with a filter is enough");
    }
    job->view_filter = input_read_text(tool, value + 1);
    return job->view_filter != NULL ? STATUS_DONE : tool_fail(tool);
}

static int take_page(struct tool *tool, struct report_job *job, const char *value)
{
    if (strcmp(value, "current") == 0) {
        job->request.flags |= MSTR_TABLE_PAGE_CURRENT;
        return STATUS_DONE;
    }
    return names_add(&job->page_by, value) ? STATUS_DONE : no_memory(tool);
}

static int take_limit(struct tool *tool, struct report_job *job, const char *value)
{
    char *end = NULL;
    errno = 0;
    job->request.limit = strtoll(value, &end, 10);
    bool good = *value >= '0' && *value <= '9' && *end == '\0' && errno == 0 && job->request.limit > 0;
    return good ? STATUS_DONE : tool_usage(tool, "\"%.40s\" is no number of rows", value);
}

static void take_format(struct report_job *job, const char *name)
{
    for (size_t i = 0; report_formats[i] != NULL; i++) {
        if (strcmp(name, report_formats[i]) == 0) {
            job->output.format = (enum table_format)i;
        }
    }
}

static int take_list(struct tool *tool, struct names *names, const char *value)
{
    /* The words of a command line may be changed (C11 5.1.2.2.1). */
    return names_split(names, (char *)(uintptr_t)value) ? STATUS_DONE : no_memory(tool);
}

static int take_operand(struct tool *tool, struct report_job *job, const char *value)
{
    if (job->request.object != NULL) {
        return tool_usage(tool, "unexpected argument \"%.80s\"", value);
    }
    job->request.object = value;
    return STATUS_DONE;
}

static int take_option(struct tool *tool, struct report_job *job, int found, const char *value)
{
    switch (found) {
    case OPTION_ATTRIBUTES:
        return take_list(tool, &job->attributes, value);
    case OPTION_METRICS:
        return take_list(tool, &job->metrics, value);
    case OPTION_FORMS:
        return names_add(&job->forms, value) ? STATUS_DONE : no_memory(tool);
    case OPTION_FILTER:
        return take_filter(tool, job, value);
    case OPTION_PROMPT:
        return answers_add(tool, &job->answers, (char *)(uintptr_t)value);
    case OPTION_PROMPTS:
        return answers_mode(tool, &job->answers, value);
    case OPTION_PAGE_BY:
        return take_page(tool, job, value);
    case OPTION_LIMIT:
        return take_limit(tool, job, value);
    case OPTION_NULL:
        job->output.null = value;
        return STATUS_DONE;
    case OPTION_CROSS:
        job->request.flags |= MSTR_TABLE_CROSS_KEEP;
        return strcmp(value, "keep") == 0 ? STATUS_DONE : tool_usage(tool, "write --cross keep");
    case ARGUMENT_OPERAND:
        return take_operand(tool, job, value);
    default:
        return take_flag(job, found) ? STATUS_DONE : STATUS_USAGE;
    }
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

static void put_lists(struct report_job *job)
{
    mstr_table_request *request = &job->request;
    request->attributes = job->attributes.items;
    request->attribute_count = job->attributes.count;
    request->metrics = job->metrics.items;
    request->metric_count = job->metrics.count;
    request->forms = job->forms.items;
    request->form_count = job->forms.count;
    request->filters = job->filters.items;
    request->filter_count = job->filters.count;
    request->view_filter = job->view_filter;
    request->page_by = job->page_by.items;
    request->page_by_count = job->page_by.count;
}

static int check_arrow(struct tool *tool, const struct report_job *job)
{
    bool arrow = job->output.format == TABLE_ARROW;
    if (!arrow && (job->request.flags & MSTR_TABLE_ARROW_TEXT) != 0) {
        return tool_usage(tool, "--text goes with arrow");
    }
    if (arrow && job->output.formatted) {
        return tool_usage(tool, "--formatted goes with csv and json");
    }
    if (arrow && job->output.shown && (job->request.flags & MSTR_TABLE_DESCRIBE) == 0) {
        return tool_usage(tool, "a terminal cannot show that; write to a file with -o");
    }
    return STATUS_DONE;
}

static int check(struct tool *tool, const struct report_job *job)
{
    const struct table_output *output = &job->output;
    if (job->request.object == NULL) {
        return tool_usage(tool, "no %s was named", tool->command->name);
    }
    if (output->format != TABLE_CSV && (output->null != NULL || output->no_header || output->crlf || output->guard)) {
        return tool_usage(tool, "--null, --no-header, --crlf and --excel-safe go with csv");
    }
    return check_arrow(tool, job);
}

int report_options_read(struct tool *tool, struct arguments *arguments, struct report_job *job)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        int status = take_option(tool, job, found, value);
        if (status != STATUS_DONE) {
            return status;
        }
    }
    if (tool->format != NULL) {
        take_format(job, tool->format);
    } else if (tool->json) {
        job->output.format = TABLE_JSON;
    }
    job->target.file = tool->output;
    job->request.project = tool->project;
    job->output.formatted = (job->request.flags & MSTR_TABLE_FORMATTED) != 0;
    job->output.shown = target_is_shown(&job->target);
    put_lists(job);
    return check(tool, job);
}

void report_options_release(struct report_job *job)
{
    struct names *const lists[] = {&job->attributes, &job->metrics, &job->forms, &job->filters, &job->page_by};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        names_release(lists[i]);
    }
    free(job->view_filter);
    answers_release(&job->answers);
}
