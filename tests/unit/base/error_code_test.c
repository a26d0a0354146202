/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/error_code.c */
#include "base/error.h"
#include "support/unit.h"

static void every_class_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = MSTR_OK; a <= MSTR_E_SERVER; a++) {
        assert_true(mstr_code_name((enum mstr_code)a)[0] != '\0');
        assert_true(mstr_code_text((enum mstr_code)a)[0] != '\0');
        for (int b = MSTR_OK; b < a; b++) {
            assert_string_not_equal(mstr_code_name((enum mstr_code)a), mstr_code_name((enum mstr_code)b));
        }
    }
    assert_string_equal(mstr_code_name(MSTR_E_NOT_FOUND), "not-found");
    assert_string_equal(mstr_code_text(MSTR_E_DENIED), "access denied");
}

static void a_class_is_found_by_its_name(void **state)
{
    (void)state;
    for (int code = MSTR_OK; code <= MSTR_E_SERVER; code++) {
        assert_int_equal(error_code_named(mstr_code_name((enum mstr_code)code)), code);
    }
    assert_int_equal(error_code_named("of tomorrow"), MSTR_E_UNEXPECTED);
}

static void numbers_that_are_no_class_are_unexpected(void **state)
{
    (void)state;
    assert_string_equal(mstr_code_name((enum mstr_code)99), "unexpected");
    assert_string_equal(mstr_code_name((enum mstr_code) - 1), "unexpected");
    assert_int_equal(mstr_code_is_passing((enum mstr_code)99), 0);
}

static void four_classes_may_pass_by_themselves(void **state)
{
    (void)state;
    for (int code = MSTR_OK; code <= MSTR_E_SERVER; code++) {
        bool passing = code == MSTR_E_NETWORK || code == MSTR_E_TIMEOUT || code == MSTR_E_THROTTLED ||
                       code == MSTR_E_UNAVAILABLE;
        assert_int_equal(mstr_code_is_passing((enum mstr_code)code) != 0, passing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_has_a_name_of_its_own),
        cmocka_unit_test(a_class_is_found_by_its_name),
        cmocka_unit_test(numbers_that_are_no_class_are_unexpected),
        cmocka_unit_test(four_classes_may_pass_by_themselves),
    };
    return RUN_TESTS("base/error_code");
}
