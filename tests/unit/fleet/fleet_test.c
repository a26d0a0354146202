/* SPDX-License-Identifier: Apache-2.0 */
/* Seats in a fleet: many workers and one login, and what they do in each fault of the store. */
#define _GNU_SOURCE
#include "machines.h"

enum { MACHINES = 4, THREADS = 8 };

/* Workers that all want a session at the same time. */
struct crowd {
    struct fleet *machines[MACHINES];
    struct fleet_seat *seats[MACHINES * THREADS];
    uint64_t dead[MACHINES * THREADS];
    char texts[MACHINES * THREADS][64];
    atomic_int next;
};

static void crowd_begin(struct crowd *crowd, unsigned sessions)
{
    memset(crowd, 0, sizeof(*crowd));
    for (size_t i = 0; i < MACHINES; i++) {
        crowd->machines[i] =
            machines_one_with(machines_keys(MACHINES_KEY, NULL), (struct fleet_rules){.sessions = sessions});
    }
    for (size_t i = 0; i < (size_t)MACHINES * THREADS; i++) {
        crowd->seats[i] = machines_sit(crowd->machines[i % MACHINES]);
    }
}

static void *want_one(void *data)
{
    struct crowd *crowd = data;
    const struct limits limits = test_limits(600000);
    int i = crowd->next++;
    struct fleet_share share;
    if (fleet_obtain(crowd->seats[i], crowd->dead[i], &limits, &share, NULL) == MSTR_OK) {
        snprintf(crowd->texts[i], sizeof(crowd->texts[i]), "%s", mstr_secret_octets(share.state));
        crowd->dead[i] = share.generation;
        mstr_secret_release(share.state);
    }
    return NULL;
}

static void crowd_want(struct crowd *crowd)
{
    pthread_t threads[MACHINES * THREADS];
    crowd->next = 0;
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, want_one, crowd), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
}

static void crowd_end(struct crowd *crowd)
{
    for (size_t i = 0; i < COUNT_OF(crowd->seats); i++) {
        fleet_leave(crowd->seats[i]);
    }
    for (size_t i = 0; i < MACHINES; i++) {
        fleet_free(crowd->machines[i]);
    }
}

static void many_workers_at_once_log_in_once_and_once_more_when_the_session_ends(void **state)
{
    struct crowd crowd;
    (void)state;
    machines_server.delay = 50;
    crowd_begin(&crowd, 1);
    crowd_want(&crowd);
    assert_int_equal(machines_server.logins, 1);
    for (size_t i = 0; i < COUNT_OF(crowd.texts); i++) {
        assert_string_equal(crowd.texts[i], "canary-token-1");
    }
    crowd_want(&crowd); /* each has had an ERR009 */
    assert_int_equal(machines_server.logins, 2);
    for (size_t i = 0; i < COUNT_OF(crowd.texts); i++) {
        assert_string_equal(crowd.texts[i], "canary-token-2");
    }
    crowd_end(&crowd);
}

static void no_more_log_in_than_there_are_sessions(void **state)
{
    struct crowd crowd;
    (void)state;
    machines_server.delay = 20;
    crowd_begin(&crowd, 3);
    crowd_want(&crowd);
    assert_int_equal(machines_server.logins, 3);
    crowd_end(&crowd);
}

static void a_session_that_is_there_is_used_at_once(void **state)
{
    struct fleet *one = machines_one();
    struct fleet *other = machines_one();
    struct fleet_seat *first = machines_sit(one);
    struct fleet_seat *second = machines_sit(other);
    (void)state;
    assert_int_equal(fleet_generation(first), 0);
    uint64_t generation = machines_expect(first, 0, "canary-token-1");
    assert_int_equal(fleet_generation(first), generation);
    machines_expect(second, 0, "canary-token-1");
    fleet_leave(first);
    fleet_leave(second);
    struct fleet_seat *third = machines_sit(other); /* after all have left */
    machines_expect(third, 0, "canary-token-1");
    fleet_leave(third);
    fleet_free(one);
    fleet_free(other);
}

static void wait_for_generation(const struct fleet_seat *seat, uint64_t before)
{
    while (fleet_generation(seat) == before) {
        usleep(1000);
    }
}

static void what_the_server_changed_reaches_all(void **state)
{
    struct fleet *one = machines_one();
    struct fleet *other = machines_one();
    struct fleet_seat *first = machines_sit(one);
    struct fleet_seat *second = machines_sit(other);
    mstr_secret *rotated = mstr_secret_new("rotated", 7);
    (void)state;
    uint64_t own = machines_expect(first, 0, "canary-token-1");
    uint64_t generation = machines_expect(second, 0, "canary-token-1");
    assert_true(fleet_tell(first, own, rotated, true));
    machines_expect(first, 0, "rotated");
    wait_for_generation(second, generation);
    machines_expect(second, 0, "rotated");
    assert_false(fleet_tell(second, generation, rotated, true)); /* of the one before */
    assert_int_equal(machines_server.logins, 1);
    mstr_secret_release(rotated);
    fleet_leave(first);
    fleet_leave(second);
    fleet_free(one);
    fleet_free(other);
}

/* Time goes by a hundred times slower, so that a busy machine misses no moment. */
static int64_t slow(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1000000000 + (int64_t)now.tv_sec * 10 + now.tv_nsec / 100000000;
}

