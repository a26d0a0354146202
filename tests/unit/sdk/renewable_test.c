/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/renewable.c: one fetch for many callers, renewal in time, failures told to all who waited. */
#include "sdk/renewable.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RENEW = 600000, DUE = 900000, END = 1000000, PAUSE = 30000, EXTENSION = 700000, THREADS = 16 };

/* What is kept: the number of the fetch that made it. */
struct numbered {
    struct kept kept; /* first */
    int number;
};

/* What the next fetch gives, and what became of the others. */
static struct source {
    enum mstr_code code;
    int64_t extension;
    int64_t late; /* ms that have passed of what is fetched */
    atomic_int fetches, freed;
    atomic_bool held; /* a fetch waits until it is let go, or until its call is cancelled */
} source;

/* A call whose limits are its own. */
struct caller {
    struct mstr_call call; /* first */
    atomic_bool cancelled;
    atomic_bool waits; /* or fetches: both ask whether it is cancelled */
    pthread_t thread;
    enum mstr_code code;
    int number;
    struct mstr_error *error;
};

static struct mstr_host table;
static struct renewable renewable;

static int is_cancelled(const struct mstr_call *call)
{
    struct caller *caller = (struct caller *)(uintptr_t)call;
    atomic_store(&caller->waits, true);
    return atomic_load(&caller->cancelled);
}

static void free_numbered(struct kept *kept)
{
    atomic_fetch_add(&source.freed, 1);
    free(kept);
}

static enum mstr_code fetch(struct renewable *whose, const struct mstr_call *call, struct kept **out,
                            struct mstr_error *error)
{
    int number = atomic_fetch_add(&source.fetches, 1) + 1;
    assert_ptr_equal(whose, &renewable);
    while (atomic_load(&source.held) && !host->cancelled(call)) {
        usleep(1000);
    }
    enum mstr_code code = host->cancelled(call) ? MSTR_E_CANCELLED : source.code;
    if (code != MSTR_OK) {
        return host->error_set(error, code, "no number %d", number);
    }
    struct numbered *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    kept_init(&made->kept, free_numbered);
    const int64_t begin = host->monotonic() - source.late;
    made->kept.renew = begin + RENEW;
    made->kept.due = begin + DUE;
    made->kept.end = begin + END;
    made->kept.extension = source.extension;
    made->number = number;
    *out = &made->kept;
    return MSTR_OK;
}

static const struct renewable_kind kind = {.name = "a number", .goes_on = "the old number goes on", .fetch = fetch};

static int setup(void **state)
{
    fake_host_setup(state);
    table = *fake_host_table();
    table.cancelled = is_cancelled;
    host = &table;
    source = (struct source){.code = MSTR_OK};
    return renewable_init(&renewable, &kind, fake_host_instance(NULL)) ? 0 : -1;
}

static int teardown(void **state)
{
    renewable_destroy(&renewable);
    return fake_host_teardown(state);
}

static void *call_once(void *data)
{
    struct caller *caller = data;
    struct kept *kept = NULL;
    caller->code = renewable_get(&renewable, &caller->call, &kept, caller->error);
    caller->number = kept != NULL ? ((struct numbered *)(void *)kept)->number : 0;
    kept_release(kept);
    return NULL;
}

static void prepare(struct caller *caller, int64_t time)
{
    *caller = (struct caller){.call = {.size = sizeof(caller->call), .deadline = host->monotonic() + time},
                              .error = host->error_new()};
}

static void begin_call(struct caller *caller, int64_t time)
{
    prepare(caller, time);
    assert_int_equal(pthread_create(&caller->thread, NULL, call_once, caller), 0);
}

static void assert_outcome(struct caller *caller, enum mstr_code code, int number, const char *message)
{
    assert_string_equal(host->error_message(caller->error), message);
    assert_int_equal(caller->code, code);
    assert_int_equal(caller->number, number);
    host->error_free(caller->error);
}

static void begin_waiting_calls(struct caller *callers, int count)
{
    for (int i = 0; i < count; i++) {
        begin_call(&callers[i], 30000);
    }
    for (int i = 0; i < count; i++) {
        while (!atomic_load(&callers[i].waits)) {
            usleep(1000);
        }
    }
}

static void end_call(struct caller *caller, enum mstr_code code, int number, const char *message)
{
    pthread_join(caller->thread, NULL);
    assert_outcome(caller, code, number, message);
}

/* In the test's own thread. */
static void assert_call(enum mstr_code code, int number, const char *message)
{
    struct caller caller;
    prepare(&caller, 30000);
    call_once(&caller);
    assert_outcome(&caller, code, number, message);
}

static void assert_number(int number)
{
    assert_call(MSTR_OK, number, "");
}

