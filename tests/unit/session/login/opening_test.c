/* SPDX-License-Identifier: Apache-2.0 */
/* Who logs in, who waits for it, and what becomes of the session where it fails. */
#include "session/login/opening.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "session/saved/sealed_session.h"
#include "support/mounted.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static enum mstr_code renew(struct mounted *mounted, const mstr_secret *expired)
{
    const struct limits limits = {clock_monotonic() + 60000, NULL};
    bool renewed = false;
    return session_renew(mounted->session, expired, &limits, &renewed, mounted->error);
}

static void opening_an_open_session_sends_nothing(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    (void)state;

    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));

    assert_string_equal(mounted->log, "POST auth/login\n");
    mounted_free(mounted);
}

static void only_who_holds_the_present_token_renews_it(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_secret *first = session_token(mounted->session);
    mstr_counters counters = MSTR_COUNTERS_INIT;
    (void)state;

    mounted_done(mounted, renew(mounted, first));
    mounted_done(mounted, renew(mounted, first)); /* somebody else was faster */

    mstr_secret *now = session_token(mounted->session);
    assert_string_equal(mstr_secret_octets(now), "token-2");
    assert_string_equal(mounted->log, "POST auth/login\n");
    mstr_session_counters(mounted->session, &counters);
    assert_int_equal(counters.relogins, 1);
    mstr_secret_release(now);
    mstr_secret_release(first);
    mounted_free(mounted);
}

static void a_session_that_was_closed_meanwhile_stays_closed(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_secret *token = session_token(mounted->session);
    (void)state;
    mstr_session_forget(mounted->session);

    assert_int_equal(renew(mounted, token), MSTR_E_SESSION);

    assert_told(mounted, "the session expired: the session was closed by another thread");
    assert_int_equal(mounted->sent, 0);
    mstr_secret_release(token);
    mounted_free(mounted);
}

static void a_refusal_ends_the_session_and_a_passing_failure_leaves_it(void **state)
{
    static const struct {
        int status;
        enum mstr_code code;
        bool open;
    } cases[] = {{401, MSTR_E_AUTHENTICATION, false}, {0, MSTR_E_NETWORK, true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {"POST auth/login", 204, NULL, "X-MSTR-AuthToken: first", 1, MSTR_OK},
            {"POST auth/login", cases[i].status, "{\"code\":\"ERR003\",\"message\":\"no\"}", NULL, 0, MSTR_OK},
        };
        struct mounted *mounted = mounted_open(routes, 2);
        mstr_secret *token = session_token(mounted->session);

        assert_int_equal(renew(mounted, token), cases[i].code);

        assert_int_equal(mstr_session_is_open(mounted->session), cases[i].open);
        mstr_secret_release(token);
        mounted_free(mounted);
    }
}

struct waiter {
    struct mounted *mounted;
    mstr_error *error;
    mstr_secret *expired;
    enum mstr_code code;
    atomic_int thread; /* its number, once it runs */
};

/* Until it sleeps, for which there is nothing but the gate, or has ended, which it should not have. */
static void await_sleep(const atomic_int *thread)
{
    char path[64];
    char state = 'R';
    while (state != 'S') {
        const struct timespec while_it_runs = {0, 1000 * 1000};
        nanosleep(&while_it_runs, NULL);
        const int number = atomic_load(thread);
        snprintf(path, sizeof(path), "/proc/self/task/%d/stat", number);
        FILE *file = number != 0 ? fopen(path, "re") : NULL;
        state = number != 0 && file == NULL ? 'S' : state;
        if (file != NULL) {
            assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
            fclose(file);
        }
    }
}

static void *wait_for_login(void *data)
{
    struct waiter *waiter = data;
    const struct limits limits = {clock_monotonic() + 60000, NULL};
    bool renewed = false;
    atomic_store(&waiter->thread, (int)syscall(SYS_gettid));
    waiter->code = session_renew(waiter->mounted->session, waiter->expired, &limits, &renewed, waiter->error);
    return NULL;
}

