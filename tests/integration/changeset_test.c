/* SPDX-License-Identifier: Apache-2.0 */
/* Changesets on the simulator: what is committed, what is given up, and that nothing is left behind. */
#include "support/session.h"

#include <json-c/json.h>

static const char project[] = "MicroStrategy Tutorial";

static void a_changeset_is_committed_and_deleted(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_changeset *changeset = NULL;
    mstr_response *response = NULL;
    request.path = "sessions/projectId";
    assert_done(mstr_changeset_begin(session, project, MSTR_CHANGESET_SCHEMA, &changeset, problem));
    assert_done(mstr_changeset_send(changeset, &request, &response, problem));
    mstr_response_free(response);

    struct json_object *log = simulator_log(sim, "mstr");
    struct json_object *last = json_object_array_get_idx(log, json_object_array_length(log) - 1);
    assert_non_null(strstr(json_object_to_json_string(json_object_object_get(last, "headers")), "MS-Changeset"));
    json_object_put(log);

    assert_done(mstr_changeset_commit(changeset, problem));
    mstr_changeset_free(changeset);
    assert_int_equal(simulator_counter(sim, "mstr", "commits"), 1);
    assert_int_equal(simulator_counter(sim, "mstr", "changesets_deleted"), 1);
    mstr_session_free(session);
}

static void what_is_not_committed_is_given_up(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_changeset *changeset = NULL;
    assert_done(mstr_changeset_begin(session, project, 0, &changeset, problem));
    mstr_changeset_free(changeset);
    mstr_changeset_free(NULL);
    assert_int_equal(simulator_counter(sim, "mstr", "commits"), 0);
    assert_int_equal(simulator_counter(sim, "mstr", "changesets_deleted"), 1);
    mstr_session_free(session);
}

static void a_changeset_ends_with_its_session(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_changeset *changeset = NULL;
    assert_done(mstr_changeset_begin(session, project, 0, &changeset, problem));
    simulator_admin(sim, "POST", "/sessions/expire", "{}");
    assert_int_equal(mstr_changeset_commit(changeset, problem), MSTR_E_NOT_FOUND);
    mstr_changeset_free(changeset);
    assert_int_equal(simulator_counter(sim, "mstr", "commits"), 0);
    mstr_session_free(session);
}

static void a_changeset_does_not_leave_its_project(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_changeset *changeset = NULL;
    mstr_response *response = NULL;
    assert_int_equal(mstr_changeset_begin(session, "No Such Project", 0, &changeset, problem), MSTR_E_NOT_FOUND);
    assert_null(changeset);
    assert_done(mstr_changeset_begin(session, project, 0, &changeset, problem));
    request.path = "sessions/projectId";
    request.project = "Archive";
    assert_int_equal(mstr_changeset_send(changeset, &request, &response, problem), MSTR_E_USAGE);
    assert_null(response);
    mstr_changeset_free(changeset);
    mstr_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_changeset_is_committed_and_deleted),
        TEST(what_is_not_committed_is_given_up),
        TEST(a_changeset_ends_with_its_session),
        TEST(a_changeset_does_not_leave_its_project),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
