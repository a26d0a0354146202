/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios of sessions: their life, what the server tells of them, pages, runs, changesets, pools, saved ones. */
#include "out_of_memory/scenario.h"

#include <stdio.h>

/* In the place of the C library's, for the many times that a session is saved here: no waiting for the disk. */
int fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

static enum mstr_code new_session(struct scene *scene)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_network network = MSTR_NETWORK_INIT;
    mstr_session *session = NULL;
    network.proxy = "http://proxy.example:3128";
    network.client_cert = "/nowhere.pem";
    options.network = &network;
    options.profile = "default";
    options.project = "P";
    options.login_fields = "{\"b\":2}";
    enum mstr_code code = mstr_session_new(scene->context, &options, &session, scene->error);
    assert_true((session != NULL) == (code == MSTR_OK));
    mstr_session_free(session);
    return code;
}
static const struct scenario new_session_scenario = {"new_session", STAGE_CONTEXT, new_session, 0};

static enum mstr_code life(struct scene *scene)
{
    mstr_session *session = scene->session;
    enum mstr_code code = mstr_session_open(session, NULL, scene->error);
    assert_true(mstr_session_is_open(session) == (code == MSTR_OK));
    if (code == MSTR_OK) {
        code = mstr_session_close(session, scene->error);
        assert_false(mstr_session_is_open(session));
    }
    return code;
}
static const struct scenario life_scenario = {"life", STAGE_SESSION, life, 0};

/* A logout that fails keeps the session. */
static enum mstr_code logout(struct scene *scene)
{
    mstr_session *session = scene->session;
    enum mstr_code code = mstr_session_open(session, NULL, scene->error);
    if (code == MSTR_OK) {
        code = mstr_session_logout(session, NULL, scene->error);
        assert_true(mstr_session_is_open(session) == (code != MSTR_OK));
    }
    return code;
}
static const struct scenario logout_scenario = {"logout", STAGE_OPEN, logout, 0};

static enum mstr_code adopt(struct scene *scene)
{
    mstr_session *session = scene->session;
    mstr_secret *token = mstr_secret_new("token-9", 7);
    enum mstr_code code = token != NULL ? MSTR_OK : MSTR_E_MEMORY;
    for (int i = 0; i < 2 && code == MSTR_OK; i++) {
        code = mstr_session_adopt(session, i == 0 ? token : NULL, NULL, scene->error);
        assert_true(mstr_session_is_open(session) == (code == MSTR_OK));
        mstr_session_forget(session);
    }
    mstr_secret_release(token);
    return code;
}
static const struct scenario adopt_scenario = {"adopt", STAGE_SESSION, adopt, 0};

static enum mstr_code stay_alive(struct scene *scene)
{
    mstr_session *session = NULL;
    enum mstr_code code = scene_new_whole_session(scene, MSTR_SESSION_KEEPALIVE, &session, scene->error);
    if (code == MSTR_OK) {
        code = mstr_session_open(session, NULL, scene->error);
    }
    mstr_session_free(session);
    return code;
}
static const struct scenario keepalive_scenario = {"keepalive", STAGE_CONTEXT, stay_alive, 0};

static int pass_step(const mstr_explain_step *step, void *data)
{
    (void)data;
    return step->name == NULL;
}

/* What the server tells of the session; each is asked for once the one before it is had. */
static enum mstr_code information(struct scene *scene)
{
    enum mstr_code (*const questions[])(mstr_session *, mstr_response **, mstr_error *) = {
        mstr_session_info, mstr_session_get_sessions, mstr_session_userinfo, mstr_session_get_sessions_userinfo,
        mstr_session_privileges};
    enum mstr_code code = mstr_session_extend(scene->session, scene->error);
    code = code == MSTR_OK ? mstr_session_put_sessions(scene->session, scene->error) : code;
    for (size_t i = 0; i < COUNT_OF(questions) && code == MSTR_OK; i++) {
        mstr_response *response = NULL;
        code = questions[i](scene->session, &response, scene->error);
        assert_true((response != NULL) == (code == MSTR_OK));
        mstr_response_free(response);
    }
    return code == MSTR_OK ? mstr_session_explain(scene->session, NULL, pass_step, NULL, scene->error) : code;
}
static const struct scenario information_scenario = {"information", STAGE_OPEN, information, 0};