/* What a waiter gets when the login that it waits for, of another thread, ends so. */
static enum mstr_code outcome_for_waiter(enum mstr_code code, bool gave_up, mstr_error *error, unsigned *logins)
{
    const struct limits limits = {clock_monotonic() + 60000, NULL};
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_session *session = mounted->session;
    struct waiter waiter = {mounted, error, session_token(session), MSTR_OK, 0};
    pthread_t thread;
    assert_int_equal(gate_enter(&session->login, &limits), MSTR_OK);
    pthread_create(&thread, NULL, wait_for_login, &waiter);
    await_sleep(&waiter.thread);
    limits_sleep(&limits, 50); /* under valgrind, whose threads sleep in turns */
    session->login_code = error_set(session->login_error, code, "no luck");
    session->login_gave_up = gave_up;
    __atomic_add_fetch(&session->login_rounds, 1, __ATOMIC_RELAXED);
    gate_leave(&session->login);
    pthread_join(thread, NULL);
    *logins = mounted->sent;
    mstr_secret_release(waiter.expired);
    mounted_free(mounted);
    return waiter.code;
}

static void who_waited_shares_a_failure_that_is_not_its_owner_s_own_affair(void **state)
{
    static const struct {
        enum mstr_code code;
        bool gave_up;
        enum mstr_code shared; /* what the waiter gets */
        unsigned logins;       /* of its own */
    } cases[] = {
        {MSTR_E_AUTHENTICATION, false, MSTR_E_AUTHENTICATION, 0},
        {MSTR_E_TIMEOUT, false, MSTR_E_TIMEOUT, 0}, /* the server's, not the caller's */
        {MSTR_E_TIMEOUT, true, MSTR_OK, 1},
        {MSTR_E_CANCELLED, true, MSTR_OK, 1},
    };
    mstr_error *error = mstr_error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned logins = 0;
        mstr_error_clear(error);

        assert_int_equal(outcome_for_waiter(cases[i].code, cases[i].gave_up, error, &logins), cases[i].shared);

        assert_int_equal(logins, cases[i].logins);
        assert_string_equal(mstr_error_message(error),
                            cases[i].shared != MSTR_OK ? "the session expired: no luck" : "");
    }
    mstr_error_free(error);
}

static void a_login_fails_for_its_caller_alone_when_that_one_has_no_time_left(void **state)
{
    const struct route silent = {"POST auth/login", 0, NULL, NULL, 0, MSTR_OK};
    struct mounted *mounted = mounted_new(&silent, 1);
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    (void)state;
    assert_int_equal(mstr_session_open(mounted->session, NULL, mounted->error), MSTR_E_NETWORK);
    assert_false(mounted->session->login_gave_up);
    options.cancel = mstr_cancel_new();
    mstr_cancel_now(options.cancel);

    assert_int_equal(mstr_session_open(mounted->session, &options, mounted->error), MSTR_E_CANCELLED);

    assert_true(mounted->session->login_gave_up);
    mstr_cancel_free(options.cancel);
    mounted_free(mounted);
}

static void who_waits_gives_up_at_its_own_limits(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    const struct limits limits = {clock_monotonic() + 60000, NULL};
    const mstr_call_options hurried = {sizeof(hurried), 0, 20, NULL};
    (void)state;
    assert_int_equal(gate_enter(&mounted->session->login, &limits), MSTR_OK);

    assert_int_equal(mstr_session_open(mounted->session, &hurried, mounted->error), MSTR_E_TIMEOUT);

    assert_told(mounted, "while another thread was logging in");
    gate_leave(&mounted->session->login);
    mounted_free(mounted);
}

static const struct limits unlimited = {INT64_MAX, NULL};

/* Open and kept in a file by one process, which another has taken up. */
struct shared {
    char *path;
    struct mounted *one;
    struct mounted *other;
};

static struct mounted *new_able_to_save(void)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal("key"));
    return mounted;
}

static struct shared share(void)
{
    struct shared shared = {test_file("", 0), new_able_to_save(), new_able_to_save()};
    mounted_done(shared.one, mstr_session_open(shared.one->session, NULL, shared.one->error));
    mounted_done(shared.one, mstr_session_save(shared.one->session, shared.path, NULL, shared.one->error));
    mounted_done(shared.other,
                 sealed_session_read(shared.other->session, shared.path, &unlimited, shared.other->error));
    mounted_forget(shared.one);
    return shared;
}

static void shared_free(struct shared *shared)
{
    test_remove_saved(shared->path);
    free(shared->path);
    mounted_free(shared->one);
    mounted_free(shared->other);
}

/* Renews what the session has now; whether that gave another token. */
static bool renew_now(struct mounted *mounted)
{
    mstr_secret *expired = session_token(mounted->session);
    bool renewed = false;
    mounted_done(mounted, session_renew(mounted->session, expired, &unlimited, &renewed, mounted->error));
    mstr_secret_release(expired);
    return renewed;
}

