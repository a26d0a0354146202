/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/refusals.c */
#include "secret/refusals.h"

#include "base/clock.h"
#include "support/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { SECONDS = 1000, MINUTES = 60 * SECONDS };

static int64_t now;

static int64_t tell_now(void)
{
    return now;
}

static int64_t wall;

static int64_t tell_wall(void)
{
    return wall;
}

static int begin(void **state)
{
    static const struct clock_source source = {.now = tell_wall, .monotonic = tell_now};
    now = 1000 * MINUTES;
    clock_replace(&source);
    *state = refusals_new();
    return *state != NULL ? 0 : -1;
}

static int end(void **state)
{
    refusals_free(*state);
    clock_replace(NULL);
    return 0;
}

static enum mstr_code enter(struct refusals *refusals, const char *what, struct trial *trial)
{
    const struct limits limits = {now, NULL};
    struct buffer tried = BUFFER_INIT;
    buffer_puts(&tried, what);
    enum mstr_code code = refusals_enter(refusals, NULL, &tried, &limits, trial);
    buffer_release(&tried);
    return code;
}

/* Sends it, to this outcome. */
static void sends(struct refusals *refusals, const char *what, enum mstr_code outcome)
{
    struct trial trial;
    assert_int_equal(enter(refusals, what, &trial), MSTR_OK);
    refusals_leave(refusals, &trial, outcome);
}

/* ms that it is held back, 0 if it may be sent; which it then is, with no outcome that says anything. */
static int64_t is_held_back(struct refusals *refusals, const char *what)
{
    struct trial trial;
    if (enter(refusals, what, &trial) == MSTR_E_AUTHENTICATION) {
        return trial.wait;
    }
    refusals_leave(refusals, &trial, MSTR_E_NETWORK);
    return 0;
}

static void what_was_refused_waits_twice_as_long_each_time_and_thrice_in_half_an_hour_at_most(void **state)
{
    /* How long the refusal of the n-th sending holds; from the third on the half hour holds longer, at first. */
    static const int64_t pauses[] = {30 * SECONDS, 60 * SECONDS};
    struct refusals *refusals = *state;
    int64_t first = now;
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        sends(refusals, "wrong", MSTR_E_AUTHENTICATION);

        assert_int_equal(is_held_back(refusals, "wrong"), pauses[i]);

        now += pauses[i] - 1;
        assert_int_equal(is_held_back(refusals, "wrong"), 1);
        now += 1;
    }
    sends(refusals, "wrong", MSTR_E_AUTHENTICATION);
    assert_int_equal(is_held_back(refusals, "wrong"), first + 30 * MINUTES - now);
}

static void no_half_hour_ever_sees_a_fourth_try(void **state)
{
    struct refusals *refusals = *state;
    int64_t sent[100];
    size_t count = 0;
    for (int second = 0; second < 5 * 3600; second++, now += SECONDS) {
        struct trial trial;
        if (enter(refusals, "wrong", &trial) == MSTR_OK) {
            sent[count++] = now;
            refusals_leave(refusals, &trial, MSTR_E_AUTHENTICATION);
        }
    }
    assert_true(count >= 20);
    for (size_t i = 3; i < count; i++) {
        assert_true(sent[i] - sent[i - 3] >= 30 * MINUTES);
    }
}

static void other_values_are_another_matter_and_a_good_login_forgets_all(void **state)
{
    struct refusals *refusals = *state;
    sends(refusals, "wrong", MSTR_E_AUTHENTICATION);

    assert_int_equal(is_held_back(refusals, "right"), 0);
    now += 30 * SECONDS;
    sends(refusals, "wrong", MSTR_OK);
    sends(refusals, "wrong", MSTR_E_AUTHENTICATION);

    assert_int_equal(is_held_back(refusals, "wrong"), 30 * SECONDS);
}