/* One caller fetches, and is held there. */
static void begin_held_call(struct caller *caller)
{
    atomic_store(&source.held, true);
    begin_waiting_calls(caller, 1);
}

static void what_is_kept_serves_until_its_time_of_renewal(void **state)
{
    (void)state;
    assert_number(1);
    fake_host_advance(RENEW - 1);
    assert_number(1);
    fake_host_advance(1);
    assert_number(2);
    assert_int_equal(source.freed, 1);
}

static void one_caller_fetches_for_all(void **state)
{
    struct caller callers[THREADS];
    (void)state;
    begin_held_call(&callers[0]);
    begin_waiting_calls(&callers[1], THREADS - 1);
    atomic_store(&source.held, false);
    for (int i = 0; i < THREADS; i++) {
        end_call(&callers[i], MSTR_OK, 1, "");
    }
    assert_int_equal(source.fetches, 1);
}

static void a_failure_is_told_to_all_who_waited_and_not_remembered(void **state)
{
    struct caller callers[THREADS];
    (void)state;
    source.code = MSTR_E_TIMEOUT; /* of the service: the callers have time left */
    begin_held_call(&callers[0]);
    begin_waiting_calls(&callers[1], THREADS - 1);
    atomic_store(&source.held, false);
    for (int i = 0; i < THREADS; i++) {
        end_call(&callers[i], MSTR_E_TIMEOUT, 0, "no number 1");
    }
    assert_int_equal(source.fetches, 1);
    source.code = MSTR_OK;
    assert_number(2);
}

static void a_waiter_leaves_by_its_own_deadline_and_hurts_nobody(void **state)
{
    struct caller fetcher;
    struct caller hurried;
    (void)state;
    begin_held_call(&fetcher);
    begin_call(&hurried, 0);
    end_call(&hurried, MSTR_E_TIMEOUT, 0, "the deadline ended while waiting for a number");
    atomic_store(&source.held, false);
    end_call(&fetcher, MSTR_OK, 1, "");
}

static void a_waiter_leaves_when_it_is_cancelled_and_hurts_nobody(void **state)
{
    struct caller fetcher;
    struct caller waiter;
    (void)state;
    begin_held_call(&fetcher);
    begin_waiting_calls(&waiter, 1);
    atomic_store(&waiter.cancelled, true);
    end_call(&waiter, MSTR_E_CANCELLED, 0, "cancelled while waiting for a number");
    atomic_store(&source.held, false);
    end_call(&fetcher, MSTR_OK, 1, "");
}

static void where_the_fetcher_gives_up_another_takes_over(void **state)
{
    struct caller fetcher;
    struct caller waiters[THREADS];
    (void)state;
    begin_held_call(&fetcher);
    begin_waiting_calls(waiters, THREADS);
    atomic_store(&fetcher.cancelled, true);
    end_call(&fetcher, MSTR_E_CANCELLED, 0, "no number 1");
    atomic_store(&source.held, false);
    for (int i = 0; i < THREADS; i++) {
        end_call(&waiters[i], MSTR_OK, 2, "");
    }
    assert_int_equal(source.fetches, 2);
}

static void the_old_serves_while_it_is_renewed(void **state)
{
    struct caller fetcher;
    (void)state;
    assert_number(1);
    fake_host_advance(RENEW);
    begin_held_call(&fetcher);
    assert_number(1);
    atomic_store(&source.held, false);
    end_call(&fetcher, MSTR_OK, 2, "");
}

static void once_due_all_wait_for_the_renewal_but_bear_with_its_failure(void **state)
{
    struct caller fetcher;
    struct caller waiter;
    (void)state;
    assert_number(1);
    fake_host_advance(DUE);
    begin_held_call(&fetcher);
    begin_waiting_calls(&waiter, 1);
    source.code = MSTR_E_UNAVAILABLE;
    atomic_store(&source.held, false);
    end_call(&fetcher, MSTR_OK, 1, "");
    end_call(&waiter, MSTR_OK, 1, "");
    assert_int_equal(source.fetches, 2);
    assert_string_equal(fake_host_log(), "warn the old number goes on: no number 2\n");
}

static void a_renewal_that_failed_is_put_off_for_some_seconds(void **state)
{
    (void)state;
    assert_number(1);
    source.code = MSTR_E_UNAVAILABLE;
    fake_host_advance(RENEW);
    assert_number(1);
    fake_host_advance(PAUSE - 1);
    assert_number(1);
    assert_int_equal(source.fetches, 2);
    source.code = MSTR_OK;
    fake_host_advance(1);
    assert_number(3);
}

static void the_end_is_the_end_while_renewal_fails(void **state)
{
    (void)state;
    assert_number(1);
    source.code = MSTR_E_UNAVAILABLE;
    fake_host_advance(END - 1);
    assert_number(1);
    fake_host_advance(1);
    assert_call(MSTR_E_UNAVAILABLE, 0, "no number 3");
}

