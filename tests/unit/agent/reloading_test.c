/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/reloading.c */
#include "agent/reloading.h"

#include "desk.h"

enum { WORKERS = 4 }; /* that a desk has */

static sem_t go;

static void hold_up(void *data)
{
    (void)data;
    sem_wait(&go);
}

static unsigned present(void)
{
    struct generation *generation = contexts_hold(desk.agent.contexts);
    unsigned number = generation->number;
    contexts_let_go(desk.agent.contexts, generation);
    return number;
}

static void many_signals_make_one_more_reload(void **state)
{
    struct job jobs[WORKERS];
    uint64_t woken = 0;
    (void)state;
    desk_open("[agent]\n");
    struct reloading reloading = {.agent = &desk.agent};
    sem_init(&go, 0, 0);
    for (int i = 0; i < WORKERS; i++) {
        jobs[i] = (struct job){.run = hold_up};
        assert_true(workers_put(desk.agent.workers, &jobs[i]));
    }
    for (int i = 0; i < 5; i++) {
        reloading_begin(&reloading);
        reloading_go_on(&reloading);
    }
    assert_int_equal(present(), 1); /* nobody had the time */
    for (int i = 0; i < WORKERS; i++) {
        sem_post(&go);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(read(desk.agent.wakes, &woken, sizeof(woken)), sizeof(woken)); /* waits for it */
        reloading_go_on(&reloading);
    }
    assert_false(reloading.busy || reloading.again);
    assert_int_equal(present(), 3);
    sem_destroy(&go);
    desk_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_signals_make_one_more_reload),
    };
    return RUN_TESTS("agent/reloading");
}
