/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/flight.c */
#include "base/clock.h"
#include "base/condition.h"
#include "base/flight.h"
#include "support/unit.h"

#include <pthread.h>

enum { WAITERS = 8 };

static struct shared {
    pthread_mutex_t mutex;
    struct flight flight;
    int waiting;
    int woken;
} shared = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static int begin(void **state)
{
    (void)state;
    assert_true(flight_init(&shared.flight));
    shared.waiting = shared.woken = 0;
    pthread_mutex_lock(&shared.mutex);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pthread_mutex_unlock(&shared.mutex);
    flight_destroy(&shared.flight);
    return 0;
}

static void a_flight_that_never_began_is_neither_busy_nor_landed(void **state)
{
    (void)state;
    assert_false(shared.flight.busy);
    assert_false(shared.flight.gave_up);
    assert_int_equal(shared.flight.round, 0);
    assert_int_equal(shared.flight.outcome, MSTR_OK);
}

static void it_is_busy_from_its_begin_until_it_lands_with_an_outcome(void **state)
{
    (void)state;
    flight_begin(&shared.flight);
    assert_true(shared.flight.busy);
    flight_land(&shared.flight, MSTR_E_TIMEOUT, true);
    assert_false(shared.flight.busy);
    assert_true(shared.flight.gave_up);
    assert_int_equal(shared.flight.round, 1);
    assert_int_equal(shared.flight.outcome, MSTR_E_TIMEOUT);

    flight_begin(&shared.flight);
    flight_land(&shared.flight, MSTR_OK, false);
    assert_false(shared.flight.gave_up);
    assert_int_equal(shared.flight.round, 2);
    assert_int_equal(shared.flight.outcome, MSTR_OK);
}

static void *wait_for_landing(void *data)
{
    (void)data;
    pthread_mutex_lock(&shared.mutex);
    shared.waiting++;
    while (shared.flight.busy) {
        condition_wait(&shared.flight.landed, &shared.mutex, (struct patience){.left = 60000});
    }
    shared.woken++;
    pthread_mutex_unlock(&shared.mutex);
    return NULL;
}

/* Lands before threads that wait, and says how long it took until all had gone on, ms. */
static int64_t land_before_many(void)
{
    pthread_t threads[WAITERS];
    shared.waiting = shared.woken = 0;
    flight_begin(&shared.flight);
    for (size_t i = 0; i < WAITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_landing, NULL), 0);
    }
    while (shared.waiting < WAITERS) { /* they count under the mutex, which a wait of ours gives up */
        condition_wait(&shared.flight.landed, &shared.mutex, (struct patience){.left = 1});
    }
    int64_t landed = clock_monotonic();
    flight_land(&shared.flight, MSTR_OK, false);
    pthread_mutex_unlock(&shared.mutex);
    for (size_t i = 0; i < WAITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_mutex_lock(&shared.mutex);
    assert_int_equal(shared.woken, WAITERS);
    return clock_monotonic() - landed;
}

/* Who is not woken looks up after a second. A machine may be busy once, but not each time. */
static void a_landing_wakes_all_who_wait(void **state)
{
    int64_t least = INT64_MAX;
    (void)state;
    for (int i = 0; i < 5 && least >= 500; i++) {
        int64_t took = land_before_many();
        least = took < least ? took : least;
    }
    assert_true(least < 500);
}

static void a_waiter_leaves_by_its_own_time_or_cancellation_and_the_flight_goes_on(void **state)
{
    const struct patience late = {.left = 0};
    const struct patience stopped = {.left = 60000, .cancellable = true, .cancelled = true};
    (void)state;
    flight_begin(&shared.flight);
    assert_int_equal(condition_wait(&shared.flight.landed, &shared.mutex, late), MSTR_E_TIMEOUT);
    assert_int_equal(condition_wait(&shared.flight.landed, &shared.mutex, stopped), MSTR_E_CANCELLED);
    assert_true(shared.flight.busy);
    flight_land(&shared.flight, MSTR_OK, false);
}

static void waiters_share_what_failed_but_not_what_was_given_up(void **state)
{
    static const struct {
        enum mstr_code outcome, ended;
        bool gave_up;
    } cases[] = {
        {MSTR_OK, MSTR_OK, false},
        {MSTR_OK, MSTR_E_TIMEOUT, false}, /* it came just in time */
        {MSTR_E_NETWORK, MSTR_OK, false},
        {MSTR_E_TIMEOUT, MSTR_OK, false}, /* the service's silence, not the fetcher's end */
        {MSTR_E_TIMEOUT, MSTR_E_TIMEOUT, true},
        {MSTR_E_CANCELLED, MSTR_E_CANCELLED, true},
        {MSTR_E_NOT_AVAILABLE, MSTR_E_TIMEOUT, true}, /* who searched in haste may have overlooked it */
        {MSTR_E_AUTHENTICATION, MSTR_E_TIMEOUT, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(flight_gave_up(cases[i].outcome, cases[i].ended), cases[i].gave_up);
    }
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_flight_that_never_began_is_neither_busy_nor_landed),
        EACH(it_is_busy_from_its_begin_until_it_lands_with_an_outcome),
        EACH(a_landing_wakes_all_who_wait),
        EACH(a_waiter_leaves_by_its_own_time_or_cancellation_and_the_flight_goes_on),
        EACH(waiters_share_what_failed_but_not_what_was_given_up),
    };
    return RUN_TESTS("base/flight");
}
