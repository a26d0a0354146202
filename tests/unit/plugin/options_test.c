/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/options.c */
#include "support/registry.h"

#include "plugin/options.h"

static const struct mstr_option table[] = {
    {"name", MSTR_OPTION_STRING, 0, NULL, "a text"},
    {"count", MSTR_OPTION_INTEGER, 0, "7", "a number"},
    {"verbose", MSTR_OPTION_BOOLEAN, 0, "no", "a switch"},
    {"wait", MSTR_OPTION_DURATION, 0, "30s", "a time"},
    {"url", MSTR_OPTION_URL, MSTR_OPTION_REQUIRED, NULL, "where the store is"},
    {"file", MSTR_OPTION_PATH, 0, NULL, "a path"},
    {"pin", MSTR_OPTION_SECRET, 0, NULL, "what nobody sees"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

/* Checks the url that is required and at most one more. */
static enum mstr_code check(const char *name, const char *value, struct options **options, mstr_error *error)
{
    const struct mstr_header given[] = {{"url", "https://store.example/"}, {name, value}, {NULL, NULL}};
    return options_check(table, sizeof(*table), given, options, error);
}

static void values_reach_the_plugin_in_the_form_it_is_promised(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *given;
        const char *held;
    } cases[] = {
        {"name", "anything: ${at} all", "anything: ${at} all"},
        {"name", "", ""},
        {"count", "12", "12"},
        {"count", "-9223372036854775808", "-9223372036854775808"},
        {"verbose", "on", "yes"},
        {"verbose", "1", "yes"},
        {"verbose", "false", "no"},
        {"wait", "250ms", "250"},
        {"wait", "5m", "300000"},
        {"wait", "2", "2000"},
        {"url", "http://127.0.0.1:8200/v1?x=y", "http://127.0.0.1:8200/v1?x=y"},
        {"file", "/run/secrets/x", "/run/secrets/x"},
        {"file", "~/x/y", "/home/of/the/test/x/y"},
        {"pin", "1234", "1234"},
    };
    setenv("HOME", "/home/of/the/test", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_header given[] = {{cases[i].name, cases[i].given}, {"url", "https://x/"}, {NULL, NULL}};
        struct options *options = NULL;

        assert_int_equal(options_check(table, sizeof(*table), given, &options, NULL), MSTR_OK);

        assert_string_equal(options_get(options, cases[i].name), cases[i].held);
        options_free(options);
    }
}

static void what_is_not_given_has_its_default_or_none(void **state)
{
    (void)state;
    struct options *options = NULL;
    assert_int_equal(check(NULL, NULL, &options, NULL), MSTR_OK);
    assert_string_equal(options_get(options, "count"), "7");
    assert_string_equal(options_get(options, "verbose"), "no");
    assert_string_equal(options_get(options, "wait"), "30000"); /* a default is brought into form as well */
    assert_null(options_get(options, "name"));
    assert_null(options_get(options, "nonsense"));
    assert_null(options_get(NULL, "count"));
    options_free(options);
}

static void values_of_another_type_are_refused_by_name(void **state)
{
    (void)state;
    static const char url[] = "option \"url\" must be an absolute http or https URL without user name and password";
    static const struct {
        const char *name;
        const char *value;
        const char *told;
    } cases[] = {
        {"count", "many", "option \"count\" must be a whole number"},
        {"count", "", "option \"count\" must be a whole number"},
        {"count", "1.5", "option \"count\" must be a whole number"},
        {"count", "9223372036854775808", "option \"count\" must be a whole number"},
        {"verbose", "maybe", "option \"verbose\" must be yes or no"},
        {"wait", "soon", "option \"wait\" must be a duration such as 250ms, 30s, 5m or 1h"},
        {"wait", "-1", "option \"wait\" must be a duration"},
        {"url", "ftp://store.example/", url},
        {"url", "store.example", url},
        {"url", "https://user:password@store.example/", url},
        {"url", "https://st\303\266re.example/", "option \"url\" must be a URL whose host name is in ASCII"},
        {"file", "x/y", "option \"file\" must be an absolute path"},
        {"file", "~other/x", "option \"file\" must be an absolute path"},
        {"file", "", "option \"file\" must be an absolute path"},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_header given[] = {{cases[i].name, cases[i].value}, {"url", "https://x/"}, {NULL, NULL}};
        struct options *options = NULL;

        assert_int_equal(options_check(table, sizeof(*table), given, &options, error), MSTR_E_CONFIG);

        assert_told(error, MSTR_E_CONFIG, cases[i].told, NULL);
        assert_null(options);
    }
    mstr_error_free(error);
}

/* A password in the wrong place must not be shown. */
static void messages_hold_no_values(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    struct options *options = NULL;
    assert_int_equal(check("count", "hunter2", &options, error), MSTR_E_CONFIG);
    assert_null(strstr(mstr_error_message(error), "hunter2"));
    mstr_error_free(error);
}

static void an_unknown_option_is_told_with_the_nearest(void **state)
{
    (void)state;
    struct options *options = NULL;
    mstr_error *error = mstr_error_new();

    assert_int_equal(check("cuont", "1", &options, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "unknown option \"cuont\"", "did you mean \"count\"?");
    assert_int_equal(check("something-else", "1", &options, error), MSTR_E_CONFIG);
    assert_null(mstr_error_hint(error));
    assert_int_equal(check("Count", "1", &options, error), MSTR_E_CONFIG);
    const struct mstr_header any[] = {{"any", "1"}, {NULL, NULL}};
    assert_int_equal(options_check(NULL, 0, any, &options, error), MSTR_E_CONFIG); /* a plugin that has none */

    assert_null(options);
    mstr_error_free(error);
}

static void a_required_option_is_missed_with_its_help(void **state)
{
    (void)state;
    const struct mstr_header nothing[] = {{NULL, NULL}};
    struct options *options = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(options_check(table, sizeof(*table), nothing, &options, error), MSTR_E_CONFIG);
    assert_told(error, MSTR_E_CONFIG, "option \"url\" is missing", "where the store is");
    assert_int_equal(options_check(table, sizeof(*table), NULL, &options, error), MSTR_E_CONFIG);
    assert_null(options);
    mstr_error_free(error);
}

static void one_option_alone_may_be_checked_before_its_value_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        enum mstr_code code;
    } cases[] = {{"count", NULL, MSTR_OK},
                 {"count", "1", MSTR_OK},
                 {"count", "x", MSTR_E_CONFIG},
                 {"counts", NULL, MSTR_E_CONFIG}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(options_check_one(table, sizeof(*table), cases[i].name, cases[i].value, NULL),
                         cases[i].code);
    }
}

