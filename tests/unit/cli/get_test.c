/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/get.c: values of references in each format, and what goes wrong with them */
#include "unit/cli/harness.h"

#include <stdlib.h>
#include <unistd.h>

static int start(void **state)
{
    harness_reset(state);
    setenv("X", "val", 1);
    setenv("EMPTY", "", 1);
    setenv("QUOTED", "it's \"so\"\n", 1);
    return 0;
}

static void each_format_writes_values_its_way(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        const char *output;
    } cases[] = {
        {{"env:X"}, "val"},
        {{"env:EMPTY"}, ""},
        {{"env:X", "env:EMPTY"}, "val\n\n"},
        {{"-o", "text", "env:X", "env:X"}, "val\nval\n"},
        {{"-o", "raw", "env:X", "env:QUOTED"}, "valit's \"so\"\n"},
        {{"-o", "env", "A=env:X", "_b1=env:QUOTED"}, "A='val'\n_b1='it'\\''s \"so\"\n'\n"},
        {{"-o", "json", "env:X"}, "{\"env:X\": {\"value\": \"val\", \"version\": null, \"expires\": null}}\n"},
        {{"--json", "env:QUOTED"},
         "{\"env:QUOTED\": {\"value\": \"it's \\\"so\\\"\\u000a\", \"version\": null, \"expires\": null}}\n"},
        {{"-o", "json", "env:X", "env:EMPTY", "env:X"},
         "{\"env:X\": {\"value\": \"val\", \"version\": null, \"expires\": null}, "
         "\"env:EMPTY\": {\"value\": \"\", \"version\": null, \"expires\": null}}\n"},
        {{"--json", "-o", "raw", "env:X"}, "val"}, /* a format that is named wins */
        {{"--no-cache", "--", "env:X"}, "val"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_outcome(harness_call(command_line_run, &(struct command_line){&command_get, cases[i].words}),
                       STATUS_DONE, cases[i].output, "");
    }
}

static const char *binary_file(void)
{
    static char reference[300];
    harness_write("binary", "a\0\xff", 3);
    strcpy(reference, "file:");
    strcat(reference, harness_path("binary"));
    return reference;
}

static void binary_values_are_written_unchanged_or_in_base64(void **state)
{
    (void)state;
    const char *reference = binary_file();
    const struct outcome *done = run_command(command_get, reference);
    assert_int_equal(done->output_length, 3);
    assert_memory_equal(done->output, "a\0\xff", 3);
    done = run_command(command_get, "-o", "json", reference);
    assert_int_equal(done->status, STATUS_DONE);
    assert_non_null(strstr(done->output, ": {\"value_base64\": \"YQD/\", \"version\": null, "));
}

static void a_value_with_a_nul_is_no_variable(void **state)
{
    (void)state;
    char assignment[300] = "A=";
    strcat(assignment, binary_file());
    const struct outcome *done = run_command(command_get, "-o", "env", "B=env:X", assignment);
    assert_int_equal(done->status, STATUS_UNEXPECTED);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "binary: the value holds a NUL, which no variable can\n"));
}

static void what_is_known_of_a_value_stays_out_of_the_data(void **state)
{
    (void)state;
    assert_outcome(run_command(command_get, "--version-info", "env:X"), STATUS_DONE, "val",
                   "env:X: version unknown, from store, 0 s old\n1 fetched, 0 from the cache, 0 failed\n");
    const struct outcome *done = run_command(command_get, "--json", "--version-info", "env:X");
    assert_string_equal(done->output, "{\"env:X\": {\"value\": \"val\", \"version\": null, \"expires\": null, "
                                      "\"source\": \"store\", \"age\": 0}}\n");
}

static void each_failure_is_told_and_nothing_is_written(void **state)
{
    (void)state;
    setenv("JSON", "{\"a\":1}", 1);
    const struct outcome *done = run_command(command_get, "env:X", "env:NONE", "nothing");
    assert_int_equal(done->status, STATUS_NOT_FOUND); /* that of the first */
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "mstr: env:NONE: environment variable NONE is not set\n"));
    assert_non_null(strstr(done->errors, "mstr: \"nothing\" is not a reference\nhint: "));

    done = run_command(command_get, "env:JSON#b");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    done = run_command(command_get, "nothing:x");
    assert_int_equal(done->status, STATUS_CONFIG);
}

