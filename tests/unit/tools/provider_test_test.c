/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/provider_test.c: the conformance run passes what keeps the contract, and says what does not */
#include "unit/cli/program.h"

#include <stdlib.h>
#include <unistd.h>

static int start(void **state)
{
    harness_reset(state);
    setenv("THERE", "value", 1);
    setenv("TMPDIR", harness_path(""), 1);
    return 0;
}

static void assert_line(const struct outcome *done, const char *line)
{
    if (strstr(done->output, line) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", line, done->output);
    }
}

static void a_provider_that_keeps_the_contract_passes_every_check(void **state)
{
    (void)state;
    static const char *const checks[] = {
        "the plugin is loaded and its table accepted",
        "it has a version",
        "it has a summary",
        "its option table is in order",
        "an option it does not know is refused",
        "tested:THERE",
        "tested:NOT_THERE",
        "an error has a message",
        "working directory, locale, umask and signal mask are kept",
        "a batch gives each request its own answer",
        "a step upwards (..) in a body leads nowhere else",
        "an encoded slash (%2f) in a body leads nowhere else",
        "an encoded step (%2e) in a body leads nowhere else",
        "a query (?) in a body leads nowhere else",
        "a fragment (#) in a body leads nowhere else",
        "a line of its own (CR LF) in a body leads nowhere else",
        "tested:THERE is in order",
        "tested:NOT_THERE is in order",
        "what it refuses of a reference is told before it is asked",
        "sixteen threads at once are answered",
        "a deadline of 1 ms is kept",
        "a cancelled call ends at once",
        "nothing is left behind by creating and destroying it",
    };
    const struct outcome *done = run_program("--found", "THERE", "-m", "NOT_THERE", "env");
    assert_string_equal(done->errors, "");
    assert_int_equal(done->status, 0);
    assert_null(strstr(done->output, "FAILED"));
    assert_line(done, "\nThe plugin conforms.\n");
    const char *at = done->output;
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        assert_memory_equal(at, "ok - ", 5);
        assert_memory_equal(at + 5, checks[i], strlen(checks[i]));
        at = strchr(at, '\n') + 1;
    }
}

static void what_does_not_keep_the_contract_is_told_check_by_check(void **state)
{
    (void)state;
    const struct outcome *done = run_program("-f", "THERE", "-f", "NOT_THERE", "-m", "THERE", "env");
    assert_int_equal(done->status, 1);
    assert_line(done, "\nok - tested:THERE\n");
    assert_line(done, "\nFAILED - tested:NOT_THERE: environment variable NOT_THERE is not set\n");
    assert_line(done, "\nFAILED - tested:THERE: it was found\n");
    assert_line(done, "\nFAILED - a batch gives each request its own answer: ");
    assert_line(done, "\nFAILED - sixteen threads at once are answered: ");
    assert_line(done, "\nThe plugin does not conform.\n");
}

static void options_reach_the_provider(void **state)
{
    (void)state;
    const struct outcome *done = run_program("-o", "no_such=1", "-f", "THERE", "env");
    assert_int_equal(done->status, 1);
    assert_line(done, "\"no_such\"");
}

static void a_plugin_of_the_authors_own_is_named_by_its_path(void **state)
{
    (void)state;
    const struct outcome *done = run_program("-f", "x", "-m", "y", TEST_PLUGINS "/echo.so");
    assert_line(done, "ok - tested:x\n");
    assert_line(done, "FAILED - tested:y: it was found\n"); /* it has an answer for everything */
    assert_int_equal(done->status, 1);
}

static void a_plugin_that_pastes_bodies_into_urls_is_found_out(void **state)
{
    (void)state;
    size_t failures = 0;
    const struct outcome *done = run_program("-f", "x", "-f", "y/z", TEST_PLUGINS "/pasting.so");
    for (const char *at = done->output; (at = strstr(at, "FAILED - ")) != NULL; at++) {
        failures++;
    }
    assert_line(done, "\nFAILED - a step upwards (..) in a body leads nowhere else: it leads to the same secret");
    assert_int_equal(failures, 6); /* nothing but the injections */
    assert_int_equal(done->status, 1);
}

static void a_check_of_references_that_breaks_the_contract_is_found_out(void **state)
{
    (void)state;
    static const struct {
        const char *breaks, *line;
    } cases[] = {
        {"breaks=lax",
         "\nFAILED - what it refuses of a reference is told before it is asked: tested:/: check takes what "
         "resolve refuses\n"},
        {"breaks=other-words", "is told before it is asked: tested:/: check and resolve do not say the same\n"},
        {"breaks=mute", "is told before it is asked: tested:/: check and resolve do not say the same\n"},
        {"breaks=strict", "\nFAILED - tested:x is in order: check refuses what resolve takes\n"},
        {"breaks=connects", "\nFAILED - tested:x is in order: check connects to somebody\n"},
        {"breaks=nothing", "\nThe plugin conforms.\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct outcome *done = run_program("-o", cases[i].breaks, "-f", "x", TEST_PLUGINS "/picky.so");
        assert_line(done, cases[i].line);
        assert_int_equal(done->status, i + 1 < COUNT_OF(cases) ? 1 : 0);
    }
}

static void a_broken_table_ends_the_run(void **state)
{
    (void)state;
    const struct outcome *done = run_program("-f", "x", TEST_PLUGINS "/odd_option.so");
    assert_int_equal(done->status, 1);
    assert_memory_equal(done->output, "FAILED - the plugin is loaded and its table accepted: ", 54);
    assert_line(done, "\nThe plugin does not conform.\n");
    assert_null(strstr(done->output, "tested:x"));
}

static void wrong_usage_tells_the_options(void **state)
{
    (void)state;
    static char usage[2048];
    strcpy(usage, run_program("--help")->output);
    assert_memory_equal(usage, "Usage: mstr-provider-test [OPTION]... --found BODY PLUGIN\n", 58);
    assert_non_null(strstr(usage, "\n  -m, --missing BODY   "));
    assert_outcome(run_program("--help"), 0, usage, "");
    assert_outcome(run_program("env"), 2, "", usage);
    assert_outcome(run_program("-f", "x"), 2, "", usage);
    const struct outcome *done = run_program("--none");
    assert_int_equal(done->status, 2);
    assert_non_null(strstr(done->errors, "mstr-provider-test: unknown option --none\nUsage: "));
    done = run_program("-f", "x", "env", "more");
    assert_non_null(strstr(done->errors, "mstr-provider-test: too many arguments\nUsage: "));
}

static void a_configuration_that_has_no_place_is_told(void **state)
{
    (void)state;
    setenv("TMPDIR", "/nonexistent", 1);
    const struct outcome *done = run_program("-f", "x", "env");
    assert_int_equal(done->status, 1);
    assert_non_null(strstr(done->errors, "mstr-provider-test: /nonexistent/mstr-test-"));
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_provider_that_keeps_the_contract_passes_every_check),
        TEST(what_does_not_keep_the_contract_is_told_check_by_check),
        TEST(options_reach_the_provider),
        TEST(a_plugin_of_the_authors_own_is_named_by_its_path),
        TEST(a_plugin_that_pastes_bodies_into_urls_is_found_out),
        TEST(a_check_of_references_that_breaks_the_contract_is_found_out),
        TEST(a_broken_table_ends_the_run),
        TEST(wrong_usage_tells_the_options),
        TEST(a_configuration_that_has_no_place_is_told),
    };
    return RUN_CLI_TESTS("tools/provider_test");
}
