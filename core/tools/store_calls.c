/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of a store's conformance run. */
#include "tools/store_calls.h"

#include "base/clock.h"
#include "tools/conformance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const store_tokens[2] = {"11111111111111111111111111111111", "22222222222222222222222222222222"};

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

struct limits store_within(int64_t milliseconds)
{
    return (struct limits){.deadline = clock_monotonic() + milliseconds};
}

struct mstr_store_key store_key(const struct store_run *run, const char *name)
{
    return (struct mstr_store_key){run->group, name};
}

void store_check(struct store_run *run, bool passed, const char *what)
{
    conformance_tell(&run->failures, passed, what, run->told);
    run->told[0] = '\0';
}

bool store_is_so(struct store_run *run, bool so, const char *otherwise)
{
    if (!so && run->told[0] == '\0') {
        snprintf(run->told, sizeof run->told, "%s", otherwise);
    }
    return so;
}

bool store_came_to(struct store_run *run, const char *call, enum mstr_code code, enum mstr_store_outcome outcome,
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

bool store_succeeds(struct store_run *run, const char *call, enum mstr_code code)
{
    return store_came_to(run, call, code, MSTR_STORE_DONE, MSTR_STORE_DONE);
}

bool store_acquire(struct store_run *run, int worker, const char *name, int64_t known, int64_t duration,
                   struct mstr_store_lease *lease, enum mstr_store_outcome wanted)
{
    const struct limits limits = store_within(CALL_MS);
    *lease = (struct mstr_store_lease){
        .key = store_key(run, name), .token = store_tokens[worker], .known = known, .duration = duration};
    enum mstr_code code = store_instance_acquire(run->workers[worker], lease, &limits, run->error);
    return store_came_to(run, "acquire", code, lease->outcome, wanted);
}

bool store_put_octets(struct store_run *run, int worker, const char *name, int64_t fence, int64_t keep,
                      const void *octets, size_t length, enum mstr_store_outcome wanted)
{
    const struct limits limits = store_within(CALL_MS);
    struct mstr_store_put put = {.key = store_key(run, name),
                                 .lease = name,
                                 .token = store_tokens[worker],
                                 .fence = fence,
                                 .octets = octets,
                                 .length = length,
                                 .keep = keep};
    enum mstr_code code = store_instance_put(run->workers[worker], &put, &limits, run->error);
    return store_came_to(run, "put", code, put.outcome, wanted);
}

bool store_put(struct store_run *run, int worker, const char *name, int64_t fence, const char *text,
               enum mstr_store_outcome wanted)
{
    return store_put_octets(run, worker, name, fence, KEEP_MS, text, strlen(text), wanted);
}

bool store_get(struct store_run *run, int worker, const char *name, struct mstr_store_get *got,
               enum mstr_store_outcome wanted)
{
    const struct limits limits = store_within(CALL_MS);
    *got = (struct mstr_store_get){.key = store_key(run, name), .octets = run->octets};
    enum mstr_code code = store_instance_get(run->workers[worker], got, &limits, run->error);
    return store_came_to(run, "get", code, got->outcome, wanted);
}

bool store_holds(struct store_run *run, int worker, const char *name, const char *text, int64_t fence)
{
    struct mstr_store_get got = {0};
    return store_get(run, worker, name, &got, MSTR_STORE_DONE) &&
           store_is_so(run, got.length == strlen(text) && memcmp(run->octets, text, got.length) == 0,
                       "get gives other octets than were put") &&
           store_is_so(run, got.fence == fence, "get tells another fence than that of the put") &&
           store_is_so(run, got.left > 0 && got.left <= KEEP_MS, "get tells an end that nobody set");
}

bool store_release(struct store_run *run, int worker, const char *name, enum mstr_store_outcome wanted)
{
    const struct limits limits = store_within(CALL_MS);
    const struct mstr_store_key key = store_key(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_CHANGED;
    enum mstr_code code =
        store_instance_release(run->workers[worker], &key, store_tokens[worker], &outcome, &limits, run->error);
    return store_came_to(run, "release", code, outcome, wanted);
}

bool store_renew(struct store_run *run, int worker, const char *name, enum mstr_store_outcome wanted)
{
    const struct limits limits = store_within(CALL_MS);
    const struct mstr_store_key key = store_key(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_CHANGED;
    enum mstr_code code = store_instance_renew(run->workers[worker], &key, store_tokens[worker], KEEP_MS, &outcome,
                                               &limits, run->error);
    return store_came_to(run, "renew", code, outcome, wanted);
}

bool store_extend(struct store_run *run, const char *name, int64_t fence, enum mstr_store_outcome wanted)
{
    const struct limits limits = store_within(CALL_MS);
    const struct mstr_store_key key = store_key(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_HELD;
    enum mstr_code code = store_instance_extend(run->workers[0], &key, fence, KEEP_MS, &outcome, &limits, run->error);
    return store_came_to(run, "extend", code, outcome, wanted);
}

bool store_remove(struct store_run *run, const char *name, int64_t fence, enum mstr_store_outcome wanted)
{
    const struct limits limits = store_within(CALL_MS);
    const struct mstr_store_key key = store_key(run, name);
    enum mstr_store_outcome outcome = MSTR_STORE_HELD;
    enum mstr_code code = store_instance_remove(run->workers[0], &key, fence, &outcome, &limits, run->error);
    return store_came_to(run, "remove", code, outcome, wanted);
}

bool store_beat(struct store_run *run, int worker, const char *member, int64_t keep, size_t members)
{
    const struct limits limits = store_within(CALL_MS);
    struct mstr_store_beat told = {.key = store_key(run, "members"), .member = member, .keep = keep};
    enum mstr_code code = store_instance_beat(run->workers[worker], &told, &limits, run->error);
    return store_succeeds(run, "beat", code) &&
           store_is_so(run, told.members == members, "it counts other members than there are") &&
           store_is_so(run, told.now > 0, "beat tells no time");
}
