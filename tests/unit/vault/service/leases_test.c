/* SPDX-License-Identifier: Apache-2.0 */
/* Leases that end with the instance. */
#include "unit/vault/support.h"
#include "vault/service/secret.h"

static int setup(void **state)
{
    bare_setup(state);
    fake_host_env("VAULT_TOKEN", "hvs.t");
    fake_host_option("revoke", "yes");
    return plugin_create(NULL);
}

static void take(const char *reference, const char *lease)
{
    char body[128];
    snprintf(body, sizeof(body), "{\"lease_id\":\"%s\",\"lease_duration\":9,\"data\":{}}", lease);
    fake_host_answer("GET", V1 "db/creds/*", 200, NULL, body);
    assert_resolves(reference, "{}");
}

static void end(void)
{
    plugin->destroy(instance);
    assert_int_equal(plugin->create(fake_host_instance(NULL), &instance, NULL), MSTR_OK);
}

static void each_is_ended_in_its_namespace(void **state)
{
    (void)state;
    fake_host_answer_always("GET", LOOK_UPS, 200, NULL, MOUNT("db/", "database", "null"));
    take("vault:db/creds/a", "db/creds/a/1");
    take("vault:db/creds/a?namespace=team", "db/creds/a/2");
    fake_host_answer("PUT", V1 "sys/leases/revoke", 204, NULL, "");
    fake_host_answer("PUT", V1 "sys/leases/revoke", 204, NULL, "");
    end();
    size_t last = fake_host_requests() - 1;
    assert_string_equal(fake_host_request(last - 1)->body, "{\"lease_id\":\"db/creds/a/2\"}");
    assert_string_equal(fake_exchange_header(fake_host_request(last - 1), "X-Vault-Namespace"), "team");
    assert_string_equal(fake_host_request(last)->body, "{\"lease_id\":\"db/creds/a/1\"}");
    assert_null(fake_exchange_header(fake_host_request(last), "X-Vault-Namespace"));
}

static void a_server_that_refuses_is_told_of(void **state)
{
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("db/", "database", "null"));
    take("vault:db/creds/a", "db/creds/a/1");
    fake_host_answer("PUT", V1 "sys/leases/revoke", 403, NULL, DENIED);
    end();
    assert_contains(fake_host_log(), "warn leases were not ended: ending a lease: Vault answered 403");
}

static void one_that_cannot_be_ended_keeps_none_of_the_others(void **state)
{
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("db/", "database", "null"));
    take("vault:db/creds/a", "db/creds/a/1");
    take("vault:db/creds/b", "db/creds/b/2");
    size_t before = fake_host_requests();
    fake_host_answer("PUT", V1 "sys/leases/revoke", 403, NULL, DENIED);
    fake_host_answer("PUT", V1 "sys/leases/revoke", 204, NULL, "");
    end();
    assert_int_equal(fake_host_requests(), before + 2);
    assert_contains(fake_host_log(), "warn leases were not ended");
}

static void those_that_ended_by_themselves_are_left_alone(void **state)
{
    (void)state;
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("db/", "database", "null"));
    take("vault:db/creds/a", "db/creds/a/1");
    fake_host_advance(9500);
    take("vault:db/creds/a", "db/creds/a/2");
    size_t before = fake_host_requests();
    fake_host_answer("PUT", V1 "sys/leases/revoke", 204, NULL, "");
    end();
    assert_int_equal(fake_host_requests(), before + 1);
    assert_string_equal(fake_host_request(before)->body, "{\"lease_id\":\"db/creds/a/2\"}");
}

static void of_too_many_the_oldest_are_let_go(void **state)
{
    struct vault_leases leases;
    char id[32];
    size_t count = 0;
    (void)state;
    assert_true(vault_leases_init(&leases));
    for (int i = 0; i < 257; i++) {
        snprintf(id, sizeof(id), "db/creds/a/%d", i);
        vault_leases_note(&leases, NULL, id, 0);
    }
    fake_host_answer_always("PUT", V1 "sys/leases/revoke", 204, NULL, "");
    struct vault *vault = instance;
    size_t before = fake_host_requests();
    vault_leases_revoke(&leases, &vault->tokens, fake_host_call());
    count = fake_host_requests() - before;
    assert_int_equal(count, 256);
    assert_string_equal(fake_host_request(before)->body, "{\"lease_id\":\"db/creds/a/256\"}");
    vault_leases_destroy(&leases);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_ended_in_its_namespace),
        TEST(a_server_that_refuses_is_told_of),
        TEST(one_that_cannot_be_ended_keeps_none_of_the_others),
        TEST(those_that_ended_by_themselves_are_left_alone),
        TEST(of_too_many_the_oldest_are_let_go),
    };
    return RUN_TESTS("vault/service/leases");
}
