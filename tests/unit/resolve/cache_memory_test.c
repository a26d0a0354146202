/* SPDX-License-Identifier: Apache-2.0 */
/* core/resolve/cache_memory.c and cache_hot.c before it, through the public calls and a clock that the test moves */
#include "base/clock.h"
#include "context/context_agent.h"
#include "support/store.h"

static _Atomic int64_t fake_time;

static int64_t fake_clock(void)
{
    return fake_time;
}

static int begin(void **state)
{
    (void)state;
    fake_time = INT64_C(1800000000000);
    clock_replace(&(struct clock_source){.now = fake_clock, .monotonic = fake_clock});
    store_reset("value");
    return 0;
}

static int end(void **state)
{
    (void)state;
    clock_replace(NULL);
    return 0;
}

static void assert_source(mstr_context *context, const char *value, const char *source)
{
    mstr_secret *secret = NULL;
    assert_int_equal(mstr_context_get(context, "st:x", NULL, &secret, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(secret), value);
    assert_string_equal(mstr_secret_source(secret), source);
    mstr_secret_release(secret);
}

static void a_value_serves_for_its_time_to_live_and_a_tenth(void **state)
{
    (void)state;
    mstr_context *context = store_context("[cache]\nttl = 100s\n");
    assert_source(context, "value", "store");
    store.value = "new";
    fake_time += 89000;
    assert_source(context, "value", "cache");
    assert_source(context, "value", "cache");
    fake_time += 22000;
    assert_source(context, "new", "store");
    assert_int_equal(store.calls, 2);
    mstr_context_free(context);
}

static void the_stores_own_expiry_comes_first(void **state)
{
    (void)state;
    store.expires = fake_time + 5000;
    mstr_context *context = store_context("[cache]\nttl = 100s\n");
    assert_source(context, "value", "store");
    fake_time += 4999;
    assert_source(context, "value", "cache");
    assert_source(context, "value", "cache");
    fake_time += 1;
    assert_source(context, "value", "store");
    mstr_context_free(context);
}

static void a_value_past_its_own_expiry_never_bridges_a_failure(void **state)
{
    (void)state;
    store.expires = fake_time + 5000;
    mstr_context *context = store_context("");
    assert_source(context, "value", "store");
    fake_time += 5000;
    store.code = MSTR_E_UNAVAILABLE;
    assert_failure(context, "st:x", MSTR_E_UNAVAILABLE, "the store says no");
    mstr_context_free(context);
}

static void an_old_value_bridges_a_passing_failure_for_a_while(void **state)
{
    (void)state;
    mstr_context *context = store_context("[cache]\nttl = 100s\nstale_if_error = 1000s\n");
    assert_source(context, "value", "store");
    fake_time += 111000;
    store.code = MSTR_E_THROTTLED;
    assert_source(context, "value", "stale");
    assert_source(context, "value", "stale");
    assert_int_equal(store.calls, 2); /* the next attempt waits */
    fake_time += 61000;
    assert_source(context, "value", "stale");
    assert_int_equal(store.calls, 3);
    fake_time += 1000000;
    assert_failure(context, "st:x", MSTR_E_THROTTLED, "the store says no");
    mstr_context_free(context);
}

static void a_final_failure_ends_the_old_value(void **state)
{
    (void)state;
    mstr_context *context = store_context("[cache]\nttl = 100s\n");
    assert_source(context, "value", "store");
    fake_time += 111000;
    store.code = MSTR_E_DENIED;
    assert_failure(context, "st:x", MSTR_E_DENIED, "the store says no");
    store.code = MSTR_E_NETWORK;
    assert_failure(context, "st:x", MSTR_E_NETWORK, "the store says no");
    mstr_context_free(context);
}

static void not_found_is_remembered_briefly(void **state)
{
    (void)state;
    mstr_context *context = store_context("[cache]\nnegative_ttl = 5s\n");
    store.code = MSTR_E_NOT_FOUND;
    assert_failure(context, "st:x", MSTR_E_NOT_FOUND, "the store says no");
    fake_time += 4999;
    assert_failure(context, "st:x", MSTR_E_NOT_FOUND, "the store says no");
    assert_int_equal(store.calls, 1);
    store.code = MSTR_OK;
    fake_time += 1;
    assert_source(context, "value", "store");
    mstr_context_free(context);
}

static void a_ttl_of_zero_keeps_nothing(void **state)
{
    (void)state;
    mstr_context *context = store_context("[cache]\nttl = 0\n");
    assert_source(context, "value", "store");
    assert_source(context, "value", "store");
    assert_int_equal(store.calls, 2);
    mstr_context_free(context);
}

static void a_provider_may_forbid_keeping(void **state)
{
    (void)state;
    store.flags = MSTR_META_NO_CACHE;
    mstr_context *context = store_context("");
    assert_source(context, "value", "store");
    assert_source(context, "value", "store");
    mstr_context_free(context);
}

static void an_invalidated_value_is_fetched_anew(void **state)
{
    (void)state;
    mstr_context *context = store_context("");
    for (int i = 0; i < 3; i++) {
        assert_text(context, "st:x", "value");
    }
    store.value = "new";
    mstr_context_invalidate(context, "st:x#ignored");
    assert_source(context, "new", "store");
    store.value = "newer";
    mstr_context_invalidate(context, "st:other");
    assert_source(context, "new", "cache");
    mstr_context_invalidate(context, NULL);
    assert_source(context, "newer", "store");
    mstr_context_free(context);
}

static void a_caller_may_pass_over_the_cache_and_so_refresh_it(void **state)
{
    (void)state;
    mstr_secret *secret = NULL;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.flags = MSTR_CALL_NO_CACHE;
    mstr_context *context = store_context("");
    for (int i = 0; i < 3; i++) {
        assert_text(context, "st:x", "value");
    }
    store.value = "new";
    assert_int_equal(mstr_context_get(context, "st:x", &options, &secret, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(secret), "new");
    mstr_secret_release(secret);
    assert_source(context, "new", "cache");
    mstr_context_free(context);
}

static void the_least_recently_used_gives_way(void **state)
{
    (void)state;
    mstr_context_stats stats = {.size = sizeof(stats)};
    store_reset(NULL);
    mstr_context *context = store_context("[cache]\nmax_entries = 2\n");
    assert_text(context, "st:a", "a");
    assert_text(context, "st:b", "b");
    assert_text(context, "st:a", "a");
    assert_text(context, "st:c", "c");
    assert_int_equal(store.calls, 3);
    assert_text(context, "st:a", "a");
    assert_int_equal(store.calls, 3);
    assert_text(context, "st:b", "b");
    assert_int_equal(store.calls, 4);
    mstr_context_get_stats(context, &stats);
    assert_int_equal(stats.entries, 2);
    mstr_context_free(context);
}

static void names_of_nothing_give_way_to_each_other_and_values_to_none_of_them(void **state)
{
    (void)state;
    store_reset(NULL);
    mstr_context *context = store_context("[cache]\nmax_entries = 2\n");
    assert_text(context, "st:a", "a");
    store.code = MSTR_E_NOT_FOUND;
    for (const char *name = "bcde"; *name != '\0'; name++) {
        const char reference[] = {'s', 't', ':', *name, '\0'};
        assert_failure(context, reference, MSTR_E_NOT_FOUND, "the store says no");
    }
    assert_int_equal(store.calls, 5);
    assert_failure(context, "st:e", MSTR_E_NOT_FOUND, "the store says no"); /* remembered */
    assert_text(context, "st:a", "a");
    assert_int_equal(store.calls, 5);
    assert_failure(context, "st:b", MSTR_E_NOT_FOUND, "the store says no"); /* was forgotten */
    assert_int_equal(store.calls, 6);
    mstr_context_free(context);
}

/* At a reload of the agent. */
static void an_heir_serves_what_its_own_settings_allow(void **state)
{
    (void)state;
    mstr_context *old = store_context("[cache]\nttl = 100s\nstale_if_error = 1000s\n");
    assert_source(old, "value", "store");
    mstr_context *briefer = store_context("[cache]\nttl = 10s\nstale_if_error = 0\n");
    context_agent_inherit(briefer, old);
    assert_source(briefer, "value", "cache");
    store.code = MSTR_E_UNAVAILABLE;
    fake_time += 20000;
    assert_failure(briefer, "st:x", MSTR_E_UNAVAILABLE, "the store says no");
    fake_time += 111000;
    mstr_context *same = store_context("[cache]\nttl = 100s\nstale_if_error = 1000s\n");
    context_agent_inherit(same, old);
    assert_source(same, "value", "stale");
    mstr_context_free(same);
    mstr_context_free(briefer);
    mstr_context_free(old);
}

static void the_counters_tell_what_happened(void **state)
{
    (void)state;
    mstr_context_stats stats = {.size = sizeof(stats)};
    mstr_context *context = store_context("[cache]\nttl = 100s\n");
    for (int i = 0; i < 5; i++) {
        assert_text(context, "st:x", "value");
    }
    store.code = MSTR_E_TIMEOUT;
    fake_time += 111000;
    assert_text(context, "st:x", "value");

    mstr_context_get_stats(context, &stats);

    assert_int_equal(stats.hits, 4);
    assert_int_equal(stats.misses, 2);
    assert_int_equal(stats.fetches, 2);
    assert_int_equal(stats.failures, 1);
    assert_int_equal(stats.stale_hits, 1);
    assert_int_equal(stats.entries, 1);
    mstr_context_free(context);
}

static void a_value_in_hand_outlives_cache_and_context(void **state)
{
    (void)state;
    mstr_secret *secret = NULL;
    mstr_context *context = store_context("");
    assert_text(context, "st:x", "value");
    assert_text(context, "st:x", "value");
    assert_int_equal(mstr_context_get(context, "st:x", NULL, &secret, NULL), MSTR_OK);
    mstr_context_free(context);
    assert_string_equal(mstr_secret_octets(secret), "value");
    mstr_secret_release(secret);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_value_serves_for_its_time_to_live_and_a_tenth),
        EACH(the_stores_own_expiry_comes_first),
        EACH(a_value_past_its_own_expiry_never_bridges_a_failure),
        EACH(an_old_value_bridges_a_passing_failure_for_a_while),
        EACH(a_final_failure_ends_the_old_value),
        EACH(not_found_is_remembered_briefly),
        EACH(a_ttl_of_zero_keeps_nothing),
        EACH(a_provider_may_forbid_keeping),
        EACH(an_invalidated_value_is_fetched_anew),
        EACH(a_caller_may_pass_over_the_cache_and_so_refresh_it),
        EACH(the_least_recently_used_gives_way),
        EACH(names_of_nothing_give_way_to_each_other_and_values_to_none_of_them),
        EACH(an_heir_serves_what_its_own_settings_allow),
        EACH(the_counters_tell_what_happened),
        EACH(a_value_in_hand_outlives_cache_and_context),
    };
    return RUN_TESTS("resolve/cache_memory");
}
