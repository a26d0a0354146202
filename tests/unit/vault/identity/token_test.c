/* Tokens: what one is, and when it is renewed. */
#include "vault/identity/token.h"

#include "unit/vault/support.h"

static enum mstr_code make(const char *text, struct vault_token **token, struct mstr_error *error)
{
    return vault_token_new(text, strlen(text), "VAULT_TOKEN", token, error);
}

static void white_space_at_the_end_is_no_part_of_it(void **state)
{
    struct vault_token *token = NULL;
    (void)state;
    assert_int_equal(make("hvs.abc\r\n", &token, NULL), MSTR_OK);
    assert_string_equal(token->text, "hvs.abc");
    assert_string_equal(token->source, "VAULT_TOKEN");
    vault_token_release(token);
}

static void what_no_header_can_hold_is_refused_before_any_request(void **state)
{
    static const char *const texts[] = {"", "\n", "hvs.a\nX-Evil: 1", "hvs.a b", "hvs.\xc3\xa9"};
    char long_text[9000];
    struct vault_token *token = NULL;
    struct mstr_error *error = host->error_new();
    (void)state;
    memset(long_text, 'a', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(make(texts[i], &token, error), MSTR_E_AUTHENTICATION);
        assert_contains(host->error_message(error), "VAULT_TOKEN");
        assert_null(token);
    }
    assert_int_equal(make(long_text, &token, error), MSTR_E_AUTHENTICATION);
    host->error_free(error);
}

static void it_is_renewed_at_two_thirds(void **state)
{
    struct vault_token *token = NULL;
    int64_t now = host->monotonic();
    (void)state;
    assert_int_equal(make("hvs.abc", &token, NULL), MSTR_OK);
    assert_true(token->kept.end == INT64_MAX);
    vault_token_set_life(token, 3600000, 3600000);
    assert_int_equal(token->kept.end - now, 3600000);
    assert_int_equal(token->expires, FAKE_HOST_START + 3600000);
    assert_in_range(token->kept.renew - now, 2160000, 2400000);
    vault_token_release(token);
    vault_token_release(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
int main(void)
{
    host_take(fake_host_table());
    const struct CMUnitTest tests[] = {
        TEST(white_space_at_the_end_is_no_part_of_it),
        TEST(what_no_header_can_hold_is_refused_before_any_request),
        TEST(it_is_renewed_at_two_thirds),
    };
    return RUN_TESTS("vault/identity/token");
}
