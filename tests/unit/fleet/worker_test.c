/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker does next, rule by rule of the fleet's contract. */
#include "fleet/worker.h"

#include "support/unit.h"

static struct fleet_rules rules;
static struct fleet_health health;
static struct fleet_worker worker;
static int64_t now;
static bool longest; /* what chance gives: the most or the least */

static uint64_t chance(void *data, uint64_t bound)
{
    (void)data;
    return longest && bound > 0 ? bound - 1 : 0;
}

static const struct fleet_chance chances = {chance, NULL};

static int begin(void **state)
{
    (void)state;
    rules = (struct fleet_rules){.sessions = 1, .on_failure = FLEET_LOCAL};
    health = (struct fleet_health){.failures = 0};
    now = 1000000;
    longest = false;
    fleet_worker_begin(&worker, &rules, &health, &chances, 0, now);
    return 0;
}

static void want(void)
{
    fleet_worker_want(&worker, now, worker.generation, 30000);
}

static struct fleet_order expect(enum fleet_step step)
{
    struct fleet_order order = fleet_worker_next(&worker, now);
    assert_int_equal(order.step, step);
    return order;
}

static void answer(enum fleet_step step, struct fleet_report report)
{
    expect(step);
    if (report.failed) {
        fleet_health_failed(&health, now, &chances);
    }
    fleet_worker_report(&worker, now, &report);
}

static void find(enum fleet_verdict verdict, int64_t fence)
{
    answer(FLEET_READ, (struct fleet_report){.verdict = verdict, .kind = FLEET_SESSION, .fence = fence});
}

static void find_limit(int64_t left)
{
    answer(FLEET_READ, (struct fleet_report){.verdict = FLEET_OPENED, .kind = FLEET_LIMIT, .fence = 3, .left = left});
}

static void find_drained(int64_t fence)
{
    answer(FLEET_READ, (struct fleet_report){.verdict = FLEET_OPENED, .kind = FLEET_DRAINED, .fence = fence});
}

static void ask(bool refused)
{
    answer(FLEET_READ_REFUSALS, (struct fleet_report){.refused = refused});
}

static void acquire(enum mstr_store_outcome outcome, int64_t fence)
{
    answer(FLEET_ACQUIRE, (struct fleet_report){.outcome = outcome, .fence = fence});
}

static void log_in(enum fleet_login login)
{
    answer(FLEET_LOG_IN, (struct fleet_report){.login = login});
}

static void publish(enum mstr_store_outcome outcome)
{
    answer(FLEET_PUBLISH, (struct fleet_report){.outcome = outcome});
}

static void done(enum fleet_step step)
{
    answer(step, (struct fleet_report){.outcome = MSTR_STORE_DONE});
}

static void store_fails(enum fleet_step step)
{
    answer(step, (struct fleet_report){.failed = true});
}

/* Has the session of this fence, from a record. */
static void have(int64_t fence)
{
    want();
    find(FLEET_OPENED, fence);
    expect(FLEET_USE);
    worker.beat_at = INT64_MAX; /* a duty that tests have come on purpose */
}

/* Comes to have the lease, with nothing found. */
static void lead(int64_t fence)
{
    want();
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_DONE, fence);
    ask(false);
}

static enum fleet_duty duty_at(int64_t at)
{
    int64_t next = 0;
    now = at;
    return fleet_worker_duty(&worker, now, &next);
}

static int64_t next_duty(void)
{
    int64_t at = 0;
    assert_int_equal(fleet_worker_duty(&worker, now, &at), FLEET_NO_DUTY);
    return at;
}

static void beat(size_t members, int64_t fence)
{
    const struct fleet_report report = {.members = members, .fence = fence};
    fleet_worker_did(&worker, now, FLEET_BEAT, &report);
}

static void what_is_there_is_used_at_once(void **state)
{
    (void)state;
    expect(FLEET_REST);
    have(7);
    assert_int_equal(worker.generation, 1);
    want();
}

static void a_session_at_hand_is_used_without_a_question(void **state)
{
    (void)state;
    have(7);
    fleet_worker_want(&worker, now, 0, 30000);
    expect(FLEET_USE);
    assert_int_equal(worker.generation, 1);
}

static void a_missing_session_is_begun_by_the_one_with_the_lease_and_published(void **state)
{
    (void)state;
    lead(40);
    log_in(FLEET_LOGGED_IN);
    assert_int_equal(expect(FLEET_PUBLISH).fence, 40);
    publish(MSTR_STORE_DONE);
    expect(FLEET_USE);
    assert_int_equal(worker.fence, 40);
    assert_false(worker.alone);
}

