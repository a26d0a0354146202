/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens made from a session and handed on, and what the server says of them. */
#include "support/session.h"

#include <json-c/json.h>

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

static void an_api_token_for_another_user_is_a_matter_of_privilege(void **state)
{
    (void)state;
    static const char analyst_id[] = "7FC05A65473CE2FD845CE6A1D3F13233";
    mstr_session *analyst = open_analyst(0);
    mstr_session *service = make(0, MSTR_LOGIN_STANDARD);
    mstr_session *other = make(0, MSTR_LOGIN_API_KEY);
    mstr_secret *token = NULL;
    mstr_response *user = NULL;
    give(service, MSTR_CREDENTIAL_USERNAME, "svc_etl");
    give(service, MSTR_CREDENTIAL_PASSWORD, "Simul8-etl");
    assert_done(mstr_session_open(service, NULL, problem));

    assert_int_equal(mstr_session_create_api_token_for(analyst, "54F3D26011D2896560009A8E67019608", &token, problem),
                     MSTR_E_DENIED);
    assert_null(token);
    assert_int_equal(mstr_session_create_api_token_for(service, "00000000000000000000000000000000", &token, problem),
                     MSTR_E_NOT_FOUND);
    assert_int_equal(mstr_session_create_api_token_for(service, "\"}", &token, problem), MSTR_E_USAGE);
    assert_done(mstr_session_create_api_token_for(service, analyst_id, &token, problem));

    give(other, MSTR_CREDENTIAL_API_KEY, mstr_secret_octets(token));
    assert_done(mstr_session_open(other, NULL, problem));
    assert_done(mstr_session_userinfo(other, &user, problem));
    assert_string_equal(mstr_response_text(user, "/id"), analyst_id);
    mstr_response_free(user);
    mstr_secret_release(token);
    mstr_session_free(other);
    mstr_session_free(service);
    mstr_session_free(analyst);
}

/* What a browser has after a single sign-on: here, the token and the cookie of a session, as JSON of the export. */
static void look_at(mstr_session *session, mstr_secret **token, char cookie[64])
{
    mstr_secret *json = NULL;
    assert_done(mstr_session_export(session, &json, problem));
    struct json_object *all = json_tokener_parse(mstr_secret_octets(json));
    struct json_object *value = NULL;
    assert_true(json_object_object_get_ex(json_object_object_get(all, "cookies"), "JSESSIONID", &value));
    snprintf(cookie, 64, "%s", json_object_get_string(value));
    assert_true(json_object_object_get_ex(json_object_object_get(all, "headers"), "X-MSTR-AuthToken", &value));
    *token = mstr_secret_new(json_object_get_string(value), (size_t)json_object_get_string_len(value));
    json_object_put(all);
    mstr_secret_release(json);
}

static void a_session_of_a_browser_is_adopted_and_left_to_it(void **state)
{
    (void)state;
    mstr_session *browser = open_analyst(0);
    mstr_secret *token = NULL;
    mstr_response *user = NULL;
    char cookie[64];
    look_at(browser, &token, cookie);
    for (int by_token = 0; by_token < 2; by_token++) {
        mstr_session *session = make(0, MSTR_LOGIN_GUESS);
        assert_int_equal(mstr_session_set_cookie(session, "JSESSIONID", cookie), MSTR_OK);
        assert_done(mstr_session_adopt(session, by_token ? token : NULL, NULL, problem));
        assert_done(mstr_session_userinfo(session, &user, problem));
        assert_string_equal(mstr_response_text(user, "/fullName"), "Ann Analyst");
        mstr_response_free(user);
        assert_int_equal(mstr_session_adopt(session, token, NULL, problem), MSTR_E_USAGE);
        assert_done(mstr_session_close(session, problem));
        mstr_session_free(session);
    }
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/login"), 1);
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/token"), 1);
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 0);
    mstr_secret_release(token);
    mstr_session_free(browser);
}

static void what_is_no_session_is_not_adopted(void **state)
{
    (void)state;
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    mstr_secret *token = mstr_secret_new("a\r\nX: y", 7);
    mstr_session_set_cookie(session, "JSESSIONID", "0123456789ABCDEF0123456789ABCDEF");
    assert_int_equal(mstr_session_adopt(session, NULL, NULL, problem), MSTR_E_AUTHENTICATION);
    assert_int_equal(mstr_session_adopt(session, token, NULL, problem), MSTR_E_USAGE);
    assert_false(mstr_session_is_open(session));
    mstr_secret_release(token);
    mstr_session_free(session);
}

static void the_servers_version_is_asked_once_and_compared(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"11.3.0460.00602", "11.3.0460", 0},
        {"11.3.0460.00602", "11.1.0400", 1},
        {"11.3.0460", "11.3.1200", -1},
        {"11.10", "11.9", 1},
        {"9", "11.3", -1},
        {"", "11", 0},
    };
    char version[33];
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    for (int i = 0; i < 2; i++) {
        assert_done(mstr_session_server_version(session, version, problem));
        assert_string_equal(version, "11.3.0460.00602");
    }
    assert_int_equal(simulator_requests(sim, "mstr", "*/status"), 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int order = mstr_version_compare(cases[i].a, cases[i].b);
        assert_int_equal((order > 0) - (order < 0), cases[i].order);
    }
    mstr_session_free(session);
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
        TEST(an_api_token_for_another_user_is_a_matter_of_privilege),
        TEST(a_session_of_a_browser_is_adopted_and_left_to_it),
        TEST(what_is_no_session_is_not_adopted),
        TEST(the_servers_version_is_asked_once_and_compared),
        TEST(privileges_are_listed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
