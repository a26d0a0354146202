/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/cache_memory.c by itself: claims, waits and heirs, under a clock and by chances that the test sets */
#include "support/allocator.h"
#include "support/paired_locks.h"
#include "support/unit.h"

#include "base/clock.h"
#include "resolve/cache_memory.h"
#include "secret/secret.h"

#include <stdlib.h>

enum { TTL = 100 * 1000, STALE = 1000 * 1000, NEGATIVE = 5000 };

static const struct cache_settings settings = {TTL, STALE, NEGATIVE, 3};
static _Atomic int64_t fake_time;
static bool lucky; /* chance has the highest number; else 0 */
static struct cache_hot *hot;
static struct cache *cache;
static mstr_error *error;

static int64_t fake_clock(void)
{
    return fake_time;
}

uint64_t __wrap_clock_random_below(uint64_t bound);

uint64_t __wrap_clock_random_below(uint64_t bound)
{
    return lucky && bound > 0 ? bound - 1 : 0;
}

static bool no_views; /* there is no memory to hand out what is held */
mstr_secret *__wrap_secret_from(mstr_secret *secret, enum secret_source source);
mstr_secret *__real_secret_from(mstr_secret *secret, enum secret_source source);

mstr_secret *__wrap_secret_from(mstr_secret *secret, enum secret_source source)
{
    return no_views ? NULL : __real_secret_from(secret, source);
}