static void a_dead_session_is_replaced_by_its_fence(void **state)
{
    (void)state;
    have(7);
    want(); /* the server refused it */
    find(FLEET_OPENED, 7);
    ask(false);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 7);
    acquire(MSTR_STORE_DONE, 8);
    ask(false);
    log_in(FLEET_LOGGED_IN);
    publish(MSTR_STORE_DONE);
    assert_int_equal(worker.fence, 8);
}

static void a_dead_session_that_somebody_has_replaced_is_only_read(void **state)
{
    (void)state;
    have(7);
    want();
    find(FLEET_OPENED, 8);
    expect(FLEET_USE);
    assert_int_equal(worker.generation, 2);
}

static void whoever_did_not_have_the_dead_one_leaves_the_new_one_alone(void **state)
{
    (void)state;
    have(7);
    fleet_worker_want(&worker, now, worker.generation + 5, 30000);
    expect(FLEET_USE);
    assert_int_equal(worker.fence, 7);
}

static void a_drained_session_is_dropped_and_begun_anew_by_one_who_wants_it(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 9);
    assert_int_equal(duty_at(now + 250), FLEET_REFRESH);
    find_drained(9);
    expect(FLEET_REST);
    assert_false(worker.has);
    want();
    find_drained(9);
    ask(false);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 9);
}

static void what_was_drained_before_the_session_at_hand_does_not_end_it(void **state)
{
    (void)state;
    have(9);
    fleet_worker_heard(&worker, now, 0, 10);
    assert_int_equal(duty_at(now + 250), FLEET_REFRESH);
    find_drained(8);
    expect(FLEET_USE);
}

static void others_wait_and_poll_from_250_ms_to_2_s(void **state)
{
    static const int64_t waits[] = {250, 500, 1000, 2000, 2000};
    (void)state;
    want();
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        find(FLEET_ABSENT, 0);
        ask(false);
        acquire(MSTR_STORE_HELD, 0);
        assert_int_equal(expect(FLEET_WAIT).wait, waits[i]);
        now += waits[i];
        done(FLEET_WAIT);
    }
    find(FLEET_OPENED, 9);
    expect(FLEET_USE);
}

static void polls_are_jittered_within_2_s(void **state)
{
    (void)state;
    longest = true;
    want();
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_HELD, 0);
    assert_int_equal(expect(FLEET_WAIT).wait, 374);
    worker.polls = 5;
    done(FLEET_WAIT);
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_HELD, 0);
    assert_int_equal(expect(FLEET_WAIT).wait, 2000);
}

static void many_members_poll_more_seldom(void **state)
{
    (void)state;
    worker.members = 20000;
    want();
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_HELD, 0);
    assert_int_equal(expect(FLEET_WAIT).wait, 1000);
}

static void a_message_ends_a_wait(void **state)
{
    (void)state;
    want();
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_HELD, 0);
    now += 10;
    fleet_worker_heard(&worker, now, 0, 12);
    assert_int_equal(expect(FLEET_WAIT).wait, 0);
}

static void a_record_that_changed_before_the_lease_is_read_again(void **state)
{
    (void)state;
    want();
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_CHANGED, 0);
    find(FLEET_OPENED, 3);
    expect(FLEET_USE);
}

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

static void a_worker_that_slept_past_its_lease_takes_the_session_of_the_other(void **state)
{
    (void)state;
    lead(40);
    log_in(FLEET_LOGGED_IN);
    publish(MSTR_STORE_LOST);
    find(FLEET_OPENED, 55);
    expect(FLEET_USE);
    assert_int_equal(worker.fence, 55);
    assert_false(worker.own);
}

static void a_worker_that_slept_past_its_lease_publishes_anew_where_nobody_else_did(void **state)
{
    (void)state;
    lead(40);
    log_in(FLEET_LOGGED_IN);
    publish(MSTR_STORE_LOST);
    find(FLEET_ABSENT, 0);
    acquire(MSTR_STORE_DONE, 56); /* no second login */
    publish(MSTR_STORE_DONE);
    expect(FLEET_USE);
}

static void a_refused_login_is_noted_and_fails(void **state)
{
    (void)state;
    lead(40);
    log_in(FLEET_LOGIN_REFUSED);
    done(FLEET_PUT_REFUSALS);
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_REFUSED);
}

