/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/token.c */
#include "sdk/token.h"

#include "sdk/host.h"
#include "support/fake_host.h"
#include "support/json_parse.h"
#include "support/unit.h"

static int setup(void **state)
{
    fake_host_setup(state);
    host = fake_host_table();
    return 0;
}

static void token_is_a_copy_of_so_many_octets(void **state)
{
    struct token token = {.renew = 7};
    char text[] = "secret and more";
    (void)state;

    assert_true(token_set(&token, text, 6, 1000));
    memset(text, 'x', sizeof(text));

    assert_string_equal(token.text, "secret");
    assert_int_equal(token.expires, 1000);
    assert_int_equal(token.renew, 0);
    token_release(&token);
}

static void released_token_can_be_released_again(void **state)
{
    struct token token = {.text = NULL};
    (void)state;
    token_release(&token);
    assert_true(token_set(&token, "secret", 6, 1000));

    token_release(&token);
    token_release(&token);

    assert_null(token.text);
}

static void only_visible_text_fits_a_header(void **state)
{
    static const char *const cases[] = {"", "a b", "a\r\nX: y", "a\x7f", "\xc3\xa9"};
    (void)state;

    assert_true(token_fits_header("!a~", 3));
    assert_false(token_fits_header("a\0b", 3));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(token_fits_header(cases[i], strlen(cases[i])));
    }
}

static void what_is_no_token_of_use_is_refused(void **state)
{
    static const struct {
        struct token_given given;
        const char *part;
    } cases[] = {
        {{NULL, 0, NULL, 2000, 1000}, "they answered without an access token"},
        {{"a b", 3, NULL, 2000, 1000}, "they answered without a usable access token"},
        {{"a\0b", 3, NULL, 2000, 1000}, "they answered without a usable access token"},
        {{"a", 1, "mac", 2000, 1000}, "they gave a token of type mac, which is not Bearer"},
        {{"a", 1, "Bearer", 1000, 1000}, "they gave a token that has expired already"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct token token = {.text = NULL};
        struct mstr_error *error = host->error_new();
        assert_int_equal(token_take(&token, &cases[i].given, "they", error), MSTR_E_PROTOCOL);
        assert_string_equal(host->error_message(error), cases[i].part);
        assert_null(token.text);
        host->error_free(error);
    }
}

static void type_that_is_no_text_is_not_passed_over(void **state)
{
    static const char text[] =
        "{\"a\":\"Bearer\",\"b\":[\"Bearer\"],\"c\":{},\"d\":7,\"e\":\"Bearer\\u0000\",\"f\":null}";
    struct json_object *body = json_parse(text, strlen(text));
    (void)state;
    assert_string_equal(token_type(body, "a"), "Bearer");
    for (const char *member = "b\0c\0d\0e\0"; *member != '\0'; member += 2) {
        assert_string_equal(token_type(body, member), "(no text)");
    }
    assert_null(token_type(body, "f"));
    assert_null(token_type(body, "g"));
    json_release(body);
}

static void token_lives_a_week_at_most(void **state)
{
    static const int64_t week = INT64_C(7) * 24 * 3600 * 1000;
    const struct token_given given = {"a", 1, "bearer", week * 2, 1000};
    struct token token = {.text = NULL};
    (void)state;
    assert_int_equal(token_take(&token, &given, "they", NULL), MSTR_OK);
    assert_int_equal(token.expires, week + 1000);
    token_release(&token);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_host_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_is_a_copy_of_so_many_octets),       cmocka_unit_test(only_visible_text_fits_a_header),
        TEST(what_is_no_token_of_use_is_refused),      TEST(token_lives_a_week_at_most),
        TEST(type_that_is_no_text_is_not_passed_over), TEST(released_token_can_be_released_again),
    };
    return RUN_TESTS("sdk/token");
}