static enum mstr_code tokens(struct scene *scene)
{
    static const char user[] = "54F3D26011D2896560009A8E67019608";
    mstr_secret *identity = NULL;
    mstr_secret *api[2] = {NULL, NULL};
    char id[33] = "";
    enum mstr_code code = mstr_session_create_identity_token(scene->session, &identity, scene->error);
    if (code == MSTR_OK) {
        code = mstr_session_check_identity_token(scene->session, identity, id, scene->error);
        assert_true(code != MSTR_OK || strcmp(id, user) == 0);
    }
    if (code == MSTR_OK) {
        code = mstr_session_create_api_token(scene->session, &api[0], scene->error);
    }
    if (code == MSTR_OK) {
        code = mstr_session_create_api_token_for(scene->session, user, &api[1], scene->error);
    }
    assert_true((code == MSTR_OK) == (api[1] != NULL));
    mstr_secret_release(identity);
    mstr_secret_release(api[0]);
    mstr_secret_release(api[1]);
    return code;
}
static const struct scenario tokens_scenario = {"tokens", STAGE_OPEN, tokens, 0};

static enum mstr_code server_version(struct scene *scene)
{
    char version[33] = "";
    enum mstr_code code = mstr_session_server_version(scene->session, version, scene->error);
    assert_true(code != MSTR_OK || strcmp(version, "11.3.0460.00602") == 0);
    return code;
}
static const struct scenario version_scenario = {"server_version", STAGE_SESSION, server_version, 0};

static int count_project(const mstr_project *project, void *data)
{
    assert_non_null(project->name);
    ++*(unsigned *)data;
    return 0;
}

static enum mstr_code projects(struct scene *scene)
{
    unsigned count = 0;
    enum mstr_code code = mstr_session_projects(scene->session, count_project, &count, scene->error);
    assert_true(code != MSTR_OK || count == 2);
    return code;
}
static const struct scenario projects_scenario = {"projects", STAGE_OPEN, projects, 0};

static enum mstr_code project_ids(struct scene *scene)
{
    static const char name[] = "Consolidated Education Project";
    char id[33] = "";
    enum mstr_code code = mstr_session_load_projects(scene->session, scene->error);
    if (code == MSTR_OK) {
        code = mstr_session_project_id(scene->session, name, id, scene->error);
    }
    assert_true(code != MSTR_OK || strcmp(id, "CE52831411E696C8BD2F0080EFD5AF44") == 0);
    return code;
}
static const struct scenario project_ids_scenario = {"project_ids", STAGE_OPEN, project_ids, 0};

static void ignore_event(const mstr_event *event, void *data)
{
    (void)event;
    (void)data;
}

static enum mstr_code events(struct scene *scene)
{
    mstr_counters counters = MSTR_COUNTERS_INIT;
    mstr_session_set_event_fn(scene->session, ignore_event, NULL);
    enum mstr_code code = mstr_session_extend(scene->session, scene->error);
    mstr_session_counters(scene->session, &counters);
    assert_int_equal(counters.logins, 1);
    return code;
}
static const struct scenario events_scenario = {"events", STAGE_OPEN, events, 0};

/* The items of all pages, or the failure of one, after which the same page can be asked for again. */
static enum mstr_code walk(struct scene *scene, uint32_t ahead)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *pages = NULL;
    const char *item = NULL;
    unsigned count = 0;
    request.path = "list";
    enum mstr_code code = mstr_pages_new(scene->session, &request, 1, &pages, scene->error);
    if (code == MSTR_OK) {
        mstr_pages_set_ahead(pages, ahead);
    }
    while (code == MSTR_OK && (code = mstr_pages_next(pages, &item, NULL, scene->error)) == MSTR_OK && item != NULL) {
        char expected[32];
        snprintf(expected, sizeof(expected), "{\"a\":%u.50}", ++count);
        assert_string_equal(item, expected);
    }
    assert_true(code != MSTR_OK || (count == 3 && mstr_pages_total(pages) == 3));
    mstr_pages_free(pages);
    return code;
}

static enum mstr_code pages(struct scene *scene)
{
    return walk(scene, 0);
}
static const struct scenario pages_scenario = {"pages", STAGE_OPEN, pages, 0};

static enum mstr_code pages_ahead(struct scene *scene)
{
    return walk(scene, 2);
}
static const struct scenario pages_ahead_scenario = {"pages_ahead", STAGE_OPEN, pages_ahead, 0};

static int count_row(const mstr_row *row, void *data)
{
    assert_string_equal(row->labels[0], "x");
    assert_string_equal(row->raw[0], "1.5");
    ++*(unsigned *)data;
    return 0;
}

static enum mstr_code execute(struct scene *scene, uint32_t ahead)
{
    mstr_execution execution = MSTR_EXECUTION_INIT;
    unsigned rows = 0;
    execution.id = "AB";
    execution.page_size = 1;
    execution.ahead = ahead;
    enum mstr_code code = mstr_session_execute(scene->session, &execution, count_row, &rows, scene->error);
    assert_true(code != MSTR_OK || rows == 3);
    return code;
}

