/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a store's conformance run. */
#include "tools/store_checks.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "tools/conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CALL_MS = 10000,    /* for a call that has no reason to take long */
    KEEP_MS = 60000,    /* of what is to stay while the run lasts */
    SHORT_MS = 200,     /* of what is to end by itself */
    PATIENCE_MS = 30000 /* for that end */
};

static const char *const tokens[] = {"11111111111111111111111111111111", "22222222222222222222222222222222"};

bool store_run_init(struct store_run *run)
{
    unsigned char drawn[8];
    *run = (struct store_run){.octets = malloc(MSTR_STORE_RECORD_MAX), .error = mstr_error_new()};
    if (run->octets == NULL || run->error == NULL || !clock_random(drawn, sizeof drawn)) {
        store_run_release(run);
        return false;
    }
    uint64_t number = 0;
    memcpy(&number, drawn, sizeof number);
    snprintf(run->group, sizeof run->group, "mstr-store-test-%016" PRIx64, number);
    return true;
}

void store_run_release(struct store_run *run)
{
    free(run->octets);
    mstr_error_free(run->error);
    run->octets = NULL;
    run->error = NULL;
}

static struct limits for_ms(int64_t milliseconds)
{
    return (struct limits){.deadline = clock_monotonic() + milliseconds};
}

static struct mstr_store_key key_of(const struct store_run *run, const char *name)
{
    return (struct mstr_store_key){run->group, name};
}

static void check(struct store_run *run, bool passed, const char *what)
{
    conformance_tell(&run->failures, passed, what, run->told);
    run->told[0] = '\0';
}

/* Whether something is so; else it is told, unless more was told before. */
static bool is_so(struct store_run *run, bool so, const char *otherwise)
{
    if (!so && run->told[0] == '\0') {
        snprintf(run->told, sizeof run->told, "%s", otherwise);
    }
    return so;
}

/* Whether a call came to this outcome. */
static bool came_to(struct store_run *run, const char *call, enum mstr_code code, enum mstr_store_outcome outcome,
                    enum mstr_store_outcome wanted)
{
    static const char *const names[] = {"DONE", "ABSENT", "HELD", "CHANGED", "LOST"};
    run->failed = code != MSTR_OK;
    if (code == MSTR_OK && outcome == wanted) {
        return true;
    }
    if (code != MSTR_OK) {
        snprintf(run->told, sizeof run->told, "%s fails: %.400s", call, mstr_error_message(run->error));
    } else {
        snprintf(run->told, sizeof run->told, "%s comes to %s, not to %s", call, names[outcome], names[wanted]);
    }
    return false;
}

static bool succeeds(struct store_run *run, const char *call, enum mstr_code code)
{
    return came_to(run, call, code, MSTR_STORE_DONE, MSTR_STORE_DONE);
}

/* The calls by one of both workers, in short. */

static bool acquire(struct store_run *run, int worker, const char *name, int64_t known, int64_t duration,
                    struct mstr_store_lease *lease, enum mstr_store_outcome wanted)
{
    const struct limits limits = for_ms(CALL_MS);
    *lease = (struct mstr_store_lease){
        .key = key_of(run, name), .token = tokens[worker], .known = known, .duration = duration};
    enum mstr_code code = store_instance_acquire(run->workers[worker], lease, &limits, run->error);
    return came_to(run, "acquire", code, lease->outcome, wanted);
}

static bool put_octets(struct store_run *run, int worker, const char *name, int64_t fence, int64_t keep,
                       const void *octets, size_t length, enum mstr_store_outcome wanted)
{
    const struct limits limits = for_ms(CALL_MS);
    struct mstr_store_put put = {.key = key_of(run, name),
                                 .lease = name,
                                 .token = tokens[worker],
                                 .fence = fence,
                                 .octets = octets,
                                 .length = length,
                                 .keep = keep};
    enum mstr_code code = store_instance_put(run->workers[worker], &put, &limits, run->error);
    return came_to(run, "put", code, put.outcome, wanted);
}

static bool put(struct store_run *run, int worker, const char *name, int64_t fence, const char *text,
                enum mstr_store_outcome wanted)
{
    return put_octets(run, worker, name, fence, KEEP_MS, text, strlen(text), wanted);
}

