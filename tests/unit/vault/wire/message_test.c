/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: their headers, their trust, and the redirect that is followed. */
#include "vault/wire/message.h"

#include "unit/vault/support.h"

static struct vault_settings settings;

static int setup(void **state)
{
    int result = error_setup(state);
    fake_host_env("VAULT_ADDR", SERVER);
    return result;
}

static int teardown(void **state)
{
    vault_settings_release(&settings);
    return error_teardown(state);
}

/* Asks for the path by the settings as they are, with a token. */
static enum mstr_code ask(const char *path, bool login)
{
    struct vault_answer answer;
    vault_settings_release(&settings);
    assert_int_equal(vault_settings_read(fake_host_instance(NULL), &settings, error), MSTR_OK);
    struct vault_message message = {.settings = &settings,
                                    .namespace = settings.namespace,
                                    .token = "hvs.t",
                                    .index = login ? NULL : "aW5kZXg=",
                                    .asked = {.what = "asking", .login = login}};
    vault_message_add(&message, path);
    enum mstr_code code = vault_message_send(&message, fake_host_call(), &answer, NULL, error);
    vault_answer_release(&answer);
    vault_message_release(&message);
    return code;
}

static void a_request_has_all_that_vault_wants(void **state)
{
    (void)state;
    fake_host_env("VAULT_ADDR", SERVER "/prefix");
    fake_host_env("VAULT_NAMESPACE", "team");
    fake_host_env("VAULT_CACERT", "/ca.pem");
    fake_host_env("VAULT_CLIENT_CERT", "/c.pem");
    fake_host_env("VAULT_CLIENT_KEY", "/k.pem");
    fake_host_env("VAULT_TLS_SERVER_NAME", "internal");
    fake_host_env("VAULT_PROXY_ADDR", "http://proxy:1");
    fake_host_answer("GET", SERVER "/prefix/v1/secret/a%20b/c%25d%23%3F%C3%A9", 200, NULL, "{}");

    assert_int_equal(ask("secret/a b/c%d#?\xc3\xa9", false), MSTR_OK);

    const struct fake_exchange *exchange = fake_host_request(0);
    assert_string_equal(fake_exchange_header(exchange, "X-Vault-Request"), "true");
    assert_string_equal(fake_exchange_header(exchange, "X-Vault-Token"), "hvs.t");
    assert_string_equal(fake_exchange_header(exchange, "X-Vault-Namespace"), "team");
    assert_string_equal(fake_exchange_header(exchange, "X-Vault-Index"), "aW5kZXg=");
    assert_string_equal(fake_exchange_header(exchange, "X-Vault-Inconsistent"), "forward-active-node");
    assert_string_equal(exchange->ca_file, "/ca.pem");
    assert_string_equal(exchange->client_cert_file, "/c.pem");
    assert_string_equal(exchange->client_key_file, "/k.pem");
    assert_string_equal(exchange->tls_server_name, "internal");
    assert_string_equal(exchange->proxy, "http://proxy:1");
    assert_int_equal(exchange->request.response_limit, 4 * 1024 * 1024);
    assert_int_equal(exchange->request.timeout, 60000);
}

static void passing_failures_are_tried_again_as_often_as_set(void **state)
{
    (void)state;
    fake_host_answer("GET", "*", 429, "Retry-After: 2", "{\"errors\":[\"rate limit quota exceeded\"]}");
    fake_host_fail("GET", "*", MSTR_E_NETWORK, "reset");
    fake_host_answer("GET", "*", 200, NULL, "{}");
    assert_int_equal(ask("x", false), MSTR_OK);
    assert_in_range(fake_host_slept(), 2000, 3000);

    fake_host_env("VAULT_MAX_RETRIES", "0");
    fake_host_answer("GET", "*", 503, NULL, "{\"errors\":[\"no active Vault instance found\"]}");
    assert_int_equal(ask("x", false), MSTR_E_UNAVAILABLE);
    assert_int_equal(fake_host_requests(), 4);
}

