/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a session: how it is made, and what is told and kept of it. */
#include "session/session.h"

#include "base/clock.h"
#include "base/text.h"
#include "support/mounted.h"

#include <sys/stat.h>

static const struct limits no_limits = {INT64_MAX, NULL};

static void options_that_were_not_initialised_are_refused(void **state)
{
    mstr_context *context = test_context("");
    const mstr_session_options blank = {0};
    mstr_session *session = NULL;
    (void)state;

    assert_int_equal(mstr_session_new(context, &blank, &session, NULL), MSTR_E_USAGE);
    assert_null(session);

    mstr_context_free(context);
}

static void a_profile_that_does_not_exist_leaves_no_session(void **state)
{
    mstr_context *context = test_context("");
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    options.profile = "nowhere";
    (void)state;

    assert_int_equal(mstr_session_new(context, &options, &session, NULL), MSTR_E_CONFIG);
    assert_null(session);

    mstr_context_free(context);
}

static void a_credential_is_replaced_and_only_a_known_kind_is_taken(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_session *session = mounted->session;
    mstr_credential *other = mstr_credential_literal("other");
    (void)state;

    assert_int_equal(mstr_session_set_credential(session, MSTR_CREDENTIAL_USERNAME, other), MSTR_OK);
    assert_ptr_equal(session->credentials[MSTR_CREDENTIAL_USERNAME], other);
    assert_int_equal(mstr_session_set_credential(session, MSTR_CREDENTIAL_KINDS, mstr_credential_literal("released")),
                     MSTR_E_USAGE);
    assert_int_equal(mstr_session_set_credential(session, MSTR_CREDENTIAL_USERNAME, NULL), MSTR_E_MEMORY);
    assert_ptr_equal(session->credentials[MSTR_CREDENTIAL_USERNAME], other);

    mounted_free(mounted);
}

static void a_request_has_the_limits_of_its_caller_or_the_session_s_timeout(void **state)
{
    static const int64_t cases[][2] = {{0, 7000}, {200, 200}}; /* the call's timeout, what is left */
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.timeout = 7000;
    struct mounted *mounted = mounted_new_with(&options, NULL, 0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
        call.timeout = cases[i][0];

        const struct limits limits = session_limits(mounted->session, &call);

        assert_in_range(limits_remaining(&limits), cases[i][1] - 100, cases[i][1]);
    }
    mounted_free(mounted);
}

static void the_session_s_cancellation_is_for_calls_without_options(void **state)
{
    const mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.cancel = mstr_cancel_new();
    struct mounted *mounted = mounted_new_with(&options, NULL, 0);
    (void)state;

    assert_ptr_equal(session_limits(mounted->session, NULL).cancel, options.cancel);
    assert_null(session_limits(mounted->session, &call).cancel);

    mounted_free(mounted);
    mstr_cancel_free(options.cancel);
}

static void the_base_url_is_resolved_where_no_login_did_so(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    char *base = NULL;
    (void)state;
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_BASE_URL,
                                mstr_credential_literal("http://127.0.0.1:1/api"));

    assert_int_equal(session_find_base(mounted->session, &no_limits, &base, mounted->error), MSTR_OK);

    assert_string_equal(base, MOUNTED_BASE);
    free(base);
    assert_int_equal(session_base(mounted->session, &base, NULL),
                     MSTR_E_SESSION); /* a login may resolve another one */
    mounted_free(mounted);
}

static void a_missing_or_malformed_base_url_is_told(void **state)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_context *context = test_context("");
    mstr_error *problem = mstr_error_new();
    mstr_session *session = NULL;
    char *base = NULL;
    (void)state;
    options.flags = MSTR_SESSION_NO_PROFILE;
    assert_int_equal(mstr_session_new(context, &options, &session, problem), MSTR_OK);

    assert_int_equal(session_find_base(session, &no_limits, &base, problem), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(problem), "base"));
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal("ftp://h/"));
    assert_int_equal(session_find_base(session, &no_limits, &base, problem), MSTR_E_CONFIG);
    assert_null(base);

    mstr_session_free(session);
    mstr_error_free(problem);
    mstr_context_free(context);
}

