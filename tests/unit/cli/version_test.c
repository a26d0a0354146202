/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/version.c: the version, in both forms, wherever it is to go */
#include "unit/cli/harness.h"

#include <stdio.h>

static void the_version_is_that_of_the_library(void **state)
{
    char text[64], json[64];
    (void)state;
    snprintf(text, sizeof text, "mstr %s\n", mstr_version());
    snprintf(json, sizeof json, "{\"version\": \"%s\"}\n", mstr_version());
    assert_outcome(run_command(command_version, NULL), STATUS_DONE, text, "");
    assert_outcome(run_command(command_version, "--json"), STATUS_DONE, json, "");
    assert_outcome(run_command(command_version, "--format", "json", "-o", "-"), STATUS_DONE, json, "");
    assert_outcome(run_command(command_version, "-o", harness_path("version")), STATUS_DONE, "", "");
    assert_string_equal(harness_read("version"), text);
    assert_outcome(run_command(command_version, "now"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"now\"\nhint: mstr help version tells its options\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLI_TEST(the_version_is_that_of_the_library)};
    return RUN_CLI_TESTS("cli/version");
}
