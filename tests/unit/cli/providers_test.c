/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/providers.c: every provider instance, and whether it can be used */
#include "unit/cli/harness.h"

#include <json-c/json.h>

static int start(void **state)
{
    harness_reset(state);
    harness_config("[plugins]\npath = " TEST_PLUGINS "\n"
                   "[provider corp]\nplugin = exec\ncommand = /bin/get --token " SECRET "\n"
                   "[provider local]\nplugin = echo\n"
                   "[provider lost]\nplugin = lost\n");
    return 0;
}

static void assert_told(const char *text)
{
    const struct outcome *done = run_command(command_providers, NULL);
    assert_int_equal(done->status, STATUS_DONE);
    assert_string_equal(done->errors, "");
    if (strstr(done->output, text) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", text, done->output);
    }
}

static void an_instance_is_told_with_its_plugin(void **state)
{
    (void)state;
    assert_told("env: env 1, ABI 1, built in\n    environment variables\n");
    assert_told("\nlocal: echo 1.2.3, ABI 1, " TEST_PLUGINS "/echo.so\n    a test double\n");
}

static void its_options_have_types_and_defaults(void **state)
{
    (void)state;
    assert_told("\ncorp: exec 1, ABI 1, built in\n");
    assert_told("\n    command              string    (required) program and arguments; ");
    assert_told("\n    timeout              duration  after which the program is killed [30s]\n");
}

static void what_cannot_be_loaded_says_why(void **state)
{
    (void)state;
    assert_told("\nlost: cannot be used: plugin \"lost\" was not found; looked in " TEST_PLUGINS);
}

/* The instance of this name; the list is released with the process. */
static struct json_object *find(const char *name)
{
    const struct outcome *done = run_command(command_providers, "--json");
    struct json_object *list = json_tokener_parse(done->output);
    assert_int_equal(done->status, STATUS_DONE);
    assert_true(json_object_is_type(list, json_type_array));
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        if (strcmp(json_object_get_string(json_object_object_get(item, "name")), name) == 0) {
            json_object_get(item);
            json_object_put(list);
            return item;
        }
    }
    fail_msg("%s is not told", name);
    return NULL;
}

static void assert_member(struct json_object *item, const char *name, const char *json)
{
    struct json_object *member = NULL;
    assert_true(json_object_object_get_ex(item, name, &member));
    assert_string_equal(json_object_to_json_string_ext(member, JSON_C_TO_STRING_PLAIN), json);
}

static void json_has_the_same_member_by_member(void **state)
{
    (void)state;
    struct json_object *corp = find("corp");
    struct json_object *options = json_object_object_get(corp, "options");
    assert_member(corp, "plugin", "\"exec\"");
    assert_member(corp, "service", "null");
    assert_member(corp, "file", "\"built in\"");
    assert_member(corp, "abi", "1");
    assert_member(corp, "loadable", "true");
    assert_member(corp, "problem", "null");
    struct json_object *command = json_object_array_get_idx(options, 0);
    assert_member(command, "name", "\"command\"");
    assert_member(command, "type", "\"string\"");
    assert_member(command, "required", "true");
    assert_member(command, "default", "null");
    json_object_put(corp);
}

static void json_tells_what_cannot_be_loaded_too(void **state)
{
    (void)state;
    struct json_object *lost = find("lost");
    assert_member(lost, "file", "null");
    assert_member(lost, "abi", "0");
    assert_member(lost, "options", "[]");
    assert_member(lost, "loadable", "false");
    assert_memory_equal(json_object_get_string(json_object_object_get(lost, "problem")), "plugin \"lost\"", 13);
    json_object_put(lost);
}

static void wrong_usage_and_configuration_are_told(void **state)
{
    (void)state;
    assert_outcome(run_command(command_providers, "corp"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"corp\"\nhint: mstr help providers tells its options\n");
    harness_config("[providers]\n");
    assert_int_equal(run_command(command_providers, NULL)->status, STATUS_CONFIG);
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_instance_is_told_with_its_plugin),  TEST(its_options_have_types_and_defaults),
        TEST(what_cannot_be_loaded_says_why),       TEST(json_has_the_same_member_by_member),
        TEST(json_tells_what_cannot_be_loaded_too), TEST(wrong_usage_and_configuration_are_told),
    };
    return RUN_CLI_TESTS("cli/providers");
}
