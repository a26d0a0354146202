/* SPDX-License-Identifier: Apache-2.0 */
/* AppRole. */
#include "unit/vault/login.h"

static int setup(void **state)
{
    int result = login_setup(state);
    fake_host_option("role_id", "r-1");
    return result;
}

static void role_and_secret_id_are_posted(void **state)
{
    (void)state;
    fake_host_option("secret_id", "s\"1");
    assert_string_equal(log_in("approle")->body, "{\"role_id\":\"r-1\",\"secret_id\":\"s\\\"1\"}");
}

static void a_role_may_bind_no_secret_id(void **state)
{
    (void)state;
    assert_string_equal(log_in("approle")->body, "{\"role_id\":\"r-1\"}");
}

static void a_file_is_read_anew_for_each_login(void **state)
{
    (void)state;
    fake_host_option("secret_id_file", file_path);
    write_text("s-file\n");
    assert_string_equal(log_in("approle")->body, "{\"role_id\":\"r-1\",\"secret_id\":\"s-file\"}");
    write_text("\n");
    plugin->invalidate(instance, NULL);
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "is empty", NULL);
    fake_host_option("secret_id_file", "/nowhere/id");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "/nowhere/id is not there", NULL);
}

static void a_wrapped_one_that_is_not_there_is_missed(void **state)
{
    (void)state;
    fake_host_option("secret_id_wrapped", "yes");
    assert_fails("vault:secret/a", MSTR_E_CONFIG, "neither secret_id nor secret_id_file", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(role_and_secret_id_are_posted),
        TEST(a_role_may_bind_no_secret_id),
        TEST(a_file_is_read_anew_for_each_login),
        TEST(a_wrapped_one_that_is_not_there_is_missed),
    };
    return RUN_TESTS("vault/identity/approle");
}
