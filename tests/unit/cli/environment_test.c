/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/environment.c */
#include "cli/environment.h"

#include "cli/context.h"
#include "unit/cli/harness.h"

#include <stdio.h>
#include <stdlib.h>

static struct tool tool;
static struct environment environment;

static int begin(void **state)
{
    harness_reset(state);
    setenv("X", "val", 1);
    setenv("OBJECT", "{\"USER\": \"ann\", \"PASSWORD\": \"sesame\", \"PORT\": 5432}", 1);
    unsetenv("A");
    harness_config("[env w]\nA = env:X\nB = <${env:X}>\nC = plain\n");
    tool = harness_tool(&command_run);
    assert_int_equal(tool_context(&tool), MSTR_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    environment_release(&environment);
    harness_tool_free(&tool);
    return 0;
}

/* The value of a variable of the environment that was put together, "" where it is not there. */
static const char *value_of(const char *name)
{
    static char value[256];
    struct variables variables = {0};
    struct asked asked;
    mstr_call_options call = tool_call(&tool);
    value[0] = '\0';
    assert_true(environment_ask(&environment, &asked));
    assert_int_equal(asked_resolve(&asked, tool.context, &call), MSTR_OK);
    assert_int_equal(environment_fill(&tool, &environment, &asked, &variables), MSTR_OK);
    for (size_t i = 0; i < variables.count; i++) {
        if (strncmp(variables.texts[i], name, strlen(name)) == 0 && variables.texts[i][strlen(name)] == '=') {
            snprintf(value, sizeof value, "%s", variables.texts[i] + strlen(name) + 1);
        }
    }
    asked_release(&asked);
    variables_release(&variables);
    return value;
}

static void values_come_from_sets_members_files_and_options(void **state)
{
    (void)state;
    static const char file[] = "F=env:X\nG=localhost:5432\nH='${env:X}'\n";
    harness_write("file", file, sizeof file - 1);
    assert_int_equal(environment_add_set(&tool, &environment, "w", "S_"), MSTR_OK);
    assert_int_equal(environment_add_members(&tool, &environment, "env:OBJECT", "DB_"), MSTR_OK);
    assert_int_equal(environment_add_file(&tool, &environment, harness_path("file")), MSTR_OK);
    assert_int_equal(environment_add(&tool, &environment, "O=a${env:X}b"), MSTR_OK);
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"S_A", "val"},  {"S_B", "<val>"}, {"S_C", "plain"},        {"DB_USER", "ann"}, {"DB_PASSWORD", "sesame"},
        {"DB_PORT", ""}, {"F", "val"},     {"G", "localhost:5432"}, {"H", "${env:X}"},  {"O", "avalb"},
        {"X", "val"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(value_of(cases[i].name), cases[i].value);
    }
}

static void later_ones_win_and_what_is_set_stands_where_it_is_to(void **state)
{
    (void)state;
    setenv("A", "old", 1);
    assert_int_equal(environment_add(&tool, &environment, "A=text:one"), MSTR_OK);
    assert_int_equal(environment_add(&tool, &environment, "A=text:two"), MSTR_OK);
    assert_int_equal(environment_add(&tool, &environment, "NEW=text:one"), MSTR_OK);
    assert_int_equal(environment_add(&tool, &environment, "NEW=text:two"), MSTR_OK);
    assert_string_equal(value_of("A"), "two");
    environment.keep = true;
    assert_string_equal(value_of("A"), "old");
    assert_string_equal(value_of("NEW"), "two"); /* which was set by nobody else */
    environment.pristine = true;
    assert_string_equal(value_of("A"), "two");
    assert_string_equal(value_of("X"), "");
}

static void own_variables_may_name_values(void **state)
{
    (void)state;
    setenv("A", "${env:X} ${HOME} ${x:-y}", 1);
    setenv("B", "$${env:X}", 1);
    environment.keep = true;
    assert_int_equal(environment_add_own(&tool, &environment), MSTR_OK);
    assert_string_equal(value_of("A"), "val ${HOME} ${x:-y}");
    assert_string_equal(value_of("B"), "$${env:X}");
    unsetenv("B");
}

static void assert_no_environment(const char *message)
{
    struct variables variables = {0};
    struct asked asked;
    mstr_call_options call = tool_call(&tool);
    assert_true(environment_ask(&environment, &asked));
    assert_int_equal(asked_resolve(&asked, tool.context, &call), MSTR_OK);
    assert_int_not_equal(environment_fill(&tool, &environment, &asked, &variables), MSTR_OK);
    assert_string_equal(mstr_error_message(tool.error), message);
    asked_release(&asked);
    variables_release(&variables);
}

static void members_that_make_no_names_are_told_without_their_values(void **state)
{
    (void)state;
    setenv("OBJECT", "{\"a-b\": \"sesame\"}", 1);
    assert_int_equal(environment_add_members(&tool, &environment, "env:OBJECT", ""), MSTR_OK);
    assert_no_environment("env:OBJECT: the member \"a-b\" makes no name of a variable");
    environment_release(&environment);
    assert_int_equal(environment_add_members(&tool, &environment, "env:X", ""), MSTR_OK);
    assert_no_environment("env:X: the secret is not JSON: there is no value, or one that is not whole, at octet 1");
}

struct told {
    char text[256];
};

static bool note(const mstr_secret *value, void *data)
{
    struct told *told = data;
    size_t length = strlen(told->text);
    snprintf(told->text + length, sizeof told->text - length, "%s;", mstr_secret_octets(value));
    return true;
}

static void values_of_stores_are_told_for_a_mask_and_what_they_are_made_of(void **state)
{
    (void)state;
    struct told told = {""};
    struct asked asked;
    struct environment parts;
    mstr_call_options call = tool_call(&tool);
    assert_int_equal(environment_add_set(&tool, &environment, "w", ""), MSTR_OK);
    assert_int_equal(environment_add_members(&tool, &environment, "env:OBJECT", ""), MSTR_OK);
    assert_int_equal(environment_add(&tool, &environment, "O=a${env:X}b${text:c}"), MSTR_OK);
    assert_true(environment_ask(&environment, &asked));
    assert_int_equal(asked_resolve(&asked, tool.context, &call), MSTR_OK);
    assert_true(environment_values(&environment, &asked, note, &told));
    assert_string_equal(told.text, "val;<val>;plain;ann;sesame;avalbc;");
    asked_release(&asked);

    assert_int_equal(environment_parts(&tool, &environment, &parts), MSTR_OK);
    assert_int_equal(parts.count, 2); /* of O, and of B in the set */
    assert_true(environment_ask(&parts, &asked));
    assert_int_equal(asked_resolve(&asked, tool.context, &call), MSTR_OK);
    assert_string_equal(mstr_secret_octets(asked.settings[0].value), "val");
    assert_string_equal(mstr_secret_octets(asked.settings[1].value), "val");
    asked_release(&asked);
    environment_release(&parts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_come_from_sets_members_files_and_options),
        TEST(later_ones_win_and_what_is_set_stands_where_it_is_to),
        TEST(own_variables_may_name_values),
        TEST(members_that_make_no_names_are_told_without_their_values),
        TEST(values_of_stores_are_told_for_a_mask_and_what_they_are_made_of),
    };
    return RUN_CLI_TESTS("cli/environment");
}
