/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/gate.c */
#include "base/clock.h"
#include "base/gate.h"
#include "support/unit.h"

#include <pthread.h>

enum { CALLERS = 8, ROUNDS = 200 };

static struct limits within(int64_t milliseconds)
{
    return (struct limits){.deadline = clock_monotonic() + milliseconds};
}

struct crowd {
    struct gate gate;
    int inside;
    int most;
};

static void *pass_often(void *data)
{
    struct crowd *crowd = data;
    const struct limits limits = within(60000);
    for (int i = 0; i < ROUNDS; i++) {
        if (gate_enter(&crowd->gate, &limits) == MSTR_OK) {
            int inside = ++crowd->inside;
            crowd->most = inside > crowd->most ? inside : crowd->most;
            crowd->inside--;
            gate_leave(&crowd->gate);
        }
    }
    return NULL;
}

static void one_caller_at_a_time_is_inside(void **state)
{
    (void)state;
    struct crowd crowd = {.most = 0};
    pthread_t threads[CALLERS];
    assert_true(gate_init(&crowd.gate));

    for (size_t i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, pass_often, &crowd), 0);
    }
    for (size_t i = 0; i < CALLERS; i++) {
        pthread_join(threads[i], NULL);
    }

    assert_int_equal(crowd.most, 1);
    assert_int_equal(crowd.inside, 0);
    gate_destroy(&crowd.gate);
}

static void a_caller_leaves_by_its_own_deadline_and_the_gate_stays_taken(void **state)
{
    (void)state;
    struct gate gate;
    assert_true(gate_init(&gate));
    struct limits limits = within(60000);
    struct limits brief = within(20);
    assert_int_equal(gate_enter(&gate, &limits), MSTR_OK);

    assert_int_equal(gate_enter(&gate, &brief), MSTR_E_TIMEOUT);
    gate_leave(&gate);

    limits = within(60000);
    assert_int_equal(gate_enter(&gate, &limits), MSTR_OK);
    gate_leave(&gate);
    gate_destroy(&gate);
}

static void a_cancelled_caller_is_told_so(void **state)
{
    (void)state;
    struct gate gate;
    struct limits limits = within(60000);
    assert_true(gate_init(&gate));
    assert_int_equal(gate_enter(&gate, &limits), MSTR_OK);
    limits.cancel = mstr_cancel_new();
    mstr_cancel_now(limits.cancel);

    assert_int_equal(gate_enter(&gate, &limits), MSTR_E_CANCELLED);

    gate_leave(&gate);
    mstr_cancel_free(limits.cancel);
    gate_destroy(&gate);
}

/* It costs nothing to go in where nobody is, even for who has run out of time. */
static void an_open_gate_lets_in_whoever_comes(void **state)
{
    (void)state;
    struct gate gate;
    struct limits past = within(0);
    assert_true(gate_init(&gate));

    assert_int_equal(gate_enter(&gate, &past), MSTR_OK);

    gate_leave(&gate);
    gate_destroy(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_caller_at_a_time_is_inside),
        cmocka_unit_test(a_caller_leaves_by_its_own_deadline_and_the_gate_stays_taken),
        cmocka_unit_test(a_cancelled_caller_is_told_so),
        cmocka_unit_test(an_open_gate_lets_in_whoever_comes),
    };
    return RUN_TESTS("base/gate");
}
