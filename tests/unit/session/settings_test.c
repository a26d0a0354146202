/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/settings.c: the program over the profile over the defaults, and references in any setting */
#include "session/settings.h"
#include "support/context.h"

#include <stdlib.h>

static mstr_context *context;
static struct settings settings;
static mstr_credential *credentials[MSTR_CREDENTIAL_KINDS];
static mstr_error *problem;

static int setup(void **state)
{
    (void)state;
    problem = mstr_error_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    settings_release(&settings);
    for (int kind = 0; kind < MSTR_CREDENTIAL_KINDS; kind++) {
        mstr_credential_release(credentials[kind]);
        credentials[kind] = NULL;
    }
    mstr_context_free(context);
    context = NULL;
    mstr_error_free(problem);
    return 0;
}

static enum mstr_code read_with(const char *profile, const mstr_session_options *options)
{
    context = test_context(profile);
    return settings_read(options, context_config(context), &settings, credentials, problem);
}

static enum mstr_code expand(void)
{
    const struct limits limits = limits_of(NULL);
    return settings_expand(&settings, context, &limits, problem);
}

#define PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
static const char whole[] = "[profile default]\nlogin_mode = ldap\napplication_type = 35\nconnect_timeout = 2s\n"
                            "timeout = 90\nmax_redirects = 2\nrelogin = no\nkeepalive = yes\nproject = Tutorial\n"
                            "ca_file = /ca.pem\nproxy = http://proxy:3128\nusername = ann\n"
                            "pinned_key = " PIN "\nstall_timeout = 20s\n";

static void profile_stands_over_the_defaults(void **state)
{
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    (void)state;
    assert_int_equal(read_with(whole, &options), MSTR_OK);
    assert_int_equal(settings.login_mode, MSTR_LOGIN_LDAP);
    assert_int_equal(settings.application_type, 35);
    assert_int_equal(settings.connect_timeout, 2000);
    assert_int_equal(settings.timeout, 90000);
    assert_int_equal(settings.max_redirects, 2);
    assert_false(settings.relogin);
    assert_true(settings.keepalive);
    assert_string_equal(settings.pinned_key, PIN);
    assert_int_equal(settings.stall_timeout, 20000);
    assert_string_equal(settings.project, "Tutorial");
    assert_string_equal(settings.ca_file, "/ca.pem");
    assert_string_equal(settings.proxy, "http://proxy:3128");
    assert_null(settings.no_proxy);
    assert_non_null(credentials[MSTR_CREDENTIAL_USERNAME]);
    assert_null(credentials[MSTR_CREDENTIAL_PASSWORD]);
}

static void login_fields_are_an_object_without_what_a_login_says_anyway(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"{\"workingSet\":20,\"timeZone\":\"UTC\"}", true},
        {" { } ", true},
        {"[1]", false},
        {"{\"workingSet\":}", false},
        {"workingSet", false},
        {"{\"loginMode\":8}", false},
        {"{\"x\":1,\"username\":\"root\"}", false},
        {"{\"p\\u0061ssword\":\"x\"}", false},
    };
    (void)state;
    context = test_context("");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
        options.login_fields = cases[i].text;
        enum mstr_code code = settings_read(&options, context_config(context), &settings, credentials, problem);
        assert_int_equal(code, cases[i].good ? MSTR_OK : MSTR_E_CONFIG);
        if (cases[i].good) {
            assert_string_equal(settings.login_fields, cases[i].text);
        }
        settings_release(&settings);
    }
}

static void program_stands_over_the_profile(void **state)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_network network = MSTR_NETWORK_INIT;
    (void)state;
    network.ca_file = "/own.pem";
    options.login_mode = MSTR_LOGIN_STANDARD;
    options.timeout = 5000;
    options.project = "Own";
    options.network = &network;
    assert_int_equal(read_with(whole, &options), MSTR_OK);
    assert_int_equal(settings.login_mode, MSTR_LOGIN_STANDARD);
    assert_int_equal(settings.timeout, 5000);
    assert_int_equal(settings.connect_timeout, 2000);
    assert_string_equal(settings.project, "Own");
    assert_string_equal(settings.ca_file, "/own.pem");
    assert_string_equal(settings.proxy, "http://proxy:3128");
}

