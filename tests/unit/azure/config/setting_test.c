/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: where they come from, and what counts as none. */
#include "azure/config/setting.h"

#include "support/fake_host.h"
#include "support/unit.h"

static void option_goes_before_the_variable(void **state)
{
    const char *from = NULL;
    (void)state;
    fake_host_option("client_id", "by option");
    fake_host_env("AZURE_CLIENT_ID", "by variable");
    assert_string_equal(setting_find(fake_host_instance(NULL), "client_id", "AZURE_CLIENT_ID", &from), "by option");
    assert_string_equal(from, "client_id");

    fake_host_option("client_id", "");
    assert_string_equal(setting_find(fake_host_instance(NULL), "client_id", "AZURE_CLIENT_ID", &from), "by variable");
    assert_string_equal(from, "AZURE_CLIENT_ID");
}

static void variable_is_named_where_nothing_is_set(void **state)
{
    const char *from = NULL;
    (void)state;
    fake_host_env("AZURE_CLIENT_ID", "");

    assert_null(setting_find(fake_host_instance(NULL), "client_id", "AZURE_CLIENT_ID", &from));
    assert_string_equal(from, "AZURE_CLIENT_ID");
    assert_null(setting_find(fake_host_instance(NULL), "client_id", NULL, NULL));
}

static void duration_is_more_than_nothing(void **state)
{
    static const char *const none[] = {NULL, "", "0", "-5", "soon"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        fake_host_option("tool_timeout", none[i]);
        assert_int_equal(setting_duration(fake_host_instance(NULL), "tool_timeout", 7), 7);
    }

    fake_host_option("tool_timeout", "2500");
    assert_int_equal(setting_duration(fake_host_instance(NULL), "tool_timeout", 7), 2500);
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        ON_FAKE_HOST(option_goes_before_the_variable),
        ON_FAKE_HOST(variable_is_named_where_nothing_is_set),
        ON_FAKE_HOST(duration_is_more_than_nothing),
    };
    return RUN_TESTS("azure/config/setting");
}