static void references_in_settings_are_resolved_once_and_a_failure_is_tried_again(void **state)
{
    char *path = test_file("Tutorial", strlen("Tutorial"));
    char config[256];
    (void)state;
    snprintf(config, sizeof(config), "[profile default]\nproject = ${file:%s}\n[cache]\nttl = 0\nnegative_ttl = 0\n",
             path);
    mstr_context *context = test_context(config);
    mstr_session *session = NULL;
    assert_int_equal(mstr_session_new(context, NULL, &session, NULL), MSTR_OK);

    unlink(path);
    assert_int_equal(session_prepare(session, &no_limits, NULL), MSTR_E_NOT_FOUND);
    FILE *file = fopen(path, "w");
    fputs("Tutorial", file);
    fclose(file);
    chmod(path, 0600);
    assert_int_equal(session_prepare(session, &no_limits, NULL), MSTR_OK);
    assert_string_equal(session->settings.project, "Tutorial");
    unlink(path);
    assert_int_equal(session_prepare(session, &no_limits, NULL), MSTR_OK);

    mstr_session_free(session);
    mstr_context_free(context);
    free(path);
}

static void a_token_makes_the_session_open_and_is_shared_by_count(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    (void)state;
    assert_false(mstr_session_is_open(mounted->session));
    assert_null(session_token(mounted->session));

    session_keep_token(mounted->session, mstr_secret_new("t", 1));
    mstr_secret *held = session_token(mounted->session);
    session_keep_token(mounted->session, mstr_secret_new("u", 1));

    assert_true(mstr_session_is_open(mounted->session));
    assert_string_equal(mstr_secret_octets(held), "t");
    mstr_secret_release(held);
    mounted_free(mounted);
}

static void projects_are_kept_in_place_of_those_before(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct project_entry *entries = calloc(1, sizeof(*entries));
        entries[0] = (struct project_entry){text_copy("id"), text_copy(round == 0 ? "old" : "new")};
        session_keep_projects(mounted->session, entries, 1);
    }
    assert_int_equal(mounted->session->project_count, 1);
    assert_string_equal(mounted->session->projects[0].name, "new");
    mounted_free(mounted);
}

static void use_is_noted_with_the_time(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    int64_t before = clock_monotonic();
    (void)state;

    session_note_use(mounted->session);

    assert_in_range(mounted->session->keepalive.last_use, before, clock_monotonic());
    mounted_free(mounted);
}

static void count_events(const mstr_event *event, void *data)
{
    (void)event;
    ++*(unsigned *)data;
}

static void a_program_listens_counts_and_mounts(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_counters counters = MSTR_COUNTERS_INIT;
    unsigned heard = 0;
    (void)state;
    assert_int_equal(mstr_session_mount(mounted->session, NULL, mounted_send, mounted, NULL), MSTR_E_USAGE);
    mstr_session_set_event_fn(mounted->session, count_events, &heard);

    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));

    mstr_session_counters(mounted->session, &counters);
    assert_int_equal(counters.requests, 1);
    assert_int_equal(counters.logins, 1);
    assert_int_equal(heard, 3); /* request, response, login */
    mstr_session_set_event_fn(mounted->session, NULL, NULL);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_that_were_not_initialised_are_refused),
        cmocka_unit_test(a_profile_that_does_not_exist_leaves_no_session),
        cmocka_unit_test(a_credential_is_replaced_and_only_a_known_kind_is_taken),
        cmocka_unit_test(a_request_has_the_limits_of_its_caller_or_the_session_s_timeout),
        cmocka_unit_test(the_session_s_cancellation_is_for_calls_without_options),
        cmocka_unit_test(the_base_url_is_resolved_where_no_login_did_so),
        cmocka_unit_test(a_missing_or_malformed_base_url_is_told),
        cmocka_unit_test(references_in_settings_are_resolved_once_and_a_failure_is_tried_again),
        cmocka_unit_test(a_token_makes_the_session_open_and_is_shared_by_count),
        cmocka_unit_test(projects_are_kept_in_place_of_those_before),
        cmocka_unit_test(use_is_noted_with_the_time),
        cmocka_unit_test(a_program_listens_counts_and_mounts),
    };
    return RUN_TESTS("session/session");
}
