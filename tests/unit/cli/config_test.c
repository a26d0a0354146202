/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/config.c: the configuration checked, shown, and where it is looked for; never a secret */
#include "unit/cli/harness.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

/* The text with the path of the configuration in place of each "@". Valid until the next call. */
static const char *with_path(const char *text)
{
    static char formatted[2048];
    size_t used = 0;
    for (; *text != '\0'; text++) {
        used +=
            (size_t)(*text == '@' ? snprintf(formatted + used, sizeof formatted - used, "%s", harness_path("config"))
                                  : snprintf(formatted + used, sizeof formatted - used, "%c", *text));
    }
    return formatted;
}

static void a_configuration_in_order_is_told_to_be_so(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_url = https://mstr.example.com/\napi_key = ${env:SECRET}\n");
    assert_outcome(run_command(command_config, "check"), STATUS_DONE, "the configuration is in order\n", "");
    assert_outcome(run_command(command_config, "check", "--json"), STATUS_DONE, "[\n]\n", "");
}

static void each_problem_is_told_with_its_line_and_no_summary(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_ur = x\n[profile default]\n[nonsense]\npassword = " SECRET "\n");
    const struct outcome *done = run_command(command_config, "check");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_string_equal(done->output, "");
    assert_string_equal(done->errors,
                        with_path("@:2: unknown key \"base_ur\" in [profile]; did you mean \"base_url\"?\n"
                                  "@:4: unknown section [nonsense]; a profile is written [profile nonsense]\n"));

    done = run_command(command_config, "check", "--json");
    struct json_object *list = json_tokener_parse(done->output);
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_string_equal(done->errors, "");
    struct json_object *first = json_object_array_get_idx(list, 0);
    assert_string_equal(json_object_get_string(json_object_object_get(first, "file")), harness_path("config"));
    assert_int_equal(json_object_get_int(json_object_object_get(first, "line")), 2);
    assert_non_null(json_object_object_get(first, "problem"));
    json_object_put(list);
}

static void what_to_do_stands_behind_the_problem(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_url = https://mstr.example.com/\nusername = ann\nproject = env:X\n");
    assert_outcome(
        run_command(command_config, "check"), STATUS_CONFIG, "",
        with_path(
            "@:4: \"project\" looks like a reference, but is taken as it is written: write ${…} around it; or, "
            "where it is meant so, ${text:…}\n"
            "@:2: [profile default]: no login is configured: username has no password beside it: set username and "
            "password, api_key or identity_token; anonymous login must be asked for with login_mode = anonymous\n"));
    const struct outcome *done = run_command(command_config, "check", "--json");
    assert_non_null(strstr(done->output,
                           "\"problem\": \"\\\"project\\\" looks like a reference, but is taken as it is "
                           "written\", \"hint\": \"write ${…} around it;"));
}

static void a_profile_that_was_chosen_must_be_there(void **state)
{
    (void)state;
    harness_config("[profile default]\n");
    static const char told[] = "configuration: there is no profile \"zz\": add a section [profile zz] to the "
                               "configuration\n";
    assert_outcome(run_command(command_config, "check", "--profile", "zz"), STATUS_CONFIG, "", told);
    setenv("MSTR_PROFILE", "zz", 1);
    assert_outcome(run_command(command_config, "check"), STATUS_CONFIG, "", told);
}

static void a_log_level_that_every_run_refuses_is_told(void **state)
{
    (void)state;
    harness_config("[cache]\nttl = 1m\n");
    setenv("MSTR_LOG", "loud", 1);
    assert_outcome(run_command(command_config, "check"), STATUS_USAGE, "",
                   "mstr: MSTR_LOG: there is no log level \"loud\"; there are error, warn, info, debug and trace\n");
}

/* Which could move a terminal's cursor, or look like a line of its own. */
static void control_characters_of_a_path_are_not_told(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_config, "check", "--config", "/nowhere/a\nmstr: b\033[2J");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_string_equal(done->errors, "/nowhere/a mstr: b [2J: No such file or directory\n");
    done = run_command(command_config, "path", "--config", "/nowhere/a\nb");
    assert_non_null(strstr(done->output, "/nowhere/a b  (No such file or directory)\n"));
}

