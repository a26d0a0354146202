/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/name_index.c */
#include "support/unit.h"

#include "base/name_index.h"

#include <stdio.h>

static void an_empty_index_holds_nothing(void **state)
{
    (void)state;
    struct name_index index = {0};
    assert_true(name_index_find(&index, 0, "a") == NAME_INDEX_NOWHERE);
    name_index_release(&index);
}

static void a_name_is_found_in_its_own_group_alone(void **state)
{
    (void)state;
    struct name_index index = {0};
    assert_true(name_index_add(&index, 0, "a", 7));
    assert_true(name_index_add(&index, 1, "a", 8));

    assert_int_equal(name_index_find(&index, 0, "a"), 7);
    assert_int_equal(name_index_find(&index, 1, "a"), 8);
    assert_true(name_index_find(&index, 2, "a") == NAME_INDEX_NOWHERE);
    assert_true(name_index_find(&index, 0, "A") == NAME_INDEX_NOWHERE);
    assert_true(name_index_find(&index, 0, "") == NAME_INDEX_NOWHERE);
    name_index_release(&index);
}

static void as_many_names_as_there_are_stay_found(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    static char names[MANY][8];
    struct name_index index = {0};
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof(names[i]), "%zu", i);
        assert_true(name_index_add(&index, i % 3, names[i], i));
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(name_index_find(&index, i % 3, names[i]), i);
    }
    assert_int_equal(index.count, MANY);
    name_index_release(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_index_holds_nothing),
        cmocka_unit_test(a_name_is_found_in_its_own_group_alone),
        cmocka_unit_test(as_many_names_as_there_are_stay_found),
    };
    return RUN_TESTS("base/name_index");
}
