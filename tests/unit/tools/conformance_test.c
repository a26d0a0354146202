/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/conformance.c; the lines it writes: provider_test_test.c */
#include "support/unit.h"

#include "tools/conformance.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define END                                                                                                          \
    {                                                                                                                \
        NULL, MSTR_OPTION_STRING, 0, NULL, NULL                                                                      \
    }

static void each_fault_of_an_option_table_is_found(void **state)
{
    (void)state;
    static const char *const taken[] = {"plugin", NULL};
    static const struct {
        struct mstr_option table[3];
        const char *fault;
    } cases[] = {
        {{{"url", MSTR_OPTION_URL, 0, "https://h", "where"}, {"key", MSTR_OPTION_SECRET, 0, NULL, "what"}, END},
         NULL},
        {{{"Url", MSTR_OPTION_URL, 0, NULL, "where"}, END}, "a name is not of lower-case letters, digits, _ and -"},
        {{{"", MSTR_OPTION_URL, 0, NULL, "where"}, END}, "a name is not of lower-case letters, digits, _ and -"},
        {{{"plugin", MSTR_OPTION_URL, 0, NULL, "where"}, END}, "a name is one of the host's own"},
        {{{"url", (enum mstr_option_type)99, 0, NULL, "where"}, END}, "an option has an unknown type"},
        {{{"url", MSTR_OPTION_URL, 0, NULL, ""}, END}, "an option has no help"},
        {{{"url", MSTR_OPTION_URL, 0, "h", "where"}, END}, "the default is no URL"},
        {{{"n", MSTR_OPTION_INTEGER, 0, "x", "many"}, END}, "the default is no integer"},
        {{{"p", MSTR_OPTION_PATH, 0, "x", "file"}, END}, "the default is no absolute path"},
        {{{"n", MSTR_OPTION_INTEGER, MSTR_OPTION_REQUIRED, "1", "many"}, END}, "a required option has a default"},
        {{{"n", MSTR_OPTION_STRING, 0, NULL, "one"}, {"n", MSTR_OPTION_STRING, 0, NULL, "two"}, END},
         "two options have the same name"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *fault = conformance_option_fault(cases[i].table, sizeof(struct mstr_option), taken);
        if (cases[i].fault == NULL) {
            assert_null(fault);
        } else {
            assert_non_null(fault);
            assert_string_equal(fault, cases[i].fault);
        }
    }
    assert_null(conformance_option_fault(NULL, 0, taken));
}

static void what_belongs_to_the_program_is_compared(void **state)
{
    (void)state;
    struct conformance_state before, after;
    conformance_take_state(&before);
    conformance_take_state(&after);
    assert_true(conformance_same_state(&before, &after));
    mode_t mask = umask(0123);
    conformance_take_state(&after);
    umask(mask);
    assert_false(conformance_same_state(&before, &after));
    assert_int_equal(chdir("/tmp"), 0);
    conformance_take_state(&after);
    assert_int_equal(chdir(before.directory), 0);
    assert_false(conformance_same_state(&before, &after));
}

static void leave_nothing(void *data)
{
    ++*(int *)data;
}

static void cycles_that_leave_nothing_pass(void **state)
{
    (void)state;
    int cycles = 0;
    int64_t started = conformance_clock();
    assert_true(conformance_cycles(leave_nothing, &cycles));
    assert_true(cycles > 10);
    assert_true(conformance_clock() >= started);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_of_an_option_table_is_found),
        cmocka_unit_test(what_belongs_to_the_program_is_compared),
        cmocka_unit_test(cycles_that_leave_nothing_pass),
    };
    return RUN_TESTS("tools/conformance");
}
