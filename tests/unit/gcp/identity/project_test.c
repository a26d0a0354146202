/* SPDX-License-Identifier: Apache-2.0 */
/* Which project a reference means that leaves it open. */
#include "unit/gcp/support.h"

static void project_left_open_is_the_machine_s(void **state)
{
    (void)state;
    fake_host_answer("GET", METADATA "project/project-id", 200, METADATA_FLAVOR, "own-project\n");
    fake_host_answer("GET", METADATA "instance/*", 200, METADATA_FLAVOR, TOKEN_ANSWER);
    fake_host_answer_always("GET", "*/projects/own-project/secrets/s/*", 200, NULL, ACCESS_HELLO);

    assert_resolves("gcp-sm://-/s", "hello");
    assert_resolves("gcp-sm:projects/-/secrets/s", "hello");

    assert_int_equal(fake_host_requests(), 4);
}

static void project_left_open_is_the_environment_s_or_the_file_s(void **state)
{
    (void)state;
    use_key_file("\\n", ",\"private_key_id\":\"k\",\"project_id\":\"of-the-file\"");
    fake_host_answer("GET", "*/projects/of-the-file/*", 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://-/s", "hello");

    plugin->invalidate(instance, NULL);
    fake_host_env("GOOGLE_CLOUD_PROJECT", "of-the-environment");
    fake_host_answer("GET", "*/projects/of-the-environment/*", 200, NULL, ACCESS_HELLO);
    assert_resolves("gcp-sm://-/s", "hello");

    plugin->invalidate(instance, NULL);
    fake_host_env("GOOGLE_CLOUD_PROJECT", "../x");
    assert_fails("gcp-sm://-/s", MSTR_E_CONFIG, "no project id", NULL);
    plugin->invalidate(instance, NULL);
    fake_host_env("GOOGLE_CLOUD_PROJECT", NULL);
    use_file(USER_FILE);
    assert_fails("gcp-sm://-/s", MSTR_E_CONFIG, "knows none", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, metadata_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(project_left_open_is_the_machine_s),
        TEST(project_left_open_is_the_environment_s_or_the_file_s),
    };
    int failed = RUN_TESTS("gcp/identity/project");
    EVP_PKEY_free(rsa_key);
    return failed;
}
