/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: what one is, and when it is renewed. */
#include "vault/identity/token.h"

#include "unit/vault/support.h"

static enum mstr_code make(const char *text, struct vault_token **token)
{
    return vault_token_new(text, strlen(text), "VAULT_TOKEN", token, error);
}

static void white_space_at_the_end_is_no_part_of_it(void **state)
{
    struct vault_token *token = NULL;
    (void)state;
    assert_int_equal(make("hvs.abc\r\n", &token), MSTR_OK);
    assert_string_equal(token->text, "hvs.abc");
    assert_string_equal(token->source, "VAULT_TOKEN");
    vault_token_release(token);
}

static void what_no_header_can_hold_is_refused_before_any_request(void **state)
{
    static const char *const texts[] = {"", "\n", "hvs.a\nX-Evil: 1", "hvs.a b", "hvs.\xc3\xa9"};
    char long_text[9000];
    struct vault_token *token = NULL;
    (void)state;
    memset(long_text, 'a', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(make(texts[i], &token), MSTR_E_AUTHENTICATION);
        assert_contains(host->error_message(error), "VAULT_TOKEN");
        assert_null(token);
    }
    assert_int_equal(make(long_text, &token), MSTR_E_AUTHENTICATION);
}

static void it_is_renewed_at_two_thirds(void **state)
{
    struct vault_token *token = NULL;
    int64_t now = host->monotonic();
    (void)state;
    assert_int_equal(make("hvs.abc", &token), MSTR_OK);
    assert_true(token->kept.end == INT64_MAX);
    vault_token_set_life(token, 3600000, 3600000);
    assert_int_equal(token->kept.end - now, 3600000);
    assert_int_equal(token->expires, FAKE_HOST_START + 3600000);
    assert_in_range(token->kept.renew - now, 2160000, 2400000);
    vault_token_release(token);
    vault_token_release(NULL);
}

static void identify(const char *auth, char identity[IDENTITY_SIZE])
{
    struct vault_answer answer;
    struct vault_token *token = NULL;
    const struct mstr_http_answer http = {.status = 200, .body = auth, .body_length = strlen(auth)};
    assert_int_equal(vault_answer_read(&http, &answer, NULL), MSTR_OK);
    assert_int_equal(vault_token_take(&answer, "login at auth/approle", &token, NULL), MSTR_OK);
    vault_token_identify(token, answer.auth);
    strcpy(identity, token->identity);
    vault_token_release(token);
    vault_answer_release(&answer);
}

static void the_next_login_of_an_entity_is_the_same_identity(void **state)
{
    static const char *const logins[] = {
        "{\"auth\":{\"client_token\":\"a\",\"entity_id\":\"e\",\"policies\":[\"p\",\"q\"]}}",
        "{\"auth\":{\"client_token\":\"b\",\"entity_id\":\"e\",\"policies\":[\"p\",\"q\"]}}",
        "{\"auth\":{\"client_token\":\"c\",\"entity_id\":\"e\",\"policies\":[\"p\"]}}",
        "{\"auth\":{\"client_token\":\"d\",\"entity_id\":\"\",\"policies\":[\"p\"]}}",
        "{\"auth\":{\"client_token\":\"e\",\"entity_id\":\"\",\"policies\":[\"p\"]}}",
    };
    char identities[COUNT_OF(logins)][IDENTITY_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(logins); i++) {
        identify(logins[i], identities[i]);
    }
    assert_string_equal(identities[0], identities[1]);
    assert_string_not_equal(identities[1], identities[2]);
    assert_string_not_equal(identities[3], identities[4]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, error_setup, error_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(white_space_at_the_end_is_no_part_of_it),
        TEST(what_no_header_can_hold_is_refused_before_any_request),
        TEST(it_is_renewed_at_two_thirds),
        TEST(the_next_login_of_an_entity_is_the_same_identity),
    };
    return RUN_TESTS("vault/identity/token");
}
