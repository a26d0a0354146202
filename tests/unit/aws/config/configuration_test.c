/* SPDX-License-Identifier: Apache-2.0 */
/* Which profile and region hold: settings, then the environment, then the shared config. */
#include "aws/config/configuration.h"

#include "support/aws_home.h"

static int make(void **state)
{
    aws_home_make(state);
    fake_host_env("AWS_REGION", NULL);
    write_file(".aws/config", "[default]\nregion=of-default\n[profile p]\nregion=of-p\n[profile bare]\n");
    return 0;
}

static void assert_region(const char *expected)
{
    struct configuration config;
    assert_int_equal(configuration_load(fake_host_call(), &settings, &config, NULL), MSTR_OK);
    assert_string_equal(config.region, expected);
    configuration_release(&config);
}

static void the_region_is_that_of_whoever_speaks_first(void **state)
{
    (void)state;
    assert_region("of-default");
    fake_host_env("AWS_PROFILE", "p");
    assert_region("of-p");
    fake_host_env("AWS_DEFAULT_REGION", "of-old-variable");
    assert_region("of-old-variable");
    fake_host_env("AWS_REGION", "of-variable");
    assert_region("of-variable");
    settings.region = "of-settings";
    assert_region("of-settings");
}

static void the_profile_of_the_settings_comes_before_the_variable(void **state)
{
    (void)state;
    fake_host_env("AWS_PROFILE", "bare");
    settings.profile = "p";
    assert_region("of-p");
}

/* As boto3 has it: ignoring it would sign as another. */
static void the_older_variable_of_the_profile_comes_first(void **state)
{
    (void)state;
    fake_host_env("AWS_PROFILE", "bare");
    fake_host_env("AWS_DEFAULT_PROFILE", "p");
    assert_region("of-p");
}

static void there_may_be_no_region(void **state)
{
    struct configuration config;
    (void)state;
    settings.profile = "bare";
    assert_int_equal(configuration_load(fake_host_call(), &settings, &config, NULL), MSTR_OK);
    assert_null(config.region);
    configuration_release(&config);
}

static void only_a_profile_that_was_asked_for_must_be_there(void **state)
{
    struct configuration config;
    struct mstr_error *error = host->error_new();
    (void)state;
    write_file(".aws/config", "[profile p]\n");
    assert_int_equal(configuration_load(fake_host_call(), &settings, &config, error), MSTR_OK);
    assert_null(config.profile);
    assert_string_equal(config.profile_name, "default");
    configuration_release(&config);

    fake_host_env("AWS_PROFILE", "nobody");
    assert_int_equal(configuration_load(fake_host_call(), &settings, &config, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "there is no profile \"nobody\"");
    configuration_release(&config);
    host->error_free(error);
}

static void whom_tls_trusts_is_said_by_the_first_who_speaks(void **state)
{
    static const struct {
        const char *own, *variable, *profile, *trusted;
        const char *told; /* of a file that is none; NULL = the host's own words */
    } cases[] = {
        {"/own.pem", "/variable.pem", "/profile.pem", "/own.pem", NULL},
        {NULL, "/variable.pem", "/profile.pem", "/variable.pem", "AWS_CA_BUNDLE: /variable.pem is none"},
        {NULL, "", "/profile.pem", "/profile.pem", "ca_bundle: /profile.pem is none"},
        {NULL, NULL, "", NULL, NULL},
    };
    struct mstr_error *error = host->error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct configuration config;
        struct buffer profile = BUFFER_INIT;
        buffer_printf(&profile, "ca_bundle=%s\n", cases[i].profile);
        write_default_profile(buffer_text(&profile));
        settings.ca_file = cases[i].own;
        fake_host_env("AWS_CA_BUNDLE", cases[i].variable);
        assert_int_equal(configuration_load(fake_host_call(), &settings, &config, NULL), MSTR_OK);
        const char *trusted = configuration_ca_file(&config);
        assert_string_equal(trusted != NULL ? trusted : "nobody",
                            cases[i].trusted != NULL ? cases[i].trusted : "nobody");
        host->error_set(error, MSTR_E_CONFIG, "%s is none", trusted != NULL ? trusted : "it");
        configuration_name_ca_file(&config, error);
        if (cases[i].told != NULL) {
            assert_string_equal(host->error_message(error), cases[i].told);
        } else {
            assert_null(strstr(host->error_message(error), ": "));
        }
        configuration_release(&config);
        buffer_release(&profile);
    }
    host->error_free(error);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(the_region_is_that_of_whoever_speaks_first),
        TEST(the_profile_of_the_settings_comes_before_the_variable),
        TEST(the_older_variable_of_the_profile_comes_first),
        TEST(there_may_be_no_region),
        TEST(whom_tls_trusts_is_said_by_the_first_who_speaks),
        TEST(only_a_profile_that_was_asked_for_must_be_there),
    };
    return RUN_TESTS("aws/config/configuration");
}
