/* SPDX-License-Identifier: Apache-2.0 */
/* Changesets: their id goes along with every request, and they are deleted however they end. */
#include "support/mounted.h"

static const struct route routes[] = {
    {"POST model/changesets?", 201, "{\"id\":\"C-1\"}", NULL, 0, MSTR_OK},
    {"POST model/changesets/C-1/commit", 201, NULL, NULL, 0, MSTR_OK},
    {"DELETE model/changesets/C-1", 204, NULL, NULL, 0, MSTR_OK},
    {"PUT model/x", 200, NULL, NULL, 0, MSTR_OK},
};

static mstr_changeset *begin(struct mounted *mounted, uint32_t flags)
{
    mstr_changeset *changeset = NULL;
    mounted_done(mounted, mstr_changeset_begin(mounted->session, NULL, flags, &changeset, mounted->error));
    return changeset;
}

static void a_changeset_is_begun_filled_committed_and_deleted(void **state)
{
    static const struct mstr_header own[] = {{"X-Own", "1"}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    mstr_changeset *changeset = begin(mounted, 0);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    (void)state;
    request.method = "PUT";
    request.path = "model/x";
    request.headers = own;
    request.header_count = 1;

    mounted_done(mounted, mstr_changeset_send(changeset, &request, &response, mounted->error));
    assert_true(mounted_saw(mounted, "X-MSTR-MS-Changeset: C-1\n"));
    assert_true(mounted_saw(mounted, "X-Own: 1\n"));
    mounted_done(mounted, mstr_changeset_commit(changeset, mounted->error));
    mstr_changeset_free(changeset);

    assert_true(mounted_saw(mounted, "X-MSTR-MS-Changeset: C-1\n"));
    assert_string_equal(mounted->log, "POST model/changesets?schemaEdit=false\nPUT model/x\n"
                                      "POST model/changesets/C-1/commit\nDELETE model/changesets/C-1\n");
    mstr_response_free(response);
    mounted_free(mounted);
}

static void what_is_not_committed_is_given_up(void **state)
{
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    (void)state;

    mstr_changeset_free(begin(mounted, MSTR_CHANGESET_SCHEMA));
    mstr_changeset_free(NULL);

    assert_string_equal(mounted->log, "POST model/changesets?schemaEdit=true\nDELETE model/changesets/C-1\n");
    mounted_free(mounted);
}

static void an_answer_that_names_no_changeset_is_the_server_s_fault(void **state)
{
    static const char *const bodies[] = {
        "{}", "{\"id\":\"\"}", "{\"id\":\"../../x\"}", "{\"id\":7}",
        "{\"id\":\"1111111111222222222233333333334444444444555555555566666666667777\"}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        const struct route route = {"POST model/changesets", 201, bodies[i], NULL, 0, MSTR_OK};
        struct mounted *mounted = mounted_open(&route, 1);
        mstr_changeset *changeset = NULL;

        assert_int_equal(mstr_changeset_begin(mounted->session, NULL, 0, &changeset, mounted->error),
                         MSTR_E_PROTOCOL);

        assert_null(changeset);
        assert_told(mounted, "the answer names no changeset");
        assert_int_equal(mounted->sent, 1); /* there is nothing to delete */
        mounted_free(mounted);
    }
}

static void a_request_within_it_has_no_project_of_its_own_and_room_for_one_more_header(void **state)
{
    static const struct mstr_header many[50] = {{"X", "1"}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    mstr_changeset *changeset = begin(mounted, 0);
    mstr_response *response = NULL;
    mstr_session_request elsewhere = MSTR_SESSION_REQUEST_INIT;
    mstr_session_request full = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    elsewhere.path = full.path = "model/x";
    elsewhere.project = "other";
    full.headers = many;
    full.header_count = 50;

    assert_int_equal(mstr_changeset_send(changeset, &elsewhere, &response, mounted->error), MSTR_E_USAGE);
    assert_int_equal(mstr_changeset_send(changeset, &full, &response, mounted->error), MSTR_E_USAGE);

    assert_null(response);
    assert_int_equal(mounted->sent, 1);
    mstr_changeset_free(changeset);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changeset_is_begun_filled_committed_and_deleted),
        cmocka_unit_test(what_is_not_committed_is_given_up),
        cmocka_unit_test(an_answer_that_names_no_changeset_is_the_server_s_fault),
        cmocka_unit_test(a_request_within_it_has_no_project_of_its_own_and_room_for_one_more_header),
    };
    return RUN_TESTS("session/api/changeset");
}
