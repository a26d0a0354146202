/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/refusal_record.c */
#include "secret/refusal_record.h"

#include "base/clock.h"
#include "support/unit.h"

#include <limits.h>

enum { MINUTES = 60 * 1000, BOOTED = 1000 * MINUTES };

static int64_t monotonic;
static int64_t wall;

static int64_t tell_monotonic(void)
{
    return monotonic;
}

static int64_t tell_wall(void)
{
    return wall;
}

static int begin(void **state)
{
    static const struct clock_source source = {.monotonic = tell_monotonic, .now = tell_wall};
    (void)state;
    monotonic = BOOTED;
    wall = INT64_C(1700000000000);
    clock_replace(&source);
    return 0;
}

static int end(void **state)
{
    (void)state;
    clock_replace(NULL);
    return 0;
}

static void digest_of(const struct refusal_record *record, const char *tried, unsigned char digest[REFUSAL_DIGEST])
{
    struct buffer text = BUFFER_INIT;
    buffer_puts(&text, tried);
    assert_true(refusal_digest(record->key, &text, digest));
    buffer_release(&text);
}

static void set(struct refusal_record *record, const char *tried, const struct refusal *refusal)
{
    unsigned char digest[REFUSAL_DIGEST];
    digest_of(record, tried, digest);
    refusal_record_set(record, digest, refusal);
}

static const struct refusal *find(const struct refusal_record *record, const char *tried)
{
    unsigned char digest[REFUSAL_DIGEST];
    digest_of(record, tried, digest);
    return refusal_record_find(record, digest);
}

static struct refusal refused_now(unsigned times)
{
    const struct refusal refusal = {times, {monotonic - 5, monotonic - 7}, monotonic + MINUTES, monotonic};
    return refusal;
}

/* Written by one process and read by another, whose clocks say something else by then. */
static void pass_on(const struct refusal_record *from, struct refusal_record *to, int64_t to_monotonic,
                    int64_t to_wall)
{
    struct buffer octets = BUFFER_INIT;
    assert_true(refusal_record_put(from, clock_now(), &octets));
    monotonic = to_monotonic;
    wall = to_wall;
    assert_true(refusal_record_read(to, octets.data, octets.length, clock_now()));
    assert_false(to->changed);
    buffer_release(&octets);
}

static void what_one_process_wrote_holds_for_another_whose_clock_began_elsewhere(void **state)
{
    struct refusal_record one;
    struct refusal_record other;
    struct refusal refusal = refused_now(2);
    (void)state;
    assert_true(refusal_record_begin(&one));
    set(&one, "wrong", &refusal);
    assert_true(one.changed);

    pass_on(&one, &other, 3000, wall + 10); /* 10 ms later, on a machine that was started three seconds ago */

    assert_int_equal(other.count, 1);

    const struct refusal *found = find(&other, "wrong");
    assert_non_null(found);
    assert_int_equal(found->times, 2);
    assert_int_equal(found->tries[0], 3000 - 10 - 5);
    assert_int_equal(found->tries[1], 3000 - 10 - 7);
    assert_int_equal(found->tries[2], 0);
    assert_int_equal(found->until, 3000 - 10 + MINUTES);
    assert_int_equal(found->at, 3000 - 10);
    assert_null(find(&other, "right"));
}

static void a_clock_that_was_set_back_makes_no_pause_longer_than_the_longest(void **state)
{
    struct refusal_record one;
    struct refusal_record other;
    struct refusal refusal = refused_now(3);
    (void)state;
    assert_true(refusal_record_begin(&one));
    set(&one, "wrong", &refusal);

    pass_on(&one, &other, monotonic, wall - 1000 * MINUTES);

    const struct refusal *found = find(&other, "wrong");
    assert_int_equal(found->until, monotonic + REFUSAL_PAUSE_MAX);
    assert_int_equal(found->at, monotonic);
    assert_int_equal(found->tries[0], monotonic);
}

static void what_was_tried_does_not_stand_in_it_and_each_record_has_a_key_of_its_own(void **state)
{
    struct refusal_record one;
    struct refusal_record other;
    unsigned char digest[REFUSAL_DIGEST];
    unsigned char digest_of_other[REFUSAL_DIGEST];
    (void)state;
    assert_true(refusal_record_begin(&one) && refusal_record_begin(&other));

    digest_of(&one, "wrong", digest);
    digest_of(&other, "wrong", digest_of_other);

    assert_memory_not_equal(digest, digest_of_other, REFUSAL_DIGEST);
}

static void set_letter(struct refusal_record *record, char letter)
{
    const char tried[2] = {letter, '\0'};
    struct refusal refusal = refused_now(1);
    set(record, tried, &refusal);
    monotonic++;
}

static void one_that_is_good_by_now_is_struck_out_and_a_full_record_loses_its_oldest(void **state)
{
    struct refusal_record record;
    struct refusal_record other;
    const struct refusal good = {.times = 0};
    (void)state;
    assert_true(refusal_record_begin(&record));
    for (int i = 0; i < REFUSAL_RECORDS; i++) {
        set_letter(&record, (char)('a' + i));
    }
    set_letter(&record, 'a');
    pass_on(&record, &other, monotonic, wall);
    assert_int_equal(other.count, REFUSAL_RECORDS);
    set_letter(&other, 'q');
    assert_int_equal(other.count, REFUSAL_RECORDS);
    assert_null(find(&other, "b"));
    assert_non_null(find(&other, "a"));
    assert_non_null(find(&other, "c"));

    set(&other, "c", &good);

    assert_null(find(&other, "c"));
    assert_non_null(find(&other, "p"));
    assert_non_null(find(&other, "q"));
    assert_int_equal(other.count, REFUSAL_RECORDS - 1);
    other.changed = false;
    set(&other, "never", &good);
    assert_false(other.changed);
}