static int begin(void **state)
{
    (void)state;
    fake_time = INT64_C(1800000000000);
    lucky = true;
    clock_replace(&(struct clock_source){.now = fake_clock, .monotonic = fake_clock});
    hot = cache_hot_new();
    cache = cache_memory_new(&settings, hot);
    error = mstr_error_new();
    assert_true(hot != NULL && cache != NULL && error != NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    cache_memory_free(cache);
    cache_hot_free(hot);
    clock_replace(NULL);
    assert_int_equal(locks_not_taken, 0);
    return 0;
}

static struct cache_claim claim(struct cache *of, const char *key, bool refresh, enum cache_answer answer)
{
    struct cache_claim own;
    mstr_error_clear(error);
    cache_claim(of, key, refresh, &own, error);
    assert_int_equal(own.answer, answer);
    return own;
}

/* Each answer with a value is asserted, and given back. */
static void assert_value(struct cache_claim *own, const char *value, const char *source)
{
    assert_int_equal(own->answer, CACHE_VALUE);
    assert_int_equal(own->code, MSTR_OK);
    assert_string_equal(mstr_secret_octets(own->secret), value);
    assert_string_equal(mstr_secret_source(own->secret), source);
    mstr_secret_release(own->secret);
}

static void assert_refused(const struct cache_claim *own, enum mstr_code code, const char *message)
{
    assert_int_equal(own->answer, CACHE_FAILED);
    assert_int_equal(own->code, code);
    assert_null(own->secret);
    assert_int_equal(mstr_error_code(error), code);
    assert_string_equal(mstr_error_message(error), message);
}

static void holds(struct cache *of, const char *key, const char *value, const char *source)
{
    struct cache_claim own = claim(of, key, false, CACHE_VALUE);
    assert_value(&own, value, source);
}

/* Publishes a value that expires then, 0 = never. */
static void publish(struct cache *of, struct cache_claim *own, const char *value, int64_t expires,
                    struct cache_result result)
{
    const struct secret_facts facts = {.expires = expires, .source = SECRET_FROM_STORE};
    result.secret = secret_make(value, strlen(value), &facts);
    cache_publish(of, own, &result, error);
    mstr_secret_release(result.secret);
    assert_value(own, value, "store");
}

static void put(struct cache *of, const char *key, const char *value)
{
    struct cache_claim own = claim(of, key, false, CACHE_FETCH);
    publish(of, &own, value, 0, (struct cache_result){.keep = true});
}

static void publish_failure(struct cache *of, struct cache_claim *own, enum mstr_code code, bool gave_up)
{
    mstr_error *told = mstr_error_new();
    mstr_error_set(told, code, "the store says no");
    cache_publish(of, own, &(struct cache_result){.code = code, .gave_up = gave_up, .error = told}, error);
    mstr_error_free(told);
}

/* A fetch that has to be made, and fails so that no old value serves. */
static void fail_to_fetch(struct cache *of, const char *key, enum mstr_code code)
{
    struct cache_claim own = claim(of, key, false, CACHE_FETCH);
    publish_failure(of, &own, code, false);
    assert_refused(&own, code, "the store says no");
}

static uint64_t entries_of(struct cache *of)
{
    mstr_context_stats stats = {.size = sizeof(stats)};
    cache_memory_stats(of, &stats);
    return stats.entries;
}

static void a_value_is_fresh_for_as_long_as_whoever_is_strictest_allows(void **state)
{
    (void)state;
    static const struct {
        bool lucky;
        int64_t expires; /* ms from now; 0 = never */
        int64_t fresh_for;
        int64_t fresh; /* ms */
    } cases[] = {{true, 0, 0, TTL + TTL / 10},       {false, 0, 0, TTL - TTL / 10},  {true, 5000, 0, 5000},
                 {true, 2 * TTL, 0, TTL + TTL / 10}, {true, 0, 4000, 4000},          {true, 5000, 4000, 4000},
                 {true, 5000, 6000, 5000},           {false, 0, TTL, TTL - TTL / 10}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        lucky = cases[i].lucky;
        struct cache_claim own = claim(cache, "a", true, CACHE_FETCH);
        publish(cache, &own, "value", cases[i].expires != 0 ? fake_time + cases[i].expires : 0,
                (struct cache_result){.keep = true, .fresh_for = cases[i].fresh_for});
        assert_int_equal(cache_memory_fresh_until(cache, "a") - fake_time, cases[i].fresh);
    }
}

static void what_is_not_held_is_fresh_until_never(void **state)
{
    (void)state;
    assert_int_equal(cache_memory_fresh_until(cache, "a"), 0);
    put(cache, "a", "value");
    fake_time += TTL + TTL / 10;
    fail_to_fetch(cache, "a", MSTR_E_NOT_FOUND); /* which is remembered in its place */
    assert_int_equal(cache_memory_fresh_until(cache, "a"), 0);
}

static void what_is_not_to_be_kept_bridges_no_failure(void **state)
{
    (void)state;
    const struct cache_settings none = {0, STALE, NEGATIVE, 3};
    struct cache *nothing = cache_memory_new(&none, hot);
    put(nothing, "a", "value");
    assert_int_equal(entries_of(nothing), 0);
    fail_to_fetch(nothing, "a", MSTR_E_UNAVAILABLE);
    cache_memory_free(nothing);

    struct cache_claim own = claim(cache, "a", false, CACHE_FETCH);
    publish(cache, &own, "value", 0, (struct cache_result){.keep = false});
    fail_to_fetch(cache, "a", MSTR_E_UNAVAILABLE);
}

static void an_old_value_serves_for_its_time_and_no_longer(void **state)
{
    (void)state;
    put(cache, "a", "value");
    fake_time += TTL + TTL / 10 + STALE - 1;
    struct cache_claim own = claim(cache, "a", false, CACHE_FETCH);
    publish_failure(cache, &own, MSTR_E_UNAVAILABLE, false);
    assert_value(&own, "value", "stale");
    fake_time += 1;
    fail_to_fetch(cache, "a", MSTR_E_UNAVAILABLE);
}

static void only_failures_that_pass_leave_an_old_value_in_service(void **state)
{
    (void)state;
    static const struct {
        enum mstr_code code;
        bool gave_up;
        bool serves;
    } cases[] = {{MSTR_E_UNAVAILABLE, false, true}, {MSTR_E_MEMORY, false, true},     {MSTR_E_CANCELLED, true, true},
                 {MSTR_E_CANCELLED, false, false},  {MSTR_E_NOT_FOUND, false, false}, {MSTR_E_DENIED, false, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cache_claim own = claim(cache, "a", true, CACHE_FETCH);
        publish(cache, &own, "value", 0, (struct cache_result){.keep = true});
        own = claim(cache, "a", true, CACHE_FETCH);
        publish_failure(cache, &own, cases[i].code, cases[i].gave_up);
        if (cases[i].serves) {
            assert_value(&own, "value", "stale");
        } else {
            assert_refused(&own, cases[i].code, "the store says no");
        }
        assert_int_equal(entries_of(cache), cases[i].serves);
    }
}

/* Twice as long each time, and half of that is left to chance. */
static void a_store_that_fails_is_asked_ever_more_seldom(void **state)
{
    (void)state;
    for (int luck = 0; luck < 2; luck++) {
        lucky = luck == 1;
        fake_time = INT64_C(1800000000000);
        cache_invalidate(cache, NULL);
        put(cache, "a", "value");
        fake_time += TTL + TTL / 10;
        for (int64_t delay = 1000; delay < 1000 * 1000; delay *= 2) {
            int64_t longest = delay < 60000 ? delay : 60000;
            struct cache_claim own = claim(cache, "a", false, CACHE_FETCH);
            holds(cache, "a", "value", "cache"); /* for all others, meanwhile */
            publish_failure(cache, &own, MSTR_E_UNAVAILABLE, false);
            assert_value(&own, "value", "stale");
            fake_time += (lucky ? longest : longest / 2) - 1;
            holds(cache, "a", "value", "stale");
            fake_time += 1;
        }
    }
}

static void a_name_is_remembered_only_where_that_is_wanted(void **state)
{
    (void)state;
    const struct cache_settings briefest = {TTL, STALE, 0, 3};
    struct cache *forgetful = cache_memory_new(&briefest, hot);
    fail_to_fetch(forgetful, "a", MSTR_E_NOT_FOUND);
    long before = allocator_held();
    fail_to_fetch(forgetful, "b", MSTR_E_NOT_FOUND);
    assert_int_equal(allocator_held(), before);
    cache_memory_free(forgetful);

    fail_to_fetch(cache, "a", MSTR_E_NOT_FOUND);
    struct cache_claim own = claim(cache, "a", false, CACHE_FAILED);
    assert_refused(&own, MSTR_E_NOT_FOUND, "the store says no");
}

static void what_is_not_kept_leaves_nothing_behind(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        long before = allocator_held();
        struct cache_claim own = claim(cache, i == 0 ? "a" : i == 1 ? "b" : "c", false, CACHE_FETCH);
        publish(cache, &own, "value", 0, (struct cache_result){.keep = false});
        assert_true(i == 0 || allocator_held() == before); /* the first one brings the memory of all secrets along */
    }
}

static void what_is_being_fetched_does_not_give_way(void **state)
{
    (void)state;
    put(cache, "x", "old");
    struct cache_claim own = claim(cache, "x", true, CACHE_FETCH);
    put(cache, "a", "1");
    put(cache, "b", "2");
    put(cache, "c", "3");
    publish(cache, &own, "new", 0, (struct cache_result){.keep = true});
    holds(cache, "x", "new", "cache");
    assert_int_equal(entries_of(cache), 3);
}

static const struct limits ample = {.deadline = INT64_MAX};

static void who_waits_gets_what_was_fetched_though_it_is_not_kept(void **state)
{
    (void)state;
    struct cache_claim first = claim(cache, "a", false, CACHE_FETCH);
    struct cache_claim second = claim(cache, "a", false, CACHE_WAIT);
    struct cache_claim third = claim(cache, "a", true, CACHE_WAIT);
    publish(cache, &first, "value", 0, (struct cache_result){.keep = false});
    cache_wait(cache, &second, &ample, error);
    assert_value(&second, "value", "store");
    cache_wait(cache, &third, &ample, error);
    assert_value(&third, "value", "store");
    assert_null(third.fetch);
}

static void who_waits_leaves_by_its_own_limits(void **state)
{
    (void)state;
    const struct limits over = {.deadline = fake_time - 1};
    struct cache_claim first = claim(cache, "a", false, CACHE_FETCH);
    struct cache_claim second = claim(cache, "a", false, CACHE_WAIT);
    cache_wait(cache, &second, &over, error);
    assert_int_equal(second.answer, CACHE_FAILED);
    assert_int_equal(second.code, MSTR_E_TIMEOUT);
    assert_int_equal(mstr_error_code(error), MSTR_E_TIMEOUT);
    assert_non_null(strstr(mstr_error_message(error), " while another thread was fetching this secret"));
    publish(cache, &first, "value", 0, (struct cache_result){.keep = true});
    holds(cache, "a", "value", "cache");
}

static void a_failure_is_shared_unless_it_is_the_fetchers_own(void **state)
{
    (void)state;
    static const struct {
        bool gave_up;
        bool late; /* so is who waits */
        bool again;
    } cases[] = {{false, false, false}, {true, false, true}, {true, true, false}, {false, true, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct limits limits = {.deadline = cases[i].late ? fake_time - 1 : INT64_MAX};
        struct cache_claim first = claim(cache, "a", false, CACHE_FETCH);
        struct cache_claim second = claim(cache, "a", false, CACHE_WAIT);
        publish_failure(cache, &first, MSTR_E_TIMEOUT, cases[i].gave_up);
        assert_refused(&first, MSTR_E_TIMEOUT, "the store says no");
        mstr_error_clear(error);
        cache_wait(cache, &second, &limits, error);
        if (cases[i].again) {
            assert_int_equal(second.answer, CACHE_AGAIN);
        } else {
            assert_refused(&second, MSTR_E_TIMEOUT, "the store says no");
        }
    }
}

static void an_old_value_is_shared_though_the_fetcher_gave_up(void **state)
{
    (void)state;
    put(cache, "a", "value");
    struct cache_claim first = claim(cache, "a", true, CACHE_FETCH);
    struct cache_claim second = claim(cache, "a", true, CACHE_WAIT);
    publish_failure(cache, &first, MSTR_E_TIMEOUT, true);
    assert_value(&first, "value", "stale");
    cache_wait(cache, &second, &ample, error);
    assert_value(&second, "value", "stale");
}

static void without_memory_a_claim_is_refused_and_may_be_made_again(void **state)
{
    (void)state;
    struct cache_claim own;
    bool failed = true;
    for (long at = 1; failed; at++) {
        mstr_error_clear(error);
        allocator_fail(at, false);
        cache_claim(cache, "a", false, &own, error);
        failed = allocator_succeed();
        if (failed) {
            assert_refused(&own, MSTR_E_MEMORY, "out of memory");
        }
    }
    publish(cache, &own, "value", 0, (struct cache_result){.keep = true});
    no_views = true;
    own = claim(cache, "a", false, CACHE_FAILED);
    assert_refused(&own, MSTR_E_MEMORY, mstr_code_text(MSTR_E_MEMORY));
    no_views = false;
    holds(cache, "a", "value", "cache");
    allocator_fail(1, true);
    struct cache *none = cache_memory_new(&settings, hot);
    assert_true(allocator_succeed());
    assert_null(none);
}

static void a_look_changes_nothing_but_what_was_used_last(void **state)
{
    (void)state;
    struct cache_claim own = {.answer = CACHE_AGAIN};
    assert_false(cache_memory_peek(cache, "a", &own, error));
    assert_int_equal(own.answer, CACHE_AGAIN);
    put(cache, "a", "1");
    put(cache, "b", "2");
    put(cache, "c", "3");
    assert_true(cache_memory_peek(cache, "a", &own, error));
    assert_value(&own, "1", "cache");
    put(cache, "d", "4"); /* so that b gives way */
    holds(cache, "a", "1", "cache");
    fake_time += TTL + TTL / 10;
    assert_false(cache_memory_peek(cache, "a", &own, error));
    fail_to_fetch(cache, "b", MSTR_E_UNAVAILABLE);
}

static bool is_named(const char *key, void *data)
{
    return strchr(data, *key) != NULL;
}

static void what_is_forgotten_is_what_was_named(void **state)
{
    (void)state;
    char names[] = "ac";
    put(cache, "a", "1");
    put(cache, "b", "2");
    put(cache, "c", "3");
    cache_memory_forget(cache, is_named, names);
    assert_int_equal(entries_of(cache), 1);
    holds(cache, "b", "2", "cache");
    put(cache, "a", "4");
    cache_invalidate(cache, "b");
    assert_int_equal(entries_of(cache), 1);
    holds(cache, "a", "4", "cache");
    put(cache, "b", "5");
    cache_invalidate(cache, "x");
    assert_int_equal(entries_of(cache), 2);
    cache_invalidate(cache, NULL);
    assert_int_equal(entries_of(cache), 0);
}

/* An heir with these settings, of all keys but x. */
static struct cache *heir_of(struct cache *old, const struct cache_settings *own)
{
    char names[] = "abcdefg";
    struct cache *heir = cache_memory_new(own, hot);
    cache_memory_inherit(heir, old, is_named, names);
    return heir;
}

static void an_heir_takes_what_may_still_serve_for_no_longer_than_its_own_time(void **state)
{
    (void)state;
    static const struct {
        int64_t age; /* of the value, ms */
        int64_t ttl;
        int64_t stale;
        int64_t fresh; /* ms from then; -1 = it is not taken over */
    } cases[] = {{0, TTL, 0, TTL},
                 {0, 1000, 0, 1000},
                 {0, 0, STALE, -1},
                 {0, 2 * TTL, 0, TTL + TTL / 10},
                 {TTL + TTL / 10 - 1, TTL, 0, 1},
                 {TTL + TTL / 10, TTL, 0, -1},
                 {TTL + TTL / 10, TTL, STALE, 0}};
    put(cache, "a", "value");
    put(cache, "x", "of somebody else");
    int64_t start = fake_time;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct cache_settings own = {cases[i].ttl, cases[i].stale, NEGATIVE, 3};
        fake_time = start + cases[i].age;
        struct cache *heir = heir_of(cache, &own);
        assert_int_equal(entries_of(heir), cases[i].fresh >= 0);
        assert_int_equal(cache_memory_fresh_until(heir, "a"), cases[i].fresh >= 0 ? fake_time + cases[i].fresh : 0);
        cache_memory_free(heir);
    }
}

static void an_heir_is_no_larger_than_its_own_settings_and_keeps_what_was_used_last(void **state)
{
    (void)state;
    const struct cache_settings small = {TTL, STALE, NEGATIVE, 2};
    put(cache, "a", "1");
    put(cache, "b", "2");
    put(cache, "c", "3");
    struct cache *heir = heir_of(cache, &small);
    assert_int_equal(entries_of(heir), 2);
    for (const char *name = "defg"; *name != '\0'; name++) { /* names of nothing, which values do not give way to */
        const char key[] = {*name, '\0'};
        fail_to_fetch(heir, key, MSTR_E_NOT_FOUND);
    }
    holds(heir, "b", "2", "cache");
    holds(heir, "c", "3", "cache");
    cache_memory_free(heir);
}

static void an_heir_keeps_its_own_and_takes_no_failure_over(void **state)
{
    (void)state;
    char names[] = "ab";
    put(cache, "a", "old");
    fail_to_fetch(cache, "b", MSTR_E_NOT_FOUND);
    struct cache *heir = cache_memory_new(&settings, hot);
    put(heir, "a", "own");
    cache_memory_inherit(heir, cache, is_named, names);
    assert_int_equal(entries_of(heir), 1);
    holds(heir, "a", "own", "cache");
    put(heir, "b", "new");
    cache_memory_free(heir);
}

/* As one of a fleet's, of which its keeper knows when it is over. */
static void a_value_that_serves_only_fresh_does_so_in_an_heir_as_well(void **state)
{
    (void)state;
    struct cache_claim own = claim(cache, "a", false, CACHE_FETCH);
    publish(cache, &own, "value", 0, (struct cache_result){.keep = true, .fresh_for = 5000, .fresh_only = true});
    struct cache *heir = heir_of(cache, &settings);
    holds(heir, "a", "value", "cache");
    fake_time += 5000;
    fail_to_fetch(heir, "a", MSTR_E_UNAVAILABLE);
    fail_to_fetch(cache, "a", MSTR_E_UNAVAILABLE);
    cache_memory_free(heir);
}

static void counters_fill_what_a_program_has_room_for(void **state)
{
    (void)state;
    struct {
        mstr_context_stats stats;
        uint64_t behind;
    } own;
    put(cache, "a", "value");
    for (int more = -1; more <= 1; more++) { /* a program of an older version, of this one, of a newer one */
        memset(&own, 0x55, sizeof(own));
        own.stats.size = (uint32_t)(sizeof(own.stats) + (size_t)more * sizeof(uint64_t));
        cache_memory_stats(cache, &own.stats);
        assert_int_equal(own.stats.size, sizeof(own.stats) + (size_t)more * sizeof(uint64_t));
        assert_int_equal(own.stats.fetches, 1);
        assert_true(own.stats.entries == (more < 0 ? UINT64_C(0x5555555555555555) : 1));
        assert_true(own.behind == UINT64_C(0x5555555555555555));
    }
}

static void nothing_stays_once_it_is_freed(void **state)
{
    (void)state;
    long before = 0;
    for (int i = 0; i < 2; i++) { /* the first one brings the memory of all secrets along */
        before = allocator_held();
        struct cache *other = cache_memory_new(&settings, hot);
        put(other, "a", "value");
        fail_to_fetch(other, "b", MSTR_E_NOT_FOUND);
        struct cache_claim first = claim(other, "c", false, CACHE_FETCH);
        struct cache_claim second = claim(other, "c", false, CACHE_WAIT);
        publish_failure(other, &first, MSTR_E_UNAVAILABLE, false);
        cache_wait(other, &second, &ample, error);
        mstr_error_clear(error);
        cache_memory_free(other);
    }
    assert_int_equal(allocator_held(), before);
}

static void nothing_may_be_freed(void **state)
{
    (void)state;
    cache_memory_free(NULL);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_value_is_fresh_for_as_long_as_whoever_is_strictest_allows),
        EACH(what_is_not_held_is_fresh_until_never),
        EACH(what_is_not_to_be_kept_bridges_no_failure),
        EACH(an_old_value_serves_for_its_time_and_no_longer),
        EACH(only_failures_that_pass_leave_an_old_value_in_service),
        EACH(a_store_that_fails_is_asked_ever_more_seldom),
        EACH(a_name_is_remembered_only_where_that_is_wanted),
        EACH(what_is_not_kept_leaves_nothing_behind),
        EACH(what_is_being_fetched_does_not_give_way),
        EACH(who_waits_gets_what_was_fetched_though_it_is_not_kept),
        EACH(who_waits_leaves_by_its_own_limits),
        EACH(a_failure_is_shared_unless_it_is_the_fetchers_own),
        EACH(an_old_value_is_shared_though_the_fetcher_gave_up),
        EACH(without_memory_a_claim_is_refused_and_may_be_made_again),
        EACH(a_look_changes_nothing_but_what_was_used_last),
        EACH(what_is_forgotten_is_what_was_named),
        EACH(an_heir_takes_what_may_still_serve_for_no_longer_than_its_own_time),
        EACH(an_heir_is_no_larger_than_its_own_settings_and_keeps_what_was_used_last),
        EACH(an_heir_keeps_its_own_and_takes_no_failure_over),
        EACH(a_value_that_serves_only_fresh_does_so_in_an_heir_as_well),
        EACH(counters_fill_what_a_program_has_room_for),
        EACH(nothing_stays_once_it_is_freed),
        EACH(nothing_may_be_freed),
    };
    return RUN_TESTS("resolve/cache_memory_claims");
}
