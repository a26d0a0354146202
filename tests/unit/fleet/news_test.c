/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker makes of what it is told. */
#include "worker_play.h"

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
    find_dead(8);
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

static void a_session_that_was_refused_is_looked_for_once_more_before_a_login(void **state)
{
    (void)state;
    have(7);
    want();
    find(FLEET_OPENED, 7);
    assert_int_equal(expect(FLEET_WAIT).wait, 1000);
    now += 100;
    fleet_worker_heard(&worker, now, 0, 8);
    assert_int_equal(expect(FLEET_WAIT).wait, 0);
    done(FLEET_WAIT);
    find(FLEET_OPENED, 8); /* the server had changed it in the answer to another */
    expect(FLEET_USE);
    want();
    find_dead(8); /* it has ended */
    ask(false);
    assert_int_equal(expect(FLEET_ACQUIRE).known, 8);
}

static void who_has_little_time_looks_for_half_of_it(void **state)
{
    (void)state;
    have(7);
    fleet_worker_want(&worker, now, worker.generation, 600);
    find(FLEET_OPENED, 7);
    assert_int_equal(expect(FLEET_WAIT).wait, 300);
}

static void a_session_that_was_idle_for_too_long_has_ended(void **state)
{
    (void)state;
    have(7);
    now += FLEET_IDLE_DEFAULT;
    want();
    find(FLEET_OPENED, 7);
    ask(false);
    expect(FLEET_ACQUIRE);
}

static void use_says_that_it_has_not(void **state)
{
    (void)state;
    have(7);
    now += FLEET_IDLE_DEFAULT;
    fleet_worker_used(&worker, now);
    want();
    find(FLEET_OPENED, 7);
    expect(FLEET_WAIT);
}

/* Has a session that one here was refused a moment ago. */
static void have_refused(int64_t fence)
{
    have(fence);
    want();
}

/* It is published, without a login. */
static void expect_published(int64_t fence)
{
    acquire(MSTR_STORE_DONE, fence);
    publish(MSTR_STORE_DONE);
    expect(FLEET_USE);
    assert_int_equal(worker.fence, fence);
    assert_int_equal(worker.generation, 2);
}

static void what_is_told_of_a_session_that_was_refused_brings_it_back(void **state)
{
    (void)state;
    have_refused(7);
    assert_true(fleet_worker_changed(&worker, now, 1, true)); /* while the record is read */
    assert_true(worker.has);
    find(FLEET_OPENED, 7);
    expect_published(8);
    begin(NULL);
    have_refused(7);
    find(FLEET_OPENED, 7);
    expect(FLEET_WAIT);
    assert_true(fleet_worker_changed(&worker, now, 1, true)); /* while others are waited for */
    expect(FLEET_USE);
    assert_int_equal(duty_at(now), FLEET_REFRESH);
    expect_published(8);
    begin(NULL);
    have_refused(7);
    find(FLEET_ABSENT, 0);
    now += 1000;
    done(FLEET_WAIT);
    find(FLEET_ABSENT, 0);
    expect(FLEET_READ_REFUSALS);
    assert_true(fleet_worker_changed(&worker, now, 1, true)); /* while refusals are asked for */
    ask(true);
    expect_published(8);
}

/* Comes to ask for the lease for a login in place of the session that was refused. */
static void ask_for_lease(void)
{
    begin(NULL);
    have_refused(7);
    find_dead(7);
    ask(false);
    expect(FLEET_ACQUIRE);
}

static void a_lease_for_a_login_serves_to_publish_what_is_back(void **state)
{
    (void)state;
    ask_for_lease();
    assert_true(fleet_worker_changed(&worker, now, 1, true));
    expect_published(8);
    ask_for_lease();
    acquire(MSTR_STORE_DONE, 8);
    expect(FLEET_READ_REFUSALS);
    assert_true(fleet_worker_changed(&worker, now, 1, true));
    ask(false);
    publish(MSTR_STORE_DONE);
    expect(FLEET_USE);
    assert_int_equal(worker.fence, 8);
}

static void nothing_is_brought_back_once_a_login_has_begun(void **state)
{
    (void)state;
    ask_for_lease();
    acquire(MSTR_STORE_DONE, 8);
    ask(false);
    expect(FLEET_LOG_IN);
    assert_false(fleet_worker_changed(&worker, now, 1, true));
}

static void cookies_of_a_session_that_was_refused_do_not_bring_it_back(void **state)
{
    (void)state;
    have_refused(7);
    assert_false(fleet_worker_changed(&worker, now, 1, false));
}

static void a_session_that_was_drained_is_not_brought_back(void **state)
{
    (void)state;
    have(7);
    fleet_worker_heard(&worker, now, 0, 9);
    duty_at(now + 250);
    find_drained(9);
    assert_false(fleet_worker_changed(&worker, now, 1, true));
}

static void a_session_that_was_opened_alone_comes_back_alone(void **state)
{
    (void)state;
    want();
    store_fails(FLEET_READ);
    done(FLEET_WAIT);
    answer(FLEET_LOG_IN_ALONE, (struct fleet_report){.login = FLEET_LOGGED_IN});
    want();
    assert_int_equal(expect(FLEET_WAIT).wait, 1000); /* rather than failing, as one may go alone once in 10 min */
    assert_true(fleet_worker_changed(&worker, now, 1, true));
    expect(FLEET_USE);
    assert_true(worker.alone);
    assert_false(worker.own);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_server_changed_is_published_under_the_next_fence),
        TEST(a_session_that_died_while_it_was_published_is_not_used),
        TEST(what_changed_while_it_was_published_is_published_too),
        TEST(cookies_that_change_with_each_answer_are_published_once_in_30_s),
        TEST(whoever_was_refused_what_was_changed_meanwhile_does_not_end_the_session),
        TEST(a_session_that_was_refused_is_looked_for_once_more_before_a_login),
        TEST(who_has_little_time_looks_for_half_of_it),
        TEST(a_session_that_was_idle_for_too_long_has_ended),
        TEST(use_says_that_it_has_not),
        TEST(what_is_told_of_a_session_that_was_refused_brings_it_back),
        TEST(a_lease_for_a_login_serves_to_publish_what_is_back),
        TEST(nothing_is_brought_back_once_a_login_has_begun),
        TEST(cookies_of_a_session_that_was_refused_do_not_bring_it_back),
        TEST(a_session_that_was_drained_is_not_brought_back),
        TEST(a_session_that_was_opened_alone_comes_back_alone),
        TEST(what_changed_while_the_record_was_read_is_published),
        TEST(a_change_of_an_older_session_is_not_published),
        TEST(two_who_changed_it_agree_on_the_later),
        TEST(a_change_that_meets_a_lease_is_tried_again),
        TEST(a_message_has_the_record_read_and_the_newer_one_used),
        TEST(messages_are_acted_on_once_in_250_ms),
        TEST(messages_of_what_is_known_or_of_other_slots_are_passed_over),
        TEST(a_message_that_lied_changes_nothing),
    };
    return RUN_TESTS("fleet/news");
}
