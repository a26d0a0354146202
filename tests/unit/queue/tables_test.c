/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/tables.c: tables that other threads open and read, and what cancels them between two jobs. */
#include "session/table/table.h"

#include "../session/table/tables.h"
#include "support/queue.h"

#define ONE PAGE(REGION, METRICS, "2", "[[0]]", "[[0,1]]", "[[1.5,7]]")
#define TWO PAGE(REGION, METRICS, "2", "[[1]]", "[[0,1]]", "[[2.5,8]]")

static const struct route two_pages[] = {{MAKE "1", 200, ONE, NULL, 0, MSTR_OK},
                                         {FETCH "1", 200, TWO, NULL, 0, MSTR_OK}};

static mstr_table *open_queued(mstr_queue *queue, struct mounted *mounted, const mstr_call_options *call)
{
    mstr_completion completion = MSTR_COMPLETION_INIT;
    mstr_table_request request = request_of(OBJECT);
    request.page_size = 1;
    request.call = call;
    mounted_done(mounted, mstr_queue_table(queue, mounted->session, &request, NULL, NULL, mounted->error));
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    assert_int_equal(completion.kind, MSTR_QUEUE_TABLE);
    assert_int_equal(completion.code, MSTR_OK);
    mstr_table *table = completion.table;
    completion.table = NULL;
    mstr_completion_clear(&completion);
    return table;
}

static void a_table_is_cancelled_by_what_the_program_gave_it_alone(void **state)
{
    (void)state;
    const mstr_call_options call = {sizeof(call), 0, 60 * 1000, mstr_cancel_new()};
    struct mounted *mounted = mounted_open(two_pages, COUNT_OF(two_pages));
    mstr_queue *queue = queue_of(mounted->context, 1, 0);
    mstr_table *table = open_queued(queue, mounted, &call);
    uint64_t job = 0;
    assert_ptr_equal(table_limits(table).cancel, call.cancel);
    assert_true(table_limits(table).deadline < INT64_MAX);
    mounted_done(mounted, mstr_queue_rows(queue, table, NULL, NULL, NULL, &job, mounted->error));
    assert_next(queue, job, MSTR_OK);
    assert_ptr_equal(table_limits(table).cancel, call.cancel);
    mstr_cancel_now(call.cancel);
    mounted_done(mounted, mstr_queue_rows(queue, table, NULL, NULL, NULL, &job, mounted->error));
    assert_next(queue, job, MSTR_E_CANCELLED);
    mstr_queue_free(queue);
    mstr_table_free(table);
    mounted_free(mounted);
    mstr_cancel_free(call.cancel);
}

static void a_table_that_nobody_takes_is_freed_with_the_queue(void **state)
{
    (void)state;
    struct mounted *mounted = mounted_open(two_pages, COUNT_OF(two_pages));
    mstr_queue *queue = queue_of(mounted->context, 1, 0);
    mstr_table_request request = request_of(OBJECT);
    struct pollfd ended = {.fd = mstr_queue_fd(queue), .events = POLLIN};
    mounted_done(mounted, mstr_queue_table(queue, mounted->session, &request, NULL, NULL, mounted->error));
    assert_int_equal(poll(&ended, 1, -1), 1);
    mstr_queue_free(queue);
    mounted_free(mounted);
}

static void a_request_that_does_not_fit_is_refused_at_once(void **state)
{
    (void)state;
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_queue *queue = queue_of(mounted->context, 1, 0);
    mstr_table_request request = request_of("");
    assert_int_equal(mstr_queue_table(queue, mounted->session, &request, NULL, NULL, mounted->error), MSTR_E_USAGE);
    request.size = 0;
    assert_int_equal(mstr_queue_table(queue, mounted->session, &request, NULL, NULL, mounted->error), MSTR_E_USAGE);
    mstr_queue_free(queue);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_cancelled_by_what_the_program_gave_it_alone),
        cmocka_unit_test(a_table_that_nobody_takes_is_freed_with_the_queue),
        cmocka_unit_test(a_request_that_does_not_fit_is_refused_at_once),
    };
    return RUN_TESTS("queue/tables");
}
