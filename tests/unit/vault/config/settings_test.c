/* SPDX-License-Identifier: Apache-2.0 */
/* Options and variables. */
#include "vault/config/settings.h"

#include "unit/vault/support.h"

static struct vault_settings settings;

static enum mstr_code take(void)
{
    vault_settings_release(&settings);
    return vault_settings_read(fake_host_instance(NULL), &settings, error);
}

static void assert_refused(const char *part, const char *hint)
{
    assert_int_equal(take(), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), part);
    assert_contains(host->error_text(error, MSTR_DETAIL_HINT), hint);
    vault_settings_release(&settings);
}

static void both_tools_defaults_hold(void **state)
{
    (void)state;
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(buffer_text(&settings.address), "https://127.0.0.1:8200");
    assert_int_equal(settings.attempts, 3);
    assert_int_equal(settings.timeout, 60000);
    assert_true(settings.redirects);
    assert_int_equal(settings.kv, VAULT_KV_AUTO);
    assert_null(settings.namespace);
    vault_settings_release(&settings);
}

static void option_goes_before_bao_before_vault(void **state)
{
    (void)state;
    fake_host_env("VAULT_ADDR", "https://v:1/prefix//");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(buffer_text(&settings.address), "https://v:1/prefix");
    assert_string_equal(settings.address_source, "VAULT_ADDR");
    fake_host_env("BAO_ADDR", "https://b:1");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(settings.address_source, "BAO_ADDR");
    fake_host_env("VAULT_AGENT_ADDR", "http://127.0.0.1:8100");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(settings.address_source, "VAULT_AGENT_ADDR");
    assert_true(settings.plain);
    fake_host_option("address", "https://o:1");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(buffer_text(&settings.address), "https://o:1");
    vault_settings_release(&settings);
}

static void empty_variable_of_bao_hides_that_of_vault(void **state)
{
    (void)state;
    fake_host_env("VAULT_NAMESPACE", "team");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(settings.namespace, "team");
    assert_string_equal(settings.login_namespace, "team");
    fake_host_env("BAO_NAMESPACE", "");
    fake_host_option("auth_namespace", "root/login");
    assert_int_equal(take(), MSTR_OK);
    assert_null(settings.namespace);
    assert_string_equal(settings.login_namespace, "root/login");
    vault_settings_release(&settings);
}

static void addresses_that_are_none_are_refused(void **state)
{
    static const char *const addresses[] = {"vault.test:8200", "ftp://vault.test", "https://vault.test?x=1",
                                            "https://vault.test#x", "https://u:p@vault.test"};
    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        fake_host_env("VAULT_ADDR", addresses[i]);
        assert_refused("VAULT_ADDR", "https://");
    }
    fake_host_env("VAULT_ADDR", "unix:///run/vault.sock");
    assert_refused("socket", "listen");
}

static void verification_cannot_be_turned_off(void **state)
{
    (void)state;
    fake_host_env("VAULT_SKIP_VERIFY", "true");
    assert_refused("VAULT_SKIP_VERIFY", "VAULT_CACERT");
    fake_host_env("BAO_SKIP_VERIFY", "1");
    assert_refused("BAO_SKIP_VERIFY", "ca_file");
    fake_host_env("BAO_SKIP_VERIFY", "False");
    assert_int_equal(take(), MSTR_OK);
    fake_host_env("BAO_SKIP_VERIFY", "yes");
    assert_refused("neither true nor false", "true");
}

static void a_certificate_needs_its_key(void **state)
{
    (void)state;
    fake_host_env("VAULT_CLIENT_CERT", "/c.pem");
    assert_refused("VAULT_CLIENT_CERT is set without", "both");
    fake_host_env("VAULT_CLIENT_KEY", "/k.pem");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(settings.client_cert, "/c.pem");
    assert_string_equal(settings.client_key, "/k.pem");
    fake_host_env("BAO_CLIENT_CERT", "");
    assert_refused("VAULT_CLIENT_KEY is set without", "both");
}

