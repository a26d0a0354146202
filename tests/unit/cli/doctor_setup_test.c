/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/doctor_setup.c: configuration and installation */
#include "unit/cli/doctor.h"

/* Of other profiles nothing is told. */
static void what_check_says_of_the_profile_is_told_first(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_url = http://127.0.0.1:1/api/\nusername = ann\npassword = ${env:SECRET}\n"
                   "project = 'Team'\n[profile eu]\nproject = 'Other'\n");
    const struct outcome *done = run_command(command_doctor, NULL);
    assert_int_equal(done->status, 7);
    assert_memory_equal(done->output, "configuration\n  info     project  ", 33);
    assert_told(done, "config:5\n           hint: \"project\" has quotes around it");
    assert_null(strstr(done->output, "config:7"));
}

static void the_installation_is_told_last(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_doctor, NULL);
    const char *installation = strstr(done->output, "\ninstallation\n  info     version  ");
    assert_non_null(installation);
    assert_non_null(strstr(installation, "\n  info     file  "));
    assert_non_null(strstr(installation, " ms  env: "));
    assert_true(strstr(done->output, "login\n") < installation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DOCTOR_TEST(what_check_says_of_the_profile_is_told_first),
        DOCTOR_TEST(the_installation_is_told_last),
    };
    return RUN_CLI_TESTS("cli/doctor_setup");
}
