/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios of the completion queue: what was submitted is completed, also where memory runs out. */
#include "out_of_memory/scenario.h"

static enum mstr_code work(const mstr_call_options *call, void *data, mstr_error *error)
{
    (void)call;
    (void)error;
    ++*(unsigned *)data;
    return MSTR_OK;
}

/* The one completion that is to come, if the submit was accepted. */
static enum mstr_code take(mstr_queue *queue, enum mstr_code submitted)
{
    mstr_completion completion = MSTR_COMPLETION_INIT;
    if (submitted != MSTR_OK) {
        return submitted;
    }
    assert_int_equal(mstr_queue_wait(queue, -1, &completion), 1);
    enum mstr_code code = completion.code;
    bool whole = code != MSTR_OK || completion.kind != MSTR_QUEUE_GET || completion.secret != NULL;
    assert_true(whole && (completion.error != NULL) == (code != MSTR_OK));
    mstr_completion_clear(&completion);
    assert_int_equal(mstr_queue_next(queue, &completion), 0);
    return code;
}

static enum mstr_code use(struct scene *scene, mstr_queue *queue)
{
    static const struct mstr_header header = {"X-One", "1"};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_work own = MSTR_WORK_INIT;
    unsigned done = 0;
    request.path = "object";
    request.headers = &header;
    request.header_count = 1;
    own.run = work;
    own.data = &done;
    enum mstr_code code = take(queue, mstr_queue_get(queue, "text:x", NULL, NULL, NULL, scene->error));
    if (code == MSTR_OK) {
        code = take(queue, mstr_queue_open(queue, scene->session, NULL, NULL, NULL, scene->error));
    }
    if (code == MSTR_OK) {
        code = take(queue, mstr_queue_send(queue, scene->session, &request, NULL, NULL, scene->error));
    }
    if (code == MSTR_OK) {
        code = take(queue, mstr_queue_close(queue, scene->session, NULL, NULL, NULL, scene->error));
    }
    if (code == MSTR_OK) {
        code = take(queue, mstr_queue_call(queue, &own, NULL, NULL, scene->error));
        assert_int_equal(done, code == MSTR_OK);
    }
    return code;
}

static int count_row(mstr_table *table, void *data)
{
    (void)table;
    ++*(unsigned *)data;
    return 0;
}

static enum mstr_code take_table(mstr_queue *queue, mstr_table **table)
{
    mstr_completion completion = MSTR_COMPLETION_INIT;
    assert_int_equal(mstr_queue_wait(queue, -1, &completion), 1);
    enum mstr_code code = completion.code;
    assert_true((completion.table != NULL) == (code == MSTR_OK));
    *table = completion.table;
    completion.table = NULL;
    mstr_completion_clear(&completion);
    return code;
}

static enum mstr_code tables(struct scene *scene)
{
    static const char *const filters[] = {"Region in a,b"};
    static const char *const values[] = {"full"};
    mstr_prompt_answer answer = MSTR_PROMPT_ANSWER_INIT;
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    mstr_queue *queue = NULL;
    mstr_table *table = NULL;
    unsigned rows = 0;
    answer.prompt = "Kind";
    answer.values = values;
    answer.value_count = 1;
    request.object = "Sales";
    request.filters = filters;
    request.filter_count = 1;
    request.answers = &answer;
    request.answer_count = 1;
    enum mstr_code code = mstr_queue_new(scene->context, NULL, &queue, scene->error);
    if (code == MSTR_OK) {
        code = mstr_queue_table(queue, scene->session, &request, NULL, NULL, scene->error);
    }
    code = code == MSTR_OK ? take_table(queue, &table) : code;
    if (code == MSTR_OK) {
        code = take(queue, mstr_queue_rows(queue, table, count_row, &rows, NULL, NULL, scene->error));
        assert_true(code != MSTR_OK || rows > 0);
    }
    mstr_queue_free(queue);
    mstr_table_free(table);
    return code;
}
static const struct scenario tables_scenario = {"queued_tables", STAGE_OPEN, tables, 0};

static enum mstr_code queues(struct scene *scene)
{
    mstr_queue_options options = MSTR_QUEUE_OPTIONS_INIT;
    mstr_queue *queue = NULL;
    options.threads = 1; /* so that one allocation comes after another */
    enum mstr_code code = mstr_queue_new(scene->context, &options, &queue, scene->error);
    assert_true((queue != NULL) == (code == MSTR_OK));
    code = code == MSTR_OK ? use(scene, queue) : code;
    mstr_queue_free(queue);
    return code;
}
static const struct scenario queues_scenario = {"queues", STAGE_SESSION, queues, 0};

static const char frees[] = "frees only";
static const char looks[] = "allocates nothing";

const struct called queue_calls[] = {
    {"mstr_completion_clear", NULL, frees},
    {"mstr_queue_call", &queues_scenario, NULL},
    {"mstr_queue_cancel", NULL, looks},
    {"mstr_queue_close", &queues_scenario, NULL},
    {"mstr_queue_fd", NULL, looks},
    {"mstr_queue_free", NULL, frees},
    {"mstr_queue_get", &queues_scenario, NULL},
    {"mstr_queue_new", &queues_scenario, NULL},
    {"mstr_queue_next", NULL, looks},
    {"mstr_queue_open", &queues_scenario, NULL},
    {"mstr_queue_rows", &tables_scenario, NULL},
    {"mstr_queue_send", &queues_scenario, NULL},
    {"mstr_queue_table", &tables_scenario, NULL},
    {"mstr_queue_wait", NULL, looks},
    {NULL, NULL, NULL},
};