static void nobody_logs_in_with_what_was_refused(void **state)
{
    (void)state;
    want();
    find(FLEET_ABSENT, 0);
    ask(true);
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_REFUSED);
}

static void a_refusal_noted_meanwhile_counts_once_the_lease_is_had(void **state)
{
    (void)state;
    want();
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_DONE, 40);
    ask(true);
    done(FLEET_RELEASE);
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_REFUSED);
}

static void a_login_that_fails_otherwise_gives_the_lease_back(void **state)
{
    (void)state;
    lead(40);
    log_in(FLEET_LOGIN_BROKEN);
    assert_int_equal(expect(FLEET_RELEASE).fence, 40);
    done(FLEET_RELEASE);
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_LOGIN_FAILED);
    want();
    expect(FLEET_READ);
}

static void a_limit_closes_the_slot_for_10_min_and_no_private_login_follows(void **state)
{
    (void)state;
    lead(40);
    log_in(FLEET_LOGIN_LIMITED);
    done(FLEET_CLOSE_SLOT);
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_LIMITED);
    now += 10 * 60 * 1000 - 1;
    want();
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_LIMITED);
    now += 1;
    want();
    expect(FLEET_READ);
}

static void workers_of_a_closed_slot_use_any_slot_that_has_a_record(void **state)
{
    (void)state;
    rules.sessions = 4;
    fleet_worker_begin(&worker, &rules, &health, &chances, 2, now);
    want();
    assert_int_equal(expect(FLEET_READ).slot, 2);
    find_limit(5000);
    assert_int_equal(expect(FLEET_READ).slot, 3);
    find(FLEET_ABSENT, 0);
    assert_int_equal(expect(FLEET_READ).slot, 0);
    find(FLEET_OPENED, 6);
    expect(FLEET_USE);
    assert_int_equal(worker.slot, 0);
}

static void a_slot_that_others_closed_is_open_when_that_ends(void **state)
{
    (void)state;
    want();
    find_limit(5000);
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_LIMITED);
    now += 5000;
    want();
    expect(FLEET_READ);
}

static void what_the_server_changed_is_published_under_the_next_fence(void **state)
{
    (void)state;
    have(7);
    assert_true(fleet_worker_changed(&worker, now, worker.generation, true));
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 7);
    acquire(MSTR_STORE_DONE, 8);
    publish(MSTR_STORE_DONE);
    expect(FLEET_USE);
    assert_int_equal(worker.fence, 8);
    assert_int_equal(worker.taken, 1);      /* it is the same session, */
    assert_int_equal(worker.generation, 2); /* which those of this process have to follow */
}

static void a_session_that_died_while_it_was_published_is_not_used(void **state)
{
    (void)state;
    have(7);
    fleet_worker_changed(&worker, now, 1, true);
    duty_at(now);
    acquire(MSTR_STORE_DONE, 8);
    want(); /* an ERR009 */
    publish(MSTR_STORE_DONE);
    find(FLEET_OPENED, 8);
    ask(false);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 8);
}

static void what_changed_while_it_was_published_is_published_too(void **state)
{
    (void)state;
    have(7);
    fleet_worker_changed(&worker, now, 1, true);
    duty_at(now);
    acquire(MSTR_STORE_DONE, 8);
    assert_true(fleet_worker_changed(&worker, now, 2, true));
    publish(MSTR_STORE_DONE);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    acquire(MSTR_STORE_DONE, 9);
    publish(MSTR_STORE_DONE);
    assert_true(next_duty() > now);
}

static void cookies_that_change_with_each_answer_are_published_once_in_30_s(void **state)
{
    (void)state;
    have(7);
    fleet_worker_changed(&worker, now, 1, false);
    fleet_worker_changed(&worker, now + 10, 1, false);
    assert_int_equal(next_duty(), now + 30000);
}

static void whoever_was_refused_what_was_changed_meanwhile_does_not_end_the_session(void **state)
{
    (void)state;
    have(7);
    fleet_worker_changed(&worker, now, 1, true);
    fleet_worker_want(&worker, now, 1, 30000); /* an ERR009, with the token of before */
    assert_true(worker.has);
}

