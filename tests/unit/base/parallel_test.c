/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/parallel.c */
#include "base/parallel.h"
#include "support/unit.h"

#include <sched.h>
#include <stdatomic.h>

enum { COUNT = 50 };

static struct seen {
    atomic_int times[COUNT];
    atomic_int inside;
    atomic_int most;
    int meet; /* tasks wait for each other until so many are there at once */
} seen;

static void task(void *data, size_t index)
{
    struct seen *own = data;
    int now = ++own->inside;
    int most = own->most;
    while (now > most && !atomic_compare_exchange_weak(&own->most, &most, now)) {
    }
    while (own->most < own->meet) {
        sched_yield();
    }
    own->times[index]++;
    own->inside--;
}

static void each_index_is_done_once(void **state)
{
    static const size_t counts[] = {0, 1, 2, COUNT};
    static const size_t mosts[] = {0, 1, 2, 100};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        for (size_t j = 0; j < COUNT_OF(mosts); j++) {
            seen = (struct seen){.meet = 0};
            parallel_run(counts[i], mosts[j], task, &seen);
            for (size_t k = 0; k < COUNT; k++) {
                assert_int_equal(seen.times[k], k < counts[i]);
            }
            assert_true((size_t)seen.most <= (mosts[j] == 0 ? 1 : mosts[j]));
        }
    }
}

static void tasks_run_side_by_side(void **state)
{
    (void)state;
    seen = (struct seen){.meet = 4};
    parallel_run(4, 4, task, &seen);
    assert_int_equal(seen.most, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_index_is_done_once),
        cmocka_unit_test(tasks_run_side_by_side),
    };
    return RUN_TESTS("base/parallel");
}