static void a_better_value_is_looked_for_once_in_five_seconds(void **state)
{
    struct refusals *refusals = *state;
    struct trial trial;
    sends(refusals, "wrong", MSTR_E_AUTHENTICATION); /* who sent it looks by himself */
    static const struct {
        int64_t after;
        bool look;
    } cases[] = {{0, false}, {4999, false}, {1, true}, {0, false}, {5000, true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        now += cases[i].after;
        assert_int_equal(enter(refusals, "wrong", &trial), MSTR_E_AUTHENTICATION);
        assert_int_equal(trial.look_again, cases[i].look);
    }
}

static void what_nobody_knows_is_sent_by_one_alone_and_what_was_good_by_all(void **state)
{
    struct refusals *refusals = *state;
    struct trial first;
    struct trial second;
    assert_int_equal(enter(refusals, "new", &first), MSTR_OK);
    assert_int_equal(enter(refusals, "new", &second), MSTR_E_TIMEOUT);

    refusals_leave(refusals, &first, MSTR_OK);

    assert_int_equal(enter(refusals, "new", &first), MSTR_OK);
    assert_int_equal(enter(refusals, "new", &second), MSTR_OK);
    refusals_leave(refusals, &first, MSTR_OK);
    refusals_leave(refusals, &second, MSTR_OK);
    now += 30 * SECONDS; /* it may have been changed since */
    assert_int_equal(enter(refusals, "new", &first), MSTR_OK);
    assert_int_equal(enter(refusals, "new", &second), MSTR_E_TIMEOUT);
    refusals_leave(refusals, &first, MSTR_E_NETWORK);
}

static void refusals_side_by_side_count_as_tries_and_not_as_further_pauses(void **state)
{
    struct refusals *refusals = *state;
    struct trial trials[2];
    sends(refusals, "changed", MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(trials); i++) {
        assert_int_equal(enter(refusals, "changed", &trials[i]), MSTR_OK);
    }
    for (size_t i = 0; i < COUNT_OF(trials); i++) {
        refusals_leave(refusals, &trials[i], MSTR_E_AUTHENTICATION);
    }
    assert_int_equal(is_held_back(refusals, "changed"), 30 * SECONDS);
    now += 30 * SECONDS;
    sends(refusals, "changed", MSTR_E_AUTHENTICATION);
    assert_true(is_held_back(refusals, "changed") > 29 * MINUTES);
}

static void many_values_push_out_good_ones_before_refused_ones(void **state)
{
    struct refusals *refusals = *state;
    char what[32];
    sends(refusals, "wrong", MSTR_E_AUTHENTICATION);
    for (int i = 0; i < 1000; i++) {
        snprintf(what, sizeof(what), "good-%d", i);
        now++;
        sends(refusals, what, MSTR_OK);
    }
    assert_true(is_held_back(refusals, "wrong") > 0);
}

/* One that was good lately may be sent by many at once. */
static bool is_known_as_good(struct refusals *refusals, const char *what)
{
    struct trial trials[2];
    assert_int_equal(enter(refusals, what, &trials[0]), MSTR_OK);
    const bool known = enter(refusals, what, &trials[1]) == MSTR_OK;
    if (known) {
        refusals_leave(refusals, &trials[1], MSTR_E_NETWORK);
    }
    refusals_leave(refusals, &trials[0], MSTR_E_NETWORK);
    return known;
}

static void of_good_values_the_one_goes_that_was_not_used_for_longest(void **state)
{
    struct refusals *refusals = *state;
    char what[32];
    for (int i = 0; i < 256; i++) { /* as many as there are places */
        snprintf(what, sizeof(what), "good-%d", i);
        now++;
        sends(refusals, what, MSTR_OK);
    }
    now++;
    sends(refusals, "good-0", MSTR_OK);
    now++;
    sends(refusals, "new", MSTR_E_AUTHENTICATION);

    assert_int_equal(is_held_back(refusals, "new"), 30 * SECONDS);
    assert_true(is_known_as_good(refusals, "good-0"));
    assert_true(is_known_as_good(refusals, "good-2"));
    assert_true(is_known_as_good(refusals, "good-255"));
    assert_false(is_known_as_good(refusals, "good-1"));
}

static void a_refusal_that_comes_after_all_others_are_past_counts_as_the_first(void **state)
{
    struct refusals *refusals = *state;
    struct trial trials[3];
    sends(refusals, "changed", MSTR_OK);
    assert_int_equal(enter(refusals, "changed", &trials[0]), MSTR_OK);
    assert_int_equal(enter(refusals, "changed", &trials[1]), MSTR_OK);
    refusals_leave(refusals, &trials[0], MSTR_E_AUTHENTICATION);
    now += 31 * MINUTES;
    assert_int_equal(enter(refusals, "changed", &trials[2]), MSTR_E_TIMEOUT); /* for the second one's sake */

    refusals_leave(refusals, &trials[1], MSTR_E_AUTHENTICATION);

    assert_int_equal(is_held_back(refusals, "changed"), 30 * SECONDS);
}

static void what_is_shared_stays_until_its_last_owner_goes(void **state)
{
    struct refusals *refusals = *state;
    refusals_free(NULL);
    assert_ptr_equal(refusals_share(refusals), refusals);
    sends(refusals, "wrong", MSTR_E_AUTHENTICATION);

    refusals_free(refusals);

    assert_int_equal(is_held_back(refusals, "wrong"), 30 * SECONDS);
}

static bool have_none(void *octets, size_t length)
{
    (void)octets;
    (void)length;
    return false;
}

static void without_random_octets_there_is_no_memory_of_any(void **state)
{
    static const struct clock_source source = {.random = have_none};
    (void)state;
    clock_replace(&source);
    assert_null(refusals_new());
}

static void while_all_places_are_in_use_nobody_waits(void **state)
{
    struct refusals *refusals = *state;
    struct trial trials[257];
    char what[32];
    for (size_t i = 0; i < COUNT_OF(trials); i++) {
        snprintf(what, sizeof(what), "value-%zu", i);
        assert_int_equal(enter(refusals, what, &trials[i]), MSTR_OK);
    }
    for (size_t i = 0; i < COUNT_OF(trials); i++) {
        refusals_leave(refusals, &trials[i], MSTR_E_AUTHENTICATION);
    }
    assert_true(is_held_back(refusals, "value-0") > 0);
}

/* Sends what another process may have been refused, whose record is at hand. ms that it is held back. */
static int64_t sends_with(struct refusals *refusals, struct refusal_record *record, enum mstr_code outcome)
{
    const struct limits limits = {now, NULL};
    struct buffer tried = BUFFER_INIT;
    struct trial trial;
    buffer_puts(&tried, "wrong");
    enum mstr_code code = refusals_enter(refusals, record, &tried, &limits, &trial);
    buffer_release(&tried);
    if (code == MSTR_E_AUTHENTICATION) {
        return trial.wait;
    }
    assert_int_equal(code, MSTR_OK);
    refusals_leave(refusals, &trial, outcome);
    return 0;
}

static void what_another_process_was_refused_is_held_back_here_too(void **state)
{
    struct refusals *refusals = *state;
    struct refusals *elsewhere = refusals_new();
    struct refusal_record record;
    assert_true(refusal_record_begin(&record));
    assert_int_equal(sends_with(elsewhere, &record, MSTR_E_AUTHENTICATION), 0);
    assert_int_equal(record.count, 1);

    assert_int_equal(sends_with(refusals, &record, MSTR_OK), 30 * SECONDS);
    assert_int_equal(is_held_back(refusals, "wrong"), 30 * SECONDS); /* and is known from then on */

    now += 30 * SECONDS;
    assert_int_equal(sends_with(refusals, &record, MSTR_E_AUTHENTICATION), 0);
    assert_int_equal(sends_with(elsewhere, &record, MSTR_OK), 60 * SECONDS); /* counted as its second */
    now += 60 * SECONDS;
    assert_int_equal(sends_with(elsewhere, &record, MSTR_OK), 0);
    assert_int_equal(record.count, 0);
    refusals_free(elsewhere);
}

static void what_was_refused_here_since_says_more_than_another_process(void **state)
{
    struct refusals *refusals = *state;
    struct refusals *elsewhere = refusals_new();
    struct refusal_record record;
    assert_true(refusal_record_begin(&record));
    assert_int_equal(sends_with(elsewhere, &record, MSTR_E_AUTHENTICATION), 0);
    now += 30 * SECONDS;
    sends(refusals, "wrong", MSTR_E_AUTHENTICATION);

    assert_int_equal(sends_with(refusals, &record, MSTR_OK), 30 * SECONDS);
    refusals_free(elsewhere);
}

static atomic_int crowd_sent;

static void *join_crowd(void *data)
{
    struct refusals *refusals = data;
    const struct limits limits = {INT64_MAX, NULL};
    struct buffer tried = BUFFER_INIT;
    struct trial trial;
    buffer_puts(&tried, "wrong");
    if (refusals_enter(refusals, NULL, &tried, &limits, &trial) == MSTR_OK) {
        crowd_sent++;
        refusals_leave(refusals, &trial, MSTR_E_AUTHENTICATION);
    }
    buffer_release(&tried);
    return NULL;
}

static void of_a_crowd_with_a_wrong_value_one_is_refused(void **state)
{
    pthread_t threads[16];
    crowd_sent = 0;
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, join_crowd, *state), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(crowd_sent, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void a_wall_clock_that_jumps_neither_ends_nor_lengthens_a_pause(void **state)
{
    static const int64_t jumps[] = {60 * MINUTES, -120 * MINUTES};
    struct trial trial;
    assert_int_equal(enter(*state, "a", &trial), MSTR_OK);
    refusals_leave(*state, &trial, MSTR_E_AUTHENTICATION);
    for (size_t i = 0; i < COUNT_OF(jumps); i++) {
        wall += jumps[i];
        now += 10 * SECONDS;
        assert_int_equal(enter(*state, "a", &trial), MSTR_E_AUTHENTICATION);
    }
    now += 10 * SECONDS;
    assert_int_equal(enter(*state, "a", &trial), MSTR_OK);
    refusals_leave(*state, &trial, MSTR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_wall_clock_that_jumps_neither_ends_nor_lengthens_a_pause),
        CASE(what_was_refused_waits_twice_as_long_each_time_and_thrice_in_half_an_hour_at_most),
        CASE(no_half_hour_ever_sees_a_fourth_try),
        CASE(other_values_are_another_matter_and_a_good_login_forgets_all),
        CASE(a_better_value_is_looked_for_once_in_five_seconds),
        CASE(what_nobody_knows_is_sent_by_one_alone_and_what_was_good_by_all),
        CASE(refusals_side_by_side_count_as_tries_and_not_as_further_pauses),
        CASE(many_values_push_out_good_ones_before_refused_ones),
        CASE(of_good_values_the_one_goes_that_was_not_used_for_longest),
        CASE(a_refusal_that_comes_after_all_others_are_past_counts_as_the_first),
        CASE(what_is_shared_stays_until_its_last_owner_goes),
        CASE(without_random_octets_there_is_no_memory_of_any),
        CASE(while_all_places_are_in_use_nobody_waits),
        CASE(what_another_process_was_refused_is_held_back_here_too),
        CASE(what_was_refused_here_since_says_more_than_another_process),
        CASE(of_a_crowd_with_a_wrong_value_one_is_refused),
    };
    return RUN_TESTS("secret/refusals");
}
