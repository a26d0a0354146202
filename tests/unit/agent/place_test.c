/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/place.c */
#include "agent/place.h"

#include "support/unit.h"

static void assert_place(const char *given, const char *variable, const char *configured, const char *expected)
{
    struct buffer path = BUFFER_INIT;
    assert_int_equal(place_find(given, variable, configured, &path, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&path), expected);
    buffer_release(&path);
}

static void the_command_line_comes_before_the_variable_before_the_configuration(void **state)
{
    (void)state;
    assert_place("/a", "/b", "/c", "/a");
    assert_place(NULL, "/b", "/c", "/b");
    assert_place(NULL, NULL, "/c", "/c");
    assert_place(NULL, "auto", "/c", "/c");
    assert_place(NULL, "off", "/c", "/c");
    assert_place(NULL, "require", "/c", "/c");
}

static void a_path_that_cannot_be_is_told(void **state)
{
    (void)state;
    struct buffer path = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    assert_int_equal(place_find("relative", NULL, NULL, &path, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "relative is no absolute path"));
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_command_line_comes_before_the_variable_before_the_configuration),
        cmocka_unit_test(a_path_that_cannot_be_is_told),
    };
    return RUN_TESTS("agent/place");
}