static void assert_token(struct mounted *mounted, const char *text)
{
    mstr_secret *token = session_token(mounted->session);
    assert_string_equal(mstr_secret_octets(token), text);
    mstr_secret_release(token);
}

static void of_two_processes_that_share_a_file_one_logs_in_and_the_other_reads(void **state)
{
    struct shared shared = share();
    (void)state;

    assert_true(renew_now(shared.one));
    assert_true(renew_now(shared.other));

    assert_string_equal(shared.one->log, "POST auth/login\n");
    assert_string_equal(shared.other->log, "");
    assert_token(shared.one, "token-2");
    assert_token(shared.other, "token-2");
    shared_free(&shared);
}

static void a_session_goes_on_by_itself_where_its_file_cannot_be_used(void **state)
{
    struct shared shared = share();
    (void)state;
    chmod(shared.path, 0644);

    assert_true(renew_now(shared.one));

    assert_token(shared.one, "token-2");
    assert_null(session_kept_path(shared.one->session));
    shared_free(&shared);
}

static void a_session_goes_on_by_itself_where_its_file_cannot_be_written(void **state)
{
    struct shared shared = share();
    (void)state;
    mstr_session_set_credential(shared.one->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal(""));

    assert_true(renew_now(shared.one));

    assert_token(shared.one, "token-2");
    assert_null(session_kept_path(shared.one->session));
    shared_free(&shared);
}

static void of_two_processes_whose_file_a_logout_took_away_one_logs_in_and_writes_it_anew(void **state)
{
    struct shared shared = share();
    (void)state;
    unlink(shared.path);

    assert_true(renew_now(shared.one));
    assert_true(renew_now(shared.other));

    assert_string_equal(shared.one->log, "POST auth/login\n");
    assert_string_equal(shared.other->log, "");
    assert_token(shared.other, "token-2");
    assert_int_equal(access(shared.path, F_OK), 0);
    shared_free(&shared);
}

static enum mstr_code renewal_of(struct mounted *mounted)
{
    mstr_secret *expired = session_token(mounted->session);
    bool renewed = false;
    enum mstr_code code = session_renew(mounted->session, expired, &unlimited, &renewed, mounted->error);
    mstr_secret_release(expired);
    return code;
}

static void of_processes_that_share_a_refused_password_one_sends_it_and_a_new_one_is_tried_at_once(void **state)
{
    static const struct route refused = {
        "POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"no\"}", NULL, 0, MSTR_OK};
    struct shared shared = share();
    (void)state;
    shared.one->routes[0] = refused;

    assert_int_equal(renewal_of(shared.one), MSTR_E_AUTHENTICATION);
    assert_int_equal(renewal_of(shared.other), MSTR_E_AUTHENTICATION);

    assert_string_equal(shared.one->log, "POST auth/login\n");
    assert_string_equal(shared.other->log, "");
    assert_told(shared.other, "the session expired: the server refused these credentials before");

    mounted_done(shared.other,
                 sealed_session_read(shared.other->session, shared.path, &unlimited, shared.other->error));
    mstr_credential_release(shared.other->session->credentials[MSTR_CREDENTIAL_PASSWORD]);
    shared.other->session->credentials[MSTR_CREDENTIAL_PASSWORD] = mstr_credential_literal("pass-2");
    mounted_done(shared.other, renewal_of(shared.other));
    assert_string_equal(shared.other->log, "POST auth/login\n");
    shared_free(&shared);
}

static struct mounted *new_to_be_saved(const char *path)
{
    struct mounted *mounted = new_able_to_save();
    mounted->session->settings.session_file = text_copy(path);
    return mounted;
}

static void of_sessions_that_are_to_be_saved_one_sends_a_refused_password(void **state)
{
    static const struct route refused = {
        "POST auth/login", 401, "{\"code\":\"ERR003\",\"message\":\"no\"}", NULL, 0, MSTR_OK};
    char *path = test_file("", 0);
    struct mounted *one = new_to_be_saved(path);
    struct mounted *other = new_to_be_saved(path);
    mstr_counters counters = MSTR_COUNTERS_INIT;
    (void)state;
    one->routes[0] = refused;

    assert_int_equal(mstr_session_open(one->session, NULL, one->error), MSTR_E_AUTHENTICATION);
    assert_int_equal(mstr_session_open(other->session, NULL, other->error), MSTR_E_AUTHENTICATION);

    assert_int_equal(other->sent, 0);
    assert_told(other, "the server refused these credentials before");
    mstr_session_counters(one->session, &counters);
    assert_int_equal(counters.relogins, 0);
    mounted_free(one);
    mounted_free(other);
    test_remove_saved(path);
    free(path);
}