static enum mstr_code executions(struct scene *scene)
{
    return execute(scene, 0);
}
static const struct scenario executions_scenario = {"executions", STAGE_OPEN, executions, 0};

static enum mstr_code executions_ahead(struct scene *scene)
{
    return execute(scene, 2);
}
static const struct scenario executions_ahead_scenario = {"executions_ahead", STAGE_OPEN, executions_ahead, 0};

static enum mstr_code changesets(struct scene *scene)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_changeset *changeset = NULL;
    mstr_response *response = NULL;
    request.path = "model/metrics";
    enum mstr_code code = mstr_changeset_begin(scene->session, "MicroStrategy Tutorial", 0, &changeset, scene->error);
    assert_true((changeset != NULL) == (code == MSTR_OK));
    if (code == MSTR_OK) {
        code = mstr_changeset_send(changeset, &request, &response, scene->error);
        assert_true((response != NULL) == (code == MSTR_OK));
    }
    if (code == MSTR_OK) {
        code = mstr_changeset_commit(changeset, scene->error);
    }
    mstr_response_free(response);
    mstr_changeset_free(changeset);
    return code;
}
static const struct scenario changesets_scenario = {"changesets", STAGE_OPEN, changesets, 0};

static enum mstr_code make_for_pool(mstr_session **out, void *data, mstr_error *error)
{
    return scene_new_whole_session(data, 0, out, error);
}

static enum mstr_code pools(struct scene *scene)
{
    mstr_pool_options options = MSTR_POOL_OPTIONS_INIT;
    mstr_pool *pool = NULL;
    mstr_session *leased[2] = {NULL, NULL};
    options.make = make_for_pool;
    options.data = scene;
    enum mstr_code code = mstr_pool_new(&options, &pool, scene->error);
    for (size_t i = 0; i < COUNT_OF(leased) && code == MSTR_OK; i++) {
        code = mstr_pool_lease(pool, NULL, &leased[i], scene->error);
        assert_true((leased[i] != NULL) == (code == MSTR_OK));
    }
    mstr_pool_return(pool, leased[0]);
    mstr_pool_return(pool, leased[1]);
    if (code == MSTR_OK) {
        code = mstr_pool_drain(pool, NULL, scene->error);
    }
    mstr_pool_free(pool);
    return code;
}
static const struct scenario pools_scenario = {"pools", STAGE_CONTEXT, pools, 0};

/* What is taken up is whole: its cookies too. */
static void assert_has_cookie(mstr_session *session)
{
    mstr_secret *json = NULL;
    if (mstr_session_export(session, &json, NULL) == MSTR_OK) {
        assert_non_null(strstr(mstr_secret_octets(json), "JSESSIONID"));
    }
    mstr_secret_release(json);
}

static enum mstr_code carry_over(struct scene *scene)
{
    mstr_session *other = NULL;
    mstr_secret *json = NULL;
    enum mstr_code code = mstr_session_export(scene->session, &json, scene->error);
    if (code == MSTR_OK) {
        assert_non_null(strstr(mstr_secret_octets(json), "JSESSIONID"));
        code = scene_new_session(scene, 0, &other, scene->error);
    }
    if (code == MSTR_OK) {
        code = mstr_session_import(other, mstr_secret_octets(json), mstr_secret_length(json), scene->error);
        assert_true(mstr_session_is_open(other) == (code == MSTR_OK));
    }
    if (code == MSTR_OK) {
        assert_has_cookie(other);
        mstr_session_forget(other);
    }
    mstr_session_free(other);
    mstr_secret_release(json);
    return code;
}
static const struct scenario carry_over_scenario = {"carry_over", STAGE_OPEN, carry_over, 0};

static enum mstr_code save_and_load(struct scene *scene)
{
    char path[] = "/tmp/mstr-test-saved-XXXXXX";
    mstr_session *other = NULL;
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    enum mstr_code code = mstr_session_save(scene->session, path, NULL, scene->error);
    if (code == MSTR_OK) {
        code = scene_new_whole_session(scene, 0, &other, scene->error);
    }
    if (code == MSTR_OK) {
        code = mstr_session_load(other, path, NULL, scene->error);
        assert_true(mstr_session_is_open(other) == (code == MSTR_OK));
    }
    if (code == MSTR_OK) {
        assert_has_cookie(other);
        mstr_session_forget(other);
    }
    mstr_session_free(other);
    test_remove_saved(path);
    return code;
}
enum { KEY_STRIDE = 41 }; /* each run derives two keys from a passphrase, which is made to be slow */
static const struct scenario save_and_load_scenario = {"save_and_load", STAGE_OPEN, save_and_load, KEY_STRIDE};

