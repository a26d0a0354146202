/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/loader.c, registry.c, options.c and instance.c, with the doubles of tests/plugins */
#include "support/allocator.h"
#include "support/context.h"
#include "support/few_files.h"
#include "support/registry.h"

#include "plugin/host.h"
#include "plugin/loader.h"

#include <dlfcn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A context whose scheme "d" is a double. */
static mstr_context *with_double(const char *name)
{
    char config[1024];
    snprintf(config, sizeof(config), "[provider d]\nplugin = %s\n[plugins]\npath = /nowhere:%s\n", name,
             TEST_PLUGINS);
    return test_context(config);
}

static int ignore(const mstr_config_item *item, void *data)
{
    (void)item;
    (void)data;
    return 0;
}

static void a_good_plugin_is_found_on_the_path_and_answers(void **state)
{
    (void)state;
    mstr_context *context = with_double("echo");
    assert_text(context, "d:what/comes", "what/comes");
    mstr_context_free(context);
}

static void a_plugin_may_be_named_by_its_absolute_path(void **state)
{
    (void)state;
    mstr_context *context = with_double(TEST_PLUGINS "/echo.so");
    assert_text(context, "d:x", "x");
    mstr_context_free(context);
}

static void a_plugin_of_a_later_minor_version_works(void **state)
{
    (void)state;
    mstr_context *context = with_double("newer\nnumber = 12");
    assert_text(context, "d:greeting", "hello");
    assert_text(context, "d:number", "12");
    mstr_context_free(context);
}

static void a_plugin_of_the_first_minor_version_works(void **state)
{
    (void)state;
    mstr_context *context = with_double("older\ngreeting = good day");
    assert_text(context, "d:greeting", "good day");
    assert_failure(context, "d:farewell", MSTR_E_NOT_FOUND, "there is no farewell");
    mstr_context_free(context);
}

static void a_plugin_of_the_second_minor_version_works(void **state)
{
    (void)state;
    mstr_context *context = with_double("older_1_1\ngreeting = good day");
    assert_text(context, "d:greeting", "good day");
    assert_failure(context, "d:ask", MSTR_E_NOT_AVAILABLE, "nobody to ask");
    mstr_context_free(context);
}

/* This library stands for one of ABI 1.1 by a table that ends where that one's did. */
static void a_plugin_that_needs_a_later_minor_version_says_so(void **state)
{
    (void)state;
    struct mstr_host host = host_table;
    provider_entry entry = NULL;
    void *self = NULL;
    mstr_error *error = mstr_error_new();
    mstr_context *context = with_double("needs_1_2");
    assert_text(context, "d:x", "x");
    mstr_context_free(context);

    host.abi_minor = 1;
    host.size = (uint32_t)offsetof(struct mstr_host, uri_encode);
    assert_int_equal(loader_open(TEST_PLUGINS "/needs_1_2.so", &entry, error), MSTR_OK);
    const struct mstr_provider *provider = entry(&host);
    assert_int_equal(provider->create(NULL, &self, error), MSTR_E_PLUGIN);

    assert_told(error, MSTR_E_PLUGIN, "needs a libmstr with ABI 1.2", NULL);
    entry(&host_table);
    mstr_error_free(error);
}

