/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker does because it is time, and what the last one leaves. */
#include "worker_play.h"

static void a_lease_is_renewed_each_5_s_and_given_up_at_60_s(void **state)
{
    const int64_t begin_of_lease = now;
    const struct fleet_report good = {.outcome = MSTR_STORE_DONE};
    (void)state;
    lead(40);
    for (int64_t at = 5000; at < 60000; at += 5000) {
        assert_int_equal(next_duty(), begin_of_lease + at);
        assert_int_equal(duty_at(begin_of_lease + at), FLEET_RENEW);
        fleet_worker_did(&worker, now, FLEET_RENEW, &good);
    }
    assert_int_equal(next_duty(), INT64_MAX);
}

static void a_lost_lease_is_not_renewed(void **state)
{
    const struct fleet_report lost = {.outcome = MSTR_STORE_LOST};
    (void)state;
    lead(40);
    assert_int_equal(duty_at(now + 5000), FLEET_RENEW);
    fleet_worker_did(&worker, now, FLEET_RENEW, &lost);
    assert_int_equal(next_duty(), INT64_MAX);
}

static void heartbeats_come_each_30_s_give_or_take_a_fifth(void **state)
{
    (void)state;
    have(7);
    worker.beat_at = now;
    assert_int_equal(duty_at(now), FLEET_BEAT);
    beat(3, 7);
    assert_int_equal(next_duty(), now + 24000);
    longest = true;
    worker.beat_at = now;
    duty_at(now);
    beat(3, 7);
    assert_int_equal(next_duty(), now + 36000);
}

/* So that whoever leaves does not take itself for the last. */
static void a_session_that_the_last_logs_out_of_is_begun_with_a_heartbeat(void **state)
{
    (void)state;
    rules.logout = true;
    longest = true;
    fleet_worker_begin(&worker, &rules, &health, &chances, 0, now);
    want();
    find(FLEET_OPENED, 7);
    assert_int_equal(duty_at(now), FLEET_BEAT);
    beat(1, 7);
    fleet_worker_heard(&worker, now, 0, 8);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    find(FLEET_OPENED, 8); /* the others know */
    assert_int_not_equal(worker.beat_at, now);
}

static void who_has_no_session_does_not_beat(void **state)
{
    (void)state;
    worker.beat_at = now;
    assert_int_equal(next_duty(), INT64_MAX);
}

static void a_heartbeat_sees_what_no_message_told(void **state)
{
    (void)state;
    have(7);
    beat(3, 8);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    find(FLEET_OPENED, 8);
    assert_int_equal(worker.fence, 8);
}

static void a_session_that_the_store_has_lost_is_put_back_without_a_login(void **state)
{
    (void)state;
    have(7);
    beat(3, 0);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 0);
    acquire(MSTR_STORE_DONE, 70);
    publish(MSTR_STORE_DONE);
    assert_int_equal(worker.fence, 70);
    assert_int_equal(worker.generation, 1);
}

static void what_is_due_while_the_store_is_of_no_use_is_done_once_it_is_back(void **state)
{
    (void)state;
    have(7);
    health.closed_until = now + 5000;
    fleet_worker_changed(&worker, now, 1, true);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    expect(FLEET_USE);
    assert_int_equal(next_duty(), now + 5000);
    assert_int_equal(duty_at(now + 5000), FLEET_REFRESH);
    expect(FLEET_ACQUIRE);
}

static void a_session_that_was_idle_for_long_is_not_put_back(void **state)
{
    (void)state;
    have(7);
    now += FLEET_IDLE_DEFAULT;
    worker.keep_at = INT64_MAX;
    beat(3, 0);
    assert_true(next_duty() > now);
}

static void one_keeps_an_idle_session_alive(void **state)
{
    const struct fleet_report mine = {.outcome = MSTR_STORE_DONE, .login = FLEET_LOGGED_IN};
    const struct fleet_report others = {.outcome = MSTR_STORE_HELD, .left = 120000};
    (void)state;
    have(7);
    assert_int_equal(next_duty(), now + 200000);
    assert_int_equal(duty_at(now + 200000), FLEET_KEEP_ALIVE);
    fleet_worker_did(&worker, now, FLEET_KEEP_ALIVE, &mine);
    assert_int_equal(next_duty(), now + 200000);
    assert_int_equal(duty_at(now + 200000), FLEET_KEEP_ALIVE);
    fleet_worker_did(&worker, now, FLEET_KEEP_ALIVE, &others);
    assert_int_equal(next_duty(), now + 120000);
}

