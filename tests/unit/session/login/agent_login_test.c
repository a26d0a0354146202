/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/login/agent_login.c: which sessions begin in the agent's own, and which log in themselves */
#include "session/login/agent_login.h"

#include "support/session_peer.h"

struct scene {
    struct local_peer peer;
    mstr_context *context;
    mstr_session *session;
    mstr_error *error;
};

/* A session that was made with the options; NULL = the defaults. */
static struct scene *begin(const struct session_script *script, const mstr_session_options *options)
{
    static struct scene scene;
    scene.error = mstr_error_new();
    local_peer_start(&scene.peer, session_peer_serve, script);
    scene.context = session_peer_context(scene.peer.path);
    assert_int_equal(mstr_session_new(scene.context, options, &scene.session, NULL), MSTR_OK);
    return &scene;
}

static void finish(struct scene *scene)
{
    mstr_session_free(scene->session);
    mstr_context_free(scene->context);
    mstr_error_free(scene->error);
    local_peer_stop(&scene->peer);
}

/* Whether it began in the agent's; alone it meets nobody at the server's port. */
static bool begins_there(struct scene *scene)
{
    enum mstr_code code = mstr_session_open(scene->session, NULL, scene->error);
    assert_true(code == MSTR_OK || code == MSTR_E_NETWORK);
    return code == MSTR_OK;
}

static void a_session_that_files_describe_begins_in_the_agents(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {"200 OK\r\n\r\n[]"}};
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    struct scene *scene = begin(&script, NULL);
    assert_true(begins_there(scene));
    assert_non_null(strstr(scene->peer.head, "POST /session/default/api/auth/login HTTP/1.1\r\n"));
    assert_non_null(strstr(scene->peer.head, "Transfer-Encoding: chunked\r\n")); /* with nothing of a credential */
    finish(scene);
    options.profile = "other";
    options.timeout = 60000; /* how long one waits is not what the session is */
    scene = begin(&script, &options);
    assert_true(begins_there(scene));
    assert_non_null(strstr(scene->peer.head, "POST /session/other/api/auth/login HTTP/1.1\r\n"));
    finish(scene);
}

static void the_profile_is_held_against_the_agents(void **state)
{
    (void)state;
    const struct session_script script = {
        .check = "409 Conflict\r\n\r\n{\"profile\":\"default\",\"key\":\"profile username\"}"};
    struct scene *scene = begin(&script, NULL);
    assert_false(begins_there(scene));
    assert_non_null(strstr(scene->peer.body,
                           "\"profiles\":{\"default\":{\"profile base_url\":\"http://127.0.0.1:1/api/\","
                           "\"profile username\":\"jane\",\"profile password\":\""));
    finish(scene);
}

static void an_agent_without_sessions_is_as_none_and_one_that_refuses_is_final(void **state)
{
    (void)state;
    static const struct {
        const char *login;
        enum mstr_code code;
    } cases[] = {{"404 Not Found\r\n\r\n", MSTR_E_NETWORK},
                 {"403 Forbidden\r\n\r\n{\"detail\":\"no such profile for you\"}", MSTR_E_DENIED}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct session_script script = {.login = cases[i].login};
        struct scene *scene = begin(&script, NULL);
        assert_int_equal(mstr_session_open(scene->session, NULL, scene->error), cases[i].code);
        finish(scene);
    }
}

static void make_own_by_credential(mstr_session *session)
{
    assert_int_equal(mstr_session_set_credential(session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal("y")),
                     MSTR_OK);
}

static void make_own_by_header(mstr_session *session)
{
    assert_int_equal(mstr_session_set_header(session, "X-Mine", "1"), MSTR_OK);
}

static void make_own_by_cookie(mstr_session *session)
{
    assert_int_equal(mstr_session_set_cookie(session, "mine", "1"), MSTR_OK);
}

static enum mstr_code pass(const struct mstr_http_request *request, mstr_transport_reply *reply,
                           const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)request;
    (void)reply;
    (void)call;
    (void)data;
    return mstr_error_set(error, MSTR_E_NETWORK, "as if there were no network");
}

static void make_own_by_transport(mstr_session *session)
{
    assert_int_equal(mstr_session_mount(session, "", pass, NULL, NULL), MSTR_OK);
}

static void what_a_program_sets_itself_makes_the_session_its_own(void **state)
{
    (void)state;
    static void (*const ways[])(mstr_session * session) = {make_own_by_credential, make_own_by_header,
                                                           make_own_by_cookie, make_own_by_transport};
    const struct session_script script = {.replies = {"200 OK\r\n\r\n[]"}};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct scene *scene = begin(&script, NULL);
        ways[i](scene->session);
        assert_false(begins_there(scene));
        assert_int_equal(scene->peer.connections, 0);
        finish(scene);
    }
}

