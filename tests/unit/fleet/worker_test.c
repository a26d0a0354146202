/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker does next, rule by rule of the fleet's contract. */
#include "worker_play.h"

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
    find_dead(7);
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

/* Since what it holds at the server, such as a report's instance, is its session's. */
static void a_worker_stays_on_its_slot_while_it_has_a_session(void **state)
{
    (void)state;
    rules.sessions = 4;
    have(7);
    fleet_worker_heard(&worker, now, 1, 90);
    assert_int_equal(fleet_worker_next(&worker, now).step, FLEET_USE);
    for (int changed = 0; changed < 2; changed++) {
        now += 1000;
        fleet_worker_heard(&worker, now, 0, 100 + changed);
        if (changed) {
            assert_true(fleet_worker_changed(&worker, now, worker.generation, true));
            assert_int_equal(duty_at(now), FLEET_REFRESH);
            acquire(MSTR_STORE_CHANGED, 0);
        } else {
            assert_int_equal(duty_at(now), FLEET_REFRESH);
        }
        assert_int_equal(expect(FLEET_READ).slot, 0);
        find_limit(5000); /* which the others leave */
        expect(FLEET_USE);
        assert_int_equal(worker.fence, 7);
    }
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

/* Many begin at once on a machine that is busy: the store took too long once. */
static void before_a_worker_goes_alone_it_asks_the_store_once_more(void **state)
{
    (void)state;
    want();
    store_fails(FLEET_READ);
    assert_int_equal(expect(FLEET_WAIT).wait, 5000);
    now += 5000;
    done(FLEET_WAIT);
    store_fails(FLEET_READ);
    expect(FLEET_LOG_IN_ALONE);
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
    assert_int_equal(expect(FLEET_WAIT).wait, 1000);
    now += 1000;
    done(FLEET_WAIT);
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
        assert_int_equal(expect(FLEET_LOG_IN_ALONE).reason, FLEET_KEY_UNKNOWN); /* which is not the store's fault */
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
        TEST(a_worker_that_slept_past_its_lease_takes_the_session_of_the_other),
        TEST(a_worker_that_slept_past_its_lease_publishes_anew_where_nobody_else_did),
        TEST(a_refused_login_is_noted_and_fails),
        TEST(nobody_logs_in_with_what_was_refused),
        TEST(a_refusal_noted_meanwhile_counts_once_the_lease_is_had),
        TEST(a_login_that_fails_otherwise_gives_the_lease_back),
        TEST(a_limit_closes_the_slot_for_10_min_and_no_private_login_follows),
        TEST(workers_of_a_closed_slot_use_any_slot_that_has_a_record),
        TEST(a_worker_stays_on_its_slot_while_it_has_a_session),
        TEST(a_slot_that_others_closed_is_open_when_that_ends),
        TEST(a_store_that_is_down_leaves_each_with_what_it_has),
        TEST(without_a_store_a_worker_logs_in_alone_after_a_random_delay),
        TEST(short_commands_do_not_delay_beyond_their_deadline),
        TEST(before_a_worker_goes_alone_it_asks_the_store_once_more),
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
    };
    return RUN_TESTS("fleet/worker");
}