/* Has a session whose server ends it after so many ms, 0 = it does not tell. */
static void have_for(int64_t idle)
{
    begin(NULL);
    want();
    answer(FLEET_READ,
           (struct fleet_report){.verdict = FLEET_OPENED, .kind = FLEET_SESSION, .fence = 7, .idle = idle});
    worker.beat_at = INT64_MAX;
}

static void it_is_seen_to_each_third_of_the_servers_idle_time(void **state)
{
    static const struct {
        int64_t idle;
        int64_t third;
    } servers[] = {{0, 200000}, {60000, 20000}, {1800000, 600000}, {1, 1000}, {7 * 86400000LL, 8 * 3600000LL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        have_for(servers[i].idle);
        assert_int_equal(next_duty(), now + servers[i].third);
    }
    begin(NULL);
    lead(40);
    answer(FLEET_LOG_IN, (struct fleet_report){.login = FLEET_LOGGED_IN, .idle = 60000});
    publish(MSTR_STORE_DONE);
    worker.beat_at = INT64_MAX;
    assert_int_equal(next_duty(), now + 20000);
    begin(NULL);
    want();
    store_fails(FLEET_READ);
    done(FLEET_WAIT);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGGED_IN, .idle = 90000});
    assert_int_equal(worker.idle, 90000);
}

static void a_session_that_ended_while_idle_is_left_to_the_next_who_wants_one(void **state)
{
    const struct fleet_report ended = {.outcome = MSTR_STORE_DONE, .login = FLEET_LOGIN_REFUSED};
    (void)state;
    have(7);
    fleet_worker_did(&worker, now, FLEET_KEEP_ALIVE, &ended);
    expect(FLEET_REST);
    want();
    find_dead(7);
    ask(false);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 7);
}

static void the_last_that_leaves_ends_the_session_where_that_is_wished(void **state)
{
    const struct fleet_report last = {.members = 0};
    const struct fleet_report others = {.members = 2};
    const struct fleet_report unknown = {.failed = true};
    (void)state;
    have(7);
    assert_false(fleet_worker_ends(&worker, &last));
    rules.logout = true;
    assert_true(fleet_worker_ends(&worker, &last));
    assert_false(fleet_worker_ends(&worker, &others));
    assert_false(fleet_worker_ends(&worker, &unknown));
}

static void a_session_opened_alone_is_not_logged_out(void **state)
{
    const struct fleet_report last = {.members = 0};
    (void)state;
    rules.logout = true;
    want();
    store_fails(FLEET_READ);
    done(FLEET_WAIT);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGGED_IN});
    assert_false(fleet_worker_ends(&worker, &last));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_lease_is_renewed_each_5_s_and_given_up_at_60_s),
        TEST(a_lost_lease_is_not_renewed),
        TEST(heartbeats_come_each_30_s_give_or_take_a_fifth),
        TEST(a_session_that_the_last_logs_out_of_is_begun_with_a_heartbeat),
        TEST(who_has_no_session_does_not_beat),
        TEST(a_heartbeat_sees_what_no_message_told),
        TEST(a_session_that_the_store_has_lost_is_put_back_without_a_login),
        TEST(what_is_due_while_the_store_is_of_no_use_is_done_once_it_is_back),
        TEST(a_session_that_was_idle_for_long_is_not_put_back),
        TEST(one_keeps_an_idle_session_alive),
        TEST(it_is_seen_to_each_third_of_the_servers_idle_time),
        TEST(a_session_that_ended_while_idle_is_left_to_the_next_who_wants_one),
        TEST(the_last_that_leaves_ends_the_session_where_that_is_wished),
        TEST(a_session_opened_alone_is_not_logged_out),
    };
    return RUN_TESTS("fleet/duties");
}
