/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/variables.c */
#include "cli/variables.h"

#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

static void each_name_is_there_once_and_the_last_one_wins(void **state)
{
    (void)state;
    struct variables variables = {0};
    assert_false(variables_has(&variables, "A"));
    assert_true(variables_set(&variables, "A", "one", 3));
    assert_true(variables_set(&variables, "AB", "two", 3));
    assert_true(variables_put(&variables, strdup("A=three")));
    assert_false(variables_put(&variables, NULL));
    assert_int_equal(variables.count, 2);
    assert_string_equal(variables.texts[0], "A=three");
    assert_string_equal(variables.texts[1], "AB=two");
    assert_null(variables.texts[2]);
    assert_true(variables_has(&variables, "AB"));
    assert_false(variables_has(&variables, "B"));
    variables_release(&variables);
}

static void a_pristine_one_has_the_least_that_programs_need(void **state)
{
    (void)state;
    struct variables all = {0};
    struct variables few = {0};
    setenv("PATH", "/bin", 1);
    setenv("HOMELESS", "x", 1);
    assert_true(variables_inherit(&all, false));
    assert_true(variables_inherit(&few, true));
    assert_true(variables_has(&all, "HOMELESS"));
    assert_true(variables_has(&few, "PATH"));
    assert_false(variables_has(&few, "HOMELESS"));
    variables_release(&all);
    variables_release(&few);
}

static void the_longest_is_named(void **state)
{
    (void)state;
    struct variables variables = {0};
    int name = 0;
    size_t length = 0;
    size_t all = 0;
    variables_set(&variables, "A", "x", 1);
    variables_set(&variables, "LONG", "xxxx", 4);
    assert_string_equal(variables_longest(&variables, &name, &length, &all), "LONG=xxxx");
    assert_int_equal(name, 4);
    assert_int_equal(length, 10);
    assert_int_equal(all, 14);
    variables_release(&variables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_is_there_once_and_the_last_one_wins),
        cmocka_unit_test(a_pristine_one_has_the_least_that_programs_need),
        cmocka_unit_test(the_longest_is_named),
    };
    return RUN_TESTS("cli/variables");
}