/* A plugin that was built against a later header has longer entries. */
static void the_stride_of_a_table_is_the_plugins_own(void **state)
{
    (void)state;
    static const struct {
        struct mstr_option option;
        const char *appended;
    } later[] = {{{"one", MSTR_OPTION_STRING, 0, "1", ""}, "x"},
                 {{"two", MSTR_OPTION_STRING, 0, "2", ""}, "y"},
                 {{NULL, MSTR_OPTION_STRING, 0, NULL, NULL}, "z"}};
    struct options *options = NULL;

    assert_int_equal(options_check_table(&later[0].option, sizeof(*later), NULL), MSTR_OK);
    assert_int_equal(options_check(&later[0].option, sizeof(*later), NULL, &options, NULL), MSTR_OK);

    assert_string_equal(options_get(options, "two"), "2");
    assert_string_equal(options_at(&later[0].option, sizeof(*later), 1)->name, "two");
    assert_null(options_at(&later[0].option, sizeof(*later), 2));
    assert_null(options_at(NULL, 0, 0));
    options_free(options);
}

static void broken_tables_are_the_plugins_fault(void **state)
{
    (void)state;
    static struct mstr_option endless[200];
    static const struct mstr_option odd[] = {{"a", MSTR_OPTION_STRING, 0, NULL, ""},
                                             {"b", (enum mstr_option_type) - 1, 0, NULL, ""},
                                             {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
    const struct {
        const struct mstr_option *table;
        size_t stride;
        const char *told;
    } cases[] = {
        {endless, sizeof(*endless), "the provider's option table does not end within 128 entries"},
        {odd, sizeof(*odd), "option \"b\" of the provider has the unknown type -1"},
        {table, 0, "entries of 0 octets, less than"},
        {table, sizeof(*table) - 1, "less than"},
    };
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(endless); i++) {
        endless[i] = (struct mstr_option){"again", MSTR_OPTION_STRING, 0, NULL, ""};
    }
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(options_check_table(cases[i].table, cases[i].stride, error), MSTR_E_PLUGIN);
        assert_told(error, MSTR_E_PLUGIN, cases[i].told, NULL);
    }
    assert_int_equal(options_check_table(NULL, 0, error), MSTR_OK);
    mstr_error_free(error);
}

static void given_options_are_copied_whole(void **state)
{
    (void)state;
    char name[] = "name";
    char value[] = "value";
    const struct mstr_header given[] = {{name, value}, {"empty", ""}, {NULL, NULL}};

    struct mstr_header *copy = options_copy_given(given);
    struct mstr_header *empty = options_copy_given(NULL);
    memset(name, 'x', 4);
    memset(value, 'x', 5);

    assert_string_equal(copy[0].name, "name");
    assert_string_equal(copy[0].value, "value");
    assert_string_equal(copy[1].value, "");
    assert_null(copy[2].name);
    assert_null(empty[0].name);
    options_free_given(copy);
    options_free_given(empty);
    options_free_given(NULL);
    options_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_reach_the_plugin_in_the_form_it_is_promised),
        cmocka_unit_test(what_is_not_given_has_its_default_or_none),
        cmocka_unit_test(values_of_another_type_are_refused_by_name),
        cmocka_unit_test(messages_hold_no_values),
        cmocka_unit_test(an_unknown_option_is_told_with_the_nearest),
        cmocka_unit_test(a_required_option_is_missed_with_its_help),
        cmocka_unit_test(one_option_alone_may_be_checked_before_its_value_is_known),
        cmocka_unit_test(the_stride_of_a_table_is_the_plugins_own),
        cmocka_unit_test(broken_tables_are_the_plugins_fault),
        cmocka_unit_test(given_options_are_copied_whole),
    };
    return RUN_TESTS("plugin/options");
}
