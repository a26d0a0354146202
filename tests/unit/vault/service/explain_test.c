/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations. */
#include "unit/vault/login.h"

static enum mstr_code explain(const char *reference)
{
    struct mstr_request *request = fake_request_new(reference);
    enum mstr_code code =
        plugin->explain(instance, request->reference, fake_host_report_object(), fake_host_call(), request->error);
    fake_request_free(request);
    return code;
}

static void each_step_is_told_and_the_token_serves_on(void **state)
{
    (void)state;
    fake_host_option("role_id", "r-1");
    fake_host_answer("POST", V1 "auth/approle/login", 200, NULL, AUTH("hvs.login", ""));
    fake_host_answer("GET", V1 "auth/token/lookup-self", 200, NULL,
                     "{\"data\":{\"policies\":[\"app\"],\"ttl\":3600}}");
    assert_int_equal(explain("vault:secret/a?namespace=team"), MSTR_OK);

    assert_contains(fake_host_report(), "info address: " SERVER ", by VAULT_ADDR\n");
    assert_contains(fake_host_report(), "info namespace: team\n");
    assert_contains(fake_host_report(), "skipped token: neither token");
    assert_contains(fake_host_report(), "used approle: login at auth/approle\n");
    assert_contains(fake_host_report(), "info token: policies app; ends in 3600 s\n");
    assert_contains(fake_host_report(), "info mount: secret/ is version 2 of the key/value engine\n");
    assert_null(strstr(fake_host_report(), "hello"));
    assert_resolves("vault:secret/a", "{\"password\":\"hello\"}"); /* the proof may have been good once */
    assert_int_equal(fake_host_requests(), 5);
}

static void a_token_that_is_not_needed_is_given_back(void **state)
{
    (void)state;
    fake_host_option("role_id", "r-1");
    fake_host_answer("POST", V1 "auth/approle/login", 200, NULL, AUTH("hvs.first", ""));
    assert_int_equal(explain("vault:secret/a"), MSTR_OK);
    fake_host_answer("POST", V1 "auth/approle/login", 200, NULL, AUTH("hvs.second", ""));
    fake_host_answer("POST", V1 "auth/token/revoke-self", 204, NULL, "");
    assert_int_equal(explain("vault:secret/a"), MSTR_OK);
    assert_string_equal(fake_exchange_header(sent("POST", "revoke-self"), "X-Vault-Token"), "hvs.second");
}

static void what_vault_does_not_tell_is_no_failure(void **state)
{
    (void)state;
    fake_host_env("VAULT_TOKEN", "hvs.t");
    fake_host_answer("GET", LOOK_UPS, 403, NULL, DENIED);
    fake_host_answer("GET", V1 "auth/token/lookup-self", 403, NULL, DENIED);
    assert_int_equal(explain("vault:db/creds/a"), MSTR_OK);
    assert_contains(fake_host_report(), "info token: looking up the token: Vault answered 403");
    assert_contains(fake_host_report(), "info mount: looking up the mount: Vault answered 403");
    assert_int_equal(fake_host_requests(), 2); /* it is not read */
}

static void a_token_of_few_uses_is_left_alone(void **state)
{
    (void)state;
    fake_host_option("role_id", "r-1");
    fake_host_answer("POST", V1 "auth/approle/login", 200, NULL,
                     "{\"auth\":{\"client_token\":\"t\",\"num_uses\":3}}");
    assert_int_equal(explain("vault:secret/a"), MSTR_OK);
    assert_int_equal(fake_host_requests(), 1);
}

static void a_wrapped_secret_id_is_not_used_up(void **state)
{
    (void)state;
    fake_host_option("role_id", "r-1");
    fake_host_option("secret_id", "hvs.wrap");
    fake_host_option("secret_id_wrapped", "yes");
    fake_host_answer("POST", V1 "sys/wrapping/lookup", 200, NULL,
                     "{\"data\":{\"creation_path\":\"auth/approle/role/app/secret-id\"}}");
    assert_int_equal(explain("vault:secret/a"), MSTR_E_NOT_AVAILABLE);
    assert_contains(fake_host_report(), "skipped approle: the wrapped secret id is there");
    assert_int_equal(fake_host_requests(), 1);
}

static void why_it_cannot_be_read_is_told(void **state)
{
    (void)state;
    assert_int_equal(explain("vault:secret//a"), MSTR_E_CONFIG);
    assert_int_equal(explain("vault:secret/a"), MSTR_E_NOT_AVAILABLE);
    assert_contains(fake_host_report(), "skipped ~/.vault-token");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, login_setup, plugin_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_step_is_told_and_the_token_serves_on), TEST(a_token_that_is_not_needed_is_given_back),
        TEST(what_vault_does_not_tell_is_no_failure),    TEST(a_token_of_few_uses_is_left_alone),
        TEST(a_wrapped_secret_id_is_not_used_up),        TEST(why_it_cannot_be_read_is_told),
    };
    return RUN_TESTS("vault/service/explain");
}