static void one_that_was_good_a_moment_ago_is_looked_for_once_more_before_a_login(void **state)
{
    (void)state;
    have(7);
    fleet_worker_used(&worker, now);
    want();
    find(FLEET_OPENED, 7);
    assert_int_equal(expect(FLEET_WAIT).wait, 250);
    now += 100;
    fleet_worker_heard(&worker, now, 0, 8);
    assert_int_equal(expect(FLEET_WAIT).wait, 0);
    done(FLEET_WAIT);
    find(FLEET_OPENED, 8); /* the server had changed it in the answer to another */
    expect(FLEET_USE);
    fleet_worker_used(&worker, now);
    want();
    find(FLEET_OPENED, 8);
    now += 250;
    done(FLEET_WAIT);
    find(FLEET_OPENED, 8); /* it has ended */
    ask(false);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 8);
}

static void what_changed_while_the_record_was_read_is_published(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 8);
    assert_int_equal(duty_at(now + 250), FLEET_REFRESH);
    expect(FLEET_READ);
    fleet_worker_changed(&worker, now, 1, true);
    find(FLEET_OPENED, 7);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 7);
}

static void a_change_of_an_older_session_is_not_published(void **state)
{
    (void)state;
    have(7);
    assert_false(fleet_worker_changed(&worker, now, 9, true));
    assert_true(next_duty() > now);
}

static void two_who_changed_it_agree_on_the_later(void **state)
{
    (void)state;
    have(7);
    fleet_worker_changed(&worker, now, 1, true);
    duty_at(now);
    acquire(MSTR_STORE_CHANGED, 0);
    find(FLEET_OPENED, 8);
    expect(FLEET_USE);
    assert_int_equal(worker.fence, 8);
    assert_int_equal(worker.generation, 3);
    assert_true(next_duty() > now);
}

static void a_change_that_meets_a_lease_is_tried_again(void **state)
{
    (void)state;
    have(7);
    fleet_worker_changed(&worker, now, 1, true);
    duty_at(now);
    acquire(MSTR_STORE_HELD, 0);
    expect(FLEET_USE);
    assert_int_equal(next_duty(), now + 250);
    assert_int_equal(duty_at(now + 250), FLEET_REFRESH);
    expect(FLEET_ACQUIRE);
}

static void a_message_has_the_record_read_and_the_newer_one_used(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 8);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    find(FLEET_OPENED, 8);
    expect(FLEET_USE);
    assert_int_equal(worker.generation, 2);
}

static void messages_are_acted_on_once_in_250_ms(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 8);
    duty_at(now);
    find(FLEET_OPENED, 8);
    now += 10;
    fleet_worker_heard(&worker, now, 0, 9);
    fleet_worker_heard(&worker, now + 1, 0, 10);
    assert_int_equal(next_duty(), now - 10 + 250);
}

static void messages_of_what_is_known_or_of_other_slots_are_passed_over(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 7);
    fleet_worker_heard(&worker, now, 1, 90);
    assert_true(next_duty() > now);
}

static void a_message_that_lied_changes_nothing(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 99);
    duty_at(now);
    find(FLEET_OPENED, 7);
    expect(FLEET_USE);
    assert_int_equal(worker.generation, 1);
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

static void a_session_that_ended_while_idle_is_left_to_the_next_who_wants_one(void **state)
{
    const struct fleet_report ended = {.outcome = MSTR_STORE_DONE, .login = FLEET_LOGIN_REFUSED};
    (void)state;
    have(7);
    fleet_worker_did(&worker, now, FLEET_KEEP_ALIVE, &ended);
    expect(FLEET_REST);
    want();
    find(FLEET_OPENED, 7);
    ask(false);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 7);
}

static void a_store_that_is_down_leaves_each_with_what_it_has(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 8);
    duty_at(now);
    store_fails(FLEET_READ);
    expect(FLEET_USE);
    assert_int_equal(worker.generation, 1);
}

static void without_a_store_a_worker_logs_in_alone_after_a_random_delay(void **state)
{
    (void)state;
    longest = true;
    fleet_worker_want(&worker, now, 0, 600000);
    store_fails(FLEET_READ);
    assert_int_equal(expect(FLEET_WAIT).wait, 29999);
    now += 100;
    health.closed_until = now + 100000;
    done(FLEET_WAIT);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGGED_IN});
    expect(FLEET_USE);
    assert_true(worker.alone);
}

static void short_commands_do_not_delay_beyond_their_deadline(void **state)
{
    (void)state;
    longest = true;
    fleet_worker_want(&worker, now, 0, 4000);
    store_fails(FLEET_READ);
    assert_int_equal(expect(FLEET_WAIT).wait, 1999);
}

