/* SPDX-License-Identifier: Apache-2.0 */
/* What a session has of one server never goes to another: two servers, between which base_url changes. */
#include "support/context.h"
#include "support/tiny_server.h"
#include "support/unit.h"

#include <mstr/mstr.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* A server that gives a token and a cookie with its name in them, and keeps the heads of all it was sent. */
struct place {
    const char *name;
    struct tiny_server *server;
    pthread_mutex_t mutex;
    char heads[16 * 1024];
    bool expired; /* each request but a login is told ERR009 */
};

static struct place old = {.name = "old", .mutex = PTHREAD_MUTEX_INITIALIZER};
static struct place new = {.name = "new", .mutex = PTHREAD_MUTEX_INITIALIZER};
static struct place *named; /* by base_url */
static mstr_context *context;
static mstr_error *problem;

static bool answer(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    static const char expired[] = "{\"code\":\"ERR009\"}";
    struct place *place = data;
    bool login = strstr(request->head, "/auth/login ") != NULL;
    char text[512];
    pthread_mutex_lock(&place->mutex);
    bool refused = place->expired && !login && strstr(request->head, "/auth/logout ") == NULL;
    size_t length = strlen(place->heads);
    snprintf(place->heads + length, sizeof(place->heads) - length, "%s", request->head);
    pthread_mutex_unlock(&place->mutex);
    snprintf(text, sizeof(text),
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s%s%s%s%s\r\n%s",
             refused ? "401 No" : "200 OK", refused ? strlen(expired) : 2, login ? "X-MSTR-AuthToken: token-" : "",
             login ? place->name : "", login ? "\r\nSet-Cookie: JSESSIONID=cookie-" : "", login ? place->name : "",
             login ? "; Path=/\r\n" : "", refused ? expired : "{}");
    return tiny_text(connection, text);
}

static bool was_sent(struct place *place, const char *text)
{
    pthread_mutex_lock(&place->mutex);
    bool sent = strstr(place->heads, text) != NULL;
    pthread_mutex_unlock(&place->mutex);
    return sent;
}

static void set_expired(struct place *place, bool expired)
{
    pthread_mutex_lock(&place->mutex);
    place->expired = expired;
    place->heads[0] = '\0';
    pthread_mutex_unlock(&place->mutex);
}

static enum mstr_code tell_base(mstr_secret **value, mstr_error *error, void *data)
{
    const char *url = tiny_server_url(named->server, "/api/");
    (void)error;
    (void)data;
    *value = mstr_secret_new(url, strlen(url));
    return MSTR_OK;
}

/* With a base URL that may change, and credentials. */
static mstr_session *make(void)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.flags = MSTR_SESSION_NO_PROFILE;
    assert_int_equal(mstr_session_new(context, &options, &session, problem), MSTR_OK);
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_callback(tell_base, NULL, NULL));
    mstr_session_set_credential(session, MSTR_CREDENTIAL_USERNAME, mstr_credential_literal("analyst"));
    mstr_session_set_credential(session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal("pass-word"));
    return session;
}

static void a_renewal_at_another_server_sends_nothing_of_it_to_the_one_before(void **state)
{
    mstr_session *session = make();
    mstr_response *response = NULL;
    (void)state;
    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_OK);
    set_expired(&old, true);
    named = &new;

    assert_int_equal(mstr_session_get(session, "projects", &response, problem), MSTR_E_SESSION);

    assert_non_null(strstr(mstr_error_message(problem), "base_url names another server"));
    assert_true(was_sent(&old, "token-old"));
    assert_false(was_sent(&old, "token-new"));
    assert_false(was_sent(&old, "cookie-new"));
    assert_int_equal(mstr_session_get(session, "projects", &response, problem), MSTR_OK);
    assert_true(was_sent(&new, "token-new"));
    assert_true(was_sent(&new, "cookie-new"));
    mstr_response_free(response);
    mstr_session_free(session);
    assert_false(was_sent(&new, "token-old"));
    assert_false(was_sent(&new, "cookie-old"));
}

static void a_login_that_fails_at_another_server_leaves_nothing_to_send_there(void **state)
{
    mstr_session *session = make();
    mstr_response *response = NULL;
    struct place gone = {.name = "gone", .mutex = PTHREAD_MUTEX_INITIALIZER};
    (void)state;
    gone.server = tiny_server_start(answer, &gone, NULL);
    assert_int_equal(mstr_session_open(session, NULL, problem), MSTR_OK);
    set_expired(&old, true);
    tiny_server_blurt(gone.server, "no HTTP\r\n\r\n");
    named = &gone;
    assert_int_not_equal(mstr_session_get(session, "projects", &response, problem), MSTR_OK);

    assert_int_equal(mstr_session_get(session, "projects", &response, problem), MSTR_E_SESSION);

    mstr_session_free(session);
    tiny_server_stop(gone.server);
    assert_string_equal(gone.heads, "");
}

static void an_import_for_another_server_than_the_configured_one_is_refused(void **state)
{
    mstr_session *session = make();
    char json[512];
    (void)state;
    snprintf(json, sizeof(json),
             "{\"base_url\":\"%s\",\"cookies\":{\"a\":\"b\"},\"headers\":{\"X-MSTR-AuthToken\":\"t\"}}",
             tiny_server_url(new.server, "/api/"));

    assert_int_equal(mstr_session_import(session, json, strlen(json), problem), MSTR_E_CONFIG);

    assert_non_null(strstr(mstr_error_message(problem), "another server"));
    assert_false(mstr_session_is_open(session));
    named = &new;
    assert_int_equal(mstr_session_import(session, json, strlen(json), problem), MSTR_OK);
    mstr_session_forget(session);
    mstr_session_free(session);
    assert_false(was_sent(&old, " "));
    assert_false(was_sent(&new, " "));
}

static int begin(void **state)
{
    (void)state;
    set_expired(&old, false);
    set_expired(&new, false);
    named = &old;
    mstr_error_clear(problem);
    return 0;
}

static int start(void **state)
{
    (void)state;
    context = test_context("");
    problem = mstr_error_new();
    old.server = tiny_server_start(answer, &old, NULL);
    new.server = tiny_server_start(answer, &new, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    tiny_server_stop(old.server);
    tiny_server_stop(new.server);
    mstr_error_free(problem);
    mstr_context_free(context);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_renewal_at_another_server_sends_nothing_of_it_to_the_one_before),
        TEST(a_login_that_fails_at_another_server_leaves_nothing_to_send_there),
        TEST(an_import_for_another_server_than_the_configured_one_is_refused),
    };
    return cmocka_run_group_tests_name("origin", tests, start, stop);
}
