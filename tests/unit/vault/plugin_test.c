/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's table: what it needs, and what is the same for all who ask. */
#include "unit/vault/login.h"

static void settings_that_cannot_be_fail_the_instance(void **state)
{
    void *other = NULL;
    struct mstr_error *why = host->error_new();
    (void)state;
    fake_host_env("VAULT_SKIP_VERIFY", "true");
    assert_int_equal(plugin->create(fake_host_instance(NULL), &other, why), MSTR_E_CONFIG);
    assert_contains(host->error_message(why), "VAULT_SKIP_VERIFY");
    host->error_free(why);
}

static void a_host_that_is_too_old_is_told(void **state)
{
    void *other = NULL;
    struct mstr_error *why = host->error_new();
    (void)state;
    plugin = mstr_provider_entry(fake_host_table());
    fake_host_be_old();
    assert_int_equal(plugin->create(fake_host_instance(NULL), &other, why), MSTR_E_PLUGIN);
    assert_contains(host->error_message(why), "1.2");
    host->error_free(why);
}

static void with_everything_mounts_and_token_are_forgotten(void **state)
{
    (void)state;
    fake_host_env("VAULT_TOKEN", "hvs.a");
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    fake_host_env("VAULT_TOKEN", "hvs.b");
    struct mstr_request *request = fake_request_new("vault:secret/a");
    plugin->invalidate(instance, request->reference);
    fake_request_free(request);
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    assert_string_equal(fake_exchange_header(fake_host_request(2), "X-Vault-Token"), "hvs.a");
    plugin->invalidate(instance, NULL);
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    assert_string_equal(fake_exchange_header(fake_host_request(3), "X-Vault-Token"), "hvs.b");
    assert_int_equal(fake_host_requests(), 5);
}

/* Ends the instance and makes another, for what follows. */
static void end(void)
{
    plugin->destroy(instance);
    assert_int_equal(plugin->create(fake_host_instance(NULL), &instance, NULL), MSTR_OK);
}

static void log_in_by_approle(const char *auth)
{
    fake_host_option("role_id", "r");
    fake_host_answer("POST", V1 "auth/approle/login", 200, NULL, auth);
}

static void read_a_lease(void)
{
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("db/", "database", "null"));
    fake_host_answer("GET", V1 "db/creds/a", 200, NULL,
                     "{\"lease_id\":\"db/creds/a/1\",\"lease_duration\":9,\"data\":{}}");
    assert_resolves("vault:db/creds/a", "{}");
}

static void a_login_is_given_back_in_the_end(void **state)
{
    (void)state;
    log_in_by_approle(AUTH("hvs.own", ""));
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    fake_host_answer("POST", V1 "auth/token/revoke-self", 204, NULL, "");
    end();
    assert_string_equal(fake_exchange_header(sent("POST", "revoke-self"), "X-Vault-Token"), "hvs.own");
}

static void what_others_made_or_what_leases_need_is_not_given_back(void **state)
{
    (void)state;
    log_in_by_approle(AUTH("hvs.own", ""));
    read_a_lease();
    size_t before = fake_host_requests();
    end();
    log_in_by_approle("{\"auth\":{\"client_token\":\"hvs.few\",\"lease_duration\":60,\"num_uses\":9}}");
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}");
    end();
    fake_host_env("VAULT_TOKEN", "hvs.others");
    read_a_lease();
    end();
    assert_int_equal(fake_host_requests(), before + 3 + 2);
}

static void leases_end_with_the_instance_where_the_user_says_so(void **state)
{
    (void)state;
    fake_host_option("revoke", "yes");
    end();
    log_in_by_approle(AUTH("hvs.own", ""));
    read_a_lease();
    fake_host_answer("POST", V1 "auth/token/revoke-self", 204, NULL, "");
    end();
    fake_host_env("VAULT_TOKEN", "hvs.others");
    read_a_lease();
    fake_host_answer("PUT", V1 "sys/leases/revoke", 204, NULL, "");
    end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, login_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_that_cannot_be_fail_the_instance),
        cmocka_unit_test_setup_teardown(a_host_that_is_too_old_is_told, fake_host_setup, fake_host_teardown),
        TEST(with_everything_mounts_and_token_are_forgotten),
        TEST(a_login_is_given_back_in_the_end),
        TEST(what_others_made_or_what_leases_need_is_not_given_back),
        TEST(leases_end_with_the_instance_where_the_user_says_so),
    };
    return RUN_TESTS("vault/plugin");
}