static void octets_that_are_no_record_leave_it_as_it_is(void **state)
{
    static const char octets[REFUSAL_DIGEST + 40 * 80] = "";
    static const size_t lengths[] = {
        0, 1, REFUSAL_DIGEST - 1, REFUSAL_DIGEST + 1, REFUSAL_DIGEST + 79, REFUSAL_DIGEST + 17 * 80};
    struct refusal_record record;
    struct refusal refusal = refused_now(1);
    (void)state;
    assert_true(refusal_record_begin(&record));
    set(&record, "wrong", &refusal);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        assert_false(refusal_record_read(&record, octets, lengths[i], clock_now()));
    }
    assert_non_null(find(&record, "wrong"));
    assert_true(refusal_record_read(&record, octets, REFUSAL_DIGEST + 80, clock_now()));
}

/* Of which there may be as many as an unsigned number has, whoever wrote the octets. */
static void times_that_cannot_be_count_as_one(void **state)
{
    static const struct {
        unsigned written, read;
    } cases[] = {{0, 1}, {1, 1}, {999, 999}, {1000, 1}, {UINT_MAX, 1}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct refusal_record one;
        struct refusal_record other;
        struct refusal refusal = refused_now(1);
        assert_true(refusal_record_begin(&one));
        set(&one, "wrong", &refusal);
        one.items[0].refusal.times = cases[i].written;
        pass_on(&one, &other, monotonic, wall);
        assert_int_equal(find(&other, "wrong")->times, cases[i].read);
    }
}

static void a_refusal_pauses_and_three_do_until_the_first_is_half_an_hour_old(void **state)
{
    enum { NOW = 2000 }; /* ms after the machine was started */
    static const struct {
        struct refusal refusal;
        int64_t pause;
    } cases[] = {
        {{.times = 1, .tries = {1000}, .until = NOW + MINUTES, .at = 1500}, MINUTES},
        {{.times = 1, .tries = {1000}, .until = NOW, .at = 1500}, 0},
        {{.times = 1, .tries = {1000}, .until = NOW - 1, .at = 1500}, 0},
        {{.times = 0, .until = NOW + MINUTES}, 0},
        {{.times = 3, .tries = {1000, 500, 200}, .until = NOW + MINUTES, .at = 1500}, 30 * MINUTES - (NOW - 200)},
        {{.times = 3, .tries = {1000, 500, 200}, .until = NOW + 40 * MINUTES, .at = 1500}, 40 * MINUTES},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(refusal_pause(&cases[i].refusal, NOW), cases[i].pause);
    }
}

static void a_refusal_is_past_after_its_pause_and_half_an_hour(void **state)
{
    struct refusal refusal = refused_now(1);
    const struct refusal never = {.times = 0};
    (void)state;
    assert_true(refusal_is_past(&never, monotonic));
    assert_false(refusal_is_past(&refusal, refusal.tries[0] + 30 * MINUTES));
    assert_true(refusal_is_past(&refusal, refusal.tries[0] + 30 * MINUTES + 1));
    refusal.until = monotonic + 40 * MINUTES;
    assert_false(refusal_is_past(&refusal, refusal.until - 1));
    assert_true(refusal_is_past(&refusal, refusal.until));
}

static void six_refusals_of_one_account_in_5_min_stop_all_values(void **state)
{
    static const char *const values[] = {"a", "b", "c"};
    struct refusal_record record;
    (void)state;
    assert_true(refusal_record_begin(&record));
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        const struct refusal twice = {2, {monotonic - 5, monotonic - 4 * MINUTES}, monotonic, monotonic};
        assert_int_equal(refusal_record_pause(&record), 0);
        set(&record, values[i], &twice);
    }
    assert_int_equal(refusal_record_pause(&record), 1 * MINUTES);
    monotonic += 1 * MINUTES;
    assert_int_equal(refusal_record_pause(&record), 0);
    monotonic += 1 * MINUTES;
    assert_int_equal(refusal_record_pause(&record), 0);
}

/* Nor does one that was struck out count any more. */
static void five_do_not_however_short_the_machine_runs(void **state)
{
    struct refusal_record record;
    const struct refusal good = {.times = 0};
    (void)state;
    monotonic = 1000;
    const struct refusal refusals[] = {
        {3, {900, 800, 700}, 900, 900}, {2, {600, 500}, 900, 900}, {1, {400}, 900, 900}};
    static const char *const values[] = {"a", "b", "c"};
    assert_true(refusal_record_begin(&record));
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        set(&record, values[i], &refusals[i]);
    }
    assert_int_equal(refusal_record_pause(&record), 400 + 5 * MINUTES - 1000);
    set(&record, "c", &good);
    assert_int_equal(refusal_record_pause(&record), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_one_process_wrote_holds_for_another_whose_clock_began_elsewhere),
        CASE(a_clock_that_was_set_back_makes_no_pause_longer_than_the_longest),
        CASE(what_was_tried_does_not_stand_in_it_and_each_record_has_a_key_of_its_own),
        CASE(one_that_is_good_by_now_is_struck_out_and_a_full_record_loses_its_oldest),
        CASE(octets_that_are_no_record_leave_it_as_it_is),
        CASE(times_that_cannot_be_count_as_one),
        CASE(a_refusal_pauses_and_three_do_until_the_first_is_half_an_hour_old),
        CASE(a_refusal_is_past_after_its_pause_and_half_an_hour),
        CASE(six_refusals_of_one_account_in_5_min_stop_all_values),
        CASE(five_do_not_however_short_the_machine_runs),
    };
    return RUN_TESTS("secret/refusal_record");
}
