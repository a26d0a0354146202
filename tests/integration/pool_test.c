/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions shared through a pool, on the simulator: how many there are, who waits, what a broken one costs. */
#include "support/session.h"

#include <pthread.h>

static enum mstr_code make_one(mstr_session **out, void *data, mstr_error *error)
{
    (void)error;
    ++*(int *)data;
    *out = make_analyst(0);
    return MSTR_OK;
}

static mstr_pool *make_pool(uint32_t capacity, int64_t check_after, int *made)
{
    mstr_pool_options options = MSTR_POOL_OPTIONS_INIT;
    mstr_pool *pool = NULL;
    options.capacity = capacity;
    options.make = make_one;
    options.data = made;
    options.check_after = check_after;
    assert_done(mstr_pool_new(&options, &pool, problem));
    return pool;
}

static void sessions_are_opened_when_they_are_needed_and_used_again(void **state)
{
    (void)state;
    int made = 0;
    mstr_pool *pool = make_pool(3, 0, &made);
    mstr_session *one = NULL;
    mstr_session *two = NULL;
    assert_int_equal(made, 0);
    assert_done(mstr_pool_lease(pool, NULL, &one, problem));
    assert_done(mstr_pool_lease(pool, NULL, &two, problem));
    assert_ptr_not_equal(one, two);
    mstr_pool_return(pool, one);
    mstr_pool_return(pool, two);
    for (int i = 0; i < 3; i++) {
        assert_done(mstr_pool_lease(pool, NULL, &one, problem));
        mstr_pool_return(pool, one);
    }
    assert_int_equal(made, 2);
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/login"), 2);
    mstr_pool_free(pool);
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 2);
}

static void who_waits_too_long_is_told(void **state)
{
    (void)state;
    int made = 0;
    mstr_pool *pool = make_pool(1, 0, &made);
    mstr_session *one = NULL;
    mstr_session *two = NULL;
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = 20;
    assert_done(mstr_pool_lease(pool, NULL, &one, problem));
    assert_int_equal(mstr_pool_lease(pool, &call, &two, problem), MSTR_E_TIMEOUT);
    assert_null(two);
    mstr_pool_return(pool, one);
    assert_done(mstr_pool_lease(pool, NULL, &two, problem));
    mstr_pool_return(pool, two);
    mstr_pool_free(pool);
}

static void a_session_that_ended_while_idle_is_replaced_before_it_is_leased(void **state)
{
    (void)state;
    int made = 0;
    mstr_pool *pool = make_pool(1, 1, &made);
    mstr_session *session = NULL;
    mstr_response *response = NULL;
    assert_done(mstr_pool_lease(pool, NULL, &session, problem));
    mstr_pool_return(pool, session);
    simulator_admin(sim, "POST", "/sessions/expire", "{}");
    usleep(2000); /* past check_after, whatever the machine does */
    assert_done(mstr_pool_lease(pool, NULL, &session, problem));
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/login"), 2);
    assert_done(mstr_session_get(session, "projects", &response, problem));
    mstr_response_free(response);
    mstr_pool_return(pool, session);
    mstr_pool_free(pool);
}

static void a_login_that_fails_leaves_its_place_free(void **state)
{
    (void)state;
    int made = 0;
    mstr_pool *pool = make_pool(1, 0, &made);
    mstr_session *session = NULL;
    simulator_fault(
        sim, "{\"service\":\"mstr\",\"path\":\"*/auth/login\",\"times\":1,\"action\":\"status\",\"status\":500}");
    assert_int_not_equal(mstr_pool_lease(pool, NULL, &session, problem), MSTR_OK);
    assert_null(session);
    assert_done(mstr_pool_lease(pool, NULL, &session, problem));
    mstr_pool_return(pool, session);
    assert_int_equal(made, 1);
    mstr_pool_free(pool);
}

static void a_drained_pool_logs_out_and_refuses(void **state)
{
    (void)state;
    int made = 0;
    mstr_pool *pool = make_pool(2, 0, &made);
    mstr_session *one = NULL;
    mstr_session *two = NULL;
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = 20;
    assert_done(mstr_pool_lease(pool, NULL, &one, problem));
    assert_done(mstr_pool_lease(pool, NULL, &two, problem));
    mstr_pool_return(pool, two);
    assert_int_equal(mstr_pool_drain(pool, &call, problem), MSTR_E_TIMEOUT);
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 1);
    assert_int_equal(mstr_pool_lease(pool, NULL, &two, problem), MSTR_E_SESSION);
    mstr_pool_return(pool, one); /* closed as it comes back */
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 2);
    assert_done(mstr_pool_drain(pool, NULL, problem));
    mstr_pool_free(pool);
}

enum { THREADS = 8, LEASES = 5 };

struct crowd {
    mstr_pool *pool;
    int inside;
    int most;
    pthread_mutex_t mutex;
};

static void *work(void *data)
{
    struct crowd *crowd = data;
    for (int i = 0; i < LEASES; i++) {
        mstr_session *session = NULL;
        mstr_response *response = NULL;
        if (mstr_pool_lease(crowd->pool, NULL, &session, NULL) != MSTR_OK) {
            return data;
        }
        pthread_mutex_lock(&crowd->mutex);
        crowd->inside++;
        crowd->most = crowd->inside > crowd->most ? crowd->inside : crowd->most;
        pthread_mutex_unlock(&crowd->mutex);
        enum mstr_code code = mstr_session_get(session, "sessions/userInfo", &response, NULL);
        mstr_response_free(response);
        pthread_mutex_lock(&crowd->mutex);
        crowd->inside--;
        pthread_mutex_unlock(&crowd->mutex);
        mstr_pool_return(crowd->pool, session);
        if (code != MSTR_OK) {
            return data;
        }
    }
    return NULL;
}

static void many_threads_share_few_sessions(void **state)
{
    (void)state;
    int made = 0;
    struct crowd crowd = {.pool = make_pool(2, 0, &made), .mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, &crowd), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_true(crowd.most <= 2);
    assert_true(made <= 2);
    mstr_pool_free(crowd.pool);
}

static void a_pool_without_a_way_to_make_sessions_is_refused(void **state)
{
    (void)state;
    mstr_pool_options options = MSTR_POOL_OPTIONS_INIT;
    mstr_pool *pool = NULL;
    assert_int_equal(mstr_pool_new(&options, &pool, problem), MSTR_E_USAGE);
    assert_null(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sessions_are_opened_when_they_are_needed_and_used_again),
        TEST(who_waits_too_long_is_told),
        TEST(a_session_that_ended_while_idle_is_replaced_before_it_is_leased),
        TEST(a_login_that_fails_leaves_its_place_free),
        TEST(a_drained_pool_logs_out_and_refuses),
        TEST(many_threads_share_few_sessions),
        TEST(a_pool_without_a_way_to_make_sessions_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
