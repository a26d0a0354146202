/* SPDX-License-Identifier: Apache-2.0 */
/* Which identity gives the token. */
#include "unit/vault/support.h"

static int setup(void **state)
{
    bare_setup(state);
    fake_host_env("HOME", "/nonexistent");
    return plugin_create(NULL);
}

static void what_was_looked_for_is_listed_where_nothing_is_there(void **state)
{
    (void)state;
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "no Vault identity is available here: token: neither token",
                 "VAULT_TOKEN");
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "token_file: not set", NULL);
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "approle: role_id is not set", NULL);
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "kubernetes: role is not set", NULL);
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "~/.vault-token: /nonexistent/.vault-token", NULL);
    assert_int_equal(fake_host_requests(), 0);
}

static void the_one_that_auth_names_is_asked_alone(void **state)
{
    (void)state;
    fake_host_env("VAULT_TOKEN", "hvs.t");
    fake_host_option("auth", "approle");
    assert_fails("vault:secret/a", MSTR_E_NOT_AVAILABLE, "approle: role_id is not set", NULL);
    fake_host_option("auth", "ldap");
    assert_fails("vault:secret/a", MSTR_E_CONFIG, "auth \"ldap\" names no identity", "approle, kubernetes");
}

static void the_first_that_is_there_decides(void **state)
{
    (void)state;
    fake_host_env("VAULT_TOKEN", "hvs t");
    fake_host_option("role_id", "r");
    assert_fails("vault:secret/a", MSTR_E_AUTHENTICATION, "VAULT_TOKEN is no token", "VAULT_TOKEN");
    assert_int_equal(fake_host_requests(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_looked_for_is_listed_where_nothing_is_there),
        TEST(the_one_that_auth_names_is_asked_alone),
        TEST(the_first_that_is_there_decides),
    };
    return RUN_TESTS("vault/identity/chain");
}
