/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet's store in the memory of one process, whole in what it does: all instances whose option `space` is the same
 * share it, and it ends with the last of them. Its clock and its faults are what a test says, by the option of that
 * name or, from one call to the next, by a line `NAME VALUE` each in the file that `control` names:
 *
 *   clock N     its clock is N ms ahead of the machine's
 *   delay N     each call takes so many ms
 *   flush N     whenever N rises, it has lost everything, as after a restart
 *   fault WORD  network, denied, authentication: each call fails so; loading: with MSTR_E_UNAVAILABLE; full: what
 *               writes fails so; unknown: what writes is done, and fails with MSTR_E_TIMEOUT; silent: no call is
 *               answered within its limits; mute: each call fails without a word; odd: reading has an outcome that it
 *               cannot have; lax: whoever writes needs no lease; repeats: fences begin anew; deaf: no message arrives
 */
#include "memory_space.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLICE = 5 };

static const struct mstr_host *host;

struct store {
    struct space *space;
    char *control; /* NULL = none */
    char fault[32];
    int64_t clock, delay;
};

/* What holds for one call. */
struct mood {
    char fault[32];
    int64_t clock, delay;
    long flush;
};

static const struct mstr_option options[] = {
    {"space", MSTR_OPTION_STRING, 0, "default", "name of what instances share"},
    {"url", MSTR_OPTION_STRING, 0, NULL, "not looked at"},
    {"username", MSTR_OPTION_STRING, 0, NULL, "not looked at"},
    {"password", MSTR_OPTION_SECRET, 0, NULL, "\"wrong\" is refused"},
    {"clock", MSTR_OPTION_INTEGER, 0, "0", "ms by which its clock is ahead"},
    {"delay", MSTR_OPTION_INTEGER, 0, "0", "ms that each call takes"},
    {"fault", MSTR_OPTION_STRING, 0, "", "what is wrong with it"},
    {"control", MSTR_OPTION_PATH, 0, NULL, "file that is read for these at each call"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

static void destroy(void *self)
{
    struct store *store = self;
    if (store->space != NULL) {
        space_part(store->space);
    }
    free(store->control);
    free(store);
}

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    struct store *store = calloc(1, sizeof(*store));
    const char *control = host->option(instance, "control");
    const char *password = host->option(instance, "password");
    if (store == NULL || (store->space = space_join(host->option(instance, "space"))) == NULL ||
        (control != NULL && (store->control = strdup(control)) == NULL)) {
        if (store != NULL) {
            destroy(store);
        }
        return host->error_set_plain(error, MSTR_E_MEMORY, "out of memory");
    }
    store->clock = strtoll(host->option(instance, "clock"), NULL, 10);
    store->delay = strtoll(host->option(instance, "delay"), NULL, 10);
    snprintf(store->fault, sizeof(store->fault), "%s",
             password != NULL && strcmp(password, "wrong") == 0 ? "authentication" : host->option(instance, "fault"));
    *self = store;
    return MSTR_OK;
}

static struct mood read_mood(const struct store *store)
{
    struct mood mood = {.clock = store->clock, .delay = store->delay};
    memcpy(mood.fault, store->fault, sizeof(mood.fault));
    FILE *file = store->control != NULL ? fopen(store->control, "re") : NULL;
    char line[128], name[32], value[32];
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%31s %31s", name, value) != 2) {
            continue;
        }
        if (strcmp(name, "clock") == 0) {
            mood.clock = strtoll(value, NULL, 10);
        } else if (strcmp(name, "delay") == 0) {
            mood.delay = strtoll(value, NULL, 10);
        } else if (strcmp(name, "flush") == 0) {
            mood.flush = strtol(value, NULL, 10);
        } else if (strcmp(name, "fault") == 0) {
            snprintf(mood.fault, sizeof(mood.fault), "%s", value);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return mood;
}

/* A call that is under way: the space is locked while it is. */
struct work {
    struct space *space;
    struct mood mood;
    struct record *record; /* of begin_at() */
    int64_t now;
    bool writes;
};

static bool has_fault(const struct work *work, const char *fault)
{
    return strcmp(work->mood.fault, fault) == 0;
}

static enum mstr_code refuse(struct mstr_error *error, enum mstr_code code, const char *word, const char *text)
{
    host->error_set_plain(error, code, text);
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, word);
    return code;
}

