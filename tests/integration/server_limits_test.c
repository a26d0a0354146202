/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What servers do to their users: few sessions for each, an early end for idle ones, and clusters in which a session
 * lives on one node. On the simulator, through single sessions and through pools.
 */
#include "support/session.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static void set_knobs(const char *json)
{
    simulator_admin(sim, "PUT", "/knobs/mstr", json);
}

static enum mstr_code make_one(mstr_session **out, void *data, mstr_error *error)
{
    (void)data;
    (void)error;
    *out = make_analyst(0);
    return MSTR_OK;
}

static mstr_pool *make_pool(uint32_t capacity)
{
    mstr_pool_options options = MSTR_POOL_OPTIONS_INIT;
    mstr_pool *pool = NULL;
    options.capacity = capacity;
    options.make = make_one;
    options.check_after = 1;
    assert_done(mstr_pool_new(&options, &pool, problem));
    return pool;
}

static void get_projects(mstr_session *session)
{
    mstr_response *response = NULL;
    assert_done(mstr_session_get(session, "projects", &response, problem));
    mstr_response_free(response);
}

static void a_session_past_the_servers_limit_is_refused_and_says_why(void **state)
{
    (void)state;
    set_knobs("{\"max_sessions_per_user\":1}");
    mstr_session *first = open_analyst(0);
    mstr_session *second = make_analyst(0);

    enum mstr_code code = mstr_session_open(second, NULL, problem);

    assert_int_not_equal(code, MSTR_OK);
    assert_int_not_equal(code, MSTR_E_AUTHENTICATION); /* the password is good */
    assert_int_equal(mstr_error_iserver_code(problem), -2147072486);
    assert_done(mstr_session_close(first, problem));
    assert_done(mstr_session_open(second, NULL, problem));
    mstr_session_free(second);
    mstr_session_free(first);
}

enum { THREADS = 8, LEASES = 4 };

static void *lease_and_ask(void *data)
{
    for (int i = 0; i < LEASES; i++) {
        mstr_session *session = NULL;
        mstr_response *response = NULL;
        enum mstr_code code = mstr_pool_lease(data, NULL, &session, NULL);
        if (code == MSTR_OK) {
            code = mstr_session_get(session, "sessions/userInfo", &response, NULL);
        }
        mstr_response_free(response);
        mstr_pool_return(data, session);
        if (code != MSTR_OK) {
            return data;
        }
    }
    return NULL;
}

static void a_pool_serves_many_within_the_servers_limit(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    set_knobs("{\"max_sessions_per_user\":2,\"node_cookie\":true}");
    mstr_pool *pool = make_pool(2);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, lease_and_ask, pool), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    mstr_pool_free(pool);
}

static void a_pool_larger_than_the_servers_limit_goes_on_with_what_it_has(void **state)
{
    (void)state;
    set_knobs("{\"max_sessions_per_user\":1}");
    mstr_pool *pool = make_pool(2);
    mstr_session *one = NULL;
    mstr_session *two = NULL;
    assert_done(mstr_pool_lease(pool, NULL, &one, problem));
    assert_int_not_equal(mstr_pool_lease(pool, NULL, &two, problem), MSTR_OK);
    assert_int_equal(mstr_error_iserver_code(problem), -2147072486);
    get_projects(one);
    mstr_pool_return(pool, one);
    assert_done(mstr_pool_lease(pool, NULL, &two, problem));
    assert_ptr_equal(one, two);
    mstr_pool_return(pool, two);
    mstr_pool_free(pool);
}

static void sessions_that_the_server_dropped_are_opened_anew_by_the_pool(void **state)
{
    (void)state;
    set_knobs("{\"idle_timeout\":1}");
    mstr_pool *pool = make_pool(1);
    mstr_session *session = NULL;
    for (unsigned logins = 1; logins <= 3; logins++) {
        assert_done(mstr_pool_lease(pool, NULL, &session, problem));
        get_projects(session);
        mstr_pool_return(pool, session);
        assert_int_equal(simulator_requests(sim, "mstr", "*/auth/login"), logins);
        simulator_admin(sim, "POST", "/clock", "{\"advance_ms\":2000}");
        usleep(2000); /* past the pool's check_after, by this machine's clock */
    }
    mstr_pool_free(pool);
}

