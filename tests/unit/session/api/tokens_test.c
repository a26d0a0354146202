/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens made from a session. */
#include "support/mounted.h"

#define USER "0123456789abcdefABCDEF0123456789"

static void an_identity_token_comes_in_a_header(void **state)
{
    static const struct route routes[] = {
        {"POST auth/identityToken", 201, NULL, "X-MSTR-IdentityToken: identity", 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_secret *token = NULL;
    (void)state;

    mounted_done(mounted, mstr_session_create_identity_token(mounted->session, &token, mounted->error));

    assert_string_equal(mstr_secret_octets(token), "identity");
    mstr_secret_release(token);
    mounted_free(mounted);
}

static void an_api_token_comes_in_the_body_for_oneself_or_for_another_user(void **state)
{
    static const struct route routes[] = {{"POST auth/apiTokens", 201, "{\"apiToken\":\"api\"}", NULL, 0, MSTR_OK}};
    static const struct {
        const char *user;
        const char *body;
    } cases[] = {{NULL, ""}, {USER, "{\"userId\":\"" USER "\"}"}};
    struct mounted *mounted = mounted_open(routes, 1);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret *token = NULL;

        mounted_done(mounted, cases[i].user == NULL
                                  ? mstr_session_create_api_token(mounted->session, &token, mounted->error)
                                  : mstr_session_create_api_token_for(mounted->session, cases[i].user, &token,
                                                                      mounted->error));

        assert_string_equal(mstr_secret_octets(token), "api");
        assert_string_equal(mounted->body, cases[i].body);
        mstr_secret_release(token);
    }
    mounted_free(mounted);
}

static void an_answer_without_a_token_is_the_server_s_fault(void **state)
{
    static const struct route routes[] = {
        {"POST auth/identityToken", 201, NULL, NULL, 0, MSTR_OK},
        {"POST auth/apiTokens", 201, "{\"apiToken\":\"\"}", NULL, 1, MSTR_OK},
        {"POST auth/apiTokens", 201, "no json", NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 3);
    mstr_secret *token = NULL;
    (void)state;

    assert_int_equal(mstr_session_create_identity_token(mounted->session, &token, mounted->error), MSTR_E_PROTOCOL);
    assert_told(mounted, "POST auth/identityToken: the answer holds no token");
    assert_int_equal(mstr_session_create_api_token(mounted->session, &token, mounted->error), MSTR_E_PROTOCOL);
    assert_int_equal(mstr_session_create_api_token(mounted->session, &token, mounted->error), MSTR_E_PROTOCOL);

    assert_null(token);
    mounted_free(mounted);
}

static void a_user_s_id_has_32_hexadecimal_digits(void **state)
{
    static const char *const ids[] = {
        NULL, "", "0123", "0123456789abcdefABCDEF012345678", USER "0", "0123456789abcdefABCDEF012345678\""};
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_secret *token = NULL;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_int_equal(mstr_session_create_api_token_for(mounted->session, ids[i], &token, mounted->error),
                         MSTR_E_USAGE);
    }
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

static void an_identity_token_is_checked_without_the_session_s_own(void **state)
{
    static const struct {
        const char *body;
        enum mstr_code code;
        const char *user;
    } cases[] = {
        {"{\"userId\":\"" USER "\"}", MSTR_OK, USER},
        {"{}", MSTR_E_PROTOCOL, ""},
        {"{\"userId\":\"" USER "0\"}", MSTR_E_PROTOCOL, ""},
    };
    mstr_secret *token = mstr_secret_new("identity", 8);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {{"GET auth/identityToken", 200, cases[i].body, NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_new(routes, 1);
        char user[33] = "";

        assert_int_equal(mstr_session_check_identity_token(mounted->session, token, user, mounted->error),
                         cases[i].code);

        assert_string_equal(user, cases[i].user);
        assert_true(mounted_saw(mounted, "X-MSTR-IdentityToken: identity\n"));
        assert_false(mounted_saw(mounted, "X-MSTR-AuthToken"));
        mounted_free(mounted);
    }
    mstr_secret_release(token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identity_token_comes_in_a_header),
        cmocka_unit_test(an_api_token_comes_in_the_body_for_oneself_or_for_another_user),
        cmocka_unit_test(an_answer_without_a_token_is_the_server_s_fault),
        cmocka_unit_test(a_user_s_id_has_32_hexadecimal_digits),
        cmocka_unit_test(an_identity_token_is_checked_without_the_session_s_own),
    };
    return RUN_TESTS("session/api/tokens");
}