static void the_first_of_the_trusted_is_trusted(void **state)
{
    (void)state;
    fake_host_env("VAULT_CAPATH", "/folder");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(settings.ca_file, "/folder");
    fake_host_env("VAULT_CACERT_BYTES", "PEM");
    assert_int_equal(take(), MSTR_OK);
    assert_null(settings.ca_file);
    assert_string_equal(settings.ca_pem, "PEM");
    fake_host_env("VAULT_CACERT", "/ca.pem");
    fake_host_env("VAULT_TLS_SERVER_NAME", "vault.internal");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(settings.ca_file, "/ca.pem");
    assert_null(settings.ca_pem);
    assert_string_equal(settings.server_name, "vault.internal");
    vault_settings_release(&settings);
}

static void durations_and_counts_are_those_of_go(void **state)
{
    static const struct {
        const char *text;
        int64_t milliseconds; /* 0 = none */
    } durations[] = {{"30", 30000},   {"1m30s", 90000}, {"250ms", 250},
                     {"2h", 7200000}, {"0", 0},         {"-1s", 0},
                     {"1x", 0},       {"s", 0},         {"99999999999999999999h", 86400000}};
    (void)state;
    for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
        fake_host_env("VAULT_CLIENT_TIMEOUT", durations[i].text);
        assert_int_equal(take(), durations[i].milliseconds > 0 ? MSTR_OK : MSTR_E_CONFIG);
        assert_true(durations[i].milliseconds == 0 || settings.timeout == durations[i].milliseconds);
    }
    fake_host_env("VAULT_CLIENT_TIMEOUT", NULL);
    fake_host_env("VAULT_MAX_RETRIES", "0");
    assert_int_equal(take(), MSTR_OK);
    assert_int_equal(settings.attempts, 1);
    fake_host_env("VAULT_MAX_RETRIES", "-1");
    assert_refused("VAULT_MAX_RETRIES", "0 to 100");
}

static void what_is_not_supported_is_not_passed_over(void **state)
{
    (void)state;
    fake_host_env("VAULT_SRV_LOOKUP", "t");
    assert_refused("VAULT_SRV_LOOKUP", "address");
    fake_host_env("VAULT_SRV_LOOKUP", "f");
    fake_host_env("VAULT_PROXY_ADDR", "proxy:1");
    assert_refused("VAULT_PROXY_ADDR", "http://");
    fake_host_env("VAULT_PROXY_ADDR", "http://proxy:1");
    fake_host_env("VAULT_NAMESPACE", "a b");
    assert_int_equal(take(), MSTR_E_CONFIG);
    fake_host_env("VAULT_NAMESPACE", NULL);
    fake_host_option("auth_mount", "a/../b");
    assert_refused("auth_mount", "vault auth list");
    fake_host_option("auth_mount", "//a/b/");
    assert_int_equal(take(), MSTR_OK);
    assert_string_equal(settings.auth_mount, "a/b");
    fake_host_option("kv", "3");
    assert_refused("kv", "auto");
    fake_host_option("kv", "2");
    fake_host_env("VAULT_DISABLE_REDIRECTS", "1");
    assert_int_equal(take(), MSTR_OK);
    assert_int_equal(settings.kv, VAULT_KV_2);
    assert_string_equal(settings.proxy, "http://proxy:1");
    assert_false(settings.redirects);
    vault_settings_release(&settings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, error_setup, error_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(both_tools_defaults_hold),
        TEST(option_goes_before_bao_before_vault),
        TEST(empty_variable_of_bao_hides_that_of_vault),
        TEST(addresses_that_are_none_are_refused),
        TEST(verification_cannot_be_turned_off),
        TEST(a_certificate_needs_its_key),
        TEST(the_first_of_the_trusted_is_trusted),
        TEST(durations_and_counts_are_those_of_go),
        TEST(what_is_not_supported_is_not_passed_over),
    };
    return RUN_TESTS("vault/config/settings");
}