/* The call's own end, in the words of the host. */
static enum mstr_code out_of_time(const struct mstr_call *call, struct mstr_error *error)
{
    return host->cancelled(call) ? host->error_set_plain(error, MSTR_E_CANCELLED, "cancelled")
                                 : host->error_set_plain(error, MSTR_E_TIMEOUT, "the store did not answer in time");
}

static enum mstr_code meet_fault(const struct work *work, const struct mstr_call *call, struct mstr_error *error)
{
    static const struct {
        const char *fault;
        enum mstr_code code;
        const char *word, *text;
        bool writes; /* alone are refused */
    } refusals[] = {
        {"network", MSTR_E_NETWORK, NULL, "the store cannot be reached", false},
        {"denied", MSTR_E_DENIED, "NOPERM", "the store denies it", false},
        {"authentication", MSTR_E_AUTHENTICATION, "WRONGPASS", "the store knows no such user", false},
        {"loading", MSTR_E_UNAVAILABLE, "LOADING", "the store is being loaded", false},
        {"full", MSTR_E_UNAVAILABLE, "OOM", "the store is full", true},
    };
    if (has_fault(work, "silent")) {
        while (host->sleep(call, 60000) == MSTR_OK) {
        }
        return out_of_time(call, error);
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        if (has_fault(work, refusals[i].fault) && (work->writes || !refusals[i].writes)) {
            return refuse(error, refusals[i].code, refusals[i].word, refusals[i].text);
        }
    }
    return has_fault(work, "mute") ? MSTR_E_NETWORK : MSTR_OK;
}

