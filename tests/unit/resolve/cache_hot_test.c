/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/cache_hot.c, under a clock that the test moves */
#include "support/allocator.h"
#include "support/paired_locks.h"
#include "support/unit.h"

#include "base/clock.h"
#include "resolve/cache_hot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { THREADS = 32, ROUNDS = 300, FAR = 1000 * 1000 };

static _Atomic int64_t fake_time;
static struct cache_hot *hot;

static int64_t fake_clock(void)
{
    return fake_time;
}

static int begin(void **state)
{
    (void)state;
    fake_time = 1000;
    clock_replace(&(struct clock_source){.now = fake_clock, .monotonic = fake_clock});
    hot = cache_hot_new();
    assert_non_null(hot);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cache_hot_free(hot);
    clock_replace(NULL);
    assert_int_equal(locks_not_taken, 0);
    return 0;
}

static void put(const char *reference, const char *value, int64_t fresh_until)
{
    mstr_secret *secret = mstr_secret_new(value, strlen(value));
    cache_hot_put(hot, reference, secret, fresh_until, cache_hot_generation(hot));
    mstr_secret_release(secret);
}

/* NULL = it holds none. */
static void assert_holds(const char *reference, const char *value)
{
    mstr_secret *secret = cache_hot_get(hot, reference);
    assert_int_equal(secret != NULL, value != NULL);
    if (value != NULL) {
        assert_string_equal(mstr_secret_octets(secret), value);
        assert_string_equal(mstr_secret_source(secret), "cache");
    }
    mstr_secret_release(secret);
}

static void a_value_is_found_by_its_reference_alone(void **state)
{
    (void)state;
    assert_holds("st:a", NULL);
    put("st:a", "one", FAR);
    put("st:b", "two", FAR);
    assert_holds("st:a", "one");
    assert_holds("st:b", "two");
    assert_holds("st:a#field", NULL);
    assert_holds("st:", NULL);
    put("st:a", "other", FAR);
    assert_holds("st:a", "other");
    assert_int_equal(cache_hot_hits(hot), 3);
}

static void a_value_serves_while_it_is_fresh_and_a_second_at_most(void **state)
{
    (void)state;
    static const struct {
        int64_t fresh;  /* ms from now */
        int64_t serves; /* the last ms in which it is found; -1 = none */
    } cases[] = {{FAR, 999}, {1000, 999}, {500, 499}, {1, 0}, {0, -1}, {-1, -1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t start = fake_time;
        put("st:a", "value", start + cases[i].fresh);
        if (cases[i].serves >= 0) {
            fake_time = start + cases[i].serves;
            assert_holds("st:a", "value");
        }
        fake_time = start + cases[i].serves + 1;
        assert_holds("st:a", NULL);
    }
}

static void emptied_it_holds_nothing_and_may_be_filled_again(void **state)
{
    (void)state;
    put("st:a", "one", FAR);
    put("st:b", "two", FAR);
    cache_hot_empty(hot);
    assert_holds("st:a", NULL);
    assert_holds("st:b", NULL);
    put("st:a", "new", FAR);
    assert_holds("st:a", "new");
}

/* It was looked up before, and may be the very one that was given up. */
static void a_value_from_before_the_emptying_is_not_put(void **state)
{
    (void)state;
    mstr_secret *secret = mstr_secret_new("old", 3);
    uint64_t generation = cache_hot_generation(hot);
    cache_hot_empty(hot);
    cache_hot_put(hot, "st:a", secret, FAR, generation);
    assert_holds("st:a", NULL);
    cache_hot_put(hot, "st:a", secret, FAR, cache_hot_generation(hot));
    assert_holds("st:a", "old");
    mstr_secret_release(secret);
}

/* References far more than there are places: each is found with its own value, or not at all. */
static void places_are_few_and_never_mistaken(void **state)
{
    (void)state;
    size_t found = 0;
    for (int i = 0; i < 1000; i++) {
        char reference[32];
        snprintf(reference, sizeof(reference), "st:%d", i);
        put(reference, reference, FAR);
    }
    for (int i = 0; i < 1000; i++) {
        char reference[32];
        snprintf(reference, sizeof(reference), "st:%d", i);
        mstr_secret *secret = cache_hot_get(hot, reference);
        if (secret != NULL) {
            found++;
            assert_string_equal(mstr_secret_octets(secret), reference);
        }
        mstr_secret_release(secret);
    }
    assert_in_range(found, 1, 64);
}

static void without_memory_a_place_keeps_what_it_has(void **state)
{
    (void)state;
    mstr_secret *other = mstr_secret_new("other", 5);
    put("st:a", "one", FAR);
    bool failed = true;
    for (long at = 1; failed; at++) {
        allocator_fail(at, false);
        cache_hot_put(hot, "st:a", other, FAR, cache_hot_generation(hot));
        failed = allocator_succeed();
        assert_holds("st:a", failed ? "one" : "other");
    }
    mstr_secret_release(other);
}

static void a_value_in_hand_outlives_its_place(void **state)
{
    (void)state;
    put("st:a", "value", FAR);
    mstr_secret *secret = cache_hot_get(hot, "st:a");
    cache_hot_empty(hot);
    assert_string_equal(mstr_secret_octets(secret), "value");
    mstr_secret_release(secret);
}

static atomic_int found;
static atomic_int wrong;

/* Gets and puts until the test has seen enough; the value found must be its own reference. */
static void *use(void *data)
{
    (void)data;
    static const char *const references[] = {"st:a", "st:b", "st:c", "st:d"};
    for (int i = 0; i < ROUNDS; i++) {
        const char *reference = references[i % 4];
        uint64_t generation = cache_hot_generation(hot);
        mstr_secret *secret = cache_hot_get(hot, reference);
        found += secret != NULL;
        if (secret == NULL) {
            secret = mstr_secret_new(reference, strlen(reference));
            cache_hot_put(hot, reference, secret, FAR, generation);
        } else if (strcmp(mstr_secret_octets(secret), reference) != 0) {
            wrong++;
        }
        mstr_secret_release(secret);
        if (i % 100 == 99) {
            cache_hot_empty(hot);
        }
    }
    return NULL;
}

/* More threads than there are stripes, so that some share one. */
static void many_threads_use_it_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use, NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(wrong, 0);
    assert_true(found > 0);
    assert_int_equal(cache_hot_hits(hot), found); /* each stripe is one of its own */
    cache_hot_empty(hot);
    assert_holds("st:a", NULL);
}

static void nothing_stays_once_it_is_freed(void **state)
{
    (void)state;
    put("st:a", "one", FAR); /* which brings the memory of all secrets along */
    long before = allocator_held();
    struct cache_hot *kept = hot;
    hot = cache_hot_new();
    put("st:a", "one", FAR);
    put("st:a", "other", FAR);
    cache_hot_free(hot);
    hot = kept;
    assert_int_equal(allocator_held(), before);
}

static void nothing_may_be_freed(void **state)
{
    (void)state;
    cache_hot_free(NULL);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_value_is_found_by_its_reference_alone),
        EACH(a_value_serves_while_it_is_fresh_and_a_second_at_most),
        EACH(emptied_it_holds_nothing_and_may_be_filled_again),
        EACH(a_value_from_before_the_emptying_is_not_put),
        EACH(places_are_few_and_never_mistaken),
        EACH(without_memory_a_place_keeps_what_it_has),
        EACH(a_value_in_hand_outlives_its_place),
        EACH(many_threads_use_it_at_once),
        EACH(nothing_stays_once_it_is_freed),
        EACH(nothing_may_be_freed),
    };
    return RUN_TESTS("resolve/cache_hot");
}