static void in_json_the_first_failure_is_one_object(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_get, "--json", "env:X", "env:NONE", "nothing");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(done->output, "");
    const char *start = "{\"error\": \"not-found\", \"message\": \"environment variable NONE is not set\", ";
    assert_memory_equal(done->errors, start, strlen(start));
    assert_ptr_equal(strchr(done->errors, '\n'), done->errors + strlen(done->errors) - 1);
    assert_non_null(strstr(done->errors, ", \"exit_status\": 4}\n"));
}

static void values_go_into_a_file_that_is_whole_or_not_there(void **state)
{
    (void)state;
    assert_outcome(run_command(command_get, "--output", harness_path("values"), "env:X"), STATUS_DONE, "", "");
    assert_string_equal(harness_read("values"), "val");
    assert_outcome(run_command(command_get, "--output=-", "--format", "env", "A=env:X"), STATUS_DONE, "A='val'\n",
                   "");
    const struct outcome *done = run_command(command_get, "--output", harness_path("none"), "env:NONE");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_int_equal(access(harness_path("none"), F_OK), -1);
}

static void wrong_usage_is_told_with_a_way_out(void **state)
{
    (void)state;
#define HINT "hint: mstr help get tells its options\n"
    assert_outcome(run_command(command_get, NULL), STATUS_USAGE, "", "mstr: no reference was given\n" HINT);
    assert_outcome(
        run_command(command_get, "-o", "xml", "env:X"), STATUS_USAGE, "",
        "mstr: there is no format \"xml\"; there are text, json, env and raw; --output names a file\n" HINT);
    assert_outcome(run_command(command_get, "-o", "env", "A=env:X", "env:X"), STATUS_USAGE, "",
                   "mstr: with --format env, write NAME=REFERENCE in place of \"env:X\"\n" HINT);
    assert_outcome(run_command(command_get, "-o", "env", "1=env:X"), STATUS_USAGE, "",
                   "mstr: with --format env, write NAME=REFERENCE in place of \"1=env:X\"\n" HINT);
    assert_outcome(run_command(command_get, "--output", "json", "env:X"), STATUS_USAGE, "",
                   "mstr: --output names a file; write --format json, or --output ./json\n" HINT);
    assert_outcome(run_command(command_get, "--none"), STATUS_USAGE, "", "mstr: unknown option --none\n" HINT);
}

static void a_wrong_configuration_is_told_before_anything_is_asked(void **state)
{
    (void)state;
    harness_config("[profile default]\nno_such_key = 1\n");
    const struct outcome *done = run_command(command_get, "env:X");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "config:2: "));
}

#define TEST(name) cmocka_unit_test_setup(name, start)

static void a_text_with_references_is_a_value_too(void **state)
{
    (void)state;
    setenv("X", "val", 1);
    assert_outcome(run_command(command_get, "<${env:X}|${env:NONE || text:y}> $${z}"), 0, "<val|y> ${z}", "");
    assert_int_equal(run_command(command_get, "${env:X")->status, STATUS_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_format_writes_values_its_way),
        TEST(binary_values_are_written_unchanged_or_in_base64),
        TEST(a_value_with_a_nul_is_no_variable),
        TEST(what_is_known_of_a_value_stays_out_of_the_data),
        TEST(each_failure_is_told_and_nothing_is_written),
        TEST(in_json_the_first_failure_is_one_object),
        TEST(values_go_into_a_file_that_is_whole_or_not_there),
        TEST(wrong_usage_is_told_with_a_way_out),
        TEST(a_wrong_configuration_is_told_before_anything_is_asked),
        TEST(a_text_with_references_is_a_value_too),
    };
    return RUN_CLI_TESTS("cli/get");
}