/* Everything a call begins with. With MSTR_OK, end() has to follow. */
static enum mstr_code begin(void *self, bool writes, const struct mstr_call *call, struct work *work,
                            struct mstr_error *error)
{
    struct store *store = self;
    struct timespec time;
    *work = (struct work){.space = store->space, .mood = read_mood(store), .writes = writes};
    if ((work->mood.delay > 0 && host->sleep(call, work->mood.delay) != MSTR_OK) || host->cancelled(call) ||
        host->remaining(call) == 0) {
        return out_of_time(call, error);
    }
    enum mstr_code code = meet_fault(work, call, error);
    if (code != MSTR_OK) {
        return code;
    }
    pthread_mutex_lock(&work->space->mutex);
    if (work->space->flushed < work->mood.flush) {
        work->space->flushed = work->mood.flush;
        space_empty(work->space);
    }
    clock_gettime(CLOCK_REALTIME, &time);
    work->now = (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000 + work->mood.clock;
    return MSTR_OK;
}

static enum mstr_code end(struct work *work, struct mstr_error *error)
{
    pthread_mutex_unlock(&work->space->mutex);
    return work->writes && has_fault(work, "unknown")
               ? refuse(error, MSTR_E_TIMEOUT, NULL, "the store's answer did not come")
               : MSTR_OK;
}

/* The same for a call on a record. */
static enum mstr_code begin_at(void *self, const struct mstr_store_key *key, bool writes,
                               const struct mstr_call *call, struct work *work, struct mstr_error *error)
{
    enum mstr_code code = begin(self, writes, call, work, error);
    if (code == MSTR_OK && (work->record = space_find(work->space, key->group, key->name, work->now)) == NULL) {
        end(work, NULL);
        code = host->error_set_plain(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

static int64_t fence_of(const struct record *record)
{
    return record->octets != NULL ? record->fence : 0;
}

static enum mstr_code get(void *self, struct mstr_store_get *get, const struct mstr_call *call,
                          struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin_at(self, &get->key, false, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct record *record = work.record;
    get->now = work.now;
    get->outcome = record->octets != NULL ? MSTR_STORE_DONE : MSTR_STORE_ABSENT;
    get->fence = fence_of(record);
    get->length = record->octets != NULL ? record->length : 0;
    get->left = record->octets != NULL ? record->ends - work.now : 0;
    if (record->octets != NULL) {
        memcpy(get->octets, record->octets, record->length);
    }
    if (has_fault(&work, "odd")) {
        get->outcome = MSTR_STORE_LOST;
    }
    return end(&work, error);
}

static void publish_to(const struct work *work, const char *group, const char *channel, const char *text)
{
    if (!has_fault(work, "deaf")) {
        space_tell(work->space, group, channel, text);
    }
}

static enum mstr_code put(void *self, struct mstr_store_put *put, const struct mstr_call *call,
                          struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin_at(self, &put->key, true, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct record *record = work.record;
    struct record *lease = space_find(work.space, put->key.group, put->lease, work.now);
    if (!has_fault(&work, "lax") && lease != NULL &&
        (strcmp(lease->token, put->token) != 0 || put->fence < record->highest)) {
        put->outcome = MSTR_STORE_LOST;
        return end(&work, error);
    }
    if (lease == NULL || !record_keep(record, put, work.now)) {
        end(&work, NULL);
        return host->error_set_plain(error, MSTR_E_MEMORY, "out of memory");
    }
    put->outcome = MSTR_STORE_DONE;
    if ((put->flags & MSTR_STORE_RELEASE) != 0) {
        lease->token[0] = '\0';
    }
    if (put->channel != NULL) {
        publish_to(&work, put->key.group, put->channel, put->message != NULL ? put->message : "");
    }
    return end(&work, error);
}

/* What becomes of a record that the caller knows under a fence, 0 = any. */
static enum mstr_store_outcome compare(const struct record *record, int64_t fence)
{
    return record->octets == NULL                 ? MSTR_STORE_ABSENT
           : fence != 0 && record->fence != fence ? MSTR_STORE_CHANGED
                                                  : MSTR_STORE_DONE;
}

static enum mstr_code extend(void *self, const struct mstr_store_key *key, int64_t fence, int64_t keep_for,
                             enum mstr_store_outcome *outcome, const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin_at(self, key, true, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct record *record = work.record;
    *outcome = compare(record, fence);
    if (*outcome == MSTR_STORE_DONE) {
        record->ends = work.now + keep_for;
    }
    return end(&work, error);
}

static enum mstr_code take_away(void *self, const struct mstr_store_key *key, int64_t fence,
                                enum mstr_store_outcome *outcome, const struct mstr_call *call,
                                struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin_at(self, key, true, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct record *record = work.record;
    *outcome = compare(record, fence);
    if (*outcome == MSTR_STORE_DONE) {
        record_drop(record);
    }
    return end(&work, error);
}

static enum mstr_code acquire(void *self, struct mstr_store_lease *lease, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin_at(self, &lease->key, true, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct record *record = work.record;
    lease->now = work.now;
    lease->fence = fence_of(record);
    lease->left = record->token[0] != '\0' ? record->lease_ends - work.now : 0;
    if (lease->fence != lease->known) {
        lease->outcome = MSTR_STORE_CHANGED;
    } else if (record->token[0] != '\0') {
        lease->outcome = MSTR_STORE_HELD;
    } else {
        lease->outcome = MSTR_STORE_DONE;
        record->highest = has_fault(&work, "repeats")      ? lease->fence + 1
                          : record->highest + 1 > work.now ? record->highest + 1
                                                           : work.now;
        lease->fence = record->highest;
        record->lease_ends = work.now + lease->duration;
        snprintf(record->token, sizeof(record->token), "%s", lease->token);
    }
    return end(&work, error);
}

/* Renews a lease that is held, or with 0 gives it back. */
static enum mstr_code set_lease(void *self, const struct mstr_store_key *key, const char *token, int64_t duration,
                                enum mstr_store_outcome *outcome, const struct mstr_call *call,
                                struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin_at(self, key, true, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct record *record = work.record;
    *outcome = strcmp(record->token, token) == 0 ? MSTR_STORE_DONE : MSTR_STORE_LOST;
    if (*outcome == MSTR_STORE_DONE) {
        record->lease_ends = work.now + duration;
    }
    return end(&work, error);
}

static enum mstr_code release(void *self, const struct mstr_store_key *key, const char *token,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error)
{
    return set_lease(self, key, token, 0, outcome, call, error);
}

static enum mstr_code answer_beat(struct work *work, struct mstr_store_beat *beat, struct mstr_error *error)
{
    struct record *watched =
        beat->watched != NULL ? space_find(work->space, beat->key.group, beat->watched, work->now) : NULL;
    beat->now = work->now;
    beat->fence = watched != NULL ? fence_of(watched) : 0;
    beat->members = space_count(work->space, beat, work->now);
    return end(work, error);
}

static enum mstr_code beat(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                           struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, beat->member != NULL, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (beat->member != NULL) {
        space_beat(work.space, beat, work.now);
    }
    return answer_beat(&work, beat, error);
}

static enum mstr_code leave(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                            struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, true, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (beat->member != NULL) {
        space_leave(work.space, beat);
    }
    return answer_beat(&work, beat, error);
}

static enum mstr_code publish(void *self, const struct mstr_store_key *channel, const char *message,
                              const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, true, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    publish_to(&work, channel->group, channel->name, message);
    return end(&work, error);
}

static enum mstr_code subscribe(void *self, const struct mstr_store_key *channel, void **subscription,
                                const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, false, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct subscription *fresh = space_subscribe(work.space, channel);
    *subscription = fresh;
    code = end(&work, error);
    return fresh != NULL ? code : host->error_set_plain(error, MSTR_E_MEMORY, "out of memory");
}

/* Who waits for a message also sees to it that the wait ends with the call. */
static void wait_a_little(struct space *space)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += SLICE * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&space->published, &space->mutex, &until);
}

static enum mstr_code next(void *self, void *subscription, struct mstr_store_message *message,
                           const struct mstr_call *call, struct mstr_error *error)
{
    struct store *store = self;
    struct subscription *mine = subscription;
    struct work work = {.space = store->space, .mood = read_mood(store)};
    enum mstr_code code = meet_fault(&work, call, error);
    if (code != MSTR_OK) {
        return code;
    }
    pthread_mutex_lock(&work.space->mutex);
    while (mine->messages == NULL && !host->cancelled(call) && host->remaining(call) > 0) {
        wait_a_little(work.space);
    }
    struct message *first = mine->messages;
    if (first != NULL) {
        mine->messages = first->next;
        snprintf(message->text, message->capacity, "%s", first->text);
        free(first);
    }
    pthread_mutex_unlock(&work.space->mutex);
    return first != NULL ? MSTR_OK : out_of_time(call, error);
}

static void unsubscribe(void *self, void *subscription)
{
    struct store *store = self;
    struct subscription *mine = subscription;
    if (mine == NULL) {
        return;
    }
    pthread_mutex_lock(&store->space->mutex);
    space_unsubscribe(store->space, mine);
    pthread_mutex_unlock(&store->space->mutex);
}

static enum mstr_code tell_time(void *self, int64_t *now, const struct mstr_call *call, struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, false, call, &work, error);
    if (code != MSTR_OK) {
        return code;
    }
    *now = work.now;
    return end(&work, error);
}

static enum mstr_code explain(void *self, struct mstr_report *report, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct work work;
    enum mstr_code code = begin(self, false, call, &work, error);
    if (code == MSTR_OK) {
        code = end(&work, error);
    }
    host->report_step(report, code == MSTR_OK ? MSTR_STEP_USED : MSTR_STEP_FAILED, "memory",
                      code == MSTR_OK ? "of this process" : host->error_message(error), NULL, 0);
    return code;
}

const struct mstr_store *mstr_store_entry(const struct mstr_host *given)
{
    static const struct mstr_store store = {
        .abi_major = MSTR_STORE_ABI_MAJOR,
        .size = sizeof(store),
        .option_size = sizeof(struct mstr_option),
        .name = "memory",
        .version = "1",
        .summary = "the memory of one process, for tests",
        .options = options,
        .create = create,
        .destroy = destroy,
        .get = get,
        .put = put,
        .extend = extend,
        .remove = take_away,
        .acquire = acquire,
        .renew = set_lease,
        .release = release,
        .beat = beat,
        .leave = leave,
        .publish = publish,
        .subscribe = subscribe,
        .next = next,
        .unsubscribe = unsubscribe,
        .time = tell_time,
        .explain = explain,
    };
    host = given;
    return &store;
}
