/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/run.c: references become variables of a command, which the tool becomes */
#include "unit/cli/harness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int start(void **state)
{
    harness_reset(state);
    setenv("X", "val", 1);
    return 0;
}

static void the_command_has_the_values_beside_what_was_there(void **state)
{
    (void)state;
    setenv("KEPT", "kept", 1);
    setenv("HIDDEN", "old", 1);
    assert_outcome(fork_command(command_run, "--env", "A=env:X", "-eHIDDEN=env:X", "--env", "A=env:KEPT", "--", "sh",
                                "-c", "printf '%s,' \"$A\" \"$HIDDEN\" \"$KEPT\" \"$X\""),
                   0, "kept,val,kept,val,", "");
}

/* As env shows them; a shell would keep one of two. */
static void no_variable_is_there_twice(void **state)
{
    (void)state;
    setenv("HIDDEN", "old", 1);
    const struct outcome *done = fork_command(command_run, "-eHIDDEN=env:X", "env", "-u", "SECRET");
    assert_int_equal(done->status, 0);
    assert_non_null(strstr(done->output, "\nHIDDEN=val\n"));
    assert_null(strstr(done->output, "HIDDEN=old"));
}

static void options_win_over_the_sections_of_sets(void **state)
{
    (void)state;
    harness_config("[env one]\nA = <${env:X}>\nB = one\nC = one\n[env two]\nB = two\n");
    assert_outcome(fork_command(command_run, "--env", "C=env:X", "--env-set", "one", "--env-set", "two", "sh", "-c",
                                "printf '%s,' \"$A\" \"$B\" \"$C\""),
                   0, "<val>,two,val,", "");
}

static void words_behind_the_command_are_its_own(void **state)
{
    (void)state;
    assert_outcome(fork_command(command_run, "printf", "%s,", "--json", "--env", "-h", "--"), 0,
                   "--json,--env,-h,--,", "");
}

static void the_command_ends_as_it_does(void **state)
{
    (void)state;
    assert_outcome(fork_command(command_run, "sh", "-c", "exit 42"), 42, "", "");
}

static void a_command_that_cannot_be_run_is_told_as_shells_do(void **state)
{
    (void)state;
    assert_outcome(fork_command(command_run, "--env", "A=env:SECRET", "/proc/none"), 127, "",
                   "mstr: /proc/none: No such file or directory\n");
    assert_outcome(fork_command(command_run, "--env", "A=env:SECRET", "/proc"), 126, "",
                   "mstr: /proc: Permission denied\n");
}

static void the_command_is_not_started_when_a_value_is_missing(void **state)
{
    (void)state;
    harness_config("[env worker]\nA = ${env:NONE}\n");
    const struct outcome *done =
        fork_command(command_run, "--env", "A=env:NONE", "--env", "B=env:SECRET", "--env", "C=x", "echo", "started");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "mstr: env:NONE: environment variable NONE is not set\n"));
    assert_non_null(strstr(done->errors, "mstr: \"x\" is not a reference\n"));

    done = fork_command(command_run, "--env-set", "worker", "echo", "started");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "config:2: "));
}

static void in_json_the_first_failure_is_one_object(void **state)
{
    (void)state;
    const struct outcome *done = fork_command(command_run, "--json", "--env", "A=env:NONE", "--env", "B=x", "true");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_non_null(strstr(done->errors, ", \"exit_status\": 4}\n"));
    assert_ptr_equal(strchr(done->errors, '\n'), done->errors + strlen(done->errors) - 1);
}

static void a_set_that_there_is_not_is_told(void **state)
{
    (void)state;
    static char name[200];
    memset(name, 'x', sizeof name - 1);
    const struct outcome *done = fork_command(command_run, "--env-set", "none", "true");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_non_null(strstr(done->errors, "env none"));
    assert_outcome(fork_command(command_run, "--env-set", name, "true"), STATUS_CONFIG, "",
                   "mstr: the name of the environment set is too long\n");
}

static void a_value_with_a_nul_is_no_variable(void **state)
{
    (void)state;
    char assignment[300];
    harness_write("binary", "a\0b", 3);
    snprintf(assignment, sizeof assignment, "A=file:%s", harness_path("binary"));
    assert_outcome(fork_command(command_run, "--env", assignment, "true"), STATUS_UNEXPECTED, "",
                   "mstr: A: the value holds a NUL, which no variable can\n");
}

