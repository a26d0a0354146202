/* SPDX-License-Identifier: Apache-2.0 */
/* Text in fields. */
#include "azure/config/field.h"

#include "support/unit.h"

static void text_that_fits_with_its_end_is_taken(void **state)
{
    char field[4] = "";
    (void)state;

    assert_true(field_set(field, sizeof(field), "abcdef", 3));
    assert_string_equal(field, "abc");
    assert_true(field_set(field, sizeof(field), "", 0));
    assert_string_equal(field, "");
}

static void text_that_is_too_long_leaves_the_field_alone(void **state)
{
    char field[4] = "old";
    (void)state;

    assert_false(field_set(field, sizeof(field), "abcd", 4));
    assert_string_equal(field, "old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_fits_with_its_end_is_taken),
        cmocka_unit_test(text_that_is_too_long_leaves_the_field_alone),
    };
    return RUN_TESTS("azure/config/field");
}
