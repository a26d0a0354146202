/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's table: explanations. */
#include "unit/gcp/support.h"

static void explanation_tells_each_step(void **state)
{
    const struct mstr_reference reference = {sizeof(reference), 0, "gcp-sm://p/s", "gcp-sm", "//p/s", NULL};
    (void)state;
    use_file(USER_FILE);
    fake_host_answer("POST", "*", 200, NULL, TOKEN_ANSWER);
    fake_host_answer("GET", SERVICE, 200, NULL, ACCESS_HELLO);

    assert_int_equal(plugin->explain(instance, &reference, fake_host_report_object(), fake_host_call(), NULL),
                     MSTR_OK);

    assert_contains(fake_host_report(), "skipped credentials_file");
    assert_contains(fake_host_report(), "used GOOGLE_APPLICATION_CREDENTIALS: authorized_user");
    assert_contains(fake_host_report(), "used access token");
    assert_contains(fake_host_report(), "used Secret Manager");
    assert_null(strstr(fake_host_report(), "hello"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(explanation_tells_each_step),
    };
    return RUN_TESTS("gcp/plugin");
}
