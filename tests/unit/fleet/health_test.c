/* SPDX-License-Identifier: Apache-2.0 */
/* How long a store that failed, or that holds forgeries, is left alone. */
#include "fleet/health.h"

#include "support/unit.h"

static uint64_t least(void *data, uint64_t bound)
{
    (void)data;
    (void)bound;
    return 0;
}

static uint64_t most(void *data, uint64_t bound)
{
    (void)data;
    return bound > 0 ? bound - 1 : 0;
}

static const struct fleet_chance plain = {least, NULL};
static const struct fleet_chance late = {most, NULL};

static void a_store_is_asked_until_it_fails(void **state)
{
    struct fleet_health health = {.failures = 0};
    (void)state;
    assert_true(fleet_health_usable(&health, 1000));
    assert_true(fleet_health_failed(&health, 1000, &plain));
    assert_false(fleet_health_usable(&health, 5999));
    assert_int_equal(fleet_health_wait(&health, 2000), 4000);
    assert_true(fleet_health_usable(&health, 6000));
}

static void each_further_failure_doubles_the_pause_up_to_a_minute(void **state)
{
    static const int64_t pauses[] = {5000, 10000, 20000, 40000, 48000, 48000};
    struct fleet_health health = {.failures = 0};
    int64_t now = 1000;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        assert_int_equal(fleet_health_failed(&health, now, &plain), i == 0);
        assert_int_equal(fleet_health_wait(&health, now), pauses[i]);
        now += pauses[i];
    }
}

static void chance_makes_each_pause_longer_by_up_to_a_quarter(void **state)
{
    static const int64_t pauses[] = {6250, 12500, 25000, 50000, 60000, 60000};
    struct fleet_health health = {.failures = 0};
    int64_t now = 1000;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        fleet_health_failed(&health, now, &late);
        assert_int_equal(fleet_health_wait(&health, now), pauses[i]);
        now += pauses[i];
    }
}

static void a_good_answer_is_told_once_and_begins_anew(void **state)
{
    struct fleet_health health = {.failures = 0};
    (void)state;
    assert_false(fleet_health_good(&health));
    fleet_health_failed(&health, 1000, &plain);
    fleet_health_failed(&health, 6000, &plain);
    assert_true(fleet_health_good(&health));
    assert_false(fleet_health_good(&health));
    assert_true(fleet_health_failed(&health, 100000, &plain));
    assert_int_equal(fleet_health_wait(&health, 100000), 5000);
}

static void more_than_three_forgeries_in_a_minute_close_the_store(void **state)
{
    struct fleet_health health = {.failures = 0};
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_false(fleet_health_forged(&health, 1000 + i));
    }
    assert_true(fleet_health_usable(&health, 1003));
    assert_false(health.alarmed);
    struct fleet_health later = health;
    assert_false(fleet_health_forged(&later, 61000));
    assert_true(fleet_health_forged(&health, 60999));
    assert_true(health.alarmed);
    assert_int_equal(fleet_health_wait(&health, 60999), 600000);
}

static void forgeries_that_are_further_apart_do_not(void **state)
{
    struct fleet_health health = {.failures = 0};
    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_false(fleet_health_forged(&health, 1000 + i * 20000));
    }
    assert_true(fleet_health_usable(&health, 1000 + 400000));
    assert_int_equal(health.alarmed, false); /* and nothing was written over it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_is_asked_until_it_fails),
        cmocka_unit_test(each_further_failure_doubles_the_pause_up_to_a_minute),
        cmocka_unit_test(chance_makes_each_pause_longer_by_up_to_a_quarter),
        cmocka_unit_test(a_good_answer_is_told_once_and_begins_anew),
        cmocka_unit_test(more_than_three_forgeries_in_a_minute_close_the_store),
        cmocka_unit_test(forgeries_that_are_further_apart_do_not),
    };
    return RUN_TESTS("fleet/health");
}