static void wrong_usage_is_told_with_a_way_out(void **state)
{
    (void)state;
#define HINT "hint: mstr help run tells its options\n"
    assert_outcome(run_command(command_run, NULL), STATUS_USAGE, "", "mstr: no command was given\n" HINT);
    assert_outcome(run_command(command_run, "--env", "A=env:X"), STATUS_USAGE, "",
                   "mstr: no command was given\n" HINT);
    assert_outcome(run_command(command_run, "--env", "env:X", "true"), STATUS_USAGE, "",
                   "mstr: --env wants NAME=VALUE, not \"env:X\"\n" HINT);
    assert_outcome(run_command(command_run, "--prefix", "P_", "true"), STATUS_USAGE, "",
                   "mstr: --prefix follows the --env-from that it is for\n" HINT);
    assert_outcome(run_command(command_run, "--on-change", "reload", "true"), STATUS_USAGE, "",
                   "mstr: --on-change takes restart, or a signal such as HUP, not \"reload\"\n" HINT);
    assert_outcome(run_command(command_run, "--none", "true"), STATUS_USAGE, "",
                   "mstr: unknown option --none\n" HINT);
}

static void the_order_of_sources_is_not_that_of_the_options(void **state)
{
    (void)state;
    static const char file[] = "A=text:file\nB=text:file\n";
    char path[256];
    setenv("OBJECT", "{\"A\": \"from\", \"B\": \"from\", \"C\": \"from\"}", 1);
    harness_write("file", file, sizeof file - 1);
    snprintf(path, sizeof path, "%s", harness_path("file"));
    harness_config("[env s]\nA = set\nB = set\nC = set\nD = set\n");
    setenv("E", "before", 1);
    assert_outcome(fork_command(command_run, "--env", "A=text:env", "--env-file", path, "--env-from", "env:OBJECT",
                                "--env-from", "@s", "--", "sh", "-c", "printf '%s,' $A $B $C $D $E"),
                   0, "env,file,from,set,before,", "");
    assert_outcome(fork_command(command_run, "--env-set", "s", "--prefix", "P_", "--keep-existing", "--pristine",
                                "--", "sh", "-c", "printf '%s,' $P_A $A $E"),
                   0, "set,", "");
}

static void a_text_with_references_is_a_value_too(void **state)
{
    (void)state;
    setenv("OWN", "<${env:X}${HOME:-}>", 1);
    assert_outcome(
        fork_command(command_run, "--env", "A=<${env:X}>", "--resolve-env", "sh", "-c", "echo $A \"$OWN\""), 0,
        "<val> <val${HOME:-}>\n", "");
}

static void a_command_may_be_masked(void **state)
{
    (void)state;
    assert_outcome(fork_command(command_run, "--mask", "--env", "A=env:SECRET", "sh", "-c", "echo $A; exit 3"), 3,
                   "(hidden)\n", "");
    assert_outcome(fork_command(command_run, "--mask", "/proc/none"), 127, "",
                   "mstr: /proc/none: No such file or directory\n");
}

static int run_without_sigpipe(void *data)
{
    signal(SIGPIPE, SIG_IGN); /* as main() does */
    return command_line_run(data);
}

static void the_command_has_sigpipe_back(void **state)
{
    (void)state;
    static const char *const words[] = {"sh", "-c", "kill -PIPE $$; echo ignored", NULL};
    const struct outcome *done = harness_fork(run_without_sigpipe, &(struct command_line){&command_run, words});
    assert_string_equal(done->output, "");
    assert_int_equal(done->status, -1); /* by the signal */
}

#define TEST(name) cmocka_unit_test_setup(name, start)

/* Linux takes 128 KiB of one variable. */
static void an_environment_that_is_too_large_names_its_longest_variable(void **state)
{
    (void)state;
    static char value[200000];
    not_under_valgrind("starts programs itself");
    memset(value, 'v', sizeof value);
    harness_write("large", value, sizeof value);
    char assignment[300];
    snprintf(assignment, sizeof assignment, "LARGE=file:%s", harness_path("large"));
    const struct outcome *done = fork_command(command_run, "--env", assignment, "--", "true");
    assert_int_equal(done->status, 126);
    assert_memory_equal(done->errors, "mstr: true: Argument list too long: the environment has ", 56);
    assert_non_null(strstr(done->errors, " octets, of which 200007 are LARGE; hand it over in a file\n"));
    assert_null(strstr(done->errors, "vvv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_environment_that_is_too_large_names_its_longest_variable),
        TEST(the_command_has_the_values_beside_what_was_there),
        TEST(no_variable_is_there_twice),
        TEST(options_win_over_the_sections_of_sets),
        TEST(the_order_of_sources_is_not_that_of_the_options),
        TEST(a_text_with_references_is_a_value_too),
        TEST(a_command_may_be_masked),
        TEST(words_behind_the_command_are_its_own),
        TEST(the_command_ends_as_it_does),
        TEST(a_command_that_cannot_be_run_is_told_as_shells_do),
        TEST(the_command_is_not_started_when_a_value_is_missing),
        TEST(in_json_the_first_failure_is_one_object),
        TEST(a_set_that_there_is_not_is_told),
        TEST(a_value_with_a_nul_is_no_variable),
        TEST(wrong_usage_is_told_with_a_way_out),
        TEST(the_command_has_sigpipe_back),
    };
    return RUN_CLI_TESTS("cli/run");
}
