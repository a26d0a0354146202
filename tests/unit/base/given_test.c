/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/given.c */
#include "base/given.h"

#include "support/unit.h"

static void a_structure_without_its_size_is_refused_by_name(void **state)
{
    mstr_error *error = mstr_error_new();
    (void)state;

    assert_int_equal(given_check("the request was", false, 0, 0, error), MSTR_E_USAGE);

    assert_string_equal(mstr_error_message(error), "the request was not initialised");
    assert_non_null(mstr_error_hint(error));
    mstr_error_free(error);
}

static void flags_of_a_later_version_are_refused_and_told(void **state)
{
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(given_check("the request was", true, 5, 7, error), MSTR_OK);

    assert_int_equal(given_check("the request was", true, 0x45, 7, error), MSTR_E_USAGE);

    assert_string_equal(mstr_error_message(error),
                        "the request was given flags that this version does not know: 0x40");
    mstr_error_free(error);
}

static void options_of_a_call_may_be_absent_but_not_blank(void **state)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    (void)state;
    assert_int_equal(given_call(NULL, NULL), MSTR_OK);
    assert_int_equal(given_call(&call, NULL), MSTR_OK);
    call.flags = 0x80;
    assert_int_equal(given_call(&call, NULL), MSTR_E_USAGE);
    call = (mstr_call_options){.timeout = 5};
    assert_int_equal(given_call(&call, NULL), MSTR_E_USAGE);
}

static void what_a_later_version_appended_is_not_looked_at(void **state)
{
    struct {
        mstr_call_options known;
        char appended[64];
    } later = {.known = MSTR_CALL_OPTIONS_INIT, .appended = "of version 1.9"};
    (void)state;
    later.known.size = sizeof(later);
    assert_int_equal(given_call(&later.known, NULL), MSTR_OK);
}

static void a_number_out_of_its_bounds_is_refused_by_its_name(void **state)
{
    const struct given_number good[] = {{"a", 0, 0, INT64_MAX}, {"b", 1024, 1, 1024}};
    const struct given_number negative[] = {{"a", 3, 0, INT64_MAX}, {"timeout", -5, 0, INT64_MAX}};
    const struct given_number large[] = {{"capacity", 1025, 1, 1024}};
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(given_numbers("the things were", good, COUNT_OF(good), error), MSTR_OK);

    assert_int_equal(given_numbers("the things were", negative, COUNT_OF(negative), error), MSTR_E_USAGE);
    assert_string_equal(mstr_error_message(error), "the things were given timeout = -5, which must be 0 or more");
    assert_int_equal(given_numbers("the things were", large, COUNT_OF(large), error), MSTR_E_USAGE);
    assert_string_equal(mstr_error_message(error),
                        "the things were given capacity = 1025, which must be from 1 to 1024");
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_structure_without_its_size_is_refused_by_name),
        cmocka_unit_test(flags_of_a_later_version_are_refused_and_told),
        cmocka_unit_test(what_a_later_version_appended_is_not_looked_at),
        cmocka_unit_test(a_number_out_of_its_bounds_is_refused_by_its_name),
        cmocka_unit_test(options_of_a_call_may_be_absent_but_not_blank),
    };
    return RUN_TESTS("base/given");
}
