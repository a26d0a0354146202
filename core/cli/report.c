/* SPDX-License-Identifier: Apache-2.0 */
/* mstr report, mstr cube: the rows of a report or a cube, as they come. */
#include "arrow_stream.h"
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "failure.h"
#include "output.h"
#include "progress.h"
#include "report_options.h"
#include "session_use.h"
#include "table_describe.h"

#include <errno.h>
#include <stddef.h>

/* Until the last row, the first failure, or nobody takes any more. */
static enum mstr_code write_rows(struct report_job *job, mstr_table *table, struct progress *progress,
                                 mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    int row = 1;
    table_output_begin(&job->output, table);
    while (row && output_failure(output_data) == 0 && (code = mstr_table_next(table, &row, error)) == MSTR_OK) {
        if (row) {
            table_output_row(&job->output, table);
            atomic_store(&progress->done, job->output.rows);
            atomic_store(&progress->expected, mstr_table_expected(table));
        }
    }
    if (code == MSTR_OK && !row) {
        table_output_end(&job->output);
    }
    return code;
}

/* --- Arrow ------------------------------------------------------------------------------------------------------ */

/* The table repeats a failure of its own, with all that is to be told of it. */
static enum mstr_code stream_failed(struct ArrowArrayStream *stream, int failure, mstr_table *table,
                                    mstr_error *error)
{
    int row = 0;
    if (failure == EDOM) {
        mstr_error_set(error, MSTR_E_REQUEST, "%s; here that is --text", stream->get_last_error(stream));
    } else if (failure == ENOMEM) {
        mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    } else {
        mstr_table_next(table, &row, error);
    }
    return mstr_error_code(error);
}

static int write_batch(struct ArrowArrayStream *stream, const struct ArrowSchema *schema, int64_t *rows)
{
    struct ArrowArray batch;
    int failure = stream->get_next(stream, &batch);
    *rows = 0;
    if (failure == 0 && batch.release != NULL) {
        *rows = batch.length;
        failure = arrow_stream_batch(schema, &batch) ? 0 : ENOMEM;
        batch.release(&batch);
    }
    return failure;
}

/* The stream frees the table. */
static enum mstr_code write_batches(mstr_table *table, struct ArrowArrayStream *stream, struct progress *progress,
                                    mstr_error *error)
{
    struct ArrowSchema schema;
    int64_t rows = 1;
    int failure = stream->get_schema(stream, &schema);
    if (failure != 0) {
        return stream_failed(stream, failure, table, error);
    }
    failure = arrow_stream_schema(&schema) ? 0 : ENOMEM;
    while (failure == 0 && rows > 0 && output_failure(output_data) == 0) {
        failure = write_batch(stream, &schema, &rows);
        atomic_fetch_add(&progress->done, rows);
        atomic_store(&progress->expected, mstr_table_expected(table));
    }
    if (failure == 0 && rows == 0) {
        arrow_stream_end();
    }
    schema.release(&schema);
    return failure == 0 ? MSTR_OK : stream_failed(stream, failure, table, error);
}

static enum mstr_code write_arrow(mstr_table **table, struct progress *progress, mstr_error *error)
{
    struct ArrowArrayStream stream;
    if (!mstr_table_arrow(*table, &stream)) {
        mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
        return MSTR_E_MEMORY;
    }
    enum mstr_code code = write_batches(*table, &stream, progress, error);
    stream.release(&stream);
    *table = NULL;
    return code;
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

/* A server that does not know the call at all, as old ones do not, says no more than 404. */
static int fail(struct tool *tool)
{
    bool unknown = mstr_error_code(tool->error) == MSTR_E_NOT_FOUND && mstr_error_http_status(tool->error) == 404 &&
                   mstr_error_service_code(tool->error) == NULL;
    int status = tool_fail(tool);
    return unknown ? STATUS_SERVER : status;
}

static int read_table(struct tool *tool, mstr_session *session, void *data)
{
    struct report_job *job = data;
    mstr_table *table = NULL;
    struct progress progress;
    const mstr_call_options call = tool_call(tool);
    bool describes = (job->request.flags & MSTR_TABLE_DESCRIBE) != 0;

    progress_begin(&progress, tool, "rows", !tool->quiet && !job->output.shown, PROGRESS_LINE_PERIOD);
    job->request.call = &call;
    answers_apply(&job->answers, tool, &progress, &job->request);
    enum mstr_code code = mstr_table_open(session, &job->request, &table, tool->error);
    if (code == MSTR_OK && describes) {
        table_describe(table, job->output.format == TABLE_JSON);
    } else if (code == MSTR_OK && job->output.format == TABLE_ARROW) {
        code = write_arrow(&table, &progress, tool->error);
    } else if (code == MSTR_OK) {
        code = write_rows(job, table, &progress, tool->error);
    }
    mstr_table_free(table);
    progress_end(&progress);
    if (output_failure(output_data) != 0) {
        return STATUS_UNEXPECTED; /* told once, in the end */
    }
    return code == MSTR_OK ? STATUS_DONE : fail(tool);
}

static int use_session(struct tool *tool, void *data)
{
    return tool_work(tool, read_table, data);
}

static int run_kind(struct tool *tool, struct arguments *arguments, enum mstr_execution_kind kind)
{
    struct report_job job = {.request = MSTR_TABLE_REQUEST_INIT};
    job.request.kind = kind;
    int status = report_options_read(tool, arguments, &job);
    if (status == STATUS_DONE) {
        status = target_write(tool, &job.target, use_session, &job);
    }
    report_options_release(&job);
    return status;
}

static int run_report(struct tool *tool, struct arguments *arguments)
{
    return run_kind(tool, arguments, MSTR_EXECUTION_REPORT);
}

static int run_cube(struct tool *tool, struct arguments *arguments)
{
    return run_kind(tool, arguments, MSTR_EXECUTION_CUBE);
}

static const char *const synopsis[] = {"[OPTION]... NAME|ID", NULL};
static const char *const report_examples[] = {
    "mstr report 'Revenue by Region' -o revenue.csv",
    "mstr report Sales --filter 'Region in North,South' --filter 'Revenue >= 1000' --format jsonl",
    "mstr report Sales --prompt Year=2025 --page-by Quarter=Q4",
    "mstr report Sales --describe",
    NULL,
};
static const char *const cube_examples[] = {
    "mstr cube 'Sales Cube' --attributes Region,Year --metrics Revenue",
    NULL,
};
const struct command command_report = {
    .name = "report",
    .synopsis = synopsis,
    .summary = "write the rows of a report",
    .options = report_options,
    .examples = report_examples,
    .formats = report_formats,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run_report,
};
const struct command command_cube = {
    .name = "cube",
    .synopsis = synopsis,
    .summary = "write the rows of a cube",
    .options = report_options,
    .examples = cube_examples,
    .formats = report_formats,
    .takes = COMMAND_WRITES | COMMAND_HAS_SESSION,
    .run = run_cube,
};
