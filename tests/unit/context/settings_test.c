/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/settings.c */
#include "support/store.h"

#include "context/context.h"

#include <stdio.h>

static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    store_reset(NULL);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    return 0;
}

static void a_setting_is_its_text_with_the_values_in_it(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *value;
    } cases[] = {
        {"PLAIN", "as it is"}, {"ALONE", "a"}, {"WITHIN", "<a|b> ${x}"}, {"SECOND", "b"},
        {"EMPTY", ""},         {"BARE", "b"},  {"OTHER", "https://x"},
    };
    mstr_context *context =
        store_context("[env w]\nPLAIN = as it is\nALONE = ${st:a}\nWITHIN = <${st:a}|${st:b}> $${x}\n"
                      "SECOND = ${env:SETTINGS_TEST_UNSET || st:b}\nEMPTY =\nBARE = st:b\nOTHER = https://x\n");
    unsetenv("SETTINGS_TEST_UNSET");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret *value = NULL;
        assert_int_equal(mstr_context_setting(context, "env w", cases[i].key, NULL, &value, error), MSTR_OK);
        assert_string_equal(mstr_secret_octets(value), cases[i].value);
        mstr_secret_release(value);
    }
    mstr_context_free(context);
}

static void all_settings_are_resolved_in_one_batch(void **state)
{
    (void)state;
    mstr_setting settings[] = {
        {.section = "env w", .key = "A"}, {.section = "env w", .key = "B"}, {.key = "st:c"}, {.key = "st:a"}};
    static const char *const values[] = {"a-b", "b", "c", "a"};
    mstr_context *context = store_context("[env w]\nA = ${st:a}-${st:b}\nB = ${st:b}\n");

    assert_int_equal(mstr_context_settings(context, settings, COUNT_OF(settings), sizeof(mstr_setting), NULL),
                     MSTR_OK);

    assert_int_equal(store.calls, 1);
    assert_int_equal(store.requests, 3);
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        assert_string_equal(mstr_secret_octets(settings[i].value), values[i]);
        mstr_secret_release(settings[i].value);
    }
    mstr_context_free(context);
}

static void failures_tell_where_the_setting_stands(void **state)
{
    (void)state;
    static const struct {
        const char *section;
        const char *key;
        enum mstr_code code;
        const char *told; /* follows the file, or is all of the message's beginning */
        bool in_file;
        const char *reference; /* or NULL */
    } cases[] = {
        {"env w", "LOST", MSTR_E_NOT_FOUND, ":2: \"LOST\": ", true, "env:SETTINGS_TEST_UNSET"},
        {"env w", "NOBODYS", MSTR_E_CONFIG, ":3: \"NOBODYS\": no installed provider", true, "nobody:…"},
        {"env w", "BROKEN", MSTR_E_CONFIG, ":4: \"BROKEN\": \"${\" without its \"}\"", true, NULL},
        {"env w", "ABSENT", MSTR_E_CONFIG, "there is no \"ABSENT\" in [env w]", false, NULL},
        {"env v", "LOST", MSTR_E_CONFIG, "there is no \"LOST\" in [env v]", false, NULL},
        {NULL, "nobody:x", MSTR_E_CONFIG, "no installed provider", false, "nobody:x"},
        {NULL, "malformed", MSTR_E_CONFIG, "\"malformed\" is not a reference", false, "malformed"},
    };
    mstr_context *context =
        store_context("[env w]\nLOST = ${env:SETTINGS_TEST_UNSET}\nNOBODYS = ${nobody:x}\nBROKEN = ${st:a\n");
    unsetenv("SETTINGS_TEST_UNSET");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_setting setting = {.section = cases[i].section, .key = cases[i].key, .error = error};

        assert_int_equal(mstr_context_settings(context, &setting, 1, sizeof(mstr_setting), NULL), cases[i].code);

        const char *message = mstr_error_message(error);
        const char *told = strstr(message, cases[i].told);
        assert_int_equal(setting.code, cases[i].code);
        assert_null(setting.value);
        if (told == NULL || (told == message) == cases[i].in_file) {
            fail_msg("\"%s\" does not tell \"%s\"", message, cases[i].told);
        }
        assert_int_equal(mstr_error_reference(error) != NULL, cases[i].reference != NULL);
        assert_true(cases[i].reference == NULL || strcmp(mstr_error_reference(error), cases[i].reference) == 0);
        mstr_error_clear(error);
    }
    mstr_context_free(context);
}

