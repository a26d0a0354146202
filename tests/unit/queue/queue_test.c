/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/queue.c: a queue's life, taking, waiting, cancelling. */
#include "queue/queue.h"

#include "support/context.h"
#include "support/queue.h"

static mstr_context *context;
static mstr_error *problem;
static sem_t begun;

static int start(void **state)
{
    (void)state;
    context = test_context("");
    problem = mstr_error_new();
    return sem_init(&begun, 0, 0);
}

static int stop(void **state)
{
    (void)state;
    mstr_error_free(problem);
    mstr_context_free(context);
    return 0;
}

static void options_have_defaults_and_bounds(void **state)
{
    static const mstr_queue_options blank;
    mstr_queue_options options = MSTR_QUEUE_OPTIONS_INIT;
    mstr_queue *queue = NULL;
    (void)state;
    assert_int_equal(mstr_queue_new(context, NULL, &queue, problem), MSTR_OK);
    assert_int_equal(queue->completions.places, 1024);
    mstr_queue_free(queue);
    mstr_queue_free(NULL);
    assert_int_equal(mstr_queue_new(context, &blank, &queue, problem), MSTR_E_USAGE);
    assert_null(queue);
    options.threads = 257;
    assert_int_equal(mstr_queue_new(context, &options, &queue, problem), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), "threads"));
}

static void a_completion_tells_which_job_it_is_of(void **state)
{
    mstr_queue *queue = queue_of(context, 1, 0);
    mstr_completion completion = MSTR_COMPLETION_INIT;
    uint64_t job = 0;
    (void)state;
    assert_int_equal(mstr_queue_next(queue, &completion), 0);
    assert_int_equal(mstr_queue_wait(queue, 1, &completion), 0);
    assert_int_equal(mstr_queue_get(queue, "text:hello", NULL, &job, &job, problem), MSTR_OK);
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    assert_int_not_equal(job, 0);
    assert_int_equal(completion.job, job);
    assert_ptr_equal(completion.user, &job);
    assert_int_equal(completion.kind, MSTR_QUEUE_GET);
    assert_int_equal(completion.size, sizeof(completion));
    assert_true(completion.elapsed >= 0);
    assert_string_equal(mstr_secret_octets(completion.secret), "hello");
    mstr_completion_clear(&completion);
    assert_null(completion.secret);
    assert_int_equal(completion.size, sizeof(completion));
    assert_int_equal(mstr_queue_next(queue, &completion), 0);
    mstr_queue_free(queue);
}

static void what_is_kept_of_a_completion_outlives_it_and_the_queue(void **state)
{
    mstr_queue *queue = queue_of(context, 1, 0);
    mstr_completion completion = MSTR_COMPLETION_INIT;
    (void)state;
    assert_int_equal(mstr_queue_get(queue, "text:hello", NULL, NULL, NULL, problem), MSTR_OK);
    assert_int_equal(mstr_queue_wait(queue, LONG, &completion), 1);
    mstr_secret *kept = completion.secret;
    completion.secret = NULL;
    mstr_completion_clear(&completion);
    mstr_completion_clear(NULL);
    mstr_queue_free(queue);
    assert_string_equal(mstr_secret_octets(kept), "hello");
    mstr_secret_release(kept);
}

static void a_completion_that_is_not_begun_takes_nothing(void **state)
{
    mstr_queue *queue = queue_of(context, 1, 0);
    mstr_completion blank;
    uint64_t job = 0;
    (void)state;
    memset(&blank, 0, sizeof(blank));
    assert_int_equal(mstr_queue_get(queue, "text:hello", NULL, NULL, &job, problem), MSTR_OK);
    assert_int_equal(mstr_queue_wait(queue, -1, &blank), 0);
    assert_next(queue, job, MSTR_OK);
    mstr_queue_free(queue);
}

static void a_job_is_cancelled_by_its_number(void **state)
{
    mstr_queue *queue = queue_of(context, 1, 0);
    uint64_t in_line = 0;
    (void)state;
    uint64_t running = occupy(queue, &begun);
    assert_int_equal(mstr_queue_get(queue, "text:hello", NULL, NULL, &in_line, problem), MSTR_OK);
    assert_int_not_equal(mstr_queue_cancel(queue, in_line), 0);
    assert_next(queue, in_line, MSTR_E_CANCELLED);
    assert_int_not_equal(mstr_queue_cancel(queue, running), 0);
    assert_next(queue, running, MSTR_E_CANCELLED);
    assert_int_equal(mstr_queue_cancel(queue, running), 0);
    assert_int_equal(mstr_queue_cancel(queue, 0), 0);
    mstr_queue_free(queue);
}

static void freeing_ends_what_runs_and_forgets_what_waits(void **state)
{
    mstr_queue *queue = queue_of(context, 2, 0);
    (void)state;
    occupy(queue, &begun);
    occupy(queue, &begun);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(mstr_queue_get(queue, "text:hello", NULL, NULL, NULL, problem), MSTR_OK);
    }
    mstr_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_defaults_and_bounds),
        cmocka_unit_test(a_completion_tells_which_job_it_is_of),
        cmocka_unit_test(what_is_kept_of_a_completion_outlives_it_and_the_queue),
        cmocka_unit_test(a_completion_that_is_not_begun_takes_nothing),
        cmocka_unit_test(a_job_is_cancelled_by_its_number),
        cmocka_unit_test(freeing_ends_what_runs_and_forgets_what_waits),
    };
    return cmocka_run_group_tests_name("queue/queue", tests, start, stop);
}
