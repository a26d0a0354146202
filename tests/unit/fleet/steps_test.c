/* SPDX-License-Identifier: Apache-2.0 */
/* The steps to a session in each fault: of the server, of the store, of the key, and of time. */
#include "machines.h"

static void what_was_refused_is_not_tried_by_others(void **state)
{
    struct fleet *one = machines_one();
    struct fleet *other = machines_one();
    struct fleet_seat *first = machines_sit(one);
    struct fleet_seat *second = machines_sit(other);
    (void)state;
    machines_server.answer = FLEET_LOGIN_REFUSED;
    assert_int_equal(machines_fail(first, "refused by the server"), MSTR_E_AUTHENTICATION);
    assert_int_equal(machines_fail(second, "refused before"), MSTR_E_AUTHENTICATION);
    assert_int_equal(machines_fail(first, "refused before"), MSTR_E_AUTHENTICATION);
    assert_int_equal(machines_server.tried, 1);
    fleet_leave(first);
    fleet_leave(second);
    fleet_free(one);
    fleet_free(other);
}

static void a_limit_closes_the_slot_for_all(void **state)
{
    struct fleet *one = machines_one();
    struct fleet *other = machines_one();
    struct fleet_seat *first = machines_sit(one);
    struct fleet_seat *second = machines_sit(other);
    (void)state;
    machines_server.answer = FLEET_LOGIN_LIMITED;
    machines_fail(first, "no other worker's session can be used: refused by the server");
    machines_fail(second, "the server allows no further session of this user");
    assert_int_equal(machines_server.tried, 1);
    machines_server.answer = FLEET_LOGGED_IN;
    machines_store("clock 600001\n");
    machines_fail(first, "the server allows no further session"); /* by its own clock it is not over */
    fleet_leave(first);
    first = machines_sit(one);
    machines_expect(first, 0, "canary-token-1");
    fleet_leave(first);
    fleet_leave(second);
    fleet_free(one);
    fleet_free(other);
}

static void without_a_store_each_logs_in_alone_once(void **state)
{
    static const char *const faults[] = {"fault network\n", "fault loading\n", "fault denied\n", "fault mute\n",
                                         "fault odd\n"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct fleet *fleet = machines_one();
        struct fleet_seat *seat = machines_sit(fleet);
        const struct limits limits = test_limits(400); /* so that the delay is short */
        struct fleet_share share;
        int before = machines_server.logins;
        machines_store(faults[i]);
        assert_int_equal(fleet_obtain(seat, 0, &limits, &share, NULL), MSTR_OK);
        assert_true(share.alone && share.own);
        mstr_secret_release(share.state);
        assert_int_equal(machines_server.logins, before + 1);
        assert_int_not_equal(fleet_obtain(seat, share.generation, &limits, &share, NULL), MSTR_OK);
        assert_int_equal(machines_server.logins, before + 1);
        fleet_leave(seat);
        fleet_free(fleet);
    }
}

static void a_store_without_an_answer_is_not_asked_again(void **state)
{
    struct fleet *fleet =
        machines_one_with(machines_keys(MACHINES_KEY, NULL), (struct fleet_rules){1, FLEET_STOP, false});
    struct fleet_seat *seat = machines_sit(fleet);
    (void)state;
    machines_store("fault silent\n");
    machines_fail(seat, "there is no session without the fleet's store");
    machines_fail(seat, "the fleet's store is of no use for now"); /* not asked again */
    assert_int_equal(machines_server.tried, 0);
    fleet_leave(seat);
    fleet_free(fleet);
}

/* Whether records are named by the first of these keys where a worker has both. */
static bool names_by(const char *first, const char *second)
{
    struct fleet_keys *both = machines_keys(first, second);
    struct fleet_keys *one = machines_keys(first, NULL);
    char group[FLEET_GROUP];
    char other[FLEET_GROUP];
    assert_true(fleet_keys_group(both, &machines_scope, group) && fleet_keys_group(one, &machines_scope, other));
    fleet_keys_free(both);
    fleet_keys_free(one);
    return strcmp(group, other) == 0;
}

/* Keeps the latest line. */
static void note_line(enum mstr_level level, const char *scope, const char *message, void *data)
{
    (void)level;
    (void)scope;
    snprintf(data, 256, "%s", message);
}

