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

static void malformed_references_are_refused_without_asking(void **state)
{
    (void)state;
    assert_malformed("gcp-sm://p", "is neither //PROJECT/SECRET[/VERSION] nor", NULL);
    assert_malformed("gcp-sm://p/s/0", "has a version that is neither", NULL);
    assert_malformed("gcp-sm://p/s?version=1", "has a query, but there are no query keys", NULL);
    struct mstr_request *open = check("gcp-sm://-/s"); /* the identity tells the project */
    assert_int_equal(host->error_code(open->error), MSTR_OK);
    fake_request_free(open);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, plugin_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(explanation_tells_each_step),
        TEST(malformed_references_are_refused_without_asking),
    };
    return RUN_TESTS("gcp/plugin");
}