static void what_outlives_its_end_serves_on_and_its_source_is_left_in_peace(void **state)
{
    (void)state;
    source.extension = EXTENSION;
    assert_number(1);
    source.code = MSTR_E_UNAVAILABLE;
    fake_host_advance(END);
    assert_number(1);
    fake_host_advance(EXTENSION - 1);
    assert_number(1);
    assert_int_equal(source.fetches, 2);
    fake_host_advance(1);
    assert_number(1);
    assert_int_equal(source.fetches, 3);
}

/* Hours forward and backward, as by a wrong clock that is set right. */
static void a_jump_of_the_wall_clock_changes_nothing(void **state)
{
    (void)state;
    assert_number(1);
    fake_host_set_now(FAKE_HOST_START + 10 * INT64_C(3600000));
    assert_number(1);
    fake_host_advance(RENEW);
    fake_host_set_now(FAKE_HOST_START - 10 * INT64_C(3600000));
    assert_number(2);
}

static void what_came_is_used_by_all_who_waited_even_past_its_end(void **state)
{
    struct caller callers[THREADS];
    (void)state;
    source.late = END;
    begin_held_call(&callers[0]);
    begin_waiting_calls(&callers[1], THREADS - 1);
    atomic_store(&source.held, false);
    for (int i = 0; i < THREADS; i++) {
        end_call(&callers[i], MSTR_OK, 1, "");
    }
    assert_int_equal(source.fetches, 1);
    assert_number(2);
}

static void only_what_was_refused_is_dropped(void **state)
{
    struct kept *first = NULL;
    (void)state;
    assert_null(renewable_peek(&renewable));
    assert_number(1);
    first = renewable_peek(&renewable);
    renewable_drop(&renewable, first);
    assert_number(2);
    renewable_drop(&renewable, first);
    assert_number(2);
    renewable_drop(&renewable, NULL);
    assert_number(3);
    assert_int_equal(source.freed, 1); /* the first is still held here */
    kept_release(first);
    assert_int_equal(source.freed, 2);
}

static void what_was_found_in_another_way_is_kept_where_there_is_nothing(void **state)
{
    struct kept *found = NULL;
    (void)state;
    assert_number(1);
    found = renewable_peek(&renewable);
    assert_false(renewable_offer(&renewable, found));
    renewable_drop(&renewable, NULL);
    assert_true(renewable_offer(&renewable, found));
    kept_release(found);
    assert_number(1);
}

static int64_t issuer_time;

static int64_t read_issuer_time(const struct renewable *whose)
{
    (void)whose;
    return issuer_time;
}

static void a_kind_may_have_a_clock_of_its_own(void **state)
{
    static const struct renewable_kind own = {.name = "a number", .fetch = fetch, .now = read_issuer_time};
    (void)state;
    renewable.kind = &own;
    issuer_time = host->monotonic();
    assert_number(1);
    fake_host_advance(RENEW);
    assert_number(1);
    issuer_time += RENEW;
    assert_number(2);
}

static void without_times_it_is_fetched_once(void **state)
{
    struct kept kept;
    (void)state;
    kept_init(&kept, NULL);
    assert_int_equal(kept.renew, INT64_MAX);
    assert_int_equal(kept.due, INT64_MAX);
    assert_int_equal(kept.end, INT64_MAX);
    assert_int_equal(kept.extension, 0);
    kept_release(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_kept_serves_until_its_time_of_renewal),
        TEST(one_caller_fetches_for_all),
        TEST(a_failure_is_told_to_all_who_waited_and_not_remembered),
        TEST(a_waiter_leaves_by_its_own_deadline_and_hurts_nobody),
        TEST(a_waiter_leaves_when_it_is_cancelled_and_hurts_nobody),
        TEST(where_the_fetcher_gives_up_another_takes_over),
        TEST(the_old_serves_while_it_is_renewed),
        TEST(once_due_all_wait_for_the_renewal_but_bear_with_its_failure),
        TEST(a_renewal_that_failed_is_put_off_for_some_seconds),
        TEST(the_end_is_the_end_while_renewal_fails),
        TEST(what_outlives_its_end_serves_on_and_its_source_is_left_in_peace),
        TEST(a_jump_of_the_wall_clock_changes_nothing),
        TEST(what_came_is_used_by_all_who_waited_even_past_its_end),
        TEST(only_what_was_refused_is_dropped),
        TEST(what_was_found_in_another_way_is_kept_where_there_is_nothing),
        TEST(a_kind_may_have_a_clock_of_its_own),
        TEST(without_times_it_is_fetched_once),
    };
    return RUN_TESTS("sdk/renewable");
}
