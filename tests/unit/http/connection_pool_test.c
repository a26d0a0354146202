/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/connection_pool.c, with handles that only count */
#include "support/unit.h"

#include "http/connection_pool.h"

#include <sys/wait.h>
#include <unistd.h>

static struct {
    int multis; /* made and not cleaned up */
    int easies;
    int resets;
    long connections; /* CURLMOPT_MAXCONNECTS */
    bool out_of_memory;
} curl;

/* Handles are addresses, so that a child may forget them without leaking memory. */
static char handles[256];
static size_t handles_used;

static void *next_handle(void)
{
    assert_true(handles_used < sizeof(handles));
    return &handles[handles_used++];
}

static CURLM *multi_init(void)
{
    curl.multis += !curl.out_of_memory;
    return curl.out_of_memory ? NULL : next_handle();
}

static CURLMcode multi_cleanup(CURLM *multi)
{
    (void)multi;
    curl.multis--;
    return CURLM_OK;
}

static CURLMcode multi_setopt(CURLM *multi, CURLMoption option, ...)
{
    va_list values;
    (void)multi;
    assert_int_equal(option, CURLMOPT_MAXCONNECTS);
    va_start(values, option);
    curl.connections = va_arg(values, long);
    va_end(values);
    return CURLM_OK;
}

static CURL *easy_init(void)
{
    curl.easies++;
    return next_handle();
}

static void easy_cleanup(CURL *easy)
{
    (void)easy;
    curl.easies--;
}

static void easy_reset(CURL *easy)
{
    (void)easy;
    curl.resets++;
}

static const struct curl_api api = {
    .multi_init = multi_init,
    .multi_cleanup = multi_cleanup,
    .multi_setopt = multi_setopt,
    .easy_init = easy_init,
    .easy_cleanup = easy_cleanup,
    .easy_reset = easy_reset,
};

static struct connection_pool pool;

static int begin(void **state)
{
    (void)state;
    memset(&curl, 0, sizeof(curl));
    connection_pool_init(&pool, 4);
    return 0;
}

/* Nothing may be left. */
static int end(void **state)
{
    (void)state;
    connection_pool_release(&pool);
    return curl.multis != 0 || curl.easies != 0;
}

/* Sets for these origins, all leased at once and then given back in this order. */
static void spread(const uint64_t *origins, struct connection_set **sets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sets[i] = connection_pool_lease(&pool, &api, origins[i]);
        assert_non_null(sets[i]);
    }
    for (size_t i = 0; i < count; i++) {
        connection_pool_give_back(&pool, sets[i]);
    }
}

static void a_set_belongs_to_one_call_until_it_is_given_back(void **state)
{
    (void)state;
    struct connection_set *first = connection_pool_lease(&pool, &api, 1);
    struct connection_set *second = connection_pool_lease(&pool, &api, 1);
    assert_ptr_not_equal(first, second);
    assert_ptr_not_equal(connection_set_multi(first), connection_set_multi(second));
    assert_int_equal(curl.connections, 32);
    connection_pool_give_back(&pool, first);
    assert_ptr_equal(connection_pool_lease(&pool, &api, 1), first);
    connection_pool_give_back(&pool, first);
    connection_pool_give_back(&pool, second);
    assert_int_equal(curl.multis, 2);
}

static void the_set_that_has_spoken_to_the_origin_is_preferred(void **state)
{
    (void)state;
    static const uint64_t origins[] = {1, 2, 3};
    struct connection_set *sets[COUNT_OF(origins)];
    spread(origins, sets, COUNT_OF(origins));
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        struct connection_set *leased = connection_pool_lease(&pool, &api, origins[i]);
        assert_ptr_equal(leased, sets[i]);
        connection_pool_give_back(&pool, leased);
    }
}

/* So that those which are not needed grow cold. */
static void for_a_new_origin_the_set_used_last_is_taken(void **state)
{
    (void)state;
    static const uint64_t origins[] = {1, 2, 3};
    struct connection_set *sets[COUNT_OF(origins)];
    spread(origins, sets, COUNT_OF(origins));
    assert_ptr_equal(connection_pool_lease(&pool, &api, 4), sets[2]);
    connection_pool_give_back(&pool, sets[2]);
    assert_int_equal(curl.multis, 3);
}

static void a_set_remembers_its_eight_latest_origins(void **state)
{
    (void)state;
    static const uint64_t origins[] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 9}; /* which pushes 2 out */
    struct connection_set *set = NULL;
    struct connection_set *other = connection_pool_lease(&pool, &api, 100);
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        set = connection_pool_lease(&pool, &api, origins[i]);
        connection_pool_give_back(&pool, set);
    }
    connection_pool_give_back(&pool, other);
    assert_ptr_equal(connection_pool_lease(&pool, &api, 2), other); /* the one used last */
    connection_pool_give_back(&pool, other);
    for (uint64_t origin = 3; origin <= 9; origin++) {
        assert_ptr_equal(connection_pool_lease(&pool, &api, origin), set);
        connection_pool_give_back(&pool, set);
        connection_pool_give_back(&pool, connection_pool_lease(&pool, &api, 2));
    }
    assert_ptr_equal(connection_pool_lease(&pool, &api, 1), set);
    connection_pool_give_back(&pool, set);
}

