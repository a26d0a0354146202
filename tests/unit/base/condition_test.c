/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/condition.c */
#include "base/condition.h"
#include "support/unit.h"

#include <time.h>

static int64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct bell {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    bool rung;
};

static void *ring(void *data)
{
    struct bell *bell = data;
    pthread_mutex_lock(&bell->mutex);
    bell->rung = true;
    pthread_cond_signal(&bell->condition);
    pthread_mutex_unlock(&bell->mutex);
    return NULL;
}

static void set_up_bell(struct bell *bell)
{
    *bell = (struct bell){.mutex = PTHREAD_MUTEX_INITIALIZER};
    assert_true(condition_init(&bell->condition));
    pthread_mutex_lock(&bell->mutex);
}

static void take_down_bell(struct bell *bell)
{
    pthread_mutex_unlock(&bell->mutex);
    pthread_cond_destroy(&bell->condition);
    pthread_mutex_destroy(&bell->mutex);
}

static void a_wait_ends_after_its_time(void **state)
{
    (void)state;
    struct bell bell;
    set_up_bell(&bell);
    int64_t started = monotonic();

    while (monotonic() - started < 20) {
        condition_wait(&bell.condition, &bell.mutex, (struct patience){.left = 20});
    }

    assert_true(monotonic() - started < 2000);
    take_down_bell(&bell);
}

static void a_signal_ends_a_wait_before_its_time(void **state)
{
    (void)state;
    struct bell bell;
    pthread_t thread;
    set_up_bell(&bell);
    int64_t started = monotonic();
    assert_int_equal(pthread_create(&thread, NULL, ring, &bell), 0);

    while (!bell.rung) {
        condition_wait(&bell.condition, &bell.mutex, (struct patience){.left = 60000});
    }

    assert_true(monotonic() - started < 30000);
    take_down_bell(&bell);
    pthread_join(thread, NULL);
}

/* What a waiter is told at once, without a wait that it would have to be woken from. */
static void a_wait_without_patience_is_none(void **state)
{
    (void)state;
    struct bell bell;
    set_up_bell(&bell);

    assert_int_equal(condition_wait(&bell.condition, &bell.mutex, (struct patience){.left = 0}), MSTR_E_TIMEOUT);
    assert_int_equal(condition_wait(&bell.condition, &bell.mutex,
                                    (struct patience){.left = 60000, .cancellable = true, .cancelled = true}),
                     MSTR_E_CANCELLED);

    take_down_bell(&bell);
}

/* A cancellation signals nothing, and must be seen within 50 ms. */
static void a_wait_that_may_be_cancelled_wakes_up_often(void **state)
{
    (void)state;
    struct bell bell;
    set_up_bell(&bell);
    int64_t started = monotonic();

    for (int i = 0; i < 4; i++) {
        assert_int_equal(
            condition_wait(&bell.condition, &bell.mutex, (struct patience){.left = 60000, .cancellable = true}),
            MSTR_OK);
    }

    assert_true(monotonic() - started < 900); /* 100, were nobody else at work */
    take_down_bell(&bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_ends_after_its_time),
        cmocka_unit_test(a_signal_ends_a_wait_before_its_time),
        cmocka_unit_test(a_wait_without_patience_is_none),
        cmocka_unit_test(a_wait_that_may_be_cancelled_wakes_up_often),
    };
    return RUN_TESTS("base/condition");
}
