/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/process_split.c */
#include "sdk/process_split.h"

#include "support/unit.h"

static void command_lines_are_split_without_a_shell(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        const char *arguments[5];
    } cases[] = {
        {"/bin/x --json", {"/bin/x", "--json"}},
        {"  a\tb  ", {"a", "b"}},
        {"a 'b c' \"d e\"", {"a", "b c", "d e"}},
        {"a\\ b c\\\\", {"a b", "c\\"}},
        {"a '\\' \"\\\"\"", {"a", "\\", "\""}},
        {"a ''", {"a", ""}},
        {"a $HOME;`b`|c", {"a", "$HOME;`b`|c"}},
        {"pre'in'post", {"preinpost"}},
        {"a 'open", {NULL}},
        {"", {NULL}},
        {" \t", {NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char **arguments = process_split(cases[i].command);
        if (cases[i].arguments[0] == NULL) {
            assert_null(arguments);
            continue;
        }
        assert_non_null(arguments);
        size_t count = 0;
        for (; cases[i].arguments[count] != NULL; count++) {
            assert_string_equal(arguments[count], cases[i].arguments[count]);
        }
        assert_null(arguments[count]);
        process_free_arguments(arguments);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines_are_split_without_a_shell),
    };
    return RUN_TESTS("sdk/process_split");
}