static void settings_are_shown_as_written_but_for_secrets(void **state)
{
    (void)state;
    harness_config("[profile default]\nbase_url = https://mstr.example.com/\npassword = " SECRET "\n"
                   "[profile eu]\npassword = ${env:SECRET}\n");
    assert_outcome(run_command(command_config, "show"), STATUS_DONE,
                   with_path("[profile default]\nbase_url = https://mstr.example.com/    # @:2\n"
                             "password = (hidden)    # @:3\n\n"
                             "[profile eu]\npassword = ${env:SECRET}    # @:5\n"),
                   "");
    assert_outcome(
        run_command(command_config, "show", "--json"), STATUS_DONE,
        with_path(
            "[\n  {\"file\": \"@\", \"line\": 2, \"section\": \"profile default\", \"key\": \"base_url\", \"value\": "
            "\"https://mstr.example.com/\", \"problem\": null, \"hint\": null},\n"
            "  {\"file\": \"@\", \"line\": 3, \"section\": \"profile default\", \"key\": \"password\", \"value\": "
            "null, \"problem\": null, \"hint\": null},\n"
            "  {\"file\": \"@\", \"line\": 5, \"section\": \"profile eu\", \"key\": \"password\", \"value\": "
            "\"${env:SECRET}\", \"problem\": null, \"hint\": null}\n]\n"),
        "");
}

static void a_setting_of_the_environment_has_no_line(void **state)
{
    (void)state;
    setenv("MSTR_USERNAME", "ann", 1);
    const struct outcome *done = run_command(command_config, "show");
    assert_int_equal(done->status, STATUS_DONE);
    assert_non_null(strstr(done->output, "username = "));
    assert_non_null(strstr(done->output, "    # environment\n"));
}

static void a_wrong_configuration_cannot_be_shown(void **state)
{
    (void)state;
    harness_config("[nonsense]\n");
    const struct outcome *done = run_command(command_config, "show");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_non_null(strstr(done->errors, with_path("@:1: ")));
    done = run_command(command_config, "show", "--json");
    assert_int_equal(done->status, STATUS_CONFIG);
    assert_string_equal(done->output, ""); /* an empty list would be an answer */
}

static void paths_are_told_with_those_that_are_absent(void **state)
{
    (void)state;
    assert_outcome(run_command(command_config, "path"), STATUS_DONE, with_path("@\n"), "");
    const struct outcome *done = run_command(command_config, "path", "--config", "/nonexistent/config");
    assert_ptr_equal(strstr(done->output, "/nonexistent/config  ("), done->output);
    unsetenv("MSTR_CONFIG");
    done = run_command(command_config, "path");
    assert_int_equal(done->status, STATUS_DONE);
    assert_non_null(strstr(done->output, "/etc/mstr/config"));
}

static void wrong_usage_is_told_with_a_way_out(void **state)
{
    (void)state;
#define HINT "hint: mstr help config tells its options\n"
    assert_outcome(run_command(command_config, NULL), STATUS_USAGE, "", "mstr: say check, show or path\n" HINT);
    assert_outcome(run_command(command_config, "chek"), STATUS_USAGE, "",
                   "mstr: there is no \"config chek\"; there are check, show and path\n" HINT);
    assert_outcome(run_command(command_config, "show", "more"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"more\"\n" HINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_configuration_in_order_is_told_to_be_so),
        CLI_TEST(each_problem_is_told_with_its_line_and_no_summary),
        CLI_TEST(what_to_do_stands_behind_the_problem),
        CLI_TEST(a_profile_that_was_chosen_must_be_there),
        CLI_TEST(a_log_level_that_every_run_refuses_is_told),
        CLI_TEST(control_characters_of_a_path_are_not_told),
        CLI_TEST(settings_are_shown_as_written_but_for_secrets),
        CLI_TEST(a_setting_of_the_environment_has_no_line),
        CLI_TEST(a_wrong_configuration_cannot_be_shown),
        CLI_TEST(paths_are_told_with_those_that_are_absent),
        CLI_TEST(wrong_usage_is_told_with_a_way_out),
    };
    return RUN_CLI_TESTS("cli/config");
}
