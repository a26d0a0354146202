/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/completions.c */
#include "queue/completions.h"

#include "base/clock.h"
#include "support/queue.h"

#include <fcntl.h>
#include <pthread.h>

static const struct limits at_once = {0, NULL};

static void count(void *data)
{
    ++*(unsigned *)data;
}

static void begin(struct completions *completions, uint32_t capacity, unsigned *told)
{
    mstr_queue_options options = MSTR_QUEUE_OPTIONS_INIT;
    options.capacity = capacity;
    options.notify = told != NULL ? count : NULL;
    options.data = told;
    assert_true(completions_init(completions, &options));
}

static struct job *put(struct completions *completions)
{
    struct job *job = job_new(MSTR_QUEUE_CALL, NULL);
    assert_true(completions_reserve(completions));
    completions_put(completions, job);
    return job;
}

static void jobs_come_in_the_order_in_which_they_ended(void **state)
{
    (void)state;
    struct completions completions;
    begin(&completions, 3, NULL);
    assert_null(completions_take(&completions, &at_once));
    for (int round = 0; round < 2; round++) {
        struct job *jobs[] = {put(&completions), put(&completions), put(&completions)};
        for (size_t i = 0; i < COUNT_OF(jobs); i++) {
            assert_ptr_equal(completions_take(&completions, &at_once), jobs[i]);
            job_free(jobs[i]);
        }
        assert_null(completions_take(&completions, &at_once));
    }
    completions_destroy(&completions);
}

static void the_descriptor_is_readable_while_there_is_something(void **state)
{
    (void)state;
    struct completions completions;
    begin(&completions, 2, NULL);
    int descriptor = completions.descriptor;
    assert_int_equal(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(descriptor, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    assert_false(is_readable(descriptor));
    put(&completions);
    put(&completions);
    assert_true(is_readable(descriptor));
    job_free(completions_take(&completions, &at_once));
    assert_true(is_readable(descriptor));
    job_free(completions_take(&completions, &at_once));
    assert_false(is_readable(descriptor));
    completions_destroy(&completions);
}

static void the_program_is_told_once_each_time_it_is_no_longer_empty(void **state)
{
    (void)state;
    struct completions completions;
    unsigned told = 0;
    begin(&completions, 3, &told);
    put(&completions);
    put(&completions);
    assert_int_equal(told, 1);
    job_free(completions_take(&completions, &at_once));
    put(&completions);
    assert_int_equal(told, 1);
    job_free(completions_take(&completions, &at_once));
    job_free(completions_take(&completions, &at_once));
    put(&completions); /* nobody takes it */
    assert_int_equal(told, 2);
    completions_destroy(&completions);
}

static void a_place_is_free_again_once_its_job_is_taken(void **state)
{
    (void)state;
    struct completions completions;
    begin(&completions, 1, NULL);
    assert_true(completions_reserve(&completions));
    assert_false(completions_reserve(&completions));
    completions_give_back(&completions);
    put(&completions);
    assert_false(completions_reserve(&completions));
    job_free(completions_take(&completions, &at_once));
    assert_true(completions_reserve(&completions));
    completions_destroy(&completions);
}

static void *put_late(void *data)
{
    put(data);
    return NULL;
}

static void who_waits_gets_what_comes(void **state)
{
    (void)state;
    static const struct limits endless = {INT64_MAX, NULL};
    struct completions completions;
    pthread_t thread;
    begin(&completions, 1, NULL);
    assert_int_equal(pthread_create(&thread, NULL, put_late, &completions), 0);
    struct job *job = completions_take(&completions, &endless);
    assert_non_null(job);
    job_free(job);
    pthread_join(thread, NULL);
    const struct limits soon = {clock_monotonic() + 5, NULL};
    assert_null(completions_take(&completions, &soon));
    completions_destroy(&completions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_in_the_order_in_which_they_ended),
        cmocka_unit_test(the_descriptor_is_readable_while_there_is_something),
        cmocka_unit_test(the_program_is_told_once_each_time_it_is_no_longer_empty),
        cmocka_unit_test(a_place_is_free_again_once_its_job_is_taken),
        cmocka_unit_test(who_waits_gets_what_comes),
    };
    return RUN_TESTS("queue/completions");
}
