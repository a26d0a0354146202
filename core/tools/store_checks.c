/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a store's conformance run. */
#include "tools/store_checks.h"

#include "base/parallel.h"
#include "tools/conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Waits until something that ends by itself has ended. */
static bool ends(struct store_run *run, bool (*has_ended)(struct store_run *run, const char *name), const char *name)
{
    const struct limits limits = store_within(PATIENCE_MS);
    while (!has_ended(run, name)) {
        if (run->failed || limits_sleep(&limits, 20) != MSTR_OK) {
            return false;
        }
    }
    run->told[0] = '\0';
    return true;
}

static void check_time(struct store_run *run)
{
    static const int64_t this_century = 1577836800000; /* 2020 */
    const struct limits limits = store_within(CALL_MS);
    int64_t first = 0;
    int64_t second = 0;
    bool good = store_succeeds(run, "time", store_instance_time(run->workers[0], &first, &limits, run->error)) &&
                store_succeeds(run, "time", store_instance_time(run->workers[1], &second, &limits, run->error)) &&
                store_is_so(run, first > this_century && second >= first && second < first + KEEP_MS,
                            "it is not ms since 1970");
    store_check(run, good, "it tells its time");
}

static void check_records(struct store_run *run)
{
    static const char zeros[] = {0, 1, 0, '\r', '\n', 0};
    struct mstr_store_get got = {0};
    struct mstr_store_lease lease = {0};
    store_check(run,
                store_get(run, 0, "r", &got, MSTR_STORE_ABSENT) && store_is_so(run, got.now > 0, "get tells no time"),
                "a record that is not there is absent");
    store_check(run,
                store_acquire(run, 0, "r", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
                    store_put(run, 0, "r", lease.fence, "text", MSTR_STORE_DONE) &&
                    store_holds(run, 1, "r", "text", lease.fence),
                "what one worker puts another one gets");
    store_check(run,
                store_put_octets(run, 0, "r", lease.fence, KEEP_MS, zeros, sizeof zeros, MSTR_STORE_DONE) &&
                    store_get(run, 1, "r", &got, MSTR_STORE_DONE) &&
                    store_is_so(run, got.length == sizeof zeros && memcmp(run->octets, zeros, sizeof zeros) == 0,
                                "get gives other octets than were put"),
                "any octets are kept as they are");
    for (size_t i = 0; i < MSTR_STORE_RECORD_MAX; i++) {
        run->octets[i] = (unsigned char)(i * 7 + i / 256);
    }
    bool put_long =
        store_put_octets(run, 0, "r", lease.fence, KEEP_MS, run->octets, MSTR_STORE_RECORD_MAX, MSTR_STORE_DONE);
    memset(run->octets, 0, MSTR_STORE_RECORD_MAX);
    bool good = put_long && store_get(run, 1, "r", &got, MSTR_STORE_DONE) &&
                store_is_so(run, got.length == MSTR_STORE_RECORD_MAX, "get gives another length than was put");
    for (size_t i = 0; good && i < MSTR_STORE_RECORD_MAX; i++) {
        good = store_is_so(run, run->octets[i] == (unsigned char)(i * 7 + i / 256),
                           "get gives other octets than were put");
    }
    store_check(run, good, "the longest record is kept");
    store_release(run, 0, "r", MSTR_STORE_DONE);
    store_remove(run, "r", 0, MSTR_STORE_DONE);
}

static void check_leases(struct store_run *run)
{
    struct mstr_store_lease mine = {0};
    struct mstr_store_lease other = {0};
    store_check(run,
                store_acquire(run, 0, "l", 0, KEEP_MS, &mine, MSTR_STORE_DONE) &&
                    store_acquire(run, 1, "l", 0, KEEP_MS, &other, MSTR_STORE_HELD) &&
                    store_is_so(run, other.left > 0 && other.left <= KEEP_MS,
                                "acquire does not tell how long it is held yet") &&
                    store_acquire(run, 1, "l", INT64_MAX, KEEP_MS, &other, MSTR_STORE_CHANGED) &&
                    store_is_so(run, other.left > 0,
                                "acquire of another record's lease does not tell how long it is held yet"),
                "a lease is had by one worker");
    store_check(run, store_put(run, 1, "l", mine.fence, "foreign", MSTR_STORE_LOST),
                "nobody writes without the lease");
    store_check(run, store_renew(run, 0, "l", MSTR_STORE_DONE) && store_renew(run, 1, "l", MSTR_STORE_LOST),
                "whoever has a lease renews it, and nobody else");
    store_check(run,
                store_release(run, 1, "l", MSTR_STORE_LOST) && store_release(run, 0, "l", MSTR_STORE_DONE) &&
                    store_release(run, 0, "l", MSTR_STORE_LOST) &&
                    store_acquire(run, 1, "l", 0, KEEP_MS, &other, MSTR_STORE_DONE),
                "a lease that is given back is free");
    store_check(run, store_is_so(run, other.fence > mine.fence, "the later lease has no higher fence"),
                "fences rise");
    store_release(run, 1, "l", MSTR_STORE_DONE);
}

static void check_fences(struct store_run *run)
{
    struct mstr_store_lease lease = {0};
    struct mstr_store_lease later = {0};
    bool good = store_acquire(run, 0, "f", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
                store_is_so(run, lease.fence >= lease.now && lease.now > 0, "the fence is below the store's time") &&
                store_put(run, 0, "f", lease.fence, "one", MSTR_STORE_DONE) &&
                store_release(run, 0, "f", MSTR_STORE_DONE);
    store_check(run, good, "a fence is not below the store's time");
    store_check(run,
                store_acquire(run, 1, "f", lease.fence - 1, KEEP_MS, &later, MSTR_STORE_CHANGED) &&
                    store_is_so(run, later.fence == lease.fence, "acquire does not tell the record's fence"),
                "a record that somebody else has written meanwhile is not to be replaced");
    store_check(run,
                store_acquire(run, 1, "f", lease.fence, KEEP_MS, &later, MSTR_STORE_DONE) &&
                    store_is_so(run, later.fence > lease.fence, "the later lease has no higher fence"),
                "a record that is known may be replaced");
    store_check(run,
                store_put(run, 1, "f", later.fence, "two", MSTR_STORE_DONE) &&
                    store_put(run, 1, "f", lease.fence, "one again", MSTR_STORE_LOST) &&
                    store_holds(run, 0, "f", "two", later.fence),
                "a write under an earlier fence is refused");
    store_release(run, 1, "f", MSTR_STORE_DONE);
    store_check(run,
                store_remove(run, "f", lease.fence, MSTR_STORE_CHANGED) &&
                    store_remove(run, "f", later.fence, MSTR_STORE_DONE) &&
                    store_remove(run, "f", 0, MSTR_STORE_ABSENT),
                "a record is removed under its fence alone");
    store_check(run,
                store_acquire(run, 0, "f", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
                    store_is_so(run, lease.fence > later.fence, "the fence is not above that of the record before"),
                "fences go on from where they were when a record is gone");
    store_release(run, 0, "f", MSTR_STORE_DONE);
}

static bool lease_has_ended(struct store_run *run, const char *name)
{
    struct mstr_store_lease lease = {0};
    return store_acquire(run, 1, name, 0, KEEP_MS, &lease, MSTR_STORE_DONE);
}

static bool record_has_ended(struct store_run *run, const char *name)
{
    struct mstr_store_get got = {0};
    return store_get(run, 1, name, &got, MSTR_STORE_ABSENT);
}

static void check_ends(struct store_run *run)
{
    struct mstr_store_lease lease = {0};
    struct mstr_store_lease later = {0};
    store_check(run,
                store_acquire(run, 0, "e", 0, SHORT_MS, &lease, MSTR_STORE_DONE) && ends(run, lease_has_ended, "e") &&
                    store_put(run, 0, "e", lease.fence, "too late", MSTR_STORE_LOST) &&
                    store_renew(run, 0, "e", MSTR_STORE_LOST) && store_release(run, 0, "e", MSTR_STORE_LOST),
                "a lease ends by itself, and whoever had it writes no more");
    store_release(run, 1, "e", MSTR_STORE_DONE);
    store_check(run,
                store_acquire(run, 0, "x", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
                    store_put_octets(run, 0, "x", lease.fence, SHORT_MS, "x", 1, MSTR_STORE_DONE) &&
                    store_release(run, 0, "x", MSTR_STORE_DONE) && ends(run, record_has_ended, "x") &&
                    store_acquire(run, 0, "x", 0, KEEP_MS, &later, MSTR_STORE_DONE) &&
                    store_is_so(run, later.fence > lease.fence, "the fence is not above that of the record before"),
                "a record ends by itself, and its fences go on");
    store_check(run,
                store_extend(run, "x", later.fence, MSTR_STORE_ABSENT) &&
                    store_put_octets(run, 0, "x", later.fence, KEEP_MS / 2, "x", 1, MSTR_STORE_DONE) &&
                    store_extend(run, "x", lease.fence, MSTR_STORE_CHANGED) &&
                    store_extend(run, "x", later.fence, MSTR_STORE_DONE),
                "a record is kept for longer under its fence alone");
    struct mstr_store_get got = {0};
    store_check(
        run,
        store_get(run, 1, "x", &got, MSTR_STORE_DONE) &&
            store_is_so(run, got.left > KEEP_MS / 2 && got.left <= KEEP_MS, "its end is not the one that was set"),
        "and for as long as was said");
    store_release(run, 0, "x", MSTR_STORE_DONE);
    store_remove(run, "x", 0, MSTR_STORE_DONE);
}

/* A record that is written under the lease of another one, which ends with it. */
static void check_other_records(struct store_run *run)
{
    const struct limits limits = store_within(CALL_MS);
    struct mstr_store_lease lease = {0};
    struct mstr_store_lease next = {0};
    bool had = store_acquire(run, 0, "o", 0, KEEP_MS, &lease, MSTR_STORE_DONE);
    struct mstr_store_put other = {.key = store_key(run, "o.note"),
                                   .lease = "o",
                                   .token = store_tokens[0],
                                   .fence = lease.fence,
                                   .octets = "note",
                                   .length = 4,
                                   .keep = KEEP_MS,
                                   .flags = MSTR_STORE_RELEASE};
    enum mstr_code code = had ? store_instance_put(run->workers[0], &other, &limits, run->error) : MSTR_OK;
    store_check(run,
                had && store_came_to(run, "put", code, other.outcome, MSTR_STORE_DONE) &&
                    store_holds(run, 1, "o.note", "note", lease.fence),
                "the lease of one record is good for others of its group");
    store_check(run, store_acquire(run, 1, "o", 0, KEEP_MS, &next, MSTR_STORE_DONE),
                "a lease ends with the write that says so");
    store_release(run, 1, "o", MSTR_STORE_DONE);
    store_remove(run, "o.note", 0, MSTR_STORE_DONE);
}

static bool members_have_ended(struct store_run *run, const char *name)
{
    (void)name;
    return store_beat(run, 1, NULL, SHORT_MS, 0);
}

static void check_members(struct store_run *run)
{
    const struct limits limits = store_within(CALL_MS);
    struct mstr_store_lease lease = {0};
    store_check(run,
                store_beat(run, 0, NULL, KEEP_MS, 0) && store_beat(run, 0, "one", KEEP_MS, 1) &&
                    store_beat(run, 1, "two", KEEP_MS, 2) && store_beat(run, 0, "one", KEEP_MS, 2) &&
                    store_beat(run, 1, NULL, KEEP_MS, 2),
                "members that beat are counted");
    struct mstr_store_beat told = {.key = store_key(run, "members"), .member = "one", .keep = KEEP_MS};
    enum mstr_code code = store_instance_leave(run->workers[0], &told, &limits, run->error);
    store_check(run,
                store_succeeds(run, "leave", code) &&
                    store_is_so(run, told.members == 1, "it counts other members than are left"),
                "a member that leaves counts no more");
    store_check(run, ends(run, members_have_ended, NULL), "a member that does not beat counts no more");
    told =
        (struct mstr_store_beat){.key = store_key(run, "members"), .member = "one", .keep = KEEP_MS, .watched = "w"};
    bool good = store_acquire(run, 0, "w", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
                store_put(run, 0, "w", lease.fence, "w", MSTR_STORE_DONE) &&
                store_succeeds(run, "beat", store_instance_beat(run->workers[0], &told, &limits, run->error));
    store_check(run,
                good && store_is_so(run, told.fence == lease.fence, "beat tells another fence than the record's"),
                "a member is told the fence of the record that it watches");
    store_instance_leave(run->workers[0], &told, &limits, NULL);
    store_release(run, 0, "w", MSTR_STORE_DONE);
    store_remove(run, "w", 0, MSTR_STORE_DONE);
}

/* Whether the next message is this one; NULL = none comes. */
static bool hears(struct store_run *run, void *subscription, size_t capacity, const char *text)
{
    char heard[64] = "";
    struct mstr_store_message message = {.text = heard, .capacity = capacity};
    const struct limits limits = store_within(text != NULL ? CALL_MS : SHORT_MS);
    enum mstr_code code = store_instance_next(run->workers[1], subscription, &message, &limits, run->error);
    if (text == NULL) {
        return store_is_so(run, code == MSTR_E_TIMEOUT, "a wait for nothing does not end with MSTR_E_TIMEOUT");
    }
    return store_is_so(run, code != MSTR_E_TIMEOUT, "no message comes") && store_succeeds(run, "next", code) &&
           store_is_so(run, strcmp(heard, text) == 0, "another message comes than was sent");
}

static bool send_text(struct store_run *run, const char *channel, const char *text)
{
    const struct limits limits = store_within(CALL_MS);
    const struct mstr_store_key key = store_key(run, channel);
    return store_succeeds(run, "publish", store_instance_publish(run->workers[0], &key, text, &limits, run->error));
}

/* With a record. */
static bool send_with_put(struct store_run *run, const char *text)
{
    const struct limits limits = store_within(CALL_MS);
    struct mstr_store_lease lease = {0};
    if (!store_acquire(run, 0, "m", 0, KEEP_MS, &lease, MSTR_STORE_DONE)) {
        return false;
    }
    struct mstr_store_put with = {.key = store_key(run, "m"),
                                  .lease = "m",
                                  .token = store_tokens[0],
                                  .fence = lease.fence,
                                  .octets = "m",
                                  .length = 1,
                                  .keep = KEEP_MS,
                                  .flags = MSTR_STORE_RELEASE,
                                  .channel = "news",
                                  .message = text};
    enum mstr_code code = store_instance_put(run->workers[0], &with, &limits, run->error);
    return store_came_to(run, "put", code, with.outcome, MSTR_STORE_DONE);
}

static void check_messages(struct store_run *run)
{
    const struct limits limits = store_within(CALL_MS);
    const struct mstr_store_key channel = store_key(run, "news");
    void *subscription = NULL;
    enum mstr_code code = store_instance_subscribe(run->workers[1], &channel, &subscription, &limits, run->error);
    if (!store_succeeds(run, "subscribe", code)) {
        store_check(run, false, "a message reaches whoever listens");
        return;
    }
    store_check(run, send_text(run, "news", "one") && hears(run, subscription, 64, "one"),
                "a message reaches whoever listens");
    store_check(run,
                hears(run, subscription, 64, NULL) && send_text(run, "news", "two") &&
                    hears(run, subscription, 64, "two"),
                "a wait that was in vain loses no message");
    store_check(
        run, send_text(run, "else", "no") && send_text(run, "news", "three") && hears(run, subscription, 64, "three"),
        "a channel has its own messages alone");
    store_check(run, send_text(run, "news", "too long") && hears(run, subscription, 4, "too"),
                "a long message is cut");
    store_check(run, send_with_put(run, "four") && hears(run, subscription, 64, "four"),
                "a message goes out with a record");
    store_instance_unsubscribe(run->workers[1], subscription);
    store_check(run, send_text(run, "news", "five"), "nobody needs to listen");
    store_remove(run, "m", 0, MSTR_STORE_DONE);
}

/* Many threads add to a number that a record holds, each under the lease: none of them may be lost. */
enum { COUNTERS = 8, ROUNDS = 5 };

struct counting {
    struct store_run *run;
    bool failed[COUNTERS];
};

static bool count_once(struct counting *counting, size_t index, const char *token)
{
    struct store_instance *worker = counting->run->workers[index % 2];
    const struct limits limits = store_within(PATIENCE_MS);
    char octets[64] = "";
    char *room = malloc(MSTR_STORE_RECORD_MAX);
    struct mstr_store_lease lease = {.outcome = MSTR_STORE_HELD};
    struct mstr_store_get got = {.key = store_key(counting->run, "count"), .octets = room};
    struct mstr_store_put made = {.key = got.key,
                                  .lease = "count",
                                  .token = token,
                                  .keep = KEEP_MS,
                                  .flags = MSTR_STORE_RELEASE,
                                  .octets = octets};
    bool good = room != NULL;
    do {
        good = good && store_instance_get(worker, &got, &limits, NULL) == MSTR_OK;
        lease = (struct mstr_store_lease){
            .key = got.key, .token = token, .duration = KEEP_MS, .known = good ? got.fence : 0};
        good = good && store_instance_acquire(worker, &lease, &limits, NULL) == MSTR_OK;
    } while (good && lease.outcome != MSTR_STORE_DONE && limits_sleep(&limits, 1) == MSTR_OK);
    if (good && got.outcome == MSTR_STORE_DONE && got.length < sizeof octets) {
        memcpy(octets, room, got.length);
    }
    snprintf(octets, sizeof octets, "%ld", strtol(octets, NULL, 10) + 1);
    made.length = strlen(octets);
    made.fence = lease.fence;
    good = good && lease.outcome == MSTR_STORE_DONE && store_instance_put(worker, &made, &limits, NULL) == MSTR_OK &&
           made.outcome == MSTR_STORE_DONE;
    free(room);
    return good;
}

static void count(void *data, size_t index)
{
    struct counting *counting = data;
    char token[33];
    for (unsigned i = 0; i < ROUNDS; i++) {
        snprintf(token, sizeof token, "%016zx%016x", index, i);
        counting->failed[index] |= !count_once(counting, index, token);
    }
}

static void check_threads(struct store_run *run)
{
    struct counting counting = {.run = run};
    struct mstr_store_get got = {0};
    char wanted[16];
    bool good = true;
    parallel_run(COUNTERS, COUNTERS, count, &counting);
    for (size_t i = 0; i < COUNTERS; i++) {
        good = good && store_is_so(run, !counting.failed[i], "a call failed, or a lease was lost");
    }
    snprintf(wanted, sizeof wanted, "%d", COUNTERS * ROUNDS);
    good = good && store_get(run, 0, "count", &got, MSTR_STORE_DONE) &&
           store_is_so(run, got.length == strlen(wanted) && memcmp(run->octets, wanted, got.length) == 0,
                       "a write was lost: two had the lease at once");
    store_check(run, good, "eight threads at once write one after another");
    store_remove(run, "count", 0, MSTR_STORE_DONE);
}

/* A call that may not take time must come back at once, whatever its outcome. */
static void check_limits(struct store_run *run)
{
    struct mstr_store_get got = {.key = store_key(run, "none"), .octets = run->octets};
    struct limits limits = store_within(1);
    int64_t started = conformance_clock();
    store_instance_get(run->workers[0], &got, &limits, NULL);
    store_check(
        run, store_is_so(run, conformance_clock() - started < CONFORMANCE_PROMPT_MS, "the call came back much later"),
        "a deadline of 1 ms is kept");
    limits = store_within(CALL_MS);
    limits.cancel = mstr_cancel_new();
    mstr_cancel_now(limits.cancel);
    started = conformance_clock();
    enum mstr_code code = store_instance_get(run->workers[0], &got, &limits, NULL);
    store_check(
        run,
        store_is_so(run, conformance_clock() - started < CONFORMANCE_PROMPT_MS, "the call came back much later") &&
            store_is_so(run, code == MSTR_E_CANCELLED, "its class is not MSTR_E_CANCELLED"),
        "a cancelled call ends at once");
    mstr_cancel_free(limits.cancel);
}

static int ignore(const mstr_explain_step *step, void *data)
{
    (void)step;
    ++*(int *)data;
    return 0;
}

static void check_words(struct store_run *run)
{
    const struct limits limits = store_within(CALL_MS);
    int steps = 0;
    struct mstr_report report = {.each = ignore, .data = &steps};
    bool good = store_succeeds(run, "explain", store_instance_explain(run->workers[0], &report, &limits, run->error));
    store_check(run, good && store_is_so(run, steps > 0, "it tells no step"), "it explains the way to it");
}

void store_checks_run(struct store_run *run)
{
    static void (*const checks[])(struct store_run * run) = {
        check_time,    check_records,  check_leases,  check_fences, check_ends, check_other_records,
        check_members, check_messages, check_threads, check_limits, check_words};
    struct conformance_state before, after;
    conformance_take_state(&before);
    for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
        checks[i](run);
    }
    conformance_take_state(&after);
    store_check(run, store_is_so(run, conformance_same_state(&before, &after), "a call changed them"),
                "working directory, locale, umask and signal mask are kept");
}
