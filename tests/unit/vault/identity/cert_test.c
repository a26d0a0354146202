/* SPDX-License-Identifier: Apache-2.0 */
/* The client certificate of TLS. */
#include "unit/vault/login.h"

static int setup(void **state)
{
    bare_setup(state);
    fake_host_env("VAULT_CLIENT_CERT", "/c.pem");
    fake_host_env("VAULT_CLIENT_KEY", "/k.pem");
    fake_host_answer_always("GET", LOOK_UPS, 200, NULL, KV_2);
    fake_host_answer_always("GET", V1 "secret/data/*", 200, NULL, HELLO);
    fake_host_option("auth", "cert");
    return plugin_create(NULL);
}

static void the_role_is_named_where_there_is_one(void **state)
{
    (void)state;
    const struct fake_exchange *login = log_in("cert");
    assert_string_equal(login->body, "{}");
    assert_string_equal(login->client_cert_file, "/c.pem");
    assert_string_equal(login->client_key_file, "/k.pem");
    fake_host_option("role", "web");
    plugin->invalidate(instance, NULL);
    fake_host_answer("POST", V1 "auth/cert/login", 200, NULL, AUTH("hvs.login", ""));
    size_t before = fake_host_requests();
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    assert_string_equal(fake_host_request(before)->body, "{\"name\":\"web\"}");
}

static void without_a_certificate_it_is_not_available(void **state)
{
    (void)state;
    plugin->destroy(instance);
    fake_host_env("VAULT_CLIENT_CERT", NULL);
    fake_host_env("VAULT_CLIENT_KEY", NULL);
    assert_int_equal(plugin->create(fake_host_instance(NULL), &instance, NULL), MSTR_OK);
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "client_cert", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_role_is_named_where_there_is_one),
        TEST(without_a_certificate_it_is_not_available),
    };
    return RUN_TESTS("vault/identity/cert");
}
