/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submitting tables and their rows. A table outlives the job that opened it, and the thread that did: between two
 * jobs it is cancelled by the program's own cancel again.
 */
#include "queue/queue.h"

#include "base/error.h"
#include "queue/table_copy.h"
#include "session/table/table.h"
#include "session/table/table_check.h"

static enum mstr_code run_table(struct job *job, const mstr_call_options *call)
{
    job->of.table.call = call;
    enum mstr_code code = mstr_table_open(job->session, &job->of.table, &job->result.table, job->result.error);
    if (code == MSTR_OK) {
        table_set_cancel(job->result.table, job->limits.cancel);
    }
    return code;
}

enum mstr_code mstr_queue_table(mstr_queue *queue, mstr_session *session, const mstr_table_request *request,
                                void *user, uint64_t *number, mstr_error *error)
{
    struct job *job = NULL;
    enum mstr_code code = table_check(request, error);
    code = code == MSTR_OK ? queue_begin(queue, MSTR_QUEUE_TABLE, user, &job, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    job->session = session;
    job_limit(job, table_limits_for(session, request->call), request->call);
    table_copy(request, &job->copies, &job->of.table);
    job->run = run_table;
    return queue_submit(queue, job, number, error);
}

static enum mstr_code read_rows(struct job *job, const mstr_cancel *cancel)
{
    int *row = &job->result.row;
    for (;;) {
        enum mstr_code code = mstr_table_next(job->table, row, job->result.error);
        if (code != MSTR_OK || !*row || job->of.rows.each == NULL ||
            job->of.rows.each(job->table, job->of.rows.data) != 0) {
            return code;
        }
        if (cancel_is_set(cancel)) {
            return error_set(job->result.error, MSTR_E_CANCELLED, "cancelled between two rows");
        }
    }
}

static enum mstr_code run_rows(struct job *job, const mstr_call_options *call)
{
    table_set_cancel(job->table, call->cancel);
    enum mstr_code code = read_rows(job, call->cancel);
    table_set_cancel(job->table, job->limits.cancel);
    return code;
}

enum mstr_code mstr_queue_rows(mstr_queue *queue, mstr_table *table, mstr_table_row_fn each, void *data, void *user,
                               uint64_t *number, mstr_error *error)
{
    struct job *job = NULL;
    enum mstr_code code = queue_begin(queue, MSTR_QUEUE_ROWS, user, &job, error);
    if (code != MSTR_OK) {
        return code;
    }
    job->table = table;
    job_limit(job, table_limits(table), NULL);
    job->of.rows.each = each;
    job->of.rows.data = data;
    job->run = run_rows;
    return queue_submit(queue, job, number, error);
}
