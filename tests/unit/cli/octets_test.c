/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/octets.c */
#include "cli/octets.h"

#include "support/unit.h"

#include <string.h>

static void octets_grow_and_are_a_text(void **state)
{
    (void)state;
    struct octets octets = {0};
    for (int i = 0; i < 1000; i++) {
        assert_true(octets_puts(&octets, "0123456789"));
    }
    assert_int_equal(octets.length, 10000);
    assert_int_equal(strlen(octets.data), 10000);
    octets_drop(&octets, 9995);
    assert_string_equal(octets.data, "56789");
    octets_drop(&octets, 0);
    assert_int_equal(octets.length, 5);
    octets_release(&octets);
    assert_null(octets.data);
    octets_release(&octets);
}

static void what_is_dropped_is_wiped(void **state)
{
    (void)state;
    struct octets octets = {0};
    octets_puts(&octets, "xsecret");
    octets_drop(&octets, 6);
    assert_string_equal(octets.data, "t");
    for (size_t i = 1; i < 7; i++) {
        assert_int_equal(octets.data[i], 0);
    }
    octets_release(&octets);
}

static void once_something_is_missing_nothing_more_is_taken(void **state)
{
    (void)state;
    struct octets octets = {0};
    octets_puts(&octets, "a");
    octets.failed = true;
    assert_false(octets_puts(&octets, "b"));
    assert_string_equal(octets.data, "a");
    octets_release(&octets);
    assert_true(octets_puts(&octets, "c"));
    octets_release(&octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets_grow_and_are_a_text),
        cmocka_unit_test(what_is_dropped_is_wiped),
        cmocka_unit_test(once_something_is_missing_nothing_more_is_taken),
    };
    return RUN_TESTS("cli/octets");
}
