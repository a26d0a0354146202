/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/env.c */
#include "support/context.h"

static mstr_context *context;

static void a_variable_is_the_value(void **state)
{
    (void)state;
    setenv("ENV_TEST_WORD", "word", 1);
    setenv("ENV_TEST_JSON", "{\"a\":{\"b\":[1,\"two\"]}}", 1);
    assert_text(context, "env:ENV_TEST_WORD", "word");
    assert_text(context, "env:ENV_TEST_JSON#/a/b/1", "two");
    assert_text(context, "env:ENV_TEST_JSON#a", "{\"b\":[1,\"two\"]}");
}

static void an_empty_variable_is_a_value(void **state)
{
    (void)state;
    setenv("ENV_TEST_EMPTY", "", 1);
    assert_text(context, "env:ENV_TEST_EMPTY", "");
}

static void an_unset_variable_is_not_found(void **state)
{
    (void)state;
    unsetenv("ENV_TEST_UNSET");
    assert_failure(context, "env:ENV_TEST_UNSET", MSTR_E_NOT_FOUND, "ENV_TEST_UNSET is not set");
}

static void a_change_is_seen_at_once(void **state)
{
    (void)state;
    setenv("ENV_TEST_CHANGING", "old", 1);
    assert_text(context, "env:ENV_TEST_CHANGING", "old");
    setenv("ENV_TEST_CHANGING", "new", 1);
    assert_text(context, "env:ENV_TEST_CHANGING", "new");
}

static void a_query_is_refused(void **state)
{
    (void)state;
    assert_failure(context, "env:PATH?raw=1", MSTR_E_CONFIG, "takes no query");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_is_the_value),
        cmocka_unit_test(an_empty_variable_is_a_value),
        cmocka_unit_test(an_unset_variable_is_not_found),
        cmocka_unit_test(a_change_is_seen_at_once),
        cmocka_unit_test(a_query_is_refused),
    };
    context = test_context("");
    int failed = RUN_TESTS("builtin/env");
    mstr_context_free(context);
    return failed;
}
