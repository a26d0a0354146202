/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/workers.c: who does what, and how jobs end that run and that stand in line. */
#include "queue/workers.h"

#include "base/clock.h"
#include "support/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static sem_t begun;
static sem_t ended;
static atomic_uint ends[8]; /* by MSTR_OK, _CANCELLED, _TIMEOUT in that order of their own */

static unsigned place_of(enum mstr_code code)
{
    return code == MSTR_OK ? 0 : code == MSTR_E_CANCELLED ? 1 : code == MSTR_E_TIMEOUT ? 2 : 3;
}

static void note(struct job *job, void *data)
{
    (void)data;
    ends[place_of(job->result.code)]++;
    job_free(job);
    sem_post(&ended);
}

static int reset(void **state)
{
    (void)state;
    sem_init(&begun, 0, 0);
    sem_init(&ended, 0, 0);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        ends[i] = 0;
    }
    return 0;
}

static enum mstr_code run_work(struct job *job, const mstr_call_options *call)
{
    return job->of.work.run(call, job->of.work.data, job->result.error);
}

static enum mstr_code do_nothing(struct job *job, const mstr_call_options *call)
{
    (void)job;
    (void)call;
    sem_post(&begun);
    return MSTR_OK;
}

static uint64_t numbers;

static uint64_t put_with(struct workers *workers, enum mstr_code (*run)(struct job *, const mstr_call_options *),
                         struct limits limits)
{
    struct job *job = job_new(MSTR_QUEUE_CALL, NULL);
    const uint64_t number = ++numbers;
    job->of.work = lasting_work(&begun);
    job->result.job = number;
    job->run = run;
    job_limit(job, limits, NULL);
    assert_true(workers_put(workers, job));
    return number;
}

static uint64_t put(struct workers *workers, enum mstr_code (*run)(struct job *, const mstr_call_options *))
{
    return put_with(workers, run, (struct limits){INT64_MAX, NULL});
}

static void await(sem_t *semaphore, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LONG / 1000;
        while (sem_timedwait(semaphore, &until) != 0) {
            assert_int_equal(errno, EINTR);
        }
    }
}

static void as_many_jobs_run_at_once_as_there_may_be_threads(void **state)
{
    (void)state;
    struct workers *workers = workers_new(2, note, NULL);
    uint64_t one = put(workers, run_work);
    put(workers, run_work);
    put(workers, run_work);
    await(&begun, 2);
    assert_int_equal(sem_trywait(&begun), -1);
    assert_true(workers_cancel(workers, one));
    await(&begun, 1); /* the third, as there is a thread again */
    await(&ended, 1);
    assert_int_equal(ends[place_of(MSTR_E_CANCELLED)], 1);
    assert_false(workers_cancel(workers, one));
    workers_free(workers);
    assert_int_equal(ends[place_of(MSTR_E_CANCELLED)], 3);
}

static void a_thread_does_one_job_after_another(void **state)
{
    (void)state;
    struct workers *workers = workers_new(1, note, NULL);
    uint64_t first = put(workers, run_work);
    for (int i = 0; i < 20; i++) {
        put(workers, do_nothing);
    }
    await(&begun, 1);
    workers_cancel(workers, first); /* which cancels nothing of what comes after it */
    await(&ended, 21);
    assert_int_equal(ends[place_of(MSTR_OK)], 20);
    workers_free(workers);
}

static void a_job_in_line_is_cancelled_without_a_free_thread(void **state)
{
    (void)state;
    struct workers *workers = workers_new(1, note, NULL);
    put(workers, run_work);
    await(&begun, 1);
    put(workers, do_nothing);
    uint64_t in_line = put(workers, do_nothing);
    assert_true(workers_cancel(workers, in_line));
    await(&ended, 1);
    assert_int_equal(ends[place_of(MSTR_E_CANCELLED)], 1);
    assert_false(workers_cancel(workers, in_line));
    workers_free(workers);
    assert_int_equal(ends[place_of(MSTR_OK)], 0); /* the one in line between them went nowhere */
}

static void the_time_of_a_job_is_over_in_line_too(void **state)
{
    (void)state;
    struct workers *workers = workers_new(1, note, NULL);
    put(workers, run_work);
    await(&begun, 1);
    put_with(workers, do_nothing, (struct limits){clock_monotonic() + 60 * 1000, NULL});
    put_with(workers, do_nothing, (struct limits){clock_monotonic() + 5, NULL}); /* sooner than the one before it */
    await(&ended, 1);
    assert_int_equal(ends[place_of(MSTR_E_TIMEOUT)], 1);
    workers_free(workers);
}

static void the_cancellation_that_a_program_gave_reaches_jobs_that_run_and_jobs_in_line(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    struct workers *workers = workers_new(1, note, NULL);
    put_with(workers, run_work, (struct limits){INT64_MAX, cancel});
    await(&begun, 1);
    put(workers, run_work);
    put_with(workers, do_nothing, (struct limits){INT64_MAX, cancel});
    mstr_cancel_now(cancel);
    await(&ended, 2);
    mstr_cancel_free(cancel);
    await(&begun, 1); /* the other one, which it does not concern */
    assert_int_equal(ends[place_of(MSTR_E_CANCELLED)], 2);
    workers_free(workers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(as_many_jobs_run_at_once_as_there_may_be_threads, reset),
        cmocka_unit_test_setup(a_thread_does_one_job_after_another, reset),
        cmocka_unit_test_setup(a_job_in_line_is_cancelled_without_a_free_thread, reset),
        cmocka_unit_test_setup(the_time_of_a_job_is_over_in_line_too, reset),
        cmocka_unit_test_setup(the_cancellation_that_a_program_gave_reaches_jobs_that_run_and_jobs_in_line, reset),
    };
    return RUN_TESTS("queue/workers");
}
