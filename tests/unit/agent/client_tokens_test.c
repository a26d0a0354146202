/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/client_tokens.c */
#include "agent/client_tokens.h"

#include "support/unit.h"

static struct client_tokens *tokens;

static int begin(void **state)
{
    (void)state;
    tokens = client_tokens_new();
    return tokens == NULL;
}

static int end(void **state)
{
    (void)state;
    client_tokens_free(tokens);
    return 0;
}

static void a_token_is_good_for_its_profile_alone(void **state)
{
    char token[CLIENT_TOKEN_SIZE];
    char other[CLIENT_TOKEN_SIZE];
    (void)state;
    assert_true(client_tokens_issue(tokens, "a", 0, token));
    assert_true(client_tokens_issue(tokens, "a", 0, other));
    assert_int_equal(strlen(token), CLIENT_TOKEN_SIZE - 1);
    assert_string_not_equal(token, other);
    assert_true(client_tokens_use(tokens, "a", token, 1));
    assert_false(client_tokens_use(tokens, "b", token, 1));
    assert_false(client_tokens_use(tokens, "a", "", 1));
    assert_false(client_tokens_use(tokens, "a", "guess", 1));
    token[0] = token[0] == 'a' ? 'b' : 'a';
    assert_false(client_tokens_use(tokens, "a", token, 1));
}

static void a_logout_ends_its_own_token(void **state)
{
    char token[CLIENT_TOKEN_SIZE];
    char other[CLIENT_TOKEN_SIZE];
    (void)state;
    assert_true(client_tokens_issue(tokens, "a", 0, token));
    assert_true(client_tokens_issue(tokens, "a", 0, other));
    client_tokens_end(tokens, "b", token);
    assert_true(client_tokens_use(tokens, "a", token, 1));
    client_tokens_end(tokens, "a", token);
    assert_false(client_tokens_use(tokens, "a", token, 1));
    assert_true(client_tokens_use(tokens, "a", other, 1));
}

static void an_hour_of_disuse_ends_it(void **state)
{
    char token[CLIENT_TOKEN_SIZE];
    (void)state;
    assert_true(client_tokens_issue(tokens, "a", 0, token));
    assert_true(client_tokens_use(tokens, "a", token, CLIENT_TOKEN_DISUSE - 1));
    assert_true(client_tokens_use(tokens, "a", token, 2 * (int64_t)CLIENT_TOKEN_DISUSE - 2));
    assert_false(client_tokens_use(tokens, "a", token, 3 * (int64_t)CLIENT_TOKEN_DISUSE - 2));
    assert_false(client_tokens_use(tokens, "a", token, 0));
}

static void of_too_many_the_one_used_least_lately_ends(void **state)
{
    char first[CLIENT_TOKEN_SIZE];
    char second[CLIENT_TOKEN_SIZE];
    char other[CLIENT_TOKEN_SIZE];
    (void)state;
    assert_true(client_tokens_issue(tokens, "a", 0, first));
    assert_true(client_tokens_issue(tokens, "a", 1, second));
    assert_true(client_tokens_use(tokens, "a", first, 2));
    for (int i = 2; i < CLIENT_TOKENS_MAX; i++) {
        assert_true(client_tokens_issue(tokens, "a", 3, other));
    }
    assert_true(client_tokens_issue(tokens, "a", 4, other));
    assert_false(client_tokens_use(tokens, "a", second, 5));
    assert_true(client_tokens_use(tokens, "a", first, 5));
    assert_true(client_tokens_use(tokens, "a", other, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_is_good_for_its_profile_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_logout_ends_its_own_token, begin, end),
        cmocka_unit_test_setup_teardown(an_hour_of_disuse_ends_it, begin, end),
        cmocka_unit_test_setup_teardown(of_too_many_the_one_used_least_lately_ends, begin, end),
    };
    return RUN_TESTS("agent/client_tokens");
}