static void a_store_that_is_back_before_the_delay_has_ended_is_used(void **state)
{
    (void)state;
    want();
    store_fails(FLEET_READ);
    now += 6000;
    done(FLEET_WAIT);
    find(FLEET_OPENED, 7);
    expect(FLEET_USE);
    assert_false(worker.alone);
}

static void nobody_goes_alone_twice_in_10_min(void **state)
{
    (void)state;
    want();
    store_fails(FLEET_READ);
    done(FLEET_WAIT);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGGED_IN});
    now += 1000;
    want();
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_STORE_DOWN);
    now += 10 * 60 * 1000;
    want();
    store_fails(FLEET_READ);
    expect(FLEET_WAIT);
}

static void a_limit_stops_who_went_alone_for_10_min(void **state)
{
    (void)state;
    want();
    store_fails(FLEET_READ);
    done(FLEET_WAIT);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGIN_LIMITED});
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_LIMITED);
    now += 1000;
    want();
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_LIMITED);
}

static void keep_never_logs_in_alone_and_waits_for_the_store(void **state)
{
    (void)state;
    rules.on_failure = FLEET_KEEP;
    want();
    store_fails(FLEET_READ);
    assert_int_equal(expect(FLEET_WAIT).wait, 5000);
    now += 5000;
    done(FLEET_WAIT);
    find(FLEET_OPENED, 7);
    expect(FLEET_USE);
}

static void fail_fails_at_once(void **state)
{
    (void)state;
    rules.on_failure = FLEET_STOP;
    want();
    store_fails(FLEET_READ);
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_STORE_DOWN);
    want();
    assert_int_equal(expect(FLEET_FAIL).reason, FLEET_STORE_DOWN); /* without a question */
}

static void a_login_that_could_not_be_published_is_used_and_published_later(void **state)
{
    (void)state;
    lead(40);
    log_in(FLEET_LOGGED_IN);
    store_fails(FLEET_PUBLISH);
    expect(FLEET_USE);
    assert_true(worker.alone);
    now += 6000;
    beat(1, 0);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    find(FLEET_ABSENT, 0);
    acquire(MSTR_STORE_DONE, 60);
    publish(MSTR_STORE_DONE);
    assert_false(worker.alone);
    assert_int_equal(worker.fence, 60);
}

static void who_went_alone_joins_the_others_when_the_store_is_back(void **state)
{
    (void)state;
    want();
    store_fails(FLEET_READ);
    done(FLEET_WAIT);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGGED_IN});
    now += 6000;
    beat(5, 77);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    find(FLEET_OPENED, 77);
    expect(FLEET_USE);
    assert_false(worker.alone);
    assert_int_equal(worker.generation, 2);
}

static void an_unknown_key_is_a_miss_and_never_overwritten(void **state)
{
    static const enum fleet_verdict verdicts[] = {FLEET_UNKNOWN_KEY, FLEET_NEWER};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        begin(NULL);
        want();
        find(verdicts[i], 5);
        done(FLEET_WAIT);
        find(verdicts[i], 5);
        expect(FLEET_LOG_IN_ALONE);
    }
}

static void who_lacks_the_key_does_not_publish_what_it_has(void **state)
{
    (void)state;
    want();
    find(FLEET_UNKNOWN_KEY, 5);
    done(FLEET_WAIT);
    find(FLEET_UNKNOWN_KEY, 5);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGGED_IN});
    beat(5, 5);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    find(FLEET_UNKNOWN_KEY, 5);
    expect(FLEET_USE);
    assert_true(worker.alone);
}

static void a_forged_old_or_replayed_record_is_replaced(void **state)
{
    static const enum fleet_verdict verdicts[] = {FLEET_TAMPERED, FLEET_REPLAYED, FLEET_OLD};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        begin(NULL);
        want();
        find(verdicts[i], 5);
        ask(false);
        assert_int_equal(expect(FLEET_ACQUIRE).known, 5);
    }
}

