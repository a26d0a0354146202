/* SPDX-License-Identifier: Apache-2.0 */
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

static void kinds_are_named_as_in_the_configuration(void **state)
{
    (void)state;
    assert_string_equal(mstr_credential_kind_name(MSTR_CREDENTIAL_BASE_URL), "base_url");
    assert_string_equal(mstr_credential_kind_name(MSTR_CREDENTIAL_PASSWORD), "password");
    assert_string_equal(mstr_credential_kind_name(MSTR_CREDENTIAL_KEY_PASSPHRASE), "client_key_password");
    assert_string_equal(mstr_credential_kind_name((enum mstr_credential_kind)MSTR_CREDENTIAL_KINDS), "unknown");
}

static void the_mode_is_the_one_that_is_wanted_or_the_first_that_is_complete(void **state)
{
    enum {
        NAME = 1 << MSTR_CREDENTIAL_USERNAME,
        WORD = 1 << MSTR_CREDENTIAL_PASSWORD,
        KEY = 1 << MSTR_CREDENTIAL_API_KEY,
        TOKEN = 1 << MSTR_CREDENTIAL_IDENTITY_TOKEN,
        OTHERS = 1 << MSTR_CREDENTIAL_BASE_URL | 1 << MSTR_CREDENTIAL_PERSISTENCE_KEY,
    };
    static const struct {
        enum mstr_login_mode wanted;
        unsigned there;
        enum mstr_login_mode chosen;
        const char *told; /* NULL = nothing is missing */
    } cases[] = {
        {MSTR_LOGIN_GUESS, NAME | WORD | KEY | TOKEN, MSTR_LOGIN_DELEGATE, NULL},
        {MSTR_LOGIN_GUESS, NAME | WORD | KEY, MSTR_LOGIN_API_KEY, NULL},
        {MSTR_LOGIN_GUESS, NAME | WORD | OTHERS, MSTR_LOGIN_STANDARD, NULL},
        {MSTR_LOGIN_GUESS, NAME | OTHERS, MSTR_LOGIN_GUESS,
         "no login is configured: username has no password beside it"},
        {MSTR_LOGIN_GUESS, WORD, MSTR_LOGIN_GUESS, "no login is configured: password has no username beside it"},
        {MSTR_LOGIN_GUESS, OTHERS, MSTR_LOGIN_GUESS, "no login is configured: there are no credentials"},
        {MSTR_LOGIN_STANDARD, NAME | WORD | KEY, MSTR_LOGIN_STANDARD, NULL},
        {MSTR_LOGIN_LDAP, NAME, MSTR_LOGIN_GUESS, "login needs the credential \"password\", which is not configured"},
        {MSTR_LOGIN_LDAP, 0, MSTR_LOGIN_GUESS, "login needs the credential \"username\""},
        {MSTR_LOGIN_API_KEY, NAME, MSTR_LOGIN_API_KEY, NULL},
        {MSTR_LOGIN_API_KEY, TOKEN, MSTR_LOGIN_GUESS, "login needs the credential \"api_key\""},
        {MSTR_LOGIN_ANONYMOUS, 0, MSTR_LOGIN_ANONYMOUS, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct login_mode *mode = NULL;
        mstr_error *error = mstr_error_new();

        enum mstr_code code = login_mode_choose(cases[i].wanted, cases[i].there, &mode, error);

        assert_int_equal(code, cases[i].told == NULL ? MSTR_OK : MSTR_E_CONFIG);
        assert_true(code != MSTR_OK || mode->mode == cases[i].chosen);
        if (cases[i].told != NULL) {
            assert_non_null(strstr(mstr_error_message(error), cases[i].told));
            assert_non_null(
                strstr(mstr_error_hint(error), cases[i].wanted == MSTR_LOGIN_GUESS
                                                   ? "anonymous login must be asked for with login_mode = anonymous"
                                                   : " in the profile, or the environment variable of that name"));
        }
        mstr_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mode_is_read_by_its_name_and_by_its_number),
        cmocka_unit_test(anything_else_is_no_mode),
        cmocka_unit_test(a_number_is_a_mode_that_there_is_or_none),
        cmocka_unit_test(no_mode_that_needs_nothing_is_ever_guessed),
        cmocka_unit_test(kinds_are_named_as_in_the_configuration),
        cmocka_unit_test(the_mode_is_the_one_that_is_wanted_or_the_first_that_is_complete),
    };
    return RUN_TESTS("config/login_mode");
}
