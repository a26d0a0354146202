/* SPDX-License-Identifier: Apache-2.0 */
/* mstr export: a document or dashboard as PDF, Excel, CSV of a visualization, or .mstr. */
#include "answers.h"
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "display.h"
#include "failure.h"
#include "output.h"
#include "progress.h"
#include "session_use.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

struct export_job {
    mstr_document_request what;
    struct answers answers;
    struct target target;
    struct progress progress;
};

enum {
    OPTION_VISUALIZATION = 1,
    OPTION_PROMPT,
    OPTION_PROMPTS,
    OPTION_RAW,
    OPTION_SPOOL,
};
static const struct option options[] = {
    {OPTION_VISUALIZATION, 0, "visualization", "KEY|NAME", "of a dashboard, this one alone; csv needs it"},
    {OPTION_PROMPT, 0, "prompt", "NAME=VALUE", "answer a prompt; NAME alone closes it, NAME=@FILE is JSON"},
    {OPTION_PROMPTS, 0, "prompts", "HOW", "all other prompts: default, ask, or a file with the API's answers"},
    {OPTION_RAW, 0, "raw", NULL, "leave csv in the encoding of the server, UTF-16"},
    {OPTION_SPOOL, 0, "spool", NULL, "write nothing before all of it came"},
    {0, 0, NULL, NULL, NULL},
};

static const char *const formats[] = {[MSTR_DOCUMENT_PDF] = "pdf",
                                      [MSTR_DOCUMENT_EXCEL] = "xlsx",
                                      [MSTR_DOCUMENT_CSV] = "csv",
                                      [MSTR_DOCUMENT_MSTR] = "mstr",
                                      NULL};

static bool find_format(struct export_job *export, const char *name)
{
    for (size_t i = 0; formats[i] != NULL; i++) {
        if (strcmp(name, formats[i]) == 0) {
            export->what.format = (enum mstr_document_format)i;
            return true;
        }
    }
    return false;
}

static int take_option(struct tool *tool, struct export_job *export, int found, const char *value)
{
    switch (found) {
    case OPTION_VISUALIZATION:
        export->what.visualization = value;
        return STATUS_DONE;
    case OPTION_PROMPT:
        /* The words of a command line may be changed (C11 5.1.2.2.1). */
        return answers_add(tool, &export->answers, (char *)(uintptr_t)value);
    case OPTION_PROMPTS:
        return answers_mode(tool, &export->answers, value);
    case OPTION_RAW:
        export->what.flags |= MSTR_DOCUMENT_RAW;
        return STATUS_DONE;
    case OPTION_SPOOL:
        export->target.spool = true;
        return STATUS_DONE;
    case ARGUMENT_OPERAND:
        return tool_take_operand(tool, &export->what.object, value);
    default:
        return STATUS_USAGE;
    }
}

static int check(struct tool *tool, struct export_job *export)
{
    export->target.file = tool->output;
    const char *ending = tool->output != NULL ? strrchr(tool->output, '.') : NULL;
    const char *format = tool->format != NULL ? tool->format : ending != NULL ? ending + 1 : "";
    if (export->what.object == NULL) {
        return tool_usage(tool, "no document or dashboard was named");
    }
    if (!find_format(export, format)) {
        return tool_usage(tool, "say with --format what it is to be: pdf, xlsx, csv or mstr");
    }
    if (target_is_shown(&export->target) && export->what.format != MSTR_DOCUMENT_CSV) {
        return tool_usage(tool, "a terminal cannot show that; write to a file with -o");
    }
    export->what.project = tool->project;
    return STATUS_DONE;
}

static int parse(struct tool *tool, struct arguments *arguments, struct export_job *export)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        int status = take_option(tool, export, found, value);
        if (status != STATUS_DONE) {
            return status;
        }
    }
    return check(tool, export);
}

/* Lines of text on a terminal, in which nothing moves its cursor. */
static void show(const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline != NULL ? newline : end;
        size_t line = (size_t)(stop - text) - (stop > text && newline != NULL && stop[-1] == '\r');
        display_octets(output_data, text, line);
        output_puts(output_data, newline != NULL ? "\n" : "");
        text = stop + (newline != NULL);
    }
}