static void more_than_three_forgeries_in_a_minute_turn_the_store_off(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        want();
        find(FLEET_TAMPERED, 5);
        ask(false);
        acquire(MSTR_STORE_HELD, 0);
        done(FLEET_WAIT);
    }
    find(FLEET_TAMPERED, 5);
    expect(FLEET_WAIT);
    assert_true(health.alarmed);
    done(FLEET_WAIT);
    expect(FLEET_LOG_IN_ALONE);
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

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_there_is_used_at_once),
        TEST(a_session_at_hand_is_used_without_a_question),
        TEST(a_missing_session_is_begun_by_the_one_with_the_lease_and_published),
        TEST(a_dead_session_is_replaced_by_its_fence),
        TEST(a_dead_session_that_somebody_has_replaced_is_only_read),
        TEST(whoever_did_not_have_the_dead_one_leaves_the_new_one_alone),
        TEST(a_drained_session_is_dropped_and_begun_anew_by_one_who_wants_it),
        TEST(what_was_drained_before_the_session_at_hand_does_not_end_it),
        TEST(others_wait_and_poll_from_250_ms_to_2_s),
        TEST(polls_are_jittered_within_2_s),
        TEST(many_members_poll_more_seldom),
        TEST(a_message_ends_a_wait),
        TEST(a_record_that_changed_before_the_lease_is_read_again),
        TEST(a_lease_is_renewed_each_5_s_and_given_up_at_60_s),
        TEST(a_lost_lease_is_not_renewed),
        TEST(a_worker_that_slept_past_its_lease_takes_the_session_of_the_other),
        TEST(a_worker_that_slept_past_its_lease_publishes_anew_where_nobody_else_did),
        TEST(a_refused_login_is_noted_and_fails),
        TEST(nobody_logs_in_with_what_was_refused),
        TEST(a_refusal_noted_meanwhile_counts_once_the_lease_is_had),
        TEST(a_login_that_fails_otherwise_gives_the_lease_back),
        TEST(a_limit_closes_the_slot_for_10_min_and_no_private_login_follows),
        TEST(workers_of_a_closed_slot_use_any_slot_that_has_a_record),
        TEST(a_slot_that_others_closed_is_open_when_that_ends),
        TEST(what_the_server_changed_is_published_under_the_next_fence),
        TEST(a_session_that_died_while_it_was_published_is_not_used),
        TEST(what_changed_while_it_was_published_is_published_too),
        TEST(cookies_that_change_with_each_answer_are_published_once_in_30_s),
        TEST(whoever_was_refused_what_was_changed_meanwhile_does_not_end_the_session),
        TEST(one_that_was_good_a_moment_ago_is_looked_for_once_more_before_a_login),
        TEST(what_changed_while_the_record_was_read_is_published),
        TEST(a_change_of_an_older_session_is_not_published),
        TEST(two_who_changed_it_agree_on_the_later),
        TEST(a_change_that_meets_a_lease_is_tried_again),
        TEST(a_message_has_the_record_read_and_the_newer_one_used),
        TEST(messages_are_acted_on_once_in_250_ms),
        TEST(messages_of_what_is_known_or_of_other_slots_are_passed_over),
        TEST(a_message_that_lied_changes_nothing),
        TEST(heartbeats_come_each_30_s_give_or_take_a_fifth),
        TEST(who_has_no_session_does_not_beat),
        TEST(a_heartbeat_sees_what_no_message_told),
        TEST(a_session_that_the_store_has_lost_is_put_back_without_a_login),
        TEST(a_session_that_was_idle_for_long_is_not_put_back),
        TEST(one_keeps_an_idle_session_alive),
        TEST(a_session_that_ended_while_idle_is_left_to_the_next_who_wants_one),
        TEST(a_store_that_is_down_leaves_each_with_what_it_has),
        TEST(without_a_store_a_worker_logs_in_alone_after_a_random_delay),
        TEST(short_commands_do_not_delay_beyond_their_deadline),
        TEST(a_store_that_is_back_before_the_delay_has_ended_is_used),
        TEST(nobody_goes_alone_twice_in_10_min),
        TEST(a_limit_stops_who_went_alone_for_10_min),
        TEST(keep_never_logs_in_alone_and_waits_for_the_store),
        TEST(fail_fails_at_once),
        TEST(a_login_that_could_not_be_published_is_used_and_published_later),
        TEST(who_went_alone_joins_the_others_when_the_store_is_back),
        TEST(an_unknown_key_is_a_miss_and_never_overwritten),
        TEST(who_lacks_the_key_does_not_publish_what_it_has),
        TEST(a_forged_old_or_replayed_record_is_replaced),
        TEST(more_than_three_forgeries_in_a_minute_turn_the_store_off),
        TEST(the_last_that_leaves_ends_the_session_where_that_is_wished),
        TEST(a_session_opened_alone_is_not_logged_out),
    };
    return RUN_TESTS("fleet/worker");
}
