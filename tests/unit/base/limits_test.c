/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/limits.c */
#include "base/clock.h"
#include "base/limits.h"
#include "support/unit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static bool readable(int descriptor)
{
    struct pollfd poller = {.fd = descriptor, .events = POLLIN};
    return poll(&poller, 1, 0) == 1;
}

static void a_cancel_is_seen_by_flag_and_descriptor(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    assert_false(cancel_is_set(cancel));
    assert_false(readable(cancel_descriptor(cancel)));
    errno = 77;

    mstr_cancel_now(cancel);
    mstr_cancel_now(cancel);

    assert_int_equal(errno, 77);
    assert_true(cancel_is_set(cancel));
    assert_true(readable(cancel_descriptor(cancel)));
    mstr_cancel_free(cancel);
    mstr_cancel_free(NULL);
}

static void a_cancel_that_follows_another_is_set_with_it(void **state)
{
    (void)state;
    mstr_cancel *own = mstr_cancel_new();
    mstr_cancel *others[] = {mstr_cancel_new(), mstr_cancel_new()};
    for (int i = 0; i < 2; i++) {
        assert_true(cancel_follow(own, others[i]));
        assert_false(cancel_is_set(own));
        assert_false(readable(cancel_descriptor(own)));
        mstr_cancel_now(others[i]);
        assert_true(cancel_is_set(own));
        assert_true(readable(cancel_descriptor(own)));
    }
    assert_true(cancel_follow(own, NULL));
    assert_false(cancel_is_set(own));
    assert_false(readable(cancel_descriptor(own)));
    mstr_cancel_free(others[0]);
    mstr_cancel_free(others[1]);
    mstr_cancel_free(own);
}

static void a_cancel_is_blank_again_once_it_follows_somebody_or_nobody(void **state)
{
    (void)state;
    mstr_cancel *own = mstr_cancel_new();
    mstr_cancel *other = mstr_cancel_new();
    assert_true(cancel_follow(own, other));
    mstr_cancel_now(own);
    assert_true(readable(cancel_descriptor(own)));
    assert_false(cancel_is_set(other));
    assert_true(cancel_follow(own, other));
    assert_false(cancel_is_set(own));
    assert_false(readable(cancel_descriptor(own)));
    mstr_cancel_now(own);
    assert_true(cancel_follow(own, NULL));
    assert_false(cancel_is_set(own));
    assert_false(readable(cancel_descriptor(own)));
    mstr_cancel_free(own);
    mstr_cancel_free(other);
}

static void limits_are_options_again_for_what_is_left_of_them(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    const mstr_call_options given = {sizeof(given), 0, 60 * 1000, cancel};
    struct limits limits = limits_of(&given);
    mstr_call_options call = limits_call(&limits);
    assert_in_range(call.timeout, 1, 60 * 1000);
    assert_ptr_equal(call.cancel, cancel);
    limits.deadline = 0;
    assert_int_equal(limits_call(&limits).timeout, 1); /* 0 would be the default */
    limits.deadline = INT64_MAX;
    assert_int_equal(limits_call(&limits).timeout, 0);
    mstr_cancel_free(cancel);
}

static void without_a_cancel_nothing_can_be_cancelled(void **state)
{
    (void)state;
    struct limits limits = limits_of(NULL);
    assert_int_equal(cancel_descriptor(NULL), -1);
    assert_false(cancel_is_set(NULL));
    assert_false(limits_cancelled(&limits));
    assert_int_equal(limits_check(&limits), MSTR_OK);
}

static int64_t fake_time;

static int64_t fake_clock(void)
{
    return fake_time;
}

static void fake_sleep(int64_t milliseconds)
{
    fake_time += milliseconds;
}

static void deadlines_follow_from_the_options(void **state)
{
    (void)state;
    fake_time = 5000;
    clock_replace(&(struct clock_source){.monotonic = fake_clock, .sleep = fake_sleep});
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;

    assert_int_equal(limits_of(NULL).deadline, 35000);
    assert_int_equal(limits_of(&options).deadline, 35000);
    options.timeout = 250;
    struct limits limits = limits_of(&options);
    assert_int_equal(limits.deadline, 5250);
    options.timeout = INT64_MAX;
    assert_true(limits_of(&options).deadline > 0);

    assert_int_equal(limits_remaining(&limits), 250);
    fake_time = 5249;
    assert_int_equal(limits_check(&limits), MSTR_OK);
    fake_time = 6000;
    assert_int_equal(limits_remaining(&limits), 0);
    assert_int_equal(limits_check(&limits), MSTR_E_TIMEOUT);
    clock_replace(NULL);
}

