/* Tokens made from a session and handed on, and what the server says of them. */
#include "support/session.h"

static void an_identity_token_is_checked_without_being_spent(void **state)
{
    (void)state;
    mstr_session *creator = open_analyst(0);
    mstr_session *other = make(0, MSTR_LOGIN_DELEGATE);
    mstr_secret *token = NULL;
    mstr_response *user = NULL;
    char id[33] = "";
    assert_done(mstr_session_create_identity_token(creator, &token, problem));
    assert_done(mstr_session_check_identity_token(other, token, id, problem));
    assert_done(mstr_session_check_identity_token(other, token, NULL, problem));
    assert_done(mstr_session_userinfo(creator, &user, problem));
    assert_string_equal(id, mstr_response_text(user, "/id"));

    mstr_session_set_credential(other, MSTR_CREDENTIAL_IDENTITY_TOKEN,
                                mstr_credential_literal(mstr_secret_octets(token)));
    assert_done(mstr_session_open(other, NULL, problem));
    mstr_response_free(user);
    mstr_secret_release(token);
    mstr_session_free(other);
    mstr_session_free(creator);
}

static void a_bad_identity_token_is_refused(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_DELEGATE);
    mstr_secret *token = mstr_secret_new("no-such-token", 13);
    char id[33] = "";
    assert_int_equal(mstr_session_check_identity_token(session, token, id, problem), MSTR_E_AUTHENTICATION);
    assert_string_equal(id, "");
    assert_null(strstr(mstr_error_message(problem), "no-such-token"));
    mstr_secret_release(token);
    mstr_session_free(session);
}

static void an_api_token_opens_a_session(void **state)
{
    (void)state;
    mstr_session *creator = open_analyst(0);
    mstr_session *other = make(0, MSTR_LOGIN_API_KEY);
    mstr_secret *token = NULL;
    assert_done(mstr_session_create_api_token(creator, &token, problem));
    mstr_session_set_credential(other, MSTR_CREDENTIAL_API_KEY, mstr_credential_literal(mstr_secret_octets(token)));
    assert_done(mstr_session_open(other, NULL, problem));
    mstr_secret_release(token);
    mstr_session_free(other);
    mstr_session_free(creator);
}

static void privileges_are_listed(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_response *response = NULL;
    assert_done(mstr_session_privileges(session, &response, problem));
    assert_non_null(mstr_response_text(response, "/privileges/0/name"));
    mstr_response_free(response);
    mstr_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_identity_token_is_checked_without_being_spent),
        TEST(a_bad_identity_token_is_refused),
        TEST(an_api_token_opens_a_session),
        TEST(privileges_are_listed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
