/* The plugin's table: what it needs, and what is the same for all who ask. */
#include "unit/vault/login.h"

static void settings_that_cannot_be_fail_the_instance(void **state)
{
    void *other = NULL;
    struct mstr_error *error = host->error_new();
    (void)state;
    fake_host_env("VAULT_SKIP_VERIFY", "true");
    assert_int_equal(plugin->create(fake_host_instance(NULL), &other, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "VAULT_SKIP_VERIFY");
    host->error_free(error);
}

static void a_host_that_is_too_old_is_told(void **state)
{
    void *other = NULL;
    struct mstr_error *error = host->error_new();
    (void)state;
    fake_host_be_old();
    assert_int_equal(plugin->create(fake_host_instance(NULL), &other, error), MSTR_E_PLUGIN);
    assert_contains(host->error_message(error), "1.2");
    host->error_free(error);
}

static void references_that_read_the_same_are_answered_by_one_read(void **state)
{
    struct mstr_request *requests[] = {fake_request_new("vault:db/creds/a?namespace=n"),
                                       fake_request_new("vault:db/creds/a?namespace=n")};
    (void)state;
    fake_host_env("VAULT_TOKEN", "hvs.t");
    fake_host_answer("GET", LOOK_UPS, 200, NULL, MOUNT("db/", "database", "null"));
    fake_host_answer("GET", V1 "db/creds/a", 200, NULL,
                     "{\"lease_id\":\"l\",\"lease_duration\":9,\"data\":{\"u\":\"1\"}}");

    plugin->resolve(instance, requests, 2, fake_host_call());

    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(fake_request_value(requests[i], NULL), "{\"u\":\"1\"}");
        fake_request_free(requests[i]);
    }
    assert_int_equal(fake_host_requests(), 2);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, login_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_that_cannot_be_fail_the_instance),
        TEST(a_host_that_is_too_old_is_told),
        TEST(references_that_read_the_same_are_answered_by_one_read),
        TEST(with_everything_mounts_and_token_are_forgotten),
    };
    return RUN_TESTS("vault/plugin");
}
