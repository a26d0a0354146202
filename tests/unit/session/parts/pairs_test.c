/* SPDX-License-Identifier: Apache-2.0 */
/* Names with values. */
#include "session/parts/pairs.h"

#include "support/unit.h"

#include <stdio.h>

static void a_pair_takes_the_place_of_one_of_its_name(void **state)
{
    struct pairs pairs = {.count = 0};
    (void)state;
    assert_true(pairs_set(&pairs, "X-A", "1", true));
    assert_true(pairs_set(&pairs, "X-B", "2", true));
    assert_true(pairs_set(&pairs, "x-a", "3", true));
    assert_int_equal(pairs.count, 2);
    assert_string_equal(pairs.items[0].name, "X-B");
    assert_string_equal(pairs.items[1].value, "3");
    assert_true(pairs_set(&pairs, "x-A", "4", false)); /* names of parameters have a case */
    assert_int_equal(pairs.count, 3);
    assert_true(pairs_set(&pairs, "X-B", NULL, true));
    assert_true(pairs_set(&pairs, "X-None", NULL, true));
    assert_int_equal(pairs.count, 2);
    pairs_release(&pairs);
    assert_int_equal(pairs.count, 0);
}

static void a_copy_is_of_its_own(void **state)
{
    struct pairs pairs = {.count = 0};
    struct pairs copy = {.count = 0};
    (void)state;
    assert_true(pairs_set(&pairs, "a", "1", false));
    assert_true(pairs_copy(&pairs, &copy));
    pairs_release(&pairs);
    assert_int_equal(copy.count, 1);
    assert_string_equal(copy.items[0].value, "1");
    pairs_release(&copy);
}

static void there_is_a_bound(void **state)
{
    struct pairs pairs = {.count = 0};
    char name[16];
    (void)state;
    for (int i = 0; i < PAIRS_MAX; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        assert_true(pairs_set(&pairs, name, "v", false));
    }
    assert_false(pairs_set(&pairs, "one more", "v", false));
    assert_true(pairs_set(&pairs, "n0", "replaced", false));
    pairs_release(&pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_takes_the_place_of_one_of_its_name),
        cmocka_unit_test(a_copy_is_of_its_own),
        cmocka_unit_test(there_is_a_bound),
    };
    return RUN_TESTS("session/parts/pairs");
}
