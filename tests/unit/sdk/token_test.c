/* providers/sdk/token.c */
#include "sdk/token.h"

#include "sdk/host.h"
#include "support/fake_host.h"
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_host_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(token_is_a_copy_of_so_many_octets),
        TEST(released_token_can_be_released_again),
    };
    return RUN_TESTS("sdk/token");
}
