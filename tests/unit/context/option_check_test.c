/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/option_check.c; the faults of one option: plugin/options_test.c */
#include "context/option_check.h"
#include "support/context.h"

#include <stdio.h>

static const struct mstr_option table[] = {
    {"url", MSTR_OPTION_URL, MSTR_OPTION_REQUIRED, NULL, "where the store is"},
    {"token", MSTR_OPTION_SECRET, 0, NULL, "to be let in"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static bool keeps_plugin(const char *key)
{
    return strcmp(key, "plugin") == 0;
}

static int collect(const mstr_config_item *item, void *data)
{
    char *told = data;
    size_t length = strlen(told);
    snprintf(told + length, 512 - length, "%u %s; ", item->line, item->problem);
    return 0;
}

static bool known(const char *config, char told[512])
{
    const struct option_table options = {table, sizeof(*table), keeps_plugin};
    struct config_listener listener = {collect, told, false};
    mstr_context *context = test_context(config);
    struct faults faults = {
        .context = context, .listener = &listener, .error = mstr_error_new(), .now = mstr_error_new()};
    told[0] = '\0';
    bool all = options_are_known(&faults, "provider p", &options);
    mstr_error_free(faults.error);
    mstr_error_free(faults.now);
    mstr_context_free(context);
    return all;
}

static void what_is_good_and_written_out_is_known(void **state)
{
    (void)state;
    char told[512];
    assert_true(known("[provider p]\nplugin = p\nurl = https://h\ntoken = x\n", told));
    assert_string_equal(told, "");
}

static void what_is_yet_to_be_resolved_is_not(void **state)
{
    (void)state;
    char told[512];
    assert_false(known("[provider p]\nurl = https://h\ntoken = ${env:T}\n", told));
    assert_string_equal(told, "");
}

static void each_fault_is_told(void **state)
{
    (void)state;
    char told[512];
    assert_false(known("[provider p]\ntokn = x\ntoken = \"x\"\n", told));
    assert_string_equal(strstr(told, "3 option"), strstr(told, "3 option \"token\" has quotes around it"));
    assert_non_null(strstr(told, "2 unknown option \"tokn\"; "));
    assert_non_null(strstr(told, "option \"url\" is missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_good_and_written_out_is_known),
        cmocka_unit_test(what_is_yet_to_be_resolved_is_not),
        cmocka_unit_test(each_fault_is_told),
    };
    return RUN_TESTS("context/option_check");
}
