/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions leased to one caller at a time: how many are made, which is handed out, who waits, and the end. */
#include "support/mounted.h"

enum { CAPACITY = 2 };

/* A pool of sessions that are answered by one table of routes. */
struct pooled {
    struct mounted *mounted; /* its own session makes none of the requests */
    mstr_pool *pool;
    unsigned made;
    enum mstr_code fails; /* the making, MSTR_OK = it does not */
};

static enum mstr_code make(mstr_session **out, void *data, mstr_error *error)
{
    struct pooled *pooled = data;
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_mode = MSTR_LOGIN_ANONYMOUS;
    if (pooled->fails != MSTR_OK) {
        mstr_error_set(error, pooled->fails, "not today");
        return pooled->fails;
    }
    enum mstr_code code = mstr_session_new(pooled->mounted->context, &options, out, error);
    if (code == MSTR_OK) {
        pooled->made++;
        mstr_session_mount(*out, "", mounted_send, pooled->mounted, NULL);
        mstr_session_set_credential(*out, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal(MOUNTED_BASE));
    }
    return code;
}

static struct pooled *pooled_new(const struct route *routes, size_t count)
{
    struct pooled *pooled = calloc(1, sizeof(*pooled));
    mstr_pool_options options = MSTR_POOL_OPTIONS_INIT;
    pooled->mounted = mounted_new(routes, count);
    options.capacity = CAPACITY;
    options.make = make;
    options.data = pooled;
    options.check_after = 1; /* ms */
    assert_int_equal(mstr_pool_new(&options, &pooled->pool, pooled->mounted->error), MSTR_OK);
    return pooled;
}

static void pooled_free(struct pooled *pooled)
{
    mstr_pool_free(pooled->pool);
    mounted_free(pooled->mounted);
    free(pooled);
}

static enum mstr_code lease(struct pooled *pooled, int64_t timeout, mstr_session **out)
{
    const mstr_call_options call = {sizeof(call), 0, timeout, NULL};
    return mstr_pool_lease(pooled->pool, &call, out, pooled->mounted->error);
}

static mstr_session *lease_now(struct pooled *pooled)
{
    mstr_session *session = NULL;
    mounted_done(pooled->mounted, lease(pooled, 2000, &session));
    return session;
}

static void options_that_do_not_fit_are_refused(void **state)
{
    mstr_pool_options good = MSTR_POOL_OPTIONS_INIT;
    mstr_pool *pool = NULL;
    good.make = make;
    mstr_pool_options cases[5] = {good, good, good, good, good};
    cases[0].size = 0;
    cases[1].capacity = 0;
    cases[2].capacity = 1025;
    cases[3].make = NULL;
    cases[4].check_after = -1;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(mstr_pool_new(&cases[i], &pool, NULL), MSTR_E_USAGE);
        assert_null(pool);
    }
    mstr_pool_free(NULL);
}

static void sessions_are_made_when_needed_and_opened_when_leased(void **state)
{
    struct pooled *pooled = pooled_new(NULL, 0);
    (void)state;
    assert_int_equal(pooled->made, 0);

    mstr_session *first = lease_now(pooled);
    mstr_session *second = lease_now(pooled);

    assert_ptr_not_equal(first, second);
    assert_true(mstr_session_is_open(first) && mstr_session_is_open(second));
    assert_int_equal(pooled->made, 2);
    mstr_pool_return(pooled->pool, first);
    mstr_pool_return(pooled->pool, second);
    mstr_pool_return(pooled->pool, NULL);
    pooled_free(pooled);
}

static void the_session_used_last_is_handed_out_again(void **state)
{
    static const struct route routes[] = {{"PUT sessions", 204, NULL, NULL, 0, MSTR_OK}};
    struct pooled *pooled = pooled_new(routes, 1);
    mstr_session *first = lease_now(pooled);
    mstr_session *second = lease_now(pooled);
    (void)state;
    mstr_pool_return(pooled->pool, second);
    usleep(5 * 1000);
    mstr_pool_return(pooled->pool, first);

    mstr_session *again = lease_now(pooled);

    assert_ptr_equal(again, first);
    mstr_pool_return(pooled->pool, again);
    pooled_free(pooled);
}

static void who_waits_gives_up_at_its_limits(void **state)
{
    struct pooled *pooled = pooled_new(NULL, 0);
    mstr_session *held[CAPACITY] = {lease_now(pooled), lease_now(pooled)};
    mstr_session *session = NULL;
    (void)state;

    assert_int_equal(lease(pooled, 20, &session), MSTR_E_TIMEOUT);

    assert_null(session);
    assert_told(pooled->mounted, "while all 2 sessions of the pool were leased");
    mstr_pool_return(pooled->pool, held[0]);
    assert_ptr_equal(lease_now(pooled), held[0]);
    mstr_pool_return(pooled->pool, held[0]);
    mstr_pool_return(pooled->pool, held[1]);
    pooled_free(pooled);
}