static int pass_slot(const mstr_fleet_slot *slot, void *data)
{
    (void)data;
    return slot->slot > 0;
}

/* The profile's fleet, which nobody else is in. */
static enum mstr_code fleets(struct scene *scene)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.profile = "worker";
    enum mstr_code code = mstr_session_new(scene->context, &options, &session, scene->error);
    code = code == MSTR_OK ? mstr_fleet_explain(session, NULL, pass_step, NULL, scene->error) : code;
    code = code == MSTR_OK ? mstr_fleet_status(session, NULL, NULL, pass_slot, NULL, scene->error) : code;
    code = code == MSTR_OK ? mstr_fleet_drain(session, NULL, NULL, scene->error) : code;
    mstr_session_free(session);
    return code;
}
static const struct scenario fleets_scenario = {"fleets", STAGE_CONTEXT, fleets, 0};

static const char frees[] = "only frees; scenarios call it";

const struct called session_calls[] = {
    {"mstr_changeset_begin", &changesets_scenario, NULL},
    {"mstr_changeset_commit", &changesets_scenario, NULL},
    {"mstr_changeset_free", NULL, frees},
    {"mstr_changeset_send", &changesets_scenario, NULL},
    {"mstr_fleet_drain", &fleets_scenario, NULL},
    {"mstr_fleet_explain", &fleets_scenario, NULL},
    {"mstr_fleet_status", &fleets_scenario, NULL},
    {"mstr_pages_free", NULL, frees},
    {"mstr_pages_new", &pages_scenario, NULL},
    {"mstr_pages_next", &pages_scenario, NULL},
    {"mstr_pages_set_ahead", &pages_ahead_scenario, NULL},
    {"mstr_pages_total", &pages_scenario, NULL},
    {"mstr_pool_drain", &pools_scenario, NULL},
    {"mstr_pool_free", NULL, frees},
    {"mstr_pool_lease", &pools_scenario, NULL},
    {"mstr_pool_new", &pools_scenario, NULL},
    {"mstr_pool_return", &pools_scenario, NULL},
    {"mstr_session_adopt", &adopt_scenario, NULL},
    {"mstr_session_check_identity_token", &tokens_scenario, NULL},
    {"mstr_session_close", &life_scenario, NULL},
    {"mstr_session_counters", &events_scenario, NULL},
    {"mstr_session_create_api_token", &tokens_scenario, NULL},
    {"mstr_session_create_api_token_for", &tokens_scenario, NULL},
    {"mstr_session_create_identity_token", &tokens_scenario, NULL},
    {"mstr_session_execute", &executions_scenario, NULL},
    {"mstr_session_execute", &executions_ahead_scenario, NULL},
    {"mstr_session_explain", &information_scenario, NULL},
    {"mstr_session_export", &carry_over_scenario, NULL},
    {"mstr_session_extend", &information_scenario, NULL},
    {"mstr_session_forget", &adopt_scenario, NULL},
    {"mstr_session_free", NULL, frees},
    {"mstr_session_get_sessions", &information_scenario, NULL},
    {"mstr_session_get_sessions_userinfo", &information_scenario, NULL},
    {"mstr_session_import", &carry_over_scenario, NULL},
    {"mstr_session_info", &information_scenario, NULL},
    {"mstr_session_is_open", &life_scenario, NULL},
    {"mstr_session_load", &save_and_load_scenario, NULL},
    {"mstr_session_load_projects", &project_ids_scenario, NULL},
    {"mstr_session_logout", &logout_scenario, NULL},
    {"mstr_session_new", &new_session_scenario, NULL},
    {"mstr_session_open", &life_scenario, NULL},
    {"mstr_session_open", &keepalive_scenario, NULL},
    {"mstr_session_privileges", &information_scenario, NULL},
    {"mstr_session_project_id", &project_ids_scenario, NULL},
    {"mstr_session_projects", &projects_scenario, NULL},
    {"mstr_session_put_sessions", &information_scenario, NULL},
    {"mstr_session_save", &save_and_load_scenario, NULL},
    {"mstr_session_server_version", &version_scenario, NULL},
    {"mstr_session_set_credential", &life_scenario, NULL},
    {"mstr_session_set_event_fn", &events_scenario, NULL},
    {"mstr_session_userinfo", &information_scenario, NULL},
    {NULL, NULL, NULL},
};
