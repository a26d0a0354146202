/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/store_test.c: the conformance run passes a store that keeps the contract, and says what does not. What
 * is checked: store_checks_test.c */
#include "unit/cli/program.h"

static int start(void **state)
{
    harness_reset(state);
    setenv("MSTR_PLUGIN_PATH", TEST_PLUGINS, 1);
    return 0;
}

static void assert_line(const struct outcome *done, const char *line)
{
    if (strstr(done->output, line) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", line, done->output);
    }
}

static void a_store_that_keeps_the_contract_passes_every_check(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "ok - the module is loaded and its table accepted\n",
        "\nok - its option table is in order\n",
        "\nok - an option it does not know is refused\n",
        "\nok - a lease is had by one worker\n",
        "\nok - eight threads at once write one after another\n",
        "\nok - nothing is left behind by creating and destroying it\nThe store conforms.\n",
    };
    const struct outcome *done = run_program("memory");
    assert_string_equal(done->errors, "");
    assert_null(strstr(done->output, "FAILED"));
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_line(done, lines[i]);
    }
    assert_int_equal(done->status, 0);
}

static void settings_reach_the_store_and_failures_are_told(void **state)
{
    (void)state;
    const struct outcome *done = run_program("--set", "fault=full", TEST_PLUGINS "/mstr_store_memory.so");
    assert_line(done, "\nok - a record that is not there is absent\n");
    assert_line(done, "\nFAILED - a lease is had by one worker: acquire fails: the store is full\n");
    assert_line(done, "\nThe store does not conform.\n");
    assert_int_equal(done->status, 1);
}

static void what_is_no_store_ends_the_run(void **state)
{
    (void)state;
    const struct outcome *done = run_program(TEST_PLUGINS "/echo.so");
    assert_line(done, "FAILED - the module is loaded and its table accepted: ");
    assert_line(done, "\nThe store does not conform.\n");
    assert_int_equal(done->status, 1);
    done = run_program("-s", "no_such=1", "memory");
    assert_line(done, "\nFAILED - it is set up: unknown option \"no_such\"\n");
    assert_int_equal(done->status, 1);
}

static void wrong_usage_tells_the_options(void **state)
{
    (void)state;
    static char usage[2048];
    strcpy(usage, run_program("--help")->output);
    assert_memory_equal(usage, "Usage: mstr-store-test [OPTION]... MODULE\n", 42);
    assert_outcome(run_program("--help"), 0, usage, "");
    assert_outcome(run_program(NULL), 2, "", usage);
    const struct outcome *done = run_program("-s", "none", "memory");
    assert_int_equal(done->status, 2);
    assert_memory_equal(done->errors, "mstr-store-test: --set takes NAME=VALUE", 39);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_store_that_keeps_the_contract_passes_every_check, start),
        cmocka_unit_test_setup(settings_reach_the_store_and_failures_are_told, start),
        cmocka_unit_test_setup(what_is_no_store_ends_the_run, start),
        cmocka_unit_test_setup(wrong_usage_tells_the_options, start),
    };
    return RUN_TESTS("tools/store_test");
}
