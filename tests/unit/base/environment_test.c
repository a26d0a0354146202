/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/environment.c */
#include "base/environment.h"

#include "support/unit.h"

#include <stdlib.h>
#include <sys/auxv.h>

/* What the kernel says of this process, stood in for: a test cannot be set-user-id. */
static unsigned long secure;

unsigned long __getauxval(unsigned long type);

unsigned long getauxval(unsigned long type)
{
    return type == AT_SECURE ? secure : __getauxval(type);
}

static int begin(void **state)
{
    (void)state;
    secure = 0;
    setenv("ENVIRONMENT_TEST_SET", "value", 1);
    setenv("ENVIRONMENT_TEST_EMPTY", "", 1);
    unsetenv("ENVIRONMENT_TEST_UNSET");
    return 0;
}

static void a_variable_is_given_as_it_is(void **state)
{
    (void)state;
    assert_true(environment_trusted());
    assert_string_equal(environment_get("ENVIRONMENT_TEST_SET"), "value");
    assert_string_equal(environment_get("ENVIRONMENT_TEST_EMPTY"), "");
    assert_null(environment_get("ENVIRONMENT_TEST_UNSET"));
}

/* A changed variable is seen: nothing is remembered. */
static void a_change_is_seen(void **state)
{
    (void)state;
    assert_string_equal(environment_get("ENVIRONMENT_TEST_SET"), "value");
    setenv("ENVIRONMENT_TEST_SET", "other", 1);
    assert_string_equal(environment_get("ENVIRONMENT_TEST_SET"), "other");
}

static void with_more_rights_than_the_user_every_variable_is_unset(void **state)
{
    (void)state;
    secure = 1;
    assert_false(environment_trusted());
    assert_null(environment_get("ENVIRONMENT_TEST_SET"));
    assert_null(environment_get("ENVIRONMENT_TEST_EMPTY"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_variable_is_given_as_it_is, begin),
        cmocka_unit_test_setup(a_change_is_seen, begin),
        cmocka_unit_test_setup(with_more_rights_than_the_user_every_variable_is_unset, begin),
    };
    return RUN_TESTS("base/environment");
}