static void no_session_is_opened_to_be_saved_where_nothing_can_be(void **state)
{
    struct mounted *nowhere = new_to_be_saved("/nowhere/at/all");
    struct mounted *keyless = mounted_new(NULL, 0);
    (void)state;
    keyless->session->settings.session_file = text_copy("/nowhere/at/all");

    assert_int_equal(mstr_session_open(nowhere->session, NULL, nowhere->error), MSTR_E_CONFIG);
    assert_int_equal(mstr_session_open(keyless->session, NULL, keyless->error), MSTR_E_CONFIG);

    assert_told(nowhere, "cannot write /nowhere/at/all.lock: No such file or directory");
    assert_told(keyless, "saving sessions needs the credential \"persistence_key\"");
    assert_int_equal(nowhere->sent + keyless->sent, 0);
    mounted_free(nowhere);
    mounted_free(keyless);
}

static void without_credentials_there_is_no_login_but_the_file_is_read(void **state)
{
    struct shared shared = share();
    (void)state;
    mstr_credential_release(shared.other->session->credentials[MSTR_CREDENTIAL_PASSWORD]);
    shared.other->session->credentials[MSTR_CREDENTIAL_PASSWORD] = NULL;

    assert_false(renew_now(shared.other));
    assert_token(shared.other, "token-1");
    renew_now(shared.one);
    assert_true(renew_now(shared.other));

    assert_token(shared.other, "token-2");
    assert_int_equal(shared.other->sent, 0);
    shared_free(&shared);
}

static void only_a_token_that_can_stand_in_a_header_is_adopted_and_only_once(void **state)
{
    static const struct {
        const char *octets;
        size_t length;
        enum mstr_code code;
    } cases[] = {{"", 0, MSTR_E_USAGE},
                 {"a\r\nb", 4, MSTR_E_USAGE},
                 {"a\0b", 3, MSTR_E_USAGE},
                 {"good", 4, MSTR_OK},
                 {"again", 5, MSTR_E_USAGE}};
    struct mounted *mounted = mounted_new(NULL, 0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_secret *token = mstr_secret_new(cases[i].octets, cases[i].length);

        assert_int_equal(mstr_session_adopt(mounted->session, token, NULL, mounted->error), cases[i].code);

        mstr_secret_release(token);
    }
    assert_told(mounted, "the session is open already");
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_an_open_session_sends_nothing),
        cmocka_unit_test(only_who_holds_the_present_token_renews_it),
        cmocka_unit_test(a_session_that_was_closed_meanwhile_stays_closed),
        cmocka_unit_test(a_refusal_ends_the_session_and_a_passing_failure_leaves_it),
        cmocka_unit_test(who_waited_shares_a_failure_that_is_not_its_owner_s_own_affair),
        cmocka_unit_test(a_login_fails_for_its_caller_alone_when_that_one_has_no_time_left),
        cmocka_unit_test(who_waits_gives_up_at_its_own_limits),
        cmocka_unit_test(of_two_processes_that_share_a_file_one_logs_in_and_the_other_reads),
        cmocka_unit_test(a_session_goes_on_by_itself_where_its_file_cannot_be_used),
        cmocka_unit_test(a_session_goes_on_by_itself_where_its_file_cannot_be_written),
        cmocka_unit_test(of_two_processes_whose_file_a_logout_took_away_one_logs_in_and_writes_it_anew),
        cmocka_unit_test(of_processes_that_share_a_refused_password_one_sends_it_and_a_new_one_is_tried_at_once),
        cmocka_unit_test(of_sessions_that_are_to_be_saved_one_sends_a_refused_password),
        cmocka_unit_test(no_session_is_opened_to_be_saved_where_nothing_can_be),
        cmocka_unit_test(without_credentials_there_is_no_login_but_the_file_is_read),
        cmocka_unit_test(only_a_token_that_can_stand_in_a_header_is_adopted_and_only_once),
    };
    return RUN_TESTS("session/login/opening");
}