static bool get(struct store_run *run, int worker, const char *name, struct mstr_store_get *got,
                enum mstr_store_outcome wanted)
{
    const struct limits limits = for_ms(CALL_MS);
    *got = (struct mstr_store_get){.key = key_of(run, name), .octets = run->octets};
    enum mstr_code code = store_instance_get(run->workers[worker], got, &limits, run->error);
    return came_to(run, "get", code, got->outcome, wanted);
}

/* Whether a record holds this text under this fence. */
static bool holds(struct store_run *run, int worker, const char *name, const char *text, int64_t fence)
{
    struct mstr_store_get got = {0};
    return get(run, worker, name, &got, MSTR_STORE_DONE) &&
           is_so(run, got.length == strlen(text) && memcmp(run->octets, text, got.length) == 0,
                 "get gives other octets than were put") &&
           is_so(run, got.fence == fence, "get tells another fence than that of the put") &&
           is_so(run, got.left > 0 && got.left <= KEEP_MS, "get tells an end that nobody set");
}

static bool release(struct store_run *run, int worker, const char *name, enum mstr_store_outcome wanted)
{
    const struct limits limits = for_ms(CALL_MS);
    const struct mstr_store_key key = key_of(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_CHANGED;
    enum mstr_code code =
        store_instance_release(run->workers[worker], &key, tokens[worker], &outcome, &limits, run->error);
    return came_to(run, "release", code, outcome, wanted);
}

static bool renew(struct store_run *run, int worker, const char *name, enum mstr_store_outcome wanted)
{
    const struct limits limits = for_ms(CALL_MS);
    const struct mstr_store_key key = key_of(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_CHANGED;
    enum mstr_code code =
        store_instance_renew(run->workers[worker], &key, tokens[worker], KEEP_MS, &outcome, &limits, run->error);
    return came_to(run, "renew", code, outcome, wanted);
}

static bool extend(struct store_run *run, const char *name, int64_t fence, enum mstr_store_outcome wanted)
{
    const struct limits limits = for_ms(CALL_MS);
    const struct mstr_store_key key = key_of(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_HELD;
    enum mstr_code code = store_instance_extend(run->workers[0], &key, fence, KEEP_MS, &outcome, &limits, run->error);
    return came_to(run, "extend", code, outcome, wanted);
}

static bool take_away(struct store_run *run, const char *name, int64_t fence, enum mstr_store_outcome wanted)
{
    const struct limits limits = for_ms(CALL_MS);
    const struct mstr_store_key key = key_of(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_HELD;
    enum mstr_code code = store_instance_remove(run->workers[0], &key, fence, &outcome, &limits, run->error);
    return came_to(run, "remove", code, outcome, wanted);
}

static bool beat(struct store_run *run, int worker, const char *member, int64_t keep, size_t members)
{
    const struct limits limits = for_ms(CALL_MS);
    struct mstr_store_beat told = {.key = key_of(run, "members"), .member = member, .keep = keep};
    enum mstr_code code = store_instance_beat(run->workers[worker], &told, &limits, run->error);
    return succeeds(run, "beat", code) &&
           is_so(run, told.members == members, "it counts other members than there are") &&
           is_so(run, told.now > 0, "beat tells no time");
}

/* Waits until something that ends by itself has ended. */
static bool ends(struct store_run *run, bool (*has_ended)(struct store_run *run, const char *name), const char *name)
{
    const struct limits limits = for_ms(PATIENCE_MS);
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
    const struct limits limits = for_ms(CALL_MS);
    int64_t first = 0;
    int64_t second = 0;
    bool good =
        succeeds(run, "time", store_instance_time(run->workers[0], &first, &limits, run->error)) &&
        succeeds(run, "time", store_instance_time(run->workers[1], &second, &limits, run->error)) &&
        is_so(run, first > this_century && second >= first && second < first + KEEP_MS, "it is not ms since 1970");
    check(run, good, "it tells its time");
}

static void check_records(struct store_run *run)
{
    static const char zeros[] = {0, 1, 0, '\r', '\n', 0};
    struct mstr_store_get got = {0};
    struct mstr_store_lease lease = {0};
    check(run, get(run, 0, "r", &got, MSTR_STORE_ABSENT) && is_so(run, got.now > 0, "get tells no time"),
          "a record that is not there is absent");
    check(run,
          acquire(run, 0, "r", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
              put(run, 0, "r", lease.fence, "text", MSTR_STORE_DONE) && holds(run, 1, "r", "text", lease.fence),
          "what one worker puts another one gets");
    check(run,
          put_octets(run, 0, "r", lease.fence, KEEP_MS, zeros, sizeof zeros, MSTR_STORE_DONE) &&
              get(run, 1, "r", &got, MSTR_STORE_DONE) &&
              is_so(run, got.length == sizeof zeros && memcmp(run->octets, zeros, sizeof zeros) == 0,
                    "get gives other octets than were put"),
          "any octets are kept as they are");
    for (size_t i = 0; i < MSTR_STORE_RECORD_MAX; i++) {
        run->octets[i] = (unsigned char)(i * 7 + i / 256);
    }
    bool put_long =
        put_octets(run, 0, "r", lease.fence, KEEP_MS, run->octets, MSTR_STORE_RECORD_MAX, MSTR_STORE_DONE);
    memset(run->octets, 0, MSTR_STORE_RECORD_MAX);
    bool good = put_long && get(run, 1, "r", &got, MSTR_STORE_DONE) &&
                is_so(run, got.length == MSTR_STORE_RECORD_MAX, "get gives another length than was put");
    for (size_t i = 0; good && i < MSTR_STORE_RECORD_MAX; i++) {
        good = is_so(run, run->octets[i] == (unsigned char)(i * 7 + i / 256), "get gives other octets than were put");
    }
    check(run, good, "the longest record is kept");
    release(run, 0, "r", MSTR_STORE_DONE);
    take_away(run, "r", 0, MSTR_STORE_DONE);
}

static void check_leases(struct store_run *run)
{
    struct mstr_store_lease mine = {0};
    struct mstr_store_lease other = {0};
    check(run,
          acquire(run, 0, "l", 0, KEEP_MS, &mine, MSTR_STORE_DONE) &&
              acquire(run, 1, "l", 0, KEEP_MS, &other, MSTR_STORE_HELD) &&
              is_so(run, other.left > 0 && other.left <= KEEP_MS, "acquire does not tell how long it is held yet") &&
              acquire(run, 1, "l", INT64_MAX, KEEP_MS, &other, MSTR_STORE_CHANGED) &&
              is_so(run, other.left > 0, "acquire of another record's lease does not tell how long it is held yet"),
          "a lease is had by one worker");
    check(run, put(run, 1, "l", mine.fence, "foreign", MSTR_STORE_LOST), "nobody writes without the lease");
    check(run, renew(run, 0, "l", MSTR_STORE_DONE) && renew(run, 1, "l", MSTR_STORE_LOST),
          "whoever has a lease renews it, and nobody else");
    check(run,
          release(run, 1, "l", MSTR_STORE_LOST) && release(run, 0, "l", MSTR_STORE_DONE) &&
              release(run, 0, "l", MSTR_STORE_LOST) && acquire(run, 1, "l", 0, KEEP_MS, &other, MSTR_STORE_DONE),
          "a lease that is given back is free");
    check(run, is_so(run, other.fence > mine.fence, "the later lease has no higher fence"), "fences rise");
    release(run, 1, "l", MSTR_STORE_DONE);
}

static void check_fences(struct store_run *run)
{
    struct mstr_store_lease lease = {0};
    struct mstr_store_lease later = {0};
    bool good = acquire(run, 0, "f", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
                is_so(run, lease.fence >= lease.now && lease.now > 0, "the fence is below the store's time") &&
                put(run, 0, "f", lease.fence, "one", MSTR_STORE_DONE) && release(run, 0, "f", MSTR_STORE_DONE);
    check(run, good, "a fence is not below the store's time");
    check(run,
          acquire(run, 1, "f", lease.fence - 1, KEEP_MS, &later, MSTR_STORE_CHANGED) &&
              is_so(run, later.fence == lease.fence, "acquire does not tell the record's fence"),
          "a record that somebody else has written meanwhile is not to be replaced");
    check(run,
          acquire(run, 1, "f", lease.fence, KEEP_MS, &later, MSTR_STORE_DONE) &&
              is_so(run, later.fence > lease.fence, "the later lease has no higher fence"),
          "a record that is known may be replaced");
    check(run,
          put(run, 1, "f", later.fence, "two", MSTR_STORE_DONE) &&
              put(run, 1, "f", lease.fence, "one again", MSTR_STORE_LOST) && holds(run, 0, "f", "two", later.fence),
          "a write under an earlier fence is refused");
    release(run, 1, "f", MSTR_STORE_DONE);
    check(run,
          take_away(run, "f", lease.fence, MSTR_STORE_CHANGED) && take_away(run, "f", later.fence, MSTR_STORE_DONE) &&
              take_away(run, "f", 0, MSTR_STORE_ABSENT),
          "a record is removed under its fence alone");
    check(run,
          acquire(run, 0, "f", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
              is_so(run, lease.fence > later.fence, "the fence is not above that of the record before"),
          "fences go on from where they were when a record is gone");
    release(run, 0, "f", MSTR_STORE_DONE);
}

static bool lease_has_ended(struct store_run *run, const char *name)
{
    struct mstr_store_lease lease = {0};
    return acquire(run, 1, name, 0, KEEP_MS, &lease, MSTR_STORE_DONE);
}

static bool record_has_ended(struct store_run *run, const char *name)
{
    struct mstr_store_get got = {0};
    return get(run, 1, name, &got, MSTR_STORE_ABSENT);
}

static void check_ends(struct store_run *run)
{
    struct mstr_store_lease lease = {0};
    struct mstr_store_lease later = {0};
    check(run,
          acquire(run, 0, "e", 0, SHORT_MS, &lease, MSTR_STORE_DONE) && ends(run, lease_has_ended, "e") &&
              put(run, 0, "e", lease.fence, "too late", MSTR_STORE_LOST) && renew(run, 0, "e", MSTR_STORE_LOST) &&
              release(run, 0, "e", MSTR_STORE_LOST),
          "a lease ends by itself, and whoever had it writes no more");
    release(run, 1, "e", MSTR_STORE_DONE);
    check(run,
          acquire(run, 0, "x", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
              put_octets(run, 0, "x", lease.fence, SHORT_MS, "x", 1, MSTR_STORE_DONE) &&
              release(run, 0, "x", MSTR_STORE_DONE) && ends(run, record_has_ended, "x") &&
              acquire(run, 0, "x", 0, KEEP_MS, &later, MSTR_STORE_DONE) &&
              is_so(run, later.fence > lease.fence, "the fence is not above that of the record before"),
          "a record ends by itself, and its fences go on");
    check(run,
          extend(run, "x", later.fence, MSTR_STORE_ABSENT) &&
              put_octets(run, 0, "x", later.fence, KEEP_MS / 2, "x", 1, MSTR_STORE_DONE) &&
              extend(run, "x", lease.fence, MSTR_STORE_CHANGED) && extend(run, "x", later.fence, MSTR_STORE_DONE),
          "a record is kept for longer under its fence alone");
    struct mstr_store_get got = {0};
    check(run,
          get(run, 1, "x", &got, MSTR_STORE_DONE) &&
              is_so(run, got.left > KEEP_MS / 2 && got.left <= KEEP_MS, "its end is not the one that was set"),
          "and for as long as was said");
    release(run, 0, "x", MSTR_STORE_DONE);
    take_away(run, "x", 0, MSTR_STORE_DONE);
}

/* A record that is written under the lease of another one, which ends with it. */
static void check_other_records(struct store_run *run)
{
    const struct limits limits = for_ms(CALL_MS);
    struct mstr_store_lease lease = {0};
    struct mstr_store_lease next = {0};
    bool had = acquire(run, 0, "o", 0, KEEP_MS, &lease, MSTR_STORE_DONE);
    struct mstr_store_put other = {.key = key_of(run, "o.note"),
                                   .lease = "o",
                                   .token = tokens[0],
                                   .fence = lease.fence,
                                   .octets = "note",
                                   .length = 4,
                                   .keep = KEEP_MS,
                                   .flags = MSTR_STORE_RELEASE};
    enum mstr_code code = had ? store_instance_put(run->workers[0], &other, &limits, run->error) : MSTR_OK;
    check(run,
          had && came_to(run, "put", code, other.outcome, MSTR_STORE_DONE) &&
              holds(run, 1, "o.note", "note", lease.fence),
          "the lease of one record is good for others of its group");
    check(run, acquire(run, 1, "o", 0, KEEP_MS, &next, MSTR_STORE_DONE), "a lease ends with the write that says so");
    release(run, 1, "o", MSTR_STORE_DONE);
    take_away(run, "o.note", 0, MSTR_STORE_DONE);
}

static bool members_have_ended(struct store_run *run, const char *name)
{
    (void)name;
    return beat(run, 1, NULL, SHORT_MS, 0);
}

static void check_members(struct store_run *run)
{
    const struct limits limits = for_ms(CALL_MS);
    struct mstr_store_lease lease = {0};
    check(run,
          beat(run, 0, NULL, KEEP_MS, 0) && beat(run, 0, "one", KEEP_MS, 1) && beat(run, 1, "two", KEEP_MS, 2) &&
              beat(run, 0, "one", KEEP_MS, 2) && beat(run, 1, NULL, KEEP_MS, 2),
          "members that beat are counted");
    struct mstr_store_beat told = {.key = key_of(run, "members"), .member = "one", .keep = KEEP_MS};
    enum mstr_code code = store_instance_leave(run->workers[0], &told, &limits, run->error);
    check(run, succeeds(run, "leave", code) && is_so(run, told.members == 1, "it counts other members than are left"),
          "a member that leaves counts no more");
    check(run, ends(run, members_have_ended, NULL), "a member that does not beat counts no more");
    told = (struct mstr_store_beat){.key = key_of(run, "members"), .member = "one", .keep = KEEP_MS, .watched = "w"};
    bool good = acquire(run, 0, "w", 0, KEEP_MS, &lease, MSTR_STORE_DONE) &&
                put(run, 0, "w", lease.fence, "w", MSTR_STORE_DONE) &&
                succeeds(run, "beat", store_instance_beat(run->workers[0], &told, &limits, run->error));
    check(run, good && is_so(run, told.fence == lease.fence, "beat tells another fence than the record's"),
          "a member is told the fence of the record that it watches");
    store_instance_leave(run->workers[0], &told, &limits, NULL);
    release(run, 0, "w", MSTR_STORE_DONE);
    take_away(run, "w", 0, MSTR_STORE_DONE);
}

/* Whether the next message is this one; NULL = none comes. */
static bool hears(struct store_run *run, void *subscription, size_t capacity, const char *text)
{
    char heard[64] = "";
    struct mstr_store_message message = {.text = heard, .capacity = capacity};
    const struct limits limits = for_ms(text != NULL ? CALL_MS : SHORT_MS);
    enum mstr_code code = store_instance_next(run->workers[1], subscription, &message, &limits, run->error);
    if (text == NULL) {
        return is_so(run, code == MSTR_E_TIMEOUT, "a wait for nothing does not end with MSTR_E_TIMEOUT");
    }
    return is_so(run, code != MSTR_E_TIMEOUT, "no message comes") && succeeds(run, "next", code) &&
           is_so(run, strcmp(heard, text) == 0, "another message comes than was sent");
}

static bool send_text(struct store_run *run, const char *channel, const char *text)
{
    const struct limits limits = for_ms(CALL_MS);
    const struct mstr_store_key key = key_of(run, channel);
    return succeeds(run, "publish", store_instance_publish(run->workers[0], &key, text, &limits, run->error));
}

/* With a record. */
static bool send_with_put(struct store_run *run, const char *text)
{
    const struct limits limits = for_ms(CALL_MS);
    struct mstr_store_lease lease = {0};
    if (!acquire(run, 0, "m", 0, KEEP_MS, &lease, MSTR_STORE_DONE)) {
        return false;
    }
    struct mstr_store_put with = {.key = key_of(run, "m"),
                                  .lease = "m",
                                  .token = tokens[0],
                                  .fence = lease.fence,
                                  .octets = "m",
                                  .length = 1,
                                  .keep = KEEP_MS,
                                  .flags = MSTR_STORE_RELEASE,
                                  .channel = "news",
                                  .message = text};
    enum mstr_code code = store_instance_put(run->workers[0], &with, &limits, run->error);
    return came_to(run, "put", code, with.outcome, MSTR_STORE_DONE);
}

static void check_messages(struct store_run *run)
{
    const struct limits limits = for_ms(CALL_MS);
    const struct mstr_store_key channel = key_of(run, "news");
    void *subscription = NULL;
    enum mstr_code code = store_instance_subscribe(run->workers[1], &channel, &subscription, &limits, run->error);
    if (!succeeds(run, "subscribe", code)) {
        check(run, false, "a message reaches whoever listens");
        return;
    }
    check(run, send_text(run, "news", "one") && hears(run, subscription, 64, "one"),
          "a message reaches whoever listens");
    check(run,
          hears(run, subscription, 64, NULL) && send_text(run, "news", "two") && hears(run, subscription, 64, "two"),
          "a wait that was in vain loses no message");
    check(run,
          send_text(run, "else", "no") && send_text(run, "news", "three") && hears(run, subscription, 64, "three"),
          "a channel has its own messages alone");
    check(run, send_text(run, "news", "too long") && hears(run, subscription, 4, "too"), "a long message is cut");
    check(run, send_with_put(run, "four") && hears(run, subscription, 64, "four"),
          "a message goes out with a record");
    store_instance_unsubscribe(run->workers[1], subscription);
    check(run, send_text(run, "news", "five"), "nobody needs to listen");
    take_away(run, "m", 0, MSTR_STORE_DONE);
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
    const struct limits limits = for_ms(PATIENCE_MS);
    char octets[64] = "";
    char *room = malloc(MSTR_STORE_RECORD_MAX);
    struct mstr_store_lease lease = {.outcome = MSTR_STORE_HELD};
    struct mstr_store_get got = {.key = key_of(counting->run, "count"), .octets = room};
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
        good = good && is_so(run, !counting.failed[i], "a call failed, or a lease was lost");
    }
    snprintf(wanted, sizeof wanted, "%d", COUNTERS * ROUNDS);
    good = good && get(run, 0, "count", &got, MSTR_STORE_DONE) &&
           is_so(run, got.length == strlen(wanted) && memcmp(run->octets, wanted, got.length) == 0,
                 "a write was lost: two had the lease at once");
    check(run, good, "eight threads at once write one after another");
    take_away(run, "count", 0, MSTR_STORE_DONE);
}

/* A call that may not take time must come back at once, whatever its outcome. */
static void check_limits(struct store_run *run)
{
    struct mstr_store_get got = {.key = key_of(run, "none"), .octets = run->octets};
    struct limits limits = for_ms(1);
    int64_t started = conformance_clock();
    store_instance_get(run->workers[0], &got, &limits, NULL);
    check(run, is_so(run, conformance_clock() - started < CONFORMANCE_PROMPT_MS, "the call came back much later"),
          "a deadline of 1 ms is kept");
    limits = for_ms(CALL_MS);
    limits.cancel = mstr_cancel_new();
    mstr_cancel_now(limits.cancel);
    started = conformance_clock();
    enum mstr_code code = store_instance_get(run->workers[0], &got, &limits, NULL);
    check(run,
          is_so(run, conformance_clock() - started < CONFORMANCE_PROMPT_MS, "the call came back much later") &&
              is_so(run, code == MSTR_E_CANCELLED, "its class is not MSTR_E_CANCELLED"),
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
    const struct limits limits = for_ms(CALL_MS);
    int steps = 0;
    struct mstr_report report = {.each = ignore, .data = &steps};
    bool good = succeeds(run, "explain", store_instance_explain(run->workers[0], &report, &limits, run->error));
    check(run, good && is_so(run, steps > 0, "it tells no step"), "it explains the way to it");
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
    check(run, is_so(run, conformance_same_state(&before, &after), "a call changed them"),
          "working directory, locale, umask and signal mask are kept");
}
