/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of Vault, read while memory runs out. */
#include "vault/identity/token.h"
#include "vault/service/value.h"

#include "unit/memory.h"

static enum mstr_code read_value(const char *text, size_t length, struct mstr_error *error)
{
    struct vault_answer answer;
    struct vault_value value = {.text = NULL};
    const struct mstr_http_answer http = {.status = 200, .body = text, .body_length = length};
    enum mstr_code code = vault_answer_read(&http, &answer, error);
    if (code == MSTR_OK) {
        code = vault_value_read(&http, &answer, VAULT_KV_2, &value, error);
    }
    vault_value_release(&value);
    vault_answer_release(&answer);
    return code;
}

static enum mstr_code read_token(const char *text, size_t length, struct mstr_error *error)
{
    struct vault_answer answer;
    struct vault_token *token = NULL;
    const struct mstr_http_answer http = {.status = 200, .body = text, .body_length = length};
    enum mstr_code code = vault_answer_read(&http, &answer, error);
    if (code == MSTR_OK) {
        code = vault_token_take(&answer, "login", &token, error);
    }
    vault_token_release(token);
    vault_answer_release(&answer);
    return code;
}

static void secrets_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_value, "{\"data\":{\"data\":{\"a\":\"b\"},\"metadata\":{\"version\":3}}}");
}

static void tokens_without_memory_are_told_as_that(void **state)
{
    (void)state;
    assert_tells_memory(read_token,
                        "{\"auth\":{\"client_token\":\"hvs.t\",\"lease_duration\":60,\"renewable\":true}}");
}

static void an_instance_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct mstr_provider *provider = mstr_provider_entry(fake_host_table());
    assert_made_whole_or_not_at_all(provider->create, provider->destroy, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_is_made_whole_or_not_at_all),
        cmocka_unit_test(secrets_without_memory_are_told_as_that),
        cmocka_unit_test(tokens_without_memory_are_told_as_that),
    };
    return cmocka_run_group_tests(tests, fake_host_setup, fake_host_teardown);
}
