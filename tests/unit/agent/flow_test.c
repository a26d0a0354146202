/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/flow.c */
#include "agent/flow.h"

#include "support/unit.h"

#include "base/clock.h"

#include <pthread.h>

static struct request request;
static struct flow *flow;
static unsigned pauses;
static unsigned answers;

static void pause_it(struct request *paused)
{
    (void)paused;
    pauses++;
}

static void answer_it(struct request *answered)
{
    (void)answered;
    answers++;
}

static int begin_with(int64_t time)
{
    pauses = answers = 0;
    request = (struct request){.pause = pause_it, .answer = answer_it};
    buffer_puts(&request.body, "begun ");
    flow = flow_new(&request, clock_monotonic() + time);
    return flow == NULL;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(600 * 1000);
}

static int begin_late(void **state)
{
    (void)state;
    return begin_with(-1);
}

static int end(void **state)
{
    (void)state;
    flow_release(flow);
    flow_release(flow);
    return 0;
}

static void a_body_goes_up_in_its_order_and_has_an_end(void **state)
{
    char got[32];
    (void)state;
    assert_int_equal(flow_push(flow, "more", 4), 4);
    flow_push_end(flow);
    assert_int_equal(flow_read(flow, got, 4), 4);
    assert_memory_equal(got, "begu", 4);
    assert_int_equal(flow_read(flow, got, sizeof(got)), 2);
    assert_int_equal(flow_read(flow, got, sizeof(got)), 4);
    assert_memory_equal(got, "more", 4);
    assert_int_equal(flow_read(flow, got, sizeof(got)), 0);
    assert_int_equal(pauses, 0);
}

static void who_is_faster_than_the_server_is_held_up_until_there_is_room(void **state)
{
    static char many[FLOW_OCTETS + 10];
    static char got[FLOW_OCTETS];
    (void)state;
    assert_int_equal(flow_push(flow, many, sizeof(many)), FLOW_OCTETS);
    assert_int_equal(flow_push(flow, many, 10), 0);
    assert_int_equal(pauses, 1);
    assert_int_equal(flow_read(flow, got, sizeof(got)), 6); /* what was begun makes no room */
    assert_int_equal(answers, 0);
    assert_int_equal(flow_read(flow, got, 100), 100);
    assert_int_equal(answers, 1);
    assert_int_equal(flow_push(flow, many, 200), 100);
}

static void nothing_is_held_up_once_the_server_wants_no_more(void **state)
{
    static char many[3 * FLOW_OCTETS];
    (void)state;
    flow_end(flow, true);
    assert_int_equal(flow_push(flow, many, sizeof(many)), sizeof(many));
    assert_int_equal(pauses, 0);
}

static void a_reply_is_waited_for_and_its_body_comes_piece_by_piece(void **state)
{
    char got[8];
    struct reply reply = {0};
    (void)state;
    assert_false(flow_reply(flow, &reply));
    assert_int_equal(pauses, 1);
    struct reply made = {.status = 200, .streamed = true, .length = 3};
    flow_begin(flow, &made);
    assert_int_equal(answers, 1);
    assert_true(flow_reply(flow, &reply));
    assert_int_equal(reply.status, 200);
    assert_int_equal(flow_pull(flow, got, sizeof(got)), 0);
    assert_int_equal(pauses, 2);
    assert_true(flow_write(flow, "abc", 3));
    assert_int_equal(answers, 2);
    assert_int_equal(flow_pull(flow, got, sizeof(got)), 3);
    flow_end(flow, true);
    assert_int_equal(flow_pull(flow, got, sizeof(got)), FLOW_END);
}

static void an_answer_that_breaks_off_does_not_end_in_order(void **state)
{
    char got[8];
    (void)state;
    assert_true(flow_write(flow, "abc", 3));
    flow_end(flow, false);
    assert_int_equal(flow_pull(flow, got, sizeof(got)), 3);
    assert_int_equal(flow_pull(flow, got, sizeof(got)), FLOW_BROKEN);
}

static void *leave(void *data)
{
    (void)data;
    flow_leave(flow);
    return NULL;
}

static void whoever_waits_for_a_client_that_has_gone_goes_on(void **state)
{
    static char many[2 * FLOW_OCTETS];
    char got[8];
    pthread_t thread;
    (void)state;
    assert_int_equal(flow_read(flow, got, sizeof(got)), 6);
    pthread_create(&thread, NULL, leave, NULL);
    assert_false(flow_write(flow, many, sizeof(many)));
    assert_int_equal(flow_read(flow, got, sizeof(got)), -1);
    pthread_join(thread, NULL);
}

static void nobody_waits_longer_than_the_deadline(void **state)
{
    static char many[2 * FLOW_OCTETS];
    char got[8];
    (void)state;
    assert_int_equal(flow_read(flow, got, sizeof(got)), 6);
    assert_int_equal(flow_read(flow, got, sizeof(got)), -1);
    assert_false(flow_write(flow, many, sizeof(many)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_body_goes_up_in_its_order_and_has_an_end, begin, end),
        cmocka_unit_test_setup_teardown(who_is_faster_than_the_server_is_held_up_until_there_is_room, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_held_up_once_the_server_wants_no_more, begin, end),
        cmocka_unit_test_setup_teardown(a_reply_is_waited_for_and_its_body_comes_piece_by_piece, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_that_breaks_off_does_not_end_in_order, begin, end),
        cmocka_unit_test_setup_teardown(whoever_waits_for_a_client_that_has_gone_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(nobody_waits_longer_than_the_deadline, begin_late, end),
    };
    return RUN_TESTS("agent/flow");
}
