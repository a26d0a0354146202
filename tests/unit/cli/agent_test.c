/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/agent.c: the tool becomes mstr-agent */
#include "unit/cli/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A program of that name which says how it was called; the one of this build is not beside this test. */
static int start(void **state)
{
    static const char script[] = "#!/bin/sh\nprintf '%s,' \"$@\"\n";
    char path[4096];
    harness_reset(state);
    harness_write("mstr-agent", script, strlen(script));
    snprintf(path, sizeof(path), "%s:/bin:/usr/bin", harness_path(""));
    setenv("PATH", path, 1);
    return chmod(harness_path("mstr-agent"), 0700);
}

static void the_words_are_handed_over(void **state)
{
    (void)state;
    assert_outcome(fork_command(command_agent, "run", "--socket", "/s", "--json"), 0, "run,--socket,/s,--json,", "");
    assert_outcome(fork_command(command_agent, "--profile", "p", "status"), 0, "status,--profile,p,", "");
}

static void without_the_program_its_package_is_named(void **state)
{
    (void)state;
    setenv("PATH", "/nonexistent", 1);
    const struct outcome *done = fork_command(command_agent, "run");
    assert_int_equal(done->status, 3);
    assert_non_null(strstr(done->errors, "install the package mstr-agent"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_words_are_handed_over, start),
        cmocka_unit_test_setup(without_the_program_its_package_is_named, start),
    };
    return cmocka_run_group_tests_name("cli/agent", tests, harness_start, harness_stop);
}