static void so_does_an_option_of_the_session(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {"200 OK\r\n\r\n[]"}};
    mstr_session_options options[2] = {MSTR_SESSION_OPTIONS_INIT, MSTR_SESSION_OPTIONS_INIT};
    options[0].application_type = 35;
    options[1].flags = MSTR_SESSION_NO_RELOGIN;
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        struct scene *scene = begin(&script, &options[i]);
        assert_false(begins_there(scene));
        assert_int_equal(scene->peer.connections, 0);
        finish(scene);
    }
}

static void so_does_a_variable_over_the_profile(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {"200 OK\r\n\r\n[]"}};
    setenv("MSTR_USERNAME", "joe", 1);
    struct scene *scene = begin(&script, NULL);
    unsetenv("MSTR_USERNAME");
    assert_false(begins_there(scene));
    assert_int_equal(scene->peer.connections, 0);
    finish(scene);
}

/* Of one that is open nobody sets it. */
static void log_out_and_make_own_by_credential(mstr_session *session)
{
    assert_int_equal(mstr_session_logout(session, NULL, NULL), MSTR_OK);
    make_own_by_credential(session);
}

static void what_is_set_on_an_open_session_makes_it_ones_own_from_then_on(void **state)
{
    (void)state;
    static void (*const ways[])(mstr_session * session) = {log_out_and_make_own_by_credential, make_own_by_header,
                                                           make_own_by_cookie};
    const struct session_script script = {.replies = {"200 OK\r\n\r\n[]"}};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    request.path = "things";
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        mstr_response *response = NULL;
        struct scene *scene = begin(&script, NULL);
        assert_true(begins_there(scene));
        ways[i](scene->session);
        enum mstr_code code = mstr_session_is_open(scene->session)
                                  ? mstr_session_send(scene->session, &request, &response, scene->error)
                                  : mstr_session_open(scene->session, NULL, scene->error);
        assert_int_equal(code, MSTR_E_NETWORK);
        assert_non_null(strstr(mstr_error_message(scene->error), "cannot connect to 127.0.0.1")); /* to log in */
        assert_int_equal(scene->peer.asked, 0);
        mstr_response_free(response);
        finish(scene);
    }
}

static enum mstr_code export_it(mstr_session *session, mstr_error *error)
{
    mstr_secret *json = NULL;
    enum mstr_code code = mstr_session_export(session, &json, error);
    assert_null(json);
    return code;
}

static enum mstr_code save(mstr_session *session, mstr_error *error)
{
    return mstr_session_save(session, "/nonexistent/session", NULL, error);
}

static enum mstr_code begin_changeset(mstr_session *session, mstr_error *error)
{
    mstr_changeset *changeset = NULL;
    return mstr_changeset_begin(session, "A", 0, &changeset, error);
}

static enum mstr_code create_identity_token(mstr_session *session, mstr_error *error)
{
    mstr_secret *token = NULL;
    return mstr_session_create_identity_token(session, &token, error);
}

static void what_leaves_a_session_logs_in_itself_before(void **state)
{
    (void)state;
    static enum mstr_code (*const ways[])(mstr_session * session, mstr_error * error) = {
        export_it, save, begin_changeset, create_identity_token};
    const struct session_script script = {.replies = {"200 OK\r\n\r\n[]"}};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct scene *scene = begin(&script, NULL);
        assert_true(begins_there(scene));
        assert_int_equal(ways[i](scene->session, scene->error), MSTR_E_NETWORK); /* nobody is there */
        assert_int_equal(scene->peer.asked, 0);
        finish(scene);
    }
}

static void a_token_that_is_adopted_is_the_servers(void **state)
{
    (void)state;
    const struct session_script script = {.replies = {"200 OK\r\n\r\n[]"}};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    mstr_secret *token = mstr_secret_new("t", 1);
    struct scene *scene = begin(&script, NULL);
    request.path = "things";
    request.method = "POST";
    assert_int_equal(mstr_session_adopt(scene->session, token, NULL, scene->error), MSTR_OK);
    assert_int_equal(mstr_session_send(scene->session, &request, &response, scene->error), MSTR_E_NETWORK);
    assert_int_equal(scene->peer.connections, 0);
    mstr_response_free(response);
    mstr_secret_release(token);
    finish(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_that_files_describe_begins_in_the_agents),
        cmocka_unit_test(the_profile_is_held_against_the_agents),
        cmocka_unit_test(an_agent_without_sessions_is_as_none_and_one_that_refuses_is_final),
        cmocka_unit_test(what_a_program_sets_itself_makes_the_session_its_own),
        cmocka_unit_test(so_does_an_option_of_the_session),
        cmocka_unit_test(so_does_a_variable_over_the_profile),
        cmocka_unit_test(what_is_set_on_an_open_session_makes_it_ones_own_from_then_on),
        cmocka_unit_test(what_leaves_a_session_logs_in_itself_before),
        cmocka_unit_test(a_token_that_is_adopted_is_the_servers),
    };
    return RUN_TESTS("session/login/agent_login");
}
