/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/login_values.c: the mode of a login, and what is to be known of its values */
#include "session/login/login_values.h"

#include "given.h"

static void what_a_mode_lacks_is_named(void **state)
{
    static const struct {
        enum mstr_login_mode mode;
        struct given given;
        const char *part;
    } cases[] = {
        {MSTR_LOGIN_STANDARD, {"ann", NULL, NULL, NULL}, "the credential \"password\""},
        {MSTR_LOGIN_LDAP, {NULL, "p", NULL, NULL}, "the credential \"username\""},
        {MSTR_LOGIN_DELEGATE, {"ann", "p", NULL, NULL}, "the credential \"identity_token\""},
        {MSTR_LOGIN_GUESS, {"ann", NULL, NULL, NULL}, "username has no password beside it"},
        {MSTR_LOGIN_GUESS, {NULL, "p", NULL, NULL}, "password has no username beside it"},
        {MSTR_LOGIN_GUESS, {NULL, NULL, NULL, NULL}, "there are no credentials"},
        {MSTR_LOGIN_GUESS, {"ann", "", NULL, NULL}, "password resolved to an empty value"},
    };
    struct login_values values;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = given_new(cases[i].mode, cases[i].given);

        assert_int_equal(given_values(mounted, &values), MSTR_E_CONFIG);

        assert_told(mounted, cases[i].part);
        login_values_release(&values);
        mounted_free(mounted);
    }
}

static void the_base_url_and_the_secrets_of_the_network_become_the_session_s(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    struct login_values values;
    (void)state;
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PROXY_PASSWORD,
                                mstr_credential_literal("of proxy"));
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_KEY_PASSPHRASE, mstr_credential_literal("of key"));

    mounted_done(mounted, given_values(mounted, &values));

    assert_string_equal(mounted->session->base, MOUNTED_BASE);
    assert_string_equal(mstr_secret_octets(mounted->session->proxy_password), "of proxy");
    assert_string_equal(mstr_secret_octets(mounted->session->key_passphrase), "of key");
    login_values_release(&values);
    mounted_free(mounted);
}

static void values_know_where_they_come_from_and_whether_others_are_the_same(void **state)
{
    static const struct {
        const char *then;
        bool differ;
    } cases[] = {{"rotated", true}, {"old", false}};
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    struct mounted *mounted = mounted_new(NULL, 0);
    struct login_values first, again, fresh;
    (void)state;
    mounted_done(mounted, given_values(mounted, &first));
    assert_false(login_values_are_referenced(&first));
    login_values_release(&first);
    given_store(mounted, "old");
    mounted_done(mounted, given_values(mounted, &first));
    mounted_done(mounted, given_values(mounted, &again));
    assert_true(login_values_are_referenced(&first));
    assert_false(login_values_are_cached(&first));
    assert_true(login_values_are_cached(&again));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        store.value = cases[i].then;
        mounted_done(mounted, login_values_resolve(mounted->session, first.mode, first.need_count, true, &limits,
                                                   &fresh, mounted->error));
        assert_int_equal(login_values_differ(&first, &fresh), cases[i].differ);
        login_values_release(&fresh);
    }
    login_values_release(&first);
    login_values_release(&again);
    mounted_free(mounted);
}

static void what_is_tried_is_known_by_all_values_and_an_account_by_its_name(void **state)
{
    static const char all[] = "1 " MOUNTED_BASE "\0analyst\0pass-1";
    struct mounted *mounted = mounted_new(NULL, 0);
    struct login_values values;
    struct buffer tried = BUFFER_INIT;
    struct buffer account = BUFFER_INIT;
    (void)state;
    mounted_done(mounted, given_values(mounted, &values));

    login_values_put_tried(mounted->session, &values, &tried);
    login_values_put_account(mounted->session, &values, &account);

    assert_int_equal(tried.length, sizeof(all) - 1);
    assert_memory_equal(buffer_text(&tried), all, sizeof(all) - 1);
    assert_string_equal(buffer_text(&account), "1 " MOUNTED_BASE " analyst");
    buffer_release(&tried);
    buffer_release(&account);
    login_values_release(&values);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_mode_lacks_is_named),
        cmocka_unit_test(the_base_url_and_the_secrets_of_the_network_become_the_session_s),
        cmocka_unit_test(values_know_where_they_come_from_and_whether_others_are_the_same),
        cmocka_unit_test(what_is_tried_is_known_by_all_values_and_an_account_by_its_name),
    };
    return RUN_TESTS("session/login/login_values");
}