static void broken_plugins_are_errors_never_crashes(void **state)
{
    (void)state;
    static const struct {
        const char *plugin;
        const char *reference;
        const char *told;
    } cases[] = {
        {"no_symbol", "d:x", "does not export mstr_provider_entry"},
        {"null_table", "d:x", "gave no table"},
        {"wrong_major", "d:x", "plugin 2, library 1"},
        {"short_table", "d:x", "shorter than"},
        {"no_resolve", "d:x", "lacks a name, a version, create or resolve"},
        {"odd_option", "d:x", "unknown type 99"},
        {"endless_options", "d:x", "does not end"},
        {"no_stride", "d:x", "entries of 0 octets"},
        {"unbound", "d:x", "mstr_double_missing"},
        {"silent", "d:x", "left the request unanswered"},
        {"absurd", "d:huge", "impossible length"},
        {"absurd", "d:null", "impossible length"},
        {"absent", "d:x", "was not found; looked in /nowhere, " TEST_PLUGINS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_context *context = with_double(cases[i].plugin);
        assert_failure(context, cases[i].reference, MSTR_E_PLUGIN, cases[i].told);
        mstr_context_free(context);
    }
}

/* Whoever looks at a table before an instance is made meets a broken one as an error as well. */
static void broken_option_tables_are_problems_to_config_check(void **state)
{
    (void)state;
    static const struct {
        const char *plugin;
        const char *told;
    } cases[] = {
        {"endless_options", "does not end"}, {"odd_option", "unknown type 99"}, {"no_stride", "entries of 0 octets"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[1024];
        mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
        mstr_error *error = mstr_error_new();
        snprintf(config, sizeof(config), "[provider d]\nplugin = %s\nx = 1\n[plugins]\npath = %s\n", cases[i].plugin,
                 TEST_PLUGINS);
        char *path = test_file(config, strlen(config));
        options.config_file = path;
        assert_int_equal(mstr_config_visit(&options, MSTR_CONFIG_PROBLEMS, ignore, NULL, error), MSTR_E_PLUGIN);
        assert_non_null(strstr(mstr_error_message(error), cases[i].told));
        unlink(path);
        free(path);
        mstr_error_free(error);
    }
}

static void the_first_of_several_answers_stands(void **state)
{
    (void)state;
    mstr_context *context = with_double("twice");
    assert_text(context, "d:first", "first");
    mstr_context_free(context);
}

static void names_lead_nowhere_but_to_the_path(void **state)
{
    (void)state;
    static const char *const names[] = {"../echo", "./echo", "echo.so", "a/b"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        mstr_context *context = with_double(names[i]);
        assert_failure(context, "d:x", MSTR_E_CONFIG, "is no plugin name");
        mstr_context_free(context);
    }
}

static void unknown_schemes_and_options_are_told_with_the_nearest(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    mstr_secret *secret = NULL;
    mstr_context *context = with_double("newer\ngreting = x");
    assert_int_equal(mstr_context_get(context, "d:x", NULL, &secret, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_hint(error), "\"greeting\""));
    assert_int_equal(mstr_context_get(context, "fil:/x", NULL, &secret, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_hint(error), "\"file:\""));
    mstr_context_free(context);
    mstr_error_free(error);
}

static void a_providers_section_may_hold_env_and_file_alone(void **state)
{
    (void)state;
    setenv("LOADER_TEST_GREETING", "good day", 1);
    mstr_context *context = with_double("newer\ngreeting = ${env:LOADER_TEST_GREETING}");
    assert_text(context, "d:greeting", "good day");
    mstr_context_free(context);
    context = with_double("newer\ngreeting = ${aws-sm:x}");
    assert_failure(context, "d:greeting", MSTR_E_CONFIG, "only env: and file:");
    mstr_context_free(context);
}

static void the_providers_that_options_come_from_take_none(void **state)
{
    (void)state;
    mstr_context *context = test_context("[provider file]\nbase = ${file:/etc/hostname}\n");
    assert_failure(context, "file:/etc/hostname", MSTR_E_CONFIG, "takes no options");
    mstr_context_free(context);
}

/* Which files are, and how that is told: util/trusted_file_test.c */
static void plugins_that_others_may_change_are_refused(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    provider_entry entry = NULL;
    mstr_error *error = mstr_error_new();
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/p.so", folder);
    assert_int_equal(loader_open(path, &entry, error), MSTR_E_PLUGIN);
    assert_non_null(strstr(mstr_error_message(error), "cannot be opened: No such file or directory"));
    fclose(fopen(path, "w"));
    assert_int_equal(chmod(path, 0646), 0);
    assert_int_equal(loader_open(path, &entry, error), MSTR_E_PLUGIN);
    assert_non_null(strstr(mstr_error_message(error), "plugin refused: "));
    assert_non_null(strstr(mstr_error_hint(error), "chmod o-w /tmp/mstr-test-"));
    assert_null(entry);
    mstr_error_free(error);
    unlink(path);
    rmdir(folder);
}

static void where_a_plugin_was_looked_for_is_told_and_where_it_may_be_put(void **state)
{
    (void)state;
    char *file = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(loader_find("absent", "/nowhere:/else", &file, error), MSTR_E_PLUGIN);
    assert_null(file);
    assert_told(error, MSTR_E_PLUGIN, "\"absent\" was not found; looked in /nowhere, /else, ",
                "install absent.so there, or add its folder");
    mstr_error_free(error);
}

static void the_symbols_of_a_plugin_are_its_own(void **state)
{
    (void)state;
    mstr_context *context = with_double("echo");
    assert_text(context, "d:x", "x");
    assert_null(dlsym(RTLD_DEFAULT, "mstr_provider_entry"));
    mstr_context_free(context);
}

/* In a child that has loaded nothing yet: 0, or 1 once nothing fails any more. */
static int load_without_memory(long at)
{
    provider_entry entry = NULL;
    allocator_fail(at, false);
    enum mstr_code code = loader_open(TEST_PLUGINS "/echo.so", &entry, NULL);
    bool failed = allocator_succeed();
    bool right = code == (entry != NULL ? MSTR_OK : MSTR_E_MEMORY) && (failed || entry != NULL);
    /* And then it is as if nothing had been. */
    right = right && loader_open(TEST_PLUGINS "/echo.so", &entry, NULL) == MSTR_OK && entry != NULL;
    return !right ? 2 : failed ? 0 : 1;
}

/* The first of all tests. */
static void a_plugin_that_memory_lacked_for_is_loaded_later(void **state)
{
    (void)state;
    int status = 0;
    for (long at = 1; status == 0; at++) {
        pid_t child = fork();
        if (child == 0) {
            _exit(load_without_memory(at));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status != 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 1)) {
            fail_msg("allocation %ld: status %d", at, status);
        }
    }
}

static void nothing_is_loaded_before_a_reference_names_it(void **state)
{
    (void)state;
    mstr_context *context = with_double("no_symbol");
    setenv("LOADER_TEST_GREETING", "good day", 1);
    assert_text(context, "env:LOADER_TEST_GREETING", "good day");
    mstr_context_free(context);
}

static int entry_calls;

static const struct mstr_provider *counting_entry(const struct mstr_host *host)
{
    static const struct mstr_provider provider = {.name = "counting"};
    assert_null(host);
    entry_calls++;
    return &provider;
}

static const struct mstr_provider *empty_entry(const struct mstr_host *host)
{
    (void)host;
    entry_calls++;
    return NULL;
}

/* Users of the plugin read meanwhile what a second call would write. */
static void an_entry_point_is_called_once(void **state)
{
    (void)state;
    entry_calls = 0;
    const struct mstr_provider *table = loader_table(counting_entry, NULL);
    assert_string_equal(table->name, "counting");
    assert_null(loader_table(empty_entry, NULL));
    assert_null(loader_table(empty_entry, NULL));
    assert_ptr_equal(loader_table(counting_entry, NULL), table);
    assert_int_equal(entry_calls, 2);
}

static const struct mstr_store *counting_store(const struct mstr_host *host)
{
    static const struct mstr_store counting = {.name = "counting"};
    assert_null(host);
    entry_calls++;
    return &counting;
}

static void that_of_a_store_too(void **state)
{
    (void)state;
    entry_calls = 0;
    const struct mstr_store *table = loader_store_table(counting_store, NULL);
    assert_string_equal(table->name, "counting");
    assert_ptr_equal(loader_store_table(counting_store, NULL), table);
    assert_int_equal(entry_calls, 1);
}

static void too_many_open_files_are_told_as_that(void **state)
{
    (void)state;
    assert_few_files_are_told("[provider d]\nplugin = " TEST_PLUGINS "/echo.so\n", "d:x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_that_memory_lacked_for_is_loaded_later),
        cmocka_unit_test(too_many_open_files_are_told_as_that),
        cmocka_unit_test(a_good_plugin_is_found_on_the_path_and_answers),
        cmocka_unit_test(a_plugin_may_be_named_by_its_absolute_path),
        cmocka_unit_test(a_plugin_of_a_later_minor_version_works),
        cmocka_unit_test(a_plugin_of_the_first_minor_version_works),
        cmocka_unit_test(a_plugin_of_the_second_minor_version_works),
        cmocka_unit_test(a_plugin_that_needs_a_later_minor_version_says_so),
        cmocka_unit_test(broken_plugins_are_errors_never_crashes),
        cmocka_unit_test(broken_option_tables_are_problems_to_config_check),
        cmocka_unit_test(the_first_of_several_answers_stands),
        cmocka_unit_test(names_lead_nowhere_but_to_the_path),
        cmocka_unit_test(unknown_schemes_and_options_are_told_with_the_nearest),
        cmocka_unit_test(a_providers_section_may_hold_env_and_file_alone),
        cmocka_unit_test(the_providers_that_options_come_from_take_none),
        cmocka_unit_test(plugins_that_others_may_change_are_refused),
        cmocka_unit_test(where_a_plugin_was_looked_for_is_told_and_where_it_may_be_put),
        cmocka_unit_test(the_symbols_of_a_plugin_are_its_own),
        cmocka_unit_test(nothing_is_loaded_before_a_reference_names_it),
        cmocka_unit_test(an_entry_point_is_called_once),
        cmocka_unit_test(that_of_a_store_too),
    };
    return RUN_TESTS("plugin/loader");
}
