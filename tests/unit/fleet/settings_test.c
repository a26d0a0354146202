/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/settings.c; the forms of keys: keys_test.c */
#include "support/context.h"

#include "context/context.h"
#include "fleet/settings.h"

#include <stdio.h>

#define KEY  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OLD  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define SEAL "seal_key = " KEY "\n"

static mstr_context *context;
static struct fleet_settings settings;
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    fleet_settings_release(&settings);
    mstr_context_free(context);
    context = NULL;
    mstr_error_free(error);
    return 0;
}

static enum mstr_code read_fleet(const char *config)
{
    const struct limits limits = limits_of(NULL);
    context = test_context(config);
    return fleet_settings_read(context_config(context), "fleet", context_resolver(context), &limits, &settings,
                               error);
}

static const char *option(const char *name)
{
    const struct mstr_header *at = settings.options;
    while (at->name != NULL && strcmp(at->name, name) != 0) {
        at++;
    }
    return at->value;
}

static void what_is_not_said_has_its_default(void **state)
{
    (void)state;
    assert_int_equal(read_fleet("[fleet]\nstore = memory\n" SEAL), MSTR_OK);
    assert_string_equal(settings.section, "fleet");
    assert_string_equal(settings.store, "memory");
    assert_non_null(settings.keys);
    assert_int_equal(settings.rules.sessions, 1);
    assert_int_equal(settings.rules.on_failure, FLEET_LOCAL);
    assert_false(settings.rules.logout);
    assert_string_equal(settings.share_secrets, "");
    assert_null(settings.options[0].name);
}

static void each_setting_is_read(void **state)
{
    (void)state;
    setenv("SETTINGS_TEST_PASSWORD", "sesame", 1);
    assert_int_equal(
        read_fleet("[fleet]\nstore = memory\nurl = memory://h:1/0\nusername = worker\nca_file =\n"
                   "password = ${env:SETTINGS_TEST_PASSWORD}\ndelay = 3\n" SEAL "seal_key_old = " OLD
                   "\nsessions = 8\nshare_secrets = aws-sm:prod/*\non_store_failure = fail\nlogout = last\n"
                   "namespace = emea\n"),
        MSTR_OK);
    assert_int_equal(settings.rules.sessions, 8);
    assert_int_equal(settings.rules.on_failure, FLEET_STOP);
    assert_true(settings.rules.logout);
    assert_string_equal(settings.share_secrets, "aws-sm:prod/*");
    assert_string_equal(option("url"), "memory://h:1/0");
    assert_string_equal(option("username"), "worker");
    assert_string_equal(option("password"), "sesame");
    assert_string_equal(option("delay"), "3");
    assert_null(option("ca_file"));  /* an empty one is as if it were not there */
    assert_null(option("seal_key")); /* is nothing for a module */
    assert_null(option("sessions"));
}

static void a_seal_key_may_come_from_a_store(void **state)
{
    (void)state;
    setenv("SETTINGS_TEST_JSON", "{\"key\": \"" OLD "\"}", 1);
    assert_int_equal(read_fleet("[fleet]\nstore = memory\nseal_key = ${env:SETTINGS_TEST_JSON#key}\n"), MSTR_OK);
}

static void faults_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"[fleet]\nseal_key = " KEY "\n", MSTR_E_CONFIG, "[fleet] lacks its store"},
        {"[fleet]\nstore = memory\n", MSTR_E_CONFIG, "[fleet] lacks its seal_key"},
        {"[fleet]\nstore = memory\nseal_key =\n", MSTR_E_CONFIG, "[fleet] lacks its seal_key"},
        {"[fleet]\nstore = memory\nseal_key = correct horse battery staple!!!!\n", MSTR_E_CONFIG,
         ":3: \"seal_key\": seal_key is not a key of exactly 32 octets"},
        {"[fleet]\nstore = memory\n" SEAL "seal_key_old = short\n", MSTR_E_CONFIG,
         ":4: \"seal_key_old\": seal_key_old is"},
        {"[fleet]\nstore = memory\n" SEAL "password = ${env:SETTINGS_TEST_ABSENT}\n", MSTR_E_NOT_FOUND,
         ":4: \"password\": environment variable SETTINGS_TEST_ABSENT is not set"},
        {"[fleet]\nstore = memory\n" SEAL "ca_file = ${text:relative}\n", MSTR_E_CONFIG,
         ":4: \"ca_file\": \"ca_file\" must be an absolute path"},
        {"[fleet]\nstore = memory\n" SEAL "url = ${nonsense}\n", MSTR_E_CONFIG, ":4: \"url\": "},
        {"[fleet]\nstore = memory\n" SEAL "password = ${file:/proc/self/cmdline}\n", MSTR_E_CONFIG,
         ":4: \"password\": it resolved to a value with NUL octets"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(read_fleet(cases[i].config), cases[i].code);
        if (strstr(mstr_error_message(error), cases[i].told) == NULL) {
            fail_msg("\"%s\" is not \"%s\"", mstr_error_message(error), cases[i].told);
        }
        fleet_settings_release(&settings);
        mstr_context_free(context);
        context = NULL;
    }
}

static void a_profile_has_the_fleet_that_it_names_or_the_nameless_one(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        const char *section; /* NULL = refused */
    } cases[] = {{"profile a", "fleet"}, {"profile b", "fleet emea"}, {"profile c", ""}, {"profile d", NULL}};
    context = test_context("[fleet]\nstore = memory\n[fleet emea]\nstore = memory\n[profile a]\nusername = ann\n"
                           "[profile b]\nfleet = emea\n[profile c]\nfleet =\n[profile d]\nfleet = apac\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer section = BUFFER_INIT;
        enum mstr_code code = fleet_settings_find(context_config(context), cases[i].profile, &section, error);
        assert_int_equal(code, cases[i].section != NULL ? MSTR_OK : MSTR_E_CONFIG);
        if (cases[i].section != NULL) {
            assert_string_equal(buffer_text(&section), cases[i].section);
        }
        buffer_release(&section);
    }
    assert_string_equal(mstr_error_message(error), "there is no section [fleet apac], which \"fleet\" names");
}

static void without_a_fleet_there_is_none(void **state)
{
    (void)state;
    struct buffer section = BUFFER_INIT;
    context = test_context("[profile a]\nusername = ann\n");
    assert_int_equal(fleet_settings_find(context_config(context), "profile a", &section, error), MSTR_OK);
    assert_string_equal(buffer_text(&section), "");
    buffer_release(&section);
}

static void a_key_is_checked_by_itself(void **state)
{
    (void)state;
    assert_int_equal(fleet_settings_check_key("seal_key", KEY, strlen(KEY), error), MSTR_OK);
    assert_int_equal(fleet_settings_check_key("seal_key_old", OLD, strlen(OLD), error), MSTR_OK);
    assert_int_equal(fleet_settings_check_key("seal_key_old", "x", 1, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "seal_key_old is not a key"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_said_has_its_default),
        TEST(each_setting_is_read),
        TEST(a_seal_key_may_come_from_a_store),
        TEST(faults_are_told_with_their_place),
        TEST(a_profile_has_the_fleet_that_it_names_or_the_nameless_one),
        TEST(without_a_fleet_there_is_none),
        TEST(a_key_is_checked_by_itself),
    };
    return RUN_TESTS("fleet/settings");
}