static void a_setting_of_the_environment_has_no_line(void **state)
{
    (void)state;
    mstr_context *context = NULL;
    mstr_secret *value = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    options.flags = MSTR_CONTEXT_NO_CONFIG;
    options.profile = "default";
    setenv("MSTR_USERNAME", "${nobody:x}", 1);
    assert_int_equal(mstr_context_new(&options, &context, NULL), MSTR_OK);

    assert_int_equal(mstr_context_setting(context, "profile default", "username", NULL, &value, error),
                     MSTR_E_CONFIG);

    const char *told = "environment: \"username\": no installed provider";
    assert_int_equal(strncmp(mstr_error_message(error), told, strlen(told)), 0);
    unsetenv("MSTR_USERNAME");
    mstr_context_free(context);
}

static void the_first_failure_is_that_of_all_and_the_others_have_their_values(void **state)
{
    (void)state;
    mstr_setting settings[] = {{.section = "env w", .key = "A"}, {.key = "st:a#field"}, {.key = "malformed"}};
    mstr_context *context = store_context("[env w]\nA = ${st:a}\n");

    assert_int_equal(mstr_context_settings(context, settings, COUNT_OF(settings), sizeof(mstr_setting), NULL),
                     MSTR_E_NOT_FOUND);

    assert_string_equal(mstr_secret_octets(settings[0].value), "a");
    assert_int_equal(settings[0].code, MSTR_OK);
    assert_int_equal(settings[2].code, MSTR_E_CONFIG);
    mstr_secret_release(settings[0].value);
    mstr_context_free(context);
}

static void no_array_is_an_error_unless_nothing_is_wanted(void **state)
{
    (void)state;
    mstr_context *context = store_context("");
    assert_int_equal(mstr_context_settings(context, NULL, 1, sizeof(mstr_setting), NULL), MSTR_E_USAGE);
    assert_int_equal(mstr_context_settings(context, NULL, 0, sizeof(mstr_setting), NULL), MSTR_OK);
    mstr_context_free(context);
}

static void a_caller_may_pass_over_the_cache(void **state)
{
    (void)state;
    const mstr_call_options options = {.size = sizeof(options), .flags = MSTR_CALL_NO_CACHE};
    mstr_setting setting = {.section = "env w", .key = "A"};
    mstr_context *context = store_context("[env w]\nA = ${st:a}\n");
    assert_text(context, "st:a", "a");
    store.value = "new";

    assert_int_equal(mstr_context_settings(context, &setting, 1, sizeof(mstr_setting), &options), MSTR_OK);

    assert_string_equal(mstr_secret_octets(setting.value), "new");
    mstr_secret_release(setting.value);
    mstr_context_free(context);
}

static void any_text_may_be_expanded_for_a_session(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum mstr_code code;
        const char *told; /* the value, or a part of the message */
    } cases[] = {
        {"https://${st:host}/", MSTR_OK, "https://host/"},
        {"plain", MSTR_OK, "plain"},
        {"${st:", MSTR_E_CONFIG, "\"${\" without its \"}\""},
        {"${st:a#field}", MSTR_E_NOT_FOUND, "field"},
    };
    const struct limits limits = limits_of(NULL);
    mstr_context *context = store_context("");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret *value = NULL;
        assert_int_equal(context_expand(context, cases[i].text, &limits, &value, error), cases[i].code);
        if (cases[i].code == MSTR_OK) {
            assert_string_equal(mstr_secret_octets(value), cases[i].told);
        } else {
            assert_null(value);
            assert_non_null(strstr(mstr_error_message(error), cases[i].told));
        }
        mstr_secret_release(value);
    }
    mstr_context_free(context);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_setting_is_its_text_with_the_values_in_it),
        EACH(all_settings_are_resolved_in_one_batch),
        EACH(failures_tell_where_the_setting_stands),
        EACH(a_setting_of_the_environment_has_no_line),
        EACH(the_first_failure_is_that_of_all_and_the_others_have_their_values),
        EACH(no_array_is_an_error_unless_nothing_is_wanted),
        EACH(a_caller_may_pass_over_the_cache),
        EACH(any_text_may_be_expanded_for_a_session),
    };
    return RUN_TESTS("context/settings");
}
