/* SPDX-License-Identifier: Apache-2.0 */
/* What Vault knows of a token. */
#include "vault/identity/look_up_self.h"

#include "unit/vault/support.h"

static enum mstr_code look_up(int status, const char *body, struct buffer *facts)
{
    struct vault_settings settings;
    struct vault_token *token = NULL;
    assert_int_equal(vault_settings_read(fake_host_instance(NULL), &settings, NULL), MSTR_OK);
    assert_int_equal(vault_token_new("hvs.t", 5, "VAULT_TOKEN", &token, NULL), MSTR_OK);
    fake_host_answer("GET", V1 "auth/token/lookup-self", status, NULL, body);
    buffer_clear(facts);
    enum mstr_code code = vault_look_up_self(&settings, token, fake_host_call(), facts, NULL);
    vault_token_release(token);
    vault_settings_release(&settings);
    return code;
}

static void policies_and_end_are_told(void **state)
{
    struct buffer facts = BUFFER_INIT;
    (void)state;
    assert_int_equal(
        look_up(200, "{\"data\":{\"policies\":[\"default\",\"app\",7],\"ttl\":3600,\"id\":\"hvs.t\"}}", &facts),
        MSTR_OK);
    assert_string_equal(buffer_text(&facts), "policies default, app; ends in 3600 s");
    assert_int_equal(look_up(200, "{\"data\":{\"policies\":[\"root\"],\"ttl\":0,\"expire_time\":null}}", &facts),
                     MSTR_OK);
    assert_string_equal(buffer_text(&facts), "policies root");
    assert_int_equal(look_up(200, "{\"data\":{}}", &facts), MSTR_OK);
    assert_string_equal(buffer_text(&facts), "no policies");
    buffer_release(&facts);
}

static void a_token_that_is_none_is_denied(void **state)
{
    struct buffer facts = BUFFER_INIT;
    (void)state;
    assert_int_equal(look_up(403, "{\"errors\":[\"bad token\"]}", &facts), MSTR_E_DENIED);
    assert_int_equal(facts.length, 0);
    buffer_release(&facts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bare_setup, fake_host_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(policies_and_end_are_told),
        TEST(a_token_that_is_none_is_denied),
    };
    return RUN_TESTS("vault/identity/look_up_self");
}
