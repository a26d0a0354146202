/* core/config/login_mode.c */
#include "config/login_mode.h"

#include "support/unit.h"

static void a_mode_is_read_by_its_name_and_by_its_number(void **state)
{
    static const struct {
        const char *text;
        enum mstr_login_mode mode;
    } cases[] = {
        {"guess", MSTR_LOGIN_GUESS},  {"standard", MSTR_LOGIN_STANDARD},
        {"1", MSTR_LOGIN_STANDARD},   {"anonymous", MSTR_LOGIN_ANONYMOUS},
        {"8", MSTR_LOGIN_ANONYMOUS},  {"ldap", MSTR_LOGIN_LDAP},
        {"16", MSTR_LOGIN_LDAP},      {"api-key", MSTR_LOGIN_API_KEY},
        {"4096", MSTR_LOGIN_API_KEY}, {"delegate", MSTR_LOGIN_DELEGATE},
        {"-1", MSTR_LOGIN_DELEGATE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum mstr_login_mode mode = (enum mstr_login_mode)64;

        assert_true(login_mode_read(cases[i].text, &mode));

        assert_int_equal(mode, cases[i].mode);
    }
}

static void anything_else_is_no_mode(void **state)
{
    static const char *const cases[] = {"", "Standard", "api_key", "0", "2", "64", "1048576", "16 ", "8x"};
    enum mstr_login_mode mode = MSTR_LOGIN_LDAP;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(login_mode_read(cases[i], &mode));
    }
    assert_int_equal(mode, MSTR_LOGIN_LDAP);
}

static void a_number_is_a_mode_that_there_is_or_none(void **state)
{
    static const int none[] = {-2, 2, 4, 64, 77, 128, 1048576};
    (void)state;
    assert_true(login_mode_is_known(MSTR_LOGIN_GUESS) && login_mode_is_known(MSTR_LOGIN_DELEGATE) &&
                login_mode_is_known(MSTR_LOGIN_API_KEY));
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        assert_false(login_mode_is_known((enum mstr_login_mode)none[i]));
    }
}

static void no_mode_that_needs_nothing_is_ever_guessed(void **state)
{
    (void)state;
    for (const struct login_mode *row = login_modes; row->name != NULL; row++) {
        assert_true(!row->guessed || row->need_count > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mode_is_read_by_its_name_and_by_its_number),
        cmocka_unit_test(anything_else_is_no_mode),
        cmocka_unit_test(a_number_is_a_mode_that_there_is_or_none),
        cmocka_unit_test(no_mode_that_needs_nothing_is_ever_guessed),
    };
    return RUN_TESTS("config/login_mode");
}
