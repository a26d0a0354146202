/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of other authorities. */
#include "unit/vault/login.h"

static void a_jwt_is_read_anew_for_each_login(void **state)
{
    (void)state;
    fake_host_option("jwt_file", file_path);
    write_text("a.b.c\n");
    assert_string_equal(log_in("jwt")->body, "{\"jwt\":\"a.b.c\"}");
    fake_host_option("role", "app");
    write_text("d.e.f");
    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", V1 "auth/jwt/login", 200, NULL, AUTH("hvs.login", ""));
    size_t before = fake_host_requests();
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    assert_string_equal(fake_host_request(before)->body, "{\"jwt\":\"d.e.f\",\"role\":\"app\"}");
}

static void kubernetes_needs_a_role_and_the_pods_token(void **state)
{
    (void)state;
    fake_host_option("auth", "kubernetes");
    assert_fails("vault:secret/a", MSTR_E_CONFIG, "role is not set", NULL);
    fake_host_option("role", "app");
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "/var/run/secrets/kubernetes.io/serviceaccount/token", NULL);
    fake_host_option("jwt_file", file_path);
    write_text("pod.token.x\n");
    assert_string_equal(log_in("kubernetes")->body, "{\"jwt\":\"pod.token.x\",\"role\":\"app\"}");
}

static void files_that_hold_no_token_are_refused(void **state)
{
    (void)state;
    fake_host_option("auth", "jwt");
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "jwt_file is not set", NULL);
    fake_host_option("jwt_file", file_path);
    write_text("");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "holds no token", NULL);
    write_text("a b");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "holds no token", NULL);
    fake_host_option("jwt_file", "/nowhere/jwt");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "/nowhere/jwt is not there", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, login_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_jwt_is_read_anew_for_each_login),
        TEST(kubernetes_needs_a_role_and_the_pods_token),
        TEST(files_that_hold_no_token_are_refused),
    };
    return RUN_TESTS("vault/identity/jwt");
}
