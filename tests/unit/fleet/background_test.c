/* SPDX-License-Identifier: Apache-2.0 */
/* What falls due while sessions are held: heartbeats, keeping alive, and the end of it. */
#include "machines.h"

#include "fleet/ledger.h"

static atomic_llong ahead; /* ms that the test has put the clock on */
static atomic_int kept_alive;
static atomic_int answer;

static int64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ahead;
}

static int begin(void **state)
{
    static const struct clock_source source = {.monotonic = monotonic};
    ahead = 0;
    kept_alive = 0;
    answer = FLEET_LOGGED_IN;
    clock_replace(&source);
    return machines_begin(state);
}

static int end(void **state)
{
    machines_end(state);
    clock_replace(NULL);
    return 0;
}

static enum fleet_login keep_alive(void *data)
{
    (void)data;
    kept_alive++;
    return (enum fleet_login)answer;
}

static const struct fleet_port port = {machines_is_refused, machines_log_in, keep_alive, machines_log_out};

/* The members and the session's fence, by somebody who is none of them. */
static struct fleet_report look(const struct fleet *fleet)
{
    struct store_instance *raw = machines_instance();
    const struct ledger ledger = {raw, fleet_keys_of(fleet)};
    const struct limits limits = test_limits(600000);
    struct ledger_account account = {.ledger = &ledger, .scope = machines_scope};
    struct fleet_report report = {.failed = true};
    assert_true(fleet_keys_group(fleet_keys_of(fleet), &machines_scope, account.group));
    ledger_beat(&account, 0, NULL, &limits, &report, NULL);
    assert_false(report.failed);
    store_instance_free(raw);
    return report;
}

/* Time passes, and the thread of duties wakes up. */
static void pass(struct fleet_seat *seat, uint64_t generation, int64_t milliseconds)
{
    mstr_secret *same = mstr_secret_new("canary-token-1", 14);
    ahead += milliseconds;
    fleet_tell(seat, generation, same, false);
    mstr_secret_release(same);
}

static void workers_beat_while_they_hold_a_session(void **state)
{
    struct fleet *one = machines_one();
    struct fleet *other = machines_one();
    struct fleet_seat *first = machines_sit(one);
    struct fleet_seat *second = machines_sit(other);
    (void)state;
    uint64_t generation = machines_expect(first, 0, "canary-token-1");
    machines_expect(second, 0, "canary-token-1");
    while (look(one).members < 2) {
        pass(first, generation, 1000);
        pass(second, generation, 1000);
        usleep(1000);
    }
    fleet_leave(first);
    fleet_leave(second);
    fleet_free(one);
    fleet_free(other);
}

static void a_session_that_the_store_lost_is_put_back(void **state)
{
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = machines_sit(fleet);
    (void)state;
    uint64_t generation = machines_expect(seat, 0, "canary-token-1");
    machines_store("flush 1\n");
    while (look(fleet).fence == 0) {
        pass(seat, generation, 100);
        fleet_note_use(seat);
        usleep(1000);
    }
    machines_expect(seat, 0, "canary-token-1");
    assert_int_equal(machines_server.logins, 1);
    fleet_leave(seat);
    fleet_free(fleet);
}

static void one_of_many_keeps_the_session_alive(void **state)
{
    struct fleet *machines[] = {machines_one(), machines_one(), machines_one()};
    struct fleet_seat *seats[COUNT_OF(machines)];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        seats[i] = fleet_sit(machines[i], &machines_scope, &port, NULL);
        machines_expect(seats[i], 0, "canary-token-1");
    }
    ahead += 300 * 1000;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < COUNT_OF(machines); i++) {
            pass(seats[i], 1, 0);
        }
        usleep(1000);
    }
    assert_int_equal(kept_alive, 1);
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        fleet_leave(seats[i]);
        fleet_free(machines[i]);
    }
}

static void a_session_that_has_ended_is_not_given_out_again(void **state)
{
    struct fleet *fleet = machines_one();
    struct fleet_seat *seat = fleet_sit(fleet, &machines_scope, &port, NULL);
    (void)state;
    uint64_t generation = machines_expect(seat, 0, "canary-token-1");
    answer = FLEET_LOGIN_REFUSED;
    while (fleet_generation(seat) != 0) {
        pass(seat, generation, 10000);
        usleep(1000);
    }
    machines_expect(seat, 0, "canary-token-2");
    fleet_leave(seat);
    fleet_free(fleet);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(workers_beat_while_they_hold_a_session),
        TEST(a_session_that_the_store_lost_is_put_back),
        TEST(one_of_many_keeps_the_session_alive),
        TEST(a_session_that_has_ended_is_not_given_out_again),
    };
    return RUN_TESTS("fleet/background");
}
