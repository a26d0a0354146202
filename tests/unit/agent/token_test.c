/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/token.c */
#include "agent/token.h"

#include "support/context.h"

#include <sys/stat.h>

static enum mstr_code open_text(const char *text, mode_t mode, struct token *token)
{
    char *path = test_file(text, strlen(text));
    assert_int_equal(chmod(path, mode), 0);
    enum mstr_code code = token_open(path, token, NULL);
    unlink(path);
    free(path);
    return code;
}

static void a_token_is_made_where_there_is_none(void **state)
{
    (void)state;
    struct stat status;
    struct token token = {0};
    struct token again = {0};
    char *path = test_file("", 0);
    unlink(path);
    assert_int_equal(token_open(path, &token, NULL), MSTR_OK);
    assert_int_equal(token.text.length, 43); /* 32 octets */
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(token_open(path, &again, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&again.text), buffer_text(&token.text));
    token_release(&token);
    token_release(&again);
    unlink(path);
    free(path);
}

static void one_that_others_can_read_or_that_is_short_is_refused(void **state)
{
    (void)state;
    struct token token = {0};
    assert_int_equal(open_text("0123456789abcdef\n", 0600, &token), MSTR_OK);
    assert_string_equal(buffer_text(&token.text), "0123456789abcdef");
    token_release(&token);
    assert_int_equal(open_text("0123456789abcdef", 0640, &token), MSTR_E_CONFIG);
    assert_int_equal(open_text("0123456789abcdef", 0604, &token), MSTR_E_CONFIG);
    assert_int_equal(open_text("0123456789abcde", 0600, &token), MSTR_E_CONFIG);
    token_release(&token);
    assert_int_equal(token_open("/dev/null", &token, NULL), MSTR_E_CONFIG);
    assert_int_equal(token_open("/dev/null/token", &token, NULL), MSTR_E_CONFIG);
}

static void whoever_guesses_is_answered_ten_times_a_second_and_shuts_nobody_out(void **state)
{
    (void)state;
    struct token token = {0};
    buffer_puts(&token.text, "0123456789abcdef");
    assert_int_equal(token_check(&token, "0123456789abcdef", 1000), TOKEN_GOOD);
    assert_int_equal(token_check(&token, "0123456789abcdef0", 1000), TOKEN_WRONG);
    assert_int_equal(token_check(&token, "", 1000), TOKEN_WRONG);
    for (int i = 2; i < 10; i++) {
        assert_int_equal(token_check(&token, NULL, 1000), TOKEN_WRONG);
    }
    assert_int_equal(token_check(&token, "0123456789abcdee", 1999), TOKEN_TOO_MANY);
    assert_int_equal(token_check(&token, NULL, 1999), TOKEN_TOO_MANY);
    assert_int_equal(token_check(&token, "0123456789abcdef", 1999), TOKEN_GOOD);
    assert_int_equal(token_check(&token, "0123456789abcdee", 2000), TOKEN_WRONG);
    token_release(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_made_where_there_is_none),
        cmocka_unit_test(one_that_others_can_read_or_that_is_short_is_refused),
        cmocka_unit_test(whoever_guesses_is_answered_ten_times_a_second_and_shuts_nobody_out),
    };
    return RUN_TESTS("agent/token");
}