static void a_login_is_sent_again_only_where_nothing_was_done(void **state)
{
    (void)state;
    fake_host_refuse("GET", "*");
    fake_host_answer("GET", "*", 503, NULL, "{\"errors\":[\"no active Vault instance found\"]}");
    fake_host_answer("GET", "*", 200, NULL, "{}");
    assert_int_equal(ask("x", true), MSTR_OK);

    fake_host_fail("GET", "*", MSTR_E_NETWORK, "reset");
    assert_int_equal(ask("x", true), MSTR_E_NETWORK);
    fake_host_answer("GET", "*", 500, NULL, "{\"errors\":[\"internal error\"]}");
    assert_int_equal(ask("x", true), MSTR_E_UNAVAILABLE);
    assert_int_equal(fake_host_requests(), 5);
}

static void a_node_that_stands_by_is_followed_once(void **state)
{
    (void)state;
    fake_host_answer("GET", V1 "x", 307, "Location: https://vault.test:8202/v1/x", "");
    fake_host_answer("GET", "https://vault.test:8202/v1/x", 503, NULL, "{\"errors\":[\"no active\"]}");
    fake_host_answer("GET", "https://vault.test:8202/v1/x", 200, NULL, "{}");
    assert_int_equal(ask("x", false), MSTR_OK);
    assert_string_equal(fake_exchange_header(fake_host_request(2), "X-Vault-Token"), "hvs.t");

    fake_host_answer("GET", V1 "x", 307, "Location: https://vault.test:8202/v1/x", "");
    fake_host_answer("GET", "https://vault.test:8202/v1/x", 307, "Location: https://vault.test/v1/x", "");
    assert_int_equal(ask("x", false), MSTR_E_PROTOCOL);
    assert_contains(host->error_message(error), "second time");
}

static void a_redirect_goes_only_where_the_token_may(void **state)
{
    static const struct {
        const char *location;
        const char *why;
    } cases[] = {
        {"Location: http://vault.test:8200/v1/x", "plain http"},
        {"Location: https://node-2.test:8200/v1/x", "may not have the token"},
        {"Location: /v1/x", "no URL"},
        {NULL, "no URL"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("GET", V1 "x", 302, cases[i].location, "");
        assert_int_equal(ask("x", false), MSTR_E_PROTOCOL);
        assert_contains(host->error_message(error), cases[i].why);
        assert_contains(host->error_message(error), SERVER);
    }
    fake_host_option("redirect_hosts", "node-1.test, node-2.test:8200");
    fake_host_answer("GET", V1 "x", 307, cases[1].location, "");
    fake_host_answer("GET", "https://node-2.test:8200/v1/x", 200, NULL, "{}");
    assert_int_equal(ask("x", false), MSTR_OK);
    fake_host_answer("GET", V1 "x", 307, "Location: https://node-2.test/v1/x", "");
    assert_int_equal(ask("x", false), MSTR_E_PROTOCOL);
    fake_host_env("VAULT_DISABLE_REDIRECTS", "true");
    fake_host_answer("GET", V1 "x", 307, cases[1].location, "");
    assert_int_equal(ask("x", false), MSTR_E_PROTOCOL);
    assert_contains(host->error_message(error), "disabled");
}

static void an_answer_without_content_is_a_success(void **state)
{
    (void)state;
    fake_host_answer("GET", "*", 204, NULL, "");
    assert_int_equal(ask("x", false), MSTR_OK);
    fake_host_answer("GET", "*", 200, NULL, "");
    assert_int_equal(ask("x", false), MSTR_E_PROTOCOL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(a_request_has_all_that_vault_wants),
        TEST(passing_failures_are_tried_again_as_often_as_set),
        TEST(a_login_is_sent_again_only_where_nothing_was_done),
        TEST(a_node_that_stands_by_is_followed_once),
        TEST(a_redirect_goes_only_where_the_token_may),
        TEST(an_answer_without_content_is_a_success),
    };
    return RUN_TESTS("vault/wire/message");
}