static void any_setting_may_hold_references(void **state)
{
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    (void)state;
    setenv("MSTR_TEST_MODE", "16", 1);
    setenv("MSTR_TEST_TIME", "3", 1);
    setenv("MSTR_TEST_NAME", "Tutorial", 1);
    setenv("MSTR_TEST_YES", "yes", 1);
    assert_int_equal(
        read_with("[profile default]\nlogin_mode = ${env:MSTR_TEST_MODE}\nkeepalive = ${env:MSTR_TEST_YES}\n"
                  "timeout = ${env:MSTR_TEST_TIME}m\nproject = The ${env:MSTR_TEST_NAME} $${x}\n"
                  "proxy = ${env:MSTR_TEST_NONE || env:MSTR_TEST_NAME}\n",
                  &options),
        MSTR_OK);
    assert_null(settings.project); /* nothing is resolved yet */
    assert_int_equal(expand(), MSTR_OK);
    assert_int_equal(settings.login_mode, MSTR_LOGIN_LDAP);
    assert_true(settings.keepalive);
    assert_int_equal(settings.timeout, 180000);
    assert_string_equal(settings.project, "The Tutorial ${x}");
    assert_string_equal(settings.proxy, "Tutorial");
    setenv("MSTR_TEST_TIME", "4", 1);
    assert_int_equal(expand(), MSTR_OK); /* once is enough */
    assert_int_equal(settings.timeout, 180000);
}

static void what_the_program_gives_needs_no_reference(void **state)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    (void)state;
    options.project = "Own";
    assert_int_equal(read_with("[profile default]\nproject = ${env:MSTR_TEST_NONE}\n", &options), MSTR_OK);
    assert_int_equal(expand(), MSTR_OK);
    assert_string_equal(settings.project, "Own");
}

static void an_empty_text_is_none(void **state)
{
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    (void)state;
    assert_int_equal(read_with("[profile default]\nproject =\nca_file = ${text:}\nclient_cert = ${text:}\n"
                               "proxy = ${text:}\npinned_key =\nlogin_fields = ${text:}\n",
                               &options),
                     MSTR_OK);
    assert_int_equal(expand(), MSTR_OK);
    assert_null(settings.project);
    assert_null(settings.ca_file);
    assert_null(settings.client_cert);
    assert_null(settings.pinned_key);
    assert_null(settings.login_fields);
    assert_string_equal(settings.proxy, ""); /* not the environment's */
}

static void failures_name_the_setting_and_its_place(void **state)
{
    static const struct {
        const char *profile;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"[profile default]\ntimeout = ${env:MSTR_TEST_WORD}\n", MSTR_E_CONFIG, ":2: \"timeout\" must be a duration"},
        {"[profile default]\napplication_type = ${text:0}\n", MSTR_E_CONFIG,
         ":2: \"application_type\" must be a whole number from 1 on"},
        {"[profile default]\nca_file = ${text:own.pem}\n", MSTR_E_CONFIG, ":2: \"ca_file\" must be an absolute path"},
        {"[profile default]\nproject = ${env:MSTR_TEST_NONE}\n", MSTR_E_NOT_FOUND, "project: "},
        {"[profile default]\nproject = ${file:/proc/self/cmdline}\n", MSTR_E_CONFIG,
         "project: it resolved to a value with NUL octets"},
        {"[profile default]\nlogin_mode = ${nowhere:x}\n", MSTR_E_CONFIG,
         "no installed provider brings the scheme \"nowhere\""},
    };
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    (void)state;
    setenv("MSTR_TEST_WORD", "soon", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(read_with(cases[i].profile, &options), MSTR_OK);
        assert_int_equal(expand(), cases[i].code);
        if (strstr(mstr_error_message(problem), cases[i].told) == NULL) {
            fail_msg("\"%s\" does not tell \"%s\"", mstr_error_message(problem), cases[i].told);
        }
        settings_release(&settings);
        mstr_context_free(context);
        context = NULL;
        mstr_error_clear(problem);
    }
}

static void profile_that_is_named_must_exist(void **state)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    (void)state;
    options.profile = "other";
    assert_int_equal(read_with(whole, &options), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), "\"other\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(profile_stands_over_the_defaults),
        TEST(login_fields_are_an_object_without_what_a_login_says_anyway),
        TEST(program_stands_over_the_profile),
        TEST(any_setting_may_hold_references),
        TEST(what_the_program_gives_needs_no_reference),
        TEST(an_empty_text_is_none),
        TEST(failures_name_the_setting_and_its_place),
        TEST(profile_that_is_named_must_exist),
    };
    return RUN_TESTS("session/settings");
}