static void a_change_reaches_who_was_refused_before_it_was_told(void **state)
{
    static const struct clock_source source = {.monotonic = slow};
    clock_replace(&source);
    struct crowd crowd = {.machines = {machines_one()}};
    mstr_secret *rotated = mstr_secret_new("rotated", 7);
    pthread_t refused;
    (void)state;
    struct fleet_seat *seat = machines_sit(crowd.machines[0]);
    crowd.seats[0] = machines_sit(crowd.machines[0]);
    crowd.dead[0] = machines_expect(seat, 0, "canary-token-1");
    uint64_t generation = crowd.dead[0];
    assert_int_equal(pthread_create(&refused, NULL, want_one, &crowd), 0);
    while (fleet_generation(seat) != 0) {
        usleep(1000);
    }
    assert_int_not_equal(fleet_tell(seat, generation, rotated, true), 0);
    pthread_join(refused, NULL);
    assert_string_equal(crowd.texts[0], "rotated");
    assert_int_equal(machines_server.logins, 1);
    mstr_secret_release(rotated);
    fleet_leave(crowd.seats[0]);
    fleet_leave(seat);
    fleet_free(crowd.machines[0]);
    clock_replace(NULL);
}

static void what_the_server_changed_is_in_the_store_before_anybody_goes_on(void **state)
{
    struct fleet *one = machines_one();
    struct fleet *other = machines_one();
    struct fleet_seat *first = machines_sit(one);
    struct fleet_seat *second = machines_sit(other);
    mstr_secret *rotated = mstr_secret_new("rotated", 7);
    (void)state;
    uint64_t own = machines_expect(first, 0, "canary-token-1");
    assert_int_not_equal(fleet_tell(first, own, rotated, true), 0);
    fleet_leave(first);
    machines_expect(second, 0, "rotated");
    mstr_secret_release(rotated);
    fleet_leave(second);
    fleet_free(one);
    fleet_free(other);
}

static void a_store_that_went_leaves_each_with_its_session(void **state)
{
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = machines_sit(fleet);
    (void)state;
    uint64_t generation = machines_expect(seat, 0, "canary-token-1");
    machines_store("fault network\n");
    assert_int_equal(machines_expect(seat, 0, "canary-token-1"), generation);
    fleet_leave(seat);
    fleet_free(fleet);
}

static void nothing_of_a_session_stands_in_the_store(void **state)
{
    static char octets[MSTR_STORE_RECORD_MAX];
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = machines_sit(fleet);
    struct store_instance *raw = machines_instance();
    const struct limits limits = test_limits(600000);
    char group[FLEET_GROUP];
    (void)state;
    machines_expect(seat, 0, "canary-token-1");
    assert_true(fleet_keys_group(fleet_keys_of(fleet), &machines_scope, group));
    struct mstr_store_get get = {.key = {group, "s:0"}, .octets = octets};
    assert_int_equal(store_instance_get(raw, &get, &limits, NULL), MSTR_OK);
    assert_int_equal(get.outcome, MSTR_STORE_DONE);
    assert_null(memmem(octets, get.length, "canary", 6));
    assert_null(memmem(octets, get.length, "mstr.example", 12));
    store_instance_free(raw);
    fleet_leave(seat);
    fleet_free(fleet);
}

static void the_last_that_leaves_is_to_log_out_where_that_is_wished(void **state)
{
    const struct fleet_rules rules = {1, FLEET_LOCAL, true};
    struct fleet *one = machines_one_with(machines_keys(MACHINES_KEY, NULL), rules);
    struct fleet *other = machines_one_with(machines_keys(MACHINES_KEY, NULL), rules);
    struct fleet_seat *first = machines_sit(one);
    struct fleet_seat *second = machines_sit(one);
    (void)state;
    machines_expect(first, 0, "canary-token-1");
    machines_expect(second, 0, "canary-token-1");
    assert_false(fleet_leave(first));
    assert_true(fleet_leave(second));
    struct fleet_seat *third = machines_sit(other);
    machines_expect(third, 0, "canary-token-2"); /* the record was taken away */
    fleet_leave(third);
    fleet_free(one);
    fleet_free(other);
}

static void nobody_logs_out_where_that_is_not_wished(void **state)
{
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = machines_sit(fleet);
    (void)state;
    machines_expect(seat, 0, "canary-token-1");
    assert_false(fleet_leave(seat));
    fleet_free(fleet);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, machines_begin, machines_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(many_workers_at_once_log_in_once_and_once_more_when_the_session_ends),
        TEST(no_more_log_in_than_there_are_sessions),
        TEST(a_session_that_is_there_is_used_at_once),
        TEST(what_the_server_changed_reaches_all),
        TEST(a_change_reaches_who_was_refused_before_it_was_told),
        TEST(what_the_server_changed_is_in_the_store_before_anybody_goes_on),
        TEST(a_store_that_went_leaves_each_with_its_session),
        TEST(nothing_of_a_session_stands_in_the_store),
        TEST(the_last_that_leaves_is_to_log_out_where_that_is_wished),
        TEST(nobody_logs_out_where_that_is_not_wished),
    };
    return RUN_TESTS("fleet/fleet");
}