static void *lease_for_one(void *data)
{
    *(struct connection_set **)data = connection_pool_lease(&pool, &api, 1);
    return NULL;
}

/* A set that has spoken to origin 1, used by a thread that has ended. */
static struct connection_set *lease_elsewhere(void)
{
    pthread_t thread;
    struct connection_set *set = NULL;
    assert_int_equal(pthread_create(&thread, NULL, lease_for_one, &set), 0);
    pthread_join(thread, NULL);
    assert_non_null(set);
    return set;
}

static void a_thread_keeps_meeting_its_own_connections(void **state)
{
    (void)state;
    struct connection_set *own = connection_pool_lease(&pool, &api, 1);
    struct connection_set *others = lease_elsewhere();
    connection_pool_give_back(&pool, own);
    connection_pool_give_back(&pool, others); /* the one used last */
    assert_ptr_equal(connection_pool_lease(&pool, &api, 1), own);
    connection_pool_give_back(&pool, own);
}

static void without_its_own_a_thread_takes_anothers_to_the_same_origin(void **state)
{
    (void)state;
    struct connection_set *own = connection_pool_lease(&pool, &api, 2);
    struct connection_set *others = lease_elsewhere();
    connection_pool_give_back(&pool, others);
    connection_pool_give_back(&pool, own); /* the one used last */
    assert_ptr_equal(connection_pool_lease(&pool, &api, 1), others);
    connection_pool_give_back(&pool, others);
}

static void no_more_sets_are_kept_than_may_be_idle(void **state)
{
    (void)state;
    static const uint64_t origins[] = {1, 1, 1, 1, 1, 1};
    struct connection_set *sets[COUNT_OF(origins)];
    spread(origins, sets, COUNT_OF(origins));
    assert_int_equal(curl.multis, 4);
    assert_int_equal(pool.idle_count, 4);
}

static void easy_handles_are_kept_without_their_options(void **state)
{
    (void)state;
    CURL *easies[6];
    struct connection_set *set = connection_pool_lease(&pool, &api, 1);
    for (size_t i = 0; i < COUNT_OF(easies); i++) {
        easies[i] = connection_set_take_easy(set);
        assert_non_null(easies[i]);
    }
    for (size_t i = 0; i < COUNT_OF(easies); i++) {
        connection_set_keep_easy(set, easies[i]);
    }
    assert_int_equal(curl.resets, 4);
    assert_int_equal(curl.easies, 4);
    assert_ptr_equal(connection_set_take_easy(set), easies[3]);
    assert_int_equal(curl.easies, 4);
    connection_set_keep_easy(set, easies[3]);
    connection_pool_give_back(&pool, set);
}

static void without_memory_there_is_no_set(void **state)
{
    (void)state;
    curl.out_of_memory = true;
    assert_null(connection_pool_lease(&pool, &api, 1));
}

/* What a child does that finds its parent's idle sets: it forgets them, and takes none of their connections down. */
static bool starts_anew(void)
{
    struct connection_set *set = connection_pool_lease(&pool, &api, 1);
    if (set == NULL || curl.multis != 3 || pool.idle_count != 0) {
        return false;
    }
    connection_pool_give_back(&pool, set);
    connection_pool_release(&pool);
    return curl.multis == 2 && curl.easies == 1; /* those of the parent */
}

static void a_child_leaves_its_parents_connections_alone(void **state)
{
    (void)state;
    struct connection_set *sets[2];
    int status = 1;
    assert_non_null(curl_api_get(NULL)); /* from then on forks are counted */
    spread((const uint64_t[]){1, 2}, sets, 2);
    struct connection_set *set = connection_pool_lease(&pool, &api, 1);
    connection_set_keep_easy(set, connection_set_take_easy(set));
    connection_pool_give_back(&pool, set);

    pid_t child = fork();
    if (child == 0) {
        _exit(starts_anew() ? 0 : 1);
    }

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ptr_equal(connection_pool_lease(&pool, &api, 1), set);
    connection_pool_give_back(&pool, set);
}

static void a_set_leased_before_the_fork_is_not_closed_in_the_child(void **state)
{
    (void)state;
    int status = 1;
    assert_non_null(curl_api_get(NULL));
    struct connection_set *set = connection_pool_lease(&pool, &api, 1);

    pid_t child = fork();
    if (child == 0) {
        connection_pool_give_back(&pool, set);
        connection_pool_release(&pool);
        _exit(curl.multis == 1 ? 0 : 1);
    }

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    connection_pool_give_back(&pool, set);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        EACH(a_set_belongs_to_one_call_until_it_is_given_back),
        EACH(the_set_that_has_spoken_to_the_origin_is_preferred),
        EACH(for_a_new_origin_the_set_used_last_is_taken),
        EACH(a_set_remembers_its_eight_latest_origins),
        EACH(a_thread_keeps_meeting_its_own_connections),
        EACH(without_its_own_a_thread_takes_anothers_to_the_same_origin),
        EACH(no_more_sets_are_kept_than_may_be_idle),
        EACH(easy_handles_are_kept_without_their_options),
        EACH(without_memory_there_is_no_set),
        EACH(a_child_leaves_its_parents_connections_alone),
        EACH(a_set_leased_before_the_fork_is_not_closed_in_the_child),
    };
    return RUN_TESTS("http/connection_pool");
}
