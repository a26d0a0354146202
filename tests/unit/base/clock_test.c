/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/clock.c */
#include "base/clock.h"
#include "support/unit.h"

#include <time.h>

static void the_wall_clock_is_the_systems(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t now = clock_now();
    assert_true(now >= before - 1000 && now <= (int64_t)time(NULL) * 1000 + 1000);
}

static void the_monotonic_clock_never_goes_back(void **state)
{
    (void)state;
    int64_t last = clock_monotonic();
    for (int i = 0; i < 1000; i++) {
        int64_t next = clock_monotonic();
        assert_true(next >= last);
        last = next;
    }
}

static void random_octets_differ(void **state)
{
    (void)state;
    unsigned char a[32] = {0};
    unsigned char b[32] = {0};
    assert_true(clock_random(a, sizeof(a)));
    assert_true(clock_random(b, sizeof(b)));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_true(clock_random(NULL, 0));
}

static void random_numbers_stay_below_their_bound_and_reach_all_values(void **state)
{
    (void)state;
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t number = clock_random_below(7);
        assert_true(number < 7);
        seen |= 1u << number;
    }
    assert_int_equal(seen, 0x7f);
    assert_int_equal(clock_random_below(0), 0);
    assert_int_equal(clock_random_below(1), 0);
}

static int64_t fixed_now(void)
{
    return 1000;
}

/* First a number in the uneven rest, which must be thrown away, then 12. */
static bool scripted_random(void *octets, size_t length)
{
    static int calls;
    uint64_t number = calls++ == 0 ? UINT64_MAX : 12;
    memcpy(octets, &number, length);
    return true;
}

static bool failing_random(void *octets, size_t length)
{
    (void)octets;
    (void)length;
    return false;
}

static void tests_can_put_their_own_in(void **state)
{
    (void)state;
    clock_replace(&(struct clock_source){.now = fixed_now, .random = scripted_random});
    assert_int_equal(clock_now(), 1000);
    assert_true(clock_monotonic() != 1000);
    assert_int_equal(clock_random_below(10), 2);
    clock_replace(&(struct clock_source){.monotonic = fixed_now, .random = failing_random});
    assert_int_equal(clock_monotonic(), 1000);
    assert_int_equal(clock_random_below(10), 0);
    clock_replace(NULL);
    assert_true(clock_now() > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wall_clock_is_the_systems),
        cmocka_unit_test(the_monotonic_clock_never_goes_back),
        cmocka_unit_test(random_octets_differ),
        cmocka_unit_test(random_numbers_stay_below_their_bound_and_reach_all_values),
        cmocka_unit_test(tests_can_put_their_own_in),
    };
    return RUN_TESTS("base/clock");
}
