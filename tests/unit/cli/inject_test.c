/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/inject.c */
#include "unit/cli/harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char template[300], target[300];

static int start(void **state)
{
    static const char text[] = "password = ${env:SECRET}\nhome = ${HOME}\n";
    harness_reset(state);
    setenv("X", "val", 1);
    harness_write("template", text, sizeof text - 1);
    snprintf(template, sizeof template, "%s", harness_path("template"));
    chmod(template, 0600);
    snprintf(target, sizeof target, "%s", harness_path("target"));
    unlink(target);
    return 0;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 0777;
}

static void a_file_is_the_users_alone_and_an_existing_one_keeps_its_mode(void **state)
{
    (void)state;
    assert_outcome(run_command(command_inject, "-i", template, "-o", target), 0, "", "");
    assert_string_equal(harness_read("target"), "password = " SECRET "\nhome = ${HOME}\n");
    assert_int_equal(mode_of(target), 0600);
    chmod(target, 0640);
    assert_outcome(run_command(command_inject, "-i", template, "-o", target), 0, "", "");
    assert_int_equal(mode_of(target), 0640);
    const struct outcome *done = run_command(command_inject, "-i", template, "-o", target, "--mode", "0400",
                                             "--group", geteuid() == 0 ? "0" : "65534");
    assert_int_equal(done->status, geteuid() == 0 ? 0 : 1);
    assert_int_equal(mode_of(target), geteuid() == 0 ? 0400 : 0640);
}

static void standard_streams_do_for_those_who_are_not_root(void **state)
{
    (void)state;
    harness_input("<${env:X}>", 10);
    if (geteuid() == 0) {
        assert_outcome(run_command(command_inject, NULL), 5, "",
                       "mstr: standard input: root needs --allow PATTERN for it, which says what it may ask for\n");
        harness_input("<${env:X}>", 10);
    }
    assert_outcome(run_command(command_inject, "--allow", "env:X", "-o", "-"), 0, "<val>", "");
}

static void root_takes_no_template_of_others_without_patterns(void **state)
{
    (void)state;
    chmod(template, 0666);
    if (geteuid() == 0) {
        const struct outcome *done = run_command(command_inject, "-i", template, "-o", target);
        assert_int_equal(done->status, 5);
        assert_non_null(strstr(done->errors, "is writable by others"));
        assert_non_null(strstr(done->errors, "root needs --allow PATTERN"));
    }
    assert_outcome(run_command(command_inject, "-i", template, "-o", target, "--allow", "env:SECRET"), 0, "", "");
    const struct outcome *done = run_command(command_inject, "-i", template, "--allow", "env:X", "--allow", "st:*");
    assert_int_equal(done->status, 5);
    assert_non_null(strstr(done->errors, ":1: env:SECRET: no pattern allows it\n"));
}

static void nothing_is_written_unless_all_is_there(void **state)
{
    (void)state;
    static const char text[] = "${env:SECRET} ${env:NONE}";
    char link[300];
    harness_write("template", text, sizeof text - 1);
    harness_write("target", "before", 6);
    assert_outcome(run_command(command_inject, "-i", template, "-o", target), 4, "",
                   "mstr: env:NONE: environment variable NONE is not set\n");
    assert_string_equal(harness_read("target"), "before");
    static const char odd[] = "${env:X} ${odd}";
    harness_write("template", odd, sizeof odd - 1);
    const struct outcome *done = run_command(command_inject, "-i", template, "-o", target, "--strict");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_string_equal(harness_read("target"), "before");
    assert_outcome(run_command(command_inject, "-i", template, "-o", "/dev/full"), 1, "",
                   "mstr: /dev/full: No space left on device\n");

    snprintf(link, sizeof link, "%s", harness_path("link"));
    assert_int_equal(symlink(target, link), 0);
    done = run_command(command_inject, "-i", template, "-o", link);
    assert_int_equal(done->status, 1);
    assert_non_null(strstr(done->errors, "is a link, which is not followed; name the file\n"));
    assert_string_equal(harness_read("target"), "before");
    unlink(link);
}

static void wrong_usage_is_told(void **state)
{
    (void)state;
    static const char *const words[][4] = {
        {"--watch", NULL},
        {"--exec", "true", NULL},
        {"--delimiters", "{{", NULL},
        {"--mode", "9", NULL},
        {"--mode", "01000", NULL},
        {"--escape", "html", NULL},
        {"--group", "no such", NULL},
        {"x", NULL},
        {"--delimiters", " }}", NULL},
        {"--poll", "1s", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const struct outcome *done =
            harness_call(command_line_run, &(struct command_line){&command_inject, words[i]});
        assert_int_equal(done->status, STATUS_USAGE);
        assert_non_null(strstr(done->errors, "hint: mstr help inject tells its options\n"));
    }
    const struct outcome *done = run_command(command_inject, "-i", "/nowhere/file");
    assert_outcome(done, STATUS_CONFIG, "", "mstr: /nowhere/file: No such file or directory\n");
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_the_users_alone_and_an_existing_one_keeps_its_mode),
        TEST(standard_streams_do_for_those_who_are_not_root),
        TEST(root_takes_no_template_of_others_without_patterns),
        TEST(nothing_is_written_unless_all_is_there),
        TEST(wrong_usage_is_told),
    };
    return RUN_CLI_TESTS("cli/inject");
}
