/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/workers.c */
#include "agent/workers.h"

#include "support/unit.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

static sem_t began;
static sem_t may_end;
static atomic_int done;

static void wait_there(void *data)
{
    (void)data;
    sem_post(&began);
    sem_wait(&may_end);
    done++;
}

static int begin(void **state)
{
    (void)state;
    sem_init(&began, 0, 0);
    sem_init(&may_end, 0, 0);
    done = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    sem_destroy(&began);
    sem_destroy(&may_end);
    return 0;
}

static void a_dead_store_leaves_room_for_the_others(void **state)
{
    (void)state;
    struct workers *workers = workers_new(3, 2);
    struct job dead[5];
    struct job other = {.key = "other", .run = wait_there};
    for (size_t i = 0; i < COUNT_OF(dead); i++) {
        dead[i] = (struct job){.key = "dead", .run = wait_there};
        assert_true(workers_put(workers, &dead[i]));
    }
    assert_true(workers_put(workers, &other));
    for (int i = 0; i < 3; i++) {
        sem_wait(&began); /* two of the dead one, and the other */
    }
    assert_int_equal(sem_trywait(&began), -1);
    for (int i = 0; i < 6; i++) {
        sem_post(&may_end);
    }
    workers_free(workers);
    assert_int_equal(done, 6);
}

static void all_is_done_before_the_end(void **state)
{
    (void)state;
    struct workers *workers = workers_new(1, 1);
    struct job jobs[20];
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        jobs[i] = (struct job){.run = wait_there};
        sem_post(&may_end);
        assert_true(workers_put(workers, &jobs[i]));
    }
    workers_free(workers);
    assert_int_equal(done, 20);
}

static void what_nobody_has_begun_with_can_be_taken_back(void **state)
{
    (void)state;
    struct workers *workers = workers_new(1, 1);
    struct job jobs[3];
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        jobs[i] = (struct job){.run = wait_there};
        assert_true(workers_put(workers, &jobs[i]));
    }
    sem_wait(&began); /* the first one */
    assert_false(workers_drop(workers, &jobs[0]));
    assert_true(workers_drop(workers, &jobs[2]));
    assert_false(workers_drop(workers, &jobs[2]));
    sem_post(&may_end);
    sem_post(&may_end);
    workers_free(workers);
    assert_int_equal(done, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_dead_store_leaves_room_for_the_others, begin, end),
        cmocka_unit_test_setup_teardown(all_is_done_before_the_end, begin, end),
        cmocka_unit_test_setup_teardown(what_nobody_has_begun_with_can_be_taken_back, begin, end),
    };
    return RUN_TESTS("agent/workers");
}
