/* Leases that end with the instance. */
#include "unit/vault/support.h"

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_ended_in_its_namespace),
        TEST(a_server_that_refuses_is_told_of),
    };
    return RUN_TESTS("vault/service/leases");
}