static int write_piece(const void *octets, size_t length, void *data)
{
    struct export_job *export = data;
    if (target_is_shown(&export->target)) {
        show(octets, length);
    } else {
        output_write(output_data, octets, length);
    }
    atomic_fetch_add(&export->progress.done, (int64_t)length);
    return output_failure(output_data);
}

/* The answers to prompts are the same as those of a report. */
static void take_answers(struct tool *tool, struct export_job *export)
{
    mstr_table_request asked = MSTR_TABLE_REQUEST_INIT;
    answers_apply(&export->answers, tool, &export->progress, &asked);
    export->what.answers = asked.answers;
    export->what.answer_count = asked.answer_count;
    export->what.answers_json = asked.answers_json;
    export->what.ask = asked.ask;
    export->what.ask_data = asked.ask_data;
    export->what.flags |= (asked.flags & MSTR_TABLE_PROMPT_DEFAULTS) != 0 ? MSTR_DOCUMENT_PROMPT_DEFAULTS : 0;
}

/* Whether what was named is a report, of which there are no files. */
static bool is_report(struct tool *tool, mstr_session *session, const struct export_job *export)
{
    const struct mstr_header query[] = {{"name", export->what.object}, {"pattern", "2"}, {"type", "3"}};
    const struct mstr_header type = {"type", "3"};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *answer = NULL;
    char path[64] = "searches/results";
    const char *name = export->what.object;
    bool is_id = strlen(name) == 32 && strspn(name, "0123456789ABCDEFabcdef") == 32;
    const mstr_call_options call = tool_call(tool);
    if (is_id && mstr_path(path, sizeof path, "objects/{}", &name, 1, NULL) != MSTR_OK) {
        return false;
    }
    request.path = path;
    request.query = is_id ? &type : query;
    request.query_count = is_id ? 1 : sizeof query / sizeof query[0];
    request.project = export->what.project;
    request.call = &call;
    bool found = mstr_session_send(session, &request, &answer, NULL) == MSTR_OK &&
                 (is_id || mstr_response_count(answer, "/result") > 0);
    mstr_response_free(answer);
    return found;
}

static int fail(struct tool *tool, mstr_session *session, const struct export_job *export)
{
    bool absent = mstr_error_code(tool->error) == MSTR_E_NOT_FOUND;
    int status = tool_fail(tool);
    if (absent && !tool->json && is_report(tool, session, export)) {
        output_puts(output_notes, "hint: it is a report or a cube: use `mstr report`, `mstr cube`, or `mstr send` of "
                                  "a subscription to it\n");
    }
    return status;
}

static int export_document(struct tool *tool, mstr_session *session, void *data)
{
    struct export_job *export = data;
    mstr_writer writer = MSTR_WRITER_INIT;
    const mstr_call_options call = tool_call(tool);
    writer.write = write_piece;
    writer.data = export;
    export->what.writer = &writer;
    export->what.call = &call;
    progress_begin(&export->progress, tool, "octets", !tool->quiet && !target_is_shown(&export->target),
                   PROGRESS_LINE_PERIOD);
    take_answers(tool, export);
    enum mstr_code code = mstr_document_export(session, &export->what, NULL, tool->error);
    progress_end(&export->progress);
    if (output_failure(output_data) != 0) {
        return STATUS_UNEXPECTED; /* told once, in the end */
    }
    return code == MSTR_OK ? STATUS_DONE : fail(tool, session, export);
}

static int use_session(struct tool *tool, void *data)
{
    struct export_job *export = data;
    return tool_work(tool, export_document, export);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct export_job export = {.what = MSTR_DOCUMENT_REQUEST_INIT};
    int status = parse(tool, arguments, &export);
    if (status == STATUS_DONE) {
        status = target_write(tool, &export.target, use_session, &export);
    }
    answers_release(&export.answers);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... NAME|ID", NULL};
static const char *const examples[] = {
    "mstr export 'Sales Dashboard' -o sales.pdf",
    "mstr export 'Sales Dashboard' --visualization 'Revenue by Region' -o revenue.csv",
    "mstr export 'Sales Dashboard' --prompt Year=2025 --format xlsx -o - > sales.xlsx",
    NULL,
};
const struct command command_export = {
    .name = "export",
    .synopsis = synopsis,
    .summary = "write a document or dashboard to a file",
    .options = options,
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run,
};