/* One who waits for a lease, and when they had it. */
struct arrival {
    mstr_pool *pool;
    atomic_int *served;
    atomic_int thread; /* the kernel's number, once it is about to wait */
    int turn;
};

static void *wait_for_a_lease(void *data)
{
    struct arrival *arrival = data;
    mstr_session *session = NULL;
    atomic_store(&arrival->thread, (int)syscall(SYS_gettid));
    if (mstr_pool_lease(arrival->pool, NULL, &session, NULL) == MSTR_OK) {
        arrival->turn = atomic_fetch_add(arrival->served, 1);
    }
    mstr_pool_return(arrival->pool, session);
    return NULL;
}

static bool is_asleep(int thread)
{
    char path[64];
    char text[256] = "";
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", thread);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    return strstr(text, ") S ") != NULL;
}

/* Sleeping at every one of many looks, it can only be waiting in line. */
static void see_it_wait(struct arrival *arrival)
{
    for (int looks = 0; looks < 20; looks++) {
        int thread = atomic_load(&arrival->thread);
        looks = thread != 0 && is_asleep(thread) ? looks : -1;
        usleep(1000);
    }
}

static void who_waits_is_served_in_order_of_arrival(void **state)
{
    (void)state;
    enum { WAITERS = 5 };
    mstr_pool *pool = make_pool(1);
    mstr_session *session = NULL;
    pthread_t threads[WAITERS];
    struct arrival arrivals[WAITERS];
    atomic_int served = 0;
    assert_done(mstr_pool_lease(pool, NULL, &session, problem));
    for (size_t i = 0; i < WAITERS; i++) {
        arrivals[i] = (struct arrival){pool, &served, 0, -1};
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_a_lease, &arrivals[i]), 0);
        see_it_wait(&arrivals[i]);
    }
    mstr_pool_return(pool, session);
    for (int i = 0; i < WAITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(arrivals[i].turn, i);
    }
    mstr_pool_free(pool);
}

static void sessions_of_a_cluster_stay_on_their_nodes(void **state)
{
    (void)state;
    set_knobs("{\"node_cookie\":true}");
    mstr_session *sessions[] = {open_analyst(0), open_analyst(0), open_analyst(0)};
    for (size_t i = 0; i < 9; i++) {
        get_projects(sessions[i % 3]);
    }
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/login"), 3);

    /* A node that died takes its sessions along; the new login may land on another, whose cookie counts then. */
    simulator_admin(sim, "POST", "/sessions/expire", "{}");
    for (size_t i = 0; i < 9; i++) {
        get_projects(sessions[i % 3]);
    }
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/login"), 6);
    for (size_t i = 0; i < 3; i++) {
        mstr_session_free(sessions[i]);
    }
    assert_int_equal(simulator_requests(sim, "mstr", "*/auth/logout"), 3);
}

static int clear_knobs(void **state)
{
    set_knobs("{\"max_sessions_per_user\":0,\"node_cookie\":false,\"idle_timeout\":1800}");
    return reset(state);
}

#define LIMIT_TEST(name) cmocka_unit_test_setup_teardown(name, reset, clear_knobs)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIMIT_TEST(a_session_past_the_servers_limit_is_refused_and_says_why),
        LIMIT_TEST(a_pool_serves_many_within_the_servers_limit),
        LIMIT_TEST(a_pool_larger_than_the_servers_limit_goes_on_with_what_it_has),
        LIMIT_TEST(sessions_that_the_server_dropped_are_opened_anew_by_the_pool),
        LIMIT_TEST(who_waits_is_served_in_order_of_arrival),
        LIMIT_TEST(sessions_of_a_cluster_stay_on_their_nodes),
    };
    return cmocka_run_group_tests_name("server_limits", tests, start, stop);
}