static void a_sleep_that_would_pass_the_deadline_ends_at_once(void **state)
{
    (void)state;
    fake_time = 0;
    clock_replace(&(struct clock_source){.monotonic = fake_clock, .sleep = fake_sleep});
    struct limits limits = {.deadline = 1000};
    assert_int_equal(limits_sleep(&limits, 999), MSTR_OK);
    assert_int_equal(fake_time, 999);
    assert_int_equal(limits_sleep(&limits, 1), MSTR_E_TIMEOUT);
    assert_int_equal(fake_time, 999);
    clock_replace(NULL);
    limits.deadline = clock_monotonic() + 60000;
    assert_int_equal(limits_sleep(&limits, 2), MSTR_OK);
}

static void *cancel_from_elsewhere(void *data)
{
    mstr_cancel_now(data);
    return NULL;
}

static void another_thread_ends_a_sleep(void **state)
{
    (void)state;
    mstr_cancel *cancel = mstr_cancel_new();
    struct limits limits = {.deadline = clock_monotonic() + 100000, .cancel = cancel};
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_from_elsewhere, cancel);

    assert_int_equal(limits_sleep(&limits, 90000), MSTR_E_CANCELLED);

    pthread_join(thread, NULL);
    assert_int_equal(limits_sleep(&limits, 0), MSTR_E_CANCELLED);
    assert_int_equal(limits_check(&limits), MSTR_E_CANCELLED);
    mstr_cancel_free(cancel);
}

static mstr_cancel *interrupted;

static void on_signal(int number)
{
    (void)number;
    mstr_cancel_now(interrupted);
}

static void a_signal_handler_may_cancel(void **state)
{
    (void)state;
    interrupted = mstr_cancel_new();
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction before;
    sigaction(SIGUSR1, &action, &before);

    raise(SIGUSR1);

    assert_true(cancel_is_set(interrupted));
    sigaction(SIGUSR1, &before, NULL);
    mstr_cancel_free(interrupted);
}

static void a_descriptor_is_awaited_within_limits(void **state)
{
    (void)state;
    int ends[2];
    mstr_cancel *cancel = mstr_cancel_new();
    const mstr_call_options soon = {sizeof(soon), 0, 20, NULL};
    const mstr_call_options cancellable = {sizeof(cancellable), 0, 60000, cancel};
    assert_int_equal(pipe(ends), 0);
    struct limits limits = limits_of(&soon);
    assert_int_equal(limits_await(ends[0], &limits), MSTR_E_TIMEOUT);
    limits = limits_of(&cancellable);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(limits_await(ends[0], &limits), MSTR_OK);
    assert_int_equal(limits_await_room(ends[1], &limits), MSTR_OK);
    mstr_cancel_now(cancel);
    assert_int_equal(limits_await(ends[0], &limits), MSTR_E_CANCELLED); /* also where there is something to read */
    assert_int_equal(limits_await_room(ends[1], &limits), MSTR_E_CANCELLED);
    close(ends[0]);
    close(ends[1]);
    mstr_cancel_free(cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_descriptor_is_awaited_within_limits),
        cmocka_unit_test(a_cancel_is_seen_by_flag_and_descriptor),
        cmocka_unit_test(a_cancel_that_follows_another_is_set_with_it),
        cmocka_unit_test(a_cancel_is_blank_again_once_it_follows_somebody_or_nobody),
        cmocka_unit_test(limits_are_options_again_for_what_is_left_of_them),
        cmocka_unit_test(without_a_cancel_nothing_can_be_cancelled),
        cmocka_unit_test(deadlines_follow_from_the_options),
        cmocka_unit_test(a_sleep_that_would_pass_the_deadline_ends_at_once),
        cmocka_unit_test(another_thread_ends_a_sleep),
        cmocka_unit_test(a_signal_handler_may_cancel),
    };
    return RUN_TESTS("base/limits");
}
