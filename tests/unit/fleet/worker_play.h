/* SPDX-License-Identifier: Apache-2.0 */
/* One worker of a fleet, a clock and a chance that a test sets, and what it may meet, a word each. */
#ifndef MSTR_TESTS_UNIT_FLEET_WORKER_PLAY_H
#define MSTR_TESTS_UNIT_FLEET_WORKER_PLAY_H

#include "support/unit.h"

#include "fleet/duties.h"
#include "fleet/news.h"
#include "fleet/worker.h"

static struct fleet_rules rules;
static struct fleet_health health;
static struct fleet_worker worker;
static int64_t now;
static bool longest; /* what chance gives: the most or the least */

static inline uint64_t chance(void *data, uint64_t bound)
{
    (void)data;
    return longest && bound > 0 ? bound - 1 : 0;
}

static const struct fleet_chance chances = {chance, NULL};

static inline int begin(void **state)
{
    (void)state;
    rules = (struct fleet_rules){.sessions = 1, .on_failure = FLEET_LOCAL};
    health = (struct fleet_health){.failures = 0};
    now = 1000000;
    longest = false;
    fleet_worker_begin(&worker, &rules, &health, &chances, 0, now);
    return 0;
}

static inline void want(void)
{
    fleet_worker_want(&worker, now, worker.generation, 30000);
}

static inline struct fleet_order expect(enum fleet_step step)
{
    struct fleet_order order = fleet_worker_next(&worker, now);
    assert_int_equal(order.step, step);
    return order;
}

static inline void answer(enum fleet_step step, struct fleet_report report)
{
    expect(step);
    if (report.failed) {
        fleet_health_failed(&health, now, &chances);
    }
    fleet_worker_report(&worker, now, &report);
}

static inline void find(enum fleet_verdict verdict, int64_t fence)
{
    answer(FLEET_READ, (struct fleet_report){.verdict = verdict, .kind = FLEET_SESSION, .fence = fence});
}

static inline void find_limit(int64_t left)
{
    answer(FLEET_READ, (struct fleet_report){.verdict = FLEET_OPENED, .kind = FLEET_LIMIT, .fence = 3, .left = left});
}

static inline void find_drained(int64_t fence)
{
    answer(FLEET_READ, (struct fleet_report){.verdict = FLEET_OPENED, .kind = FLEET_DRAINED, .fence = fence});
}

static inline void ask(bool refused)
{
    answer(FLEET_READ_REFUSALS, (struct fleet_report){.refused = refused});
}

static inline void acquire(enum mstr_store_outcome outcome, int64_t fence)
{
    answer(FLEET_ACQUIRE, (struct fleet_report){.outcome = outcome, .fence = fence});
}

static inline void log_in(enum fleet_login login)
{
    answer(FLEET_LOG_IN, (struct fleet_report){.login = login});
}

static inline void publish(enum mstr_store_outcome outcome)
{
    answer(FLEET_PUBLISH, (struct fleet_report){.outcome = outcome});
}

static inline void done(enum fleet_step step)
{
    answer(step, (struct fleet_report){.outcome = MSTR_STORE_DONE});
}

static inline void store_fails(enum fleet_step step)
{
    answer(step, (struct fleet_report){.failed = true});
}

/* Finds the session that was refused, and finds it again once nobody has told of a change. */
static inline void find_dead(int64_t fence)
{
    find(FLEET_OPENED, fence);
    now += 1000;
    done(FLEET_WAIT);
    find(FLEET_OPENED, fence);
}

/* Has the session of this fence, from a record. */
static inline void have(int64_t fence)
{
    want();
    find(FLEET_OPENED, fence);
    expect(FLEET_USE);
    worker.beat_at = INT64_MAX; /* a duty that tests have come on purpose */
}

/* Comes to have the lease, with nothing found. */
static inline void lead(int64_t fence)
{
    want();
    find(FLEET_ABSENT, 0);
    ask(false);
    acquire(MSTR_STORE_DONE, fence);
    ask(false);
}

static inline enum fleet_duty duty_at(int64_t at)
{
    int64_t next = 0;
    now = at;
    return fleet_worker_duty(&worker, now, &next);
}

static inline int64_t next_duty(void)
{
    int64_t at = 0;
    assert_int_equal(fleet_worker_duty(&worker, now, &at), FLEET_NO_DUTY);
    return at;
}

static inline void beat(size_t members, int64_t fence)
{
    const struct fleet_report report = {.members = members, .fence = fence};
    fleet_worker_did(&worker, now, FLEET_BEAT, &report);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

#endif