struct waiter {
    struct pooled *pooled;
    mstr_session *session;
    enum mstr_code code;
};

static void *wait_for_lease(void *data)
{
    struct waiter *waiter = data;
    waiter->code = mstr_pool_lease(waiter->pooled->pool, NULL, &waiter->session, NULL);
    return NULL;
}

static void a_returned_session_goes_to_who_waits(void **state)
{
    struct pooled *pooled = pooled_new(NULL, 0);
    mstr_session *held[CAPACITY] = {lease_now(pooled), lease_now(pooled)};
    struct waiter waiter = {pooled, NULL, MSTR_E_UNEXPECTED};
    pthread_t thread;
    (void)state;
    pthread_create(&thread, NULL, wait_for_lease, &waiter);
    usleep(20 * 1000);

    mstr_pool_return(pooled->pool, held[1]);
    pthread_join(thread, NULL);

    assert_int_equal(waiter.code, MSTR_OK);
    assert_ptr_equal(waiter.session, held[1]);
    mstr_pool_return(pooled->pool, held[0]);
    mstr_pool_return(pooled->pool, held[1]);
    pooled_free(pooled);
}

static void a_session_that_was_idle_for_long_is_checked_and_opened_anew_where_it_ended(void **state)
{
    static const struct {
        struct route check;
        const char *log;
    } cases[] = {
        {{"PUT sessions", 204, NULL, NULL, 0, MSTR_OK}, "PUT sessions\n"},
        {{"PUT sessions", 401, MOUNTED_EXPIRED, NULL, 0, MSTR_OK},
         "PUT sessions\nPOST auth/login\nPUT sessions\nPOST auth/login\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pooled *pooled = pooled_new(&cases[i].check, 1);
        mstr_pool_return(pooled->pool, lease_now(pooled));
        usleep(5 * 1000);
        mounted_forget(pooled->mounted);

        mstr_session *session = lease_now(pooled);

        assert_string_equal(pooled->mounted->log, cases[i].log);
        assert_true(mstr_session_is_open(session));
        mstr_pool_return(pooled->pool, session);
        pooled_free(pooled);
    }
}

static void a_session_that_cannot_be_made_or_opened_gives_its_place_back(void **state)
{
    static const struct route routes[] = {{"POST auth/login", 401, "{\"code\":\"ERR003\"}", NULL, 2, MSTR_OK}};
    struct pooled *pooled = pooled_new(routes, 1);
    mstr_session *session = NULL;
    (void)state;

    for (int i = 0; i < 2; i++) {
        assert_int_equal(lease(pooled, 2000, &session), MSTR_E_AUTHENTICATION);
    }
    assert_int_equal(pooled->made, 1);
    session = lease_now(pooled);
    pooled->fails = MSTR_E_CONFIG;
    mstr_session *none = NULL;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(lease(pooled, 2000, &none), MSTR_E_CONFIG);
    }

    assert_told(pooled->mounted, "not today");
    mstr_pool_return(pooled->pool, session);
    pooled_free(pooled);
}

static void a_drained_pool_logs_out_and_leases_no_more(void **state)
{
    struct pooled *pooled = pooled_new(NULL, 0);
    const mstr_call_options hurried = {sizeof(hurried), 0, 20, NULL};
    mstr_session *out = lease_now(pooled);
    mstr_session *idle = lease_now(pooled);
    mstr_session *none = NULL;
    (void)state;
    mstr_pool_return(pooled->pool, idle);

    assert_int_equal(mstr_pool_drain(pooled->pool, &hurried, pooled->mounted->error), MSTR_E_TIMEOUT);
    assert_told(pooled->mounted, "while sessions of the pool were leased");
    assert_false(mstr_session_is_open(idle));
    assert_true(mstr_session_is_open(out));
    assert_int_equal(lease(pooled, 2000, &none), MSTR_E_SESSION);
    assert_told(pooled->mounted, "the pool is drained");
    mstr_pool_return(pooled->pool, out);

    assert_false(mstr_session_is_open(out));
    mounted_done(pooled->mounted, mstr_pool_drain(pooled->pool, NULL, pooled->mounted->error));
    pooled_free(pooled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_that_do_not_fit_are_refused),
        cmocka_unit_test(sessions_are_made_when_needed_and_opened_when_leased),
        cmocka_unit_test(the_session_used_last_is_handed_out_again),
        cmocka_unit_test(who_waits_gives_up_at_its_limits),
        cmocka_unit_test(a_returned_session_goes_to_who_waits),
        cmocka_unit_test(a_session_that_was_idle_for_long_is_checked_and_opened_anew_where_it_ended),
        cmocka_unit_test(a_session_that_cannot_be_made_or_opened_gives_its_place_back),
        cmocka_unit_test(a_drained_pool_logs_out_and_leases_no_more),
    };
    return RUN_TESTS("session/pool/pool");
}
