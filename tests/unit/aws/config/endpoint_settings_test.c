/* SPDX-License-Identifier: Apache-2.0 */
/* What the user says of a service's endpoint, and which of it counts. */
#include "aws/config/endpoint_settings.h"

#include "support/fake_host.h"
#include "support/unit.h"

#include <stdio.h>

static const char files[] = "[default]\nendpoint_url = http://profile\nservices = local\nuse_fips_endpoint = true\n"
                            "[services local]\nssm =\n  endpoint_url = http://services\n"
                            "[profile bare]\nendpoint_url = http://profile\n[profile lost]\nservices = nowhere\n"
                            "[profile off]\nendpoint_url = http://profile\nignore_configured_endpoint_urls = true\n";

static const char *own; /* the URL that the settings have */

/* What is said of Parameter Store's endpoint by a profile of these files; "" for nothing. */
static enum mstr_code read_settings(const char *profile, struct endpoint_settings *settings)
{
    static char custom[64];
    struct configuration config = {.files = shared_config_new()};
    assert_int_equal(shared_config_add(config.files, false, "config", files, sizeof(files) - 1, NULL), MSTR_OK);
    config.profile = shared_config_find(config.files, SECTION_PROFILE, profile);
    enum mstr_code code = endpoint_settings_read(&config, own, "SSM", settings, NULL);
    snprintf(custom, sizeof(custom), "%s", settings->custom != NULL ? settings->custom : "");
    settings->custom = custom;
    configuration_release(&config);
    return code;
}

static void assert_custom(const char *profile, const char *expected)
{
    struct endpoint_settings settings;
    assert_int_equal(read_settings(profile, &settings), MSTR_OK);
    assert_string_equal(settings.custom, expected);
}

static void the_most_specific_endpoint_of_the_users_own_wins(void **state)
{
    (void)state;
    assert_custom("none", "");
    assert_custom("bare", "http://profile");
    assert_custom("default", "http://services");
    assert_custom("off", "");
    fake_host_env("AWS_ENDPOINT_URL", "http://general");
    assert_custom("default", "http://general");
    fake_host_env("AWS_ENDPOINT_URL_SSM", "http://specific");
    assert_custom("default", "http://specific");
    fake_host_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True");
    assert_custom("default", "");
    own = "http://own";
    assert_custom("default", "http://own");
    own = NULL;
}

static void a_services_section_that_is_named_must_be_there(void **state)
{
    struct endpoint_settings settings;
    (void)state;
    assert_int_equal(read_settings("lost", &settings), MSTR_E_CONFIG);
}

static void switches_are_in_the_environment_or_the_profile(void **state)
{
    struct endpoint_settings settings;
    (void)state;
    assert_int_equal(read_settings("default", &settings), MSTR_OK);
    assert_true(settings.fips);
    assert_false(settings.dual_stack);
    fake_host_env("AWS_USE_FIPS_ENDPOINT", "false");
    fake_host_env("AWS_USE_DUALSTACK_ENDPOINT", "TRUE");
    assert_int_equal(read_settings("default", &settings), MSTR_OK);
    assert_false(settings.fips);
    assert_true(settings.dual_stack);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_most_specific_endpoint_of_the_users_own_wins),
        TEST(a_services_section_that_is_named_must_be_there),
        TEST(switches_are_in_the_environment_or_the_profile),
    };
    return RUN_TESTS("aws/config/endpoint_settings");
}