static void who_lacks_the_key_goes_alone_and_overwrites_nothing(void **state)
{
    char line[256] = "";
    bool first = names_by(MACHINES_KEY, MACHINES_OTHER);
    const char *naming = first ? MACHINES_KEY : MACHINES_OTHER;
    const char *sealing = first ? MACHINES_OTHER : MACHINES_KEY;
    const struct fleet_rules rules = {.sessions = 1};
    struct fleet *ahead = machines_one_with(machines_keys(sealing, naming), rules);
    struct fleet *behind = machines_one_with(machines_keys(naming, NULL), rules);
    struct fleet *between = machines_one_with(machines_keys(naming, sealing), rules);
    struct fleet_seat *seats[] = {machines_sit(ahead), machines_sit(behind), machines_sit(between)};
    const struct limits limits = test_limits(400); /* so that the delay is short */
    struct fleet_share share;
    (void)state;
    machines_expect(seats[0], 0, "canary-token-1");
    machines_services.log = (struct log){note_line, line, MSTR_LEVEL_WARN};
    assert_int_equal(fleet_obtain(seats[1], 0, &limits, &share, NULL), MSTR_OK);
    machines_services.log = (struct log){NULL, NULL, MSTR_LEVEL_WARN};
    assert_true(share.alone);
    assert_string_equal(line, "logged in alone: this worker cannot open the fleet's session");
    mstr_secret_release(share.state);
    machines_expect(seats[2], 0, "canary-token-1"); /* its old key opens, and nothing was overwritten */
    for (size_t i = 0; i < COUNT_OF(seats); i++) {
        fleet_leave(seats[i]);
    }
    fleet_free(ahead);
    fleet_free(behind);
    fleet_free(between);
}

static void flush_and_take_over(void)
{
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = machines_sit(fleet);
    machines_store("clock 20000\n"); /* the first one's lease has ended */
    machines_expect(seat, 0, "canary-token-1");
    fleet_leave(seat);
    fleet_free(fleet);
}

static void a_worker_that_slept_past_its_lease_is_refused_its_write(void **state)
{
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = machines_sit(fleet);
    (void)state;
    machines_server.during = flush_and_take_over;
    machines_expect(seat, 0, "canary-token-1"); /* the other's, not the second that it got itself */
    assert_int_equal(machines_server.logins, 2);
    fleet_leave(seat);
    fleet_free(fleet);
}

static void a_lease_of_one_that_was_killed_ends_by_itself(void **state)
{
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = machines_sit(fleet);
    struct store_instance *raw = machines_instance();
    struct fleet_keys *keys = machines_keys(MACHINES_KEY, NULL);
    const struct limits limits = test_limits(600000);
    struct mstr_store_lease lease = {
        .token = "0123456789abcdef0123456789abcdef", .duration = 15000, .key = {.name = "s:0"}};
    char group[FLEET_GROUP];
    (void)state;
    assert_true(fleet_keys_group(keys, &machines_scope, group));
    lease.key.group = group;
    assert_int_equal(store_instance_acquire(raw, &lease, &limits, NULL), MSTR_OK);
    const struct limits brief = test_limits(300);
    struct fleet_share share;
    assert_int_equal(fleet_obtain(seat, 0, &brief, &share, NULL), MSTR_E_TIMEOUT);
    assert_int_equal(machines_server.tried, 0);
    machines_store("clock 15001\n");
    machines_expect(seat, 0, "canary-token-1");
    fleet_keys_free(keys);
    store_instance_free(raw);
    fleet_leave(seat);
    fleet_free(fleet);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, machines_begin, machines_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_refused_is_not_tried_by_others),
        TEST(a_limit_closes_the_slot_for_all),
        TEST(without_a_store_each_logs_in_alone_once),
        TEST(a_store_without_an_answer_is_not_asked_again),
        TEST(who_lacks_the_key_goes_alone_and_overwrites_nothing),
        TEST(a_worker_that_slept_past_its_lease_is_refused_its_write),
        TEST(a_lease_of_one_that_was_killed_ends_by_itself),
    };
    return RUN_TESTS("fleet/steps");
}
