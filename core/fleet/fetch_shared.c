/* SPDX-License-Identifier: Apache-2.0 */
/* Values that a fleet shares. */
#include "fleet/fetch_shared.h"

#include "base/clock.h"
#include "base/text.h"
#include "fleet/shared_store.h"
#include "reference/canonical.h"
#include "secret/secret.h"

#include <stdlib.h>
#include <string.h>

enum { /* ms */
       LOOKING = 1000,
       PUTTING = 1000,
       LEASE = 15 * 1000,
       WAITING = 5 * 1000, /* for what somebody else fetches */
       POLL = 100,
       POLL_JITTER = 100
};

struct fetch_shared {
    struct fetch fetch; /* first */
    struct shared_store_options options;
    struct patterns *patterns;
    struct shared_store *store;
};

enum item_state {
    ITEM_OPEN, /* to be asked of the inner fetch */
    ITEM_AWAITED,
    ITEM_DONE
};

/* One reference of an order. */
struct item {
    bool shared; /* what comes of it may be put into the store */
    bool anew;   /* and is to replace what others have as well */
    enum item_state state;
    struct shared_reader reader; /* identity "" = not known */
    struct shelf_place place;
    mstr_secret *fetched; /* to be put there */
};

struct task {
    struct fetch_shared *shared;
    const struct fetch_order *order;
    const struct shelf *shelf; /* NULL once it has failed */
    struct item *items;
    const struct reference **references; /* of the inner order, and their places */
    size_t *places;
};

/* Whether a pattern names it. */
static bool is_shared(const struct fetch_shared *shared, const struct reference *reference)
{
    const struct mstr_reference *parts = &reference->parts;
    struct registry *registry = shared->options.registry;
    struct instance *instance = NULL;
    char *body = reference_canonical(parts->body);
    bool found = registry_find(registry, parts->scheme, &instance, NULL) == MSTR_OK;
    const struct pattern_subject subject = {
        .scheme = parts->scheme,
        .body = body,
        .query = parts->query,
        .query_count = parts->query_count,
        .local = found && registry_keeps_here(registry, instance),
        .dotted = reference_has_dots(parts->body),
    };
    bool matched = body != NULL && found && patterns_match(shared->patterns, &subject, true);
    text_wipe_free(body);
    return matched;
}

static struct limits at_most(const struct limits *limits, int64_t milliseconds)
{
    struct limits shorter = *limits;
    int64_t most = clock_monotonic() + milliseconds;
    shorter.deadline = shorter.deadline < most ? shorter.deadline : most;
    return shorter;
}

static const struct reference *reference_at(const struct task *task, size_t index)
{
    return task->order->references[index];
}

/* Notes what came of a call, unless it was the caller who ended it. False where the store is of no use any more. */
static bool is_answered(struct task *task, enum shelf_outcome outcome, const mstr_error *error)
{
    if (outcome != SHELF_FAILED || limits_check(task->order->limits) == MSTR_OK) {
        shared_store_note(task->shared->store, outcome, error);
    }
    if (outcome == SHELF_FAILED) {
        task->shelf = NULL;
    }
    return outcome != SHELF_FAILED;
}

static bool place_item(const struct task *task, size_t index)
{
    struct item *item = &task->items[index];
    return shelf_place_init(&item->place, task->shelf, item->reader.origin, item->reader.identity,
                            reference_at(task, index)->key);
}

/* Looks for one value; else takes the lease for fetching it. */
static void look_for(struct task *task, size_t index, const struct limits *limits, mstr_error *error)
{
    struct item *item = &task->items[index];
    mstr_secret *secret = NULL;
    int64_t left = 0;
    shared_store_recall(task->shared->store, &item->place);
    enum shelf_outcome outcome = shelf_read(task->shelf, &item->place, limits, &secret, &left, error);
    if (!is_answered(task, outcome, error)) {
        return;
    }
    shared_store_remember(task->shared->store, &item->place);
    item->shared = outcome != SHELF_STRANGE;
    if (outcome == SHELF_VALUE && shared_store_has_forgotten(task->shared->store, item->place.written)) {
        mstr_secret_release(secret);
        item->anew = true;
        outcome = SHELF_NONE;
    }
    if (outcome == SHELF_VALUE) {
        item->state = ITEM_DONE;
        task->order->each(task->order->data, index,
                          &(struct fetched){.secret = secret, .keep = true, .fresh_for = left, .fresh_only = true});
        mstr_secret_release(secret);
    } else if (item->shared) {
        outcome = shelf_lease(task->shelf, &item->place, LEASE, limits, error);
        bool answered = is_answered(task, outcome, error);
        item->state = answered && outcome != SHELF_NONE ? ITEM_AWAITED : ITEM_OPEN;
    }
}

/* All those of which it is known as whom they are read. */
static void look(struct task *task)
{
    const struct limits limits = at_most(task->order->limits, LOOKING);
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < task->order->count; i++) {
        const struct reference *reference = reference_at(task, i);
        struct item *item = &task->items[i];
        item->shared = is_shared(task->shared, reference);
        item->anew = task->order->refresh;
        bool known =
            item->shared && shared_store_find_reader(task->shared->store, reference->parts.scheme, &item->reader);
        if (known && task->shelf != NULL && !item->anew && place_item(task, i)) {
            look_for(task, i, &limits, error);
        }
    }
    mstr_error_free(error);
}

/* Hands on what the inner fetch gave, and keeps what others may have. */
static void take(void *data, size_t index, const struct fetched *fetched)
{
    const struct task *task = data;
    size_t place = task->places[index];
    struct item *item = &task->items[place];
    if (item->shared && fetched->code == MSTR_OK && fetched->keep && secret_identity(fetched->secret) != NULL) {
        item->fetched = mstr_secret_retain(fetched->secret);
    }
    task->order->each(task->order->data, place, fetched);
}

static void fetch_open(struct task *task)
{
    struct fetch *inner = task->shared->options.inner;
    struct fetch_order order = *task->order;
    order.references = task->references;
    order.count = 0;
    order.each = take;
    order.data = task;
    for (size_t i = 0; i < task->order->count; i++) {
        if (task->items[i].state == ITEM_OPEN) {
            task->places[order.count] = i;
            task->references[order.count++] = reference_at(task, i);
            task->items[i].state = ITEM_DONE;
        }
    }
    if (order.count > 0) {
        inner->run(inner, &order);
    }
}

/* Whether the lease is had for the place where the value belongs. What was fetched on demand replaces what is
 * there. */
static bool has_lease(struct task *task, size_t index, const struct limits *limits, mstr_error *error)
{
    struct item *item = &task->items[index];
    if (item->place.token[0] != '\0') {
        return true;
    }
    enum shelf_outcome outcome = shelf_lease(task->shelf, &item->place, LEASE, limits, error);
    if (outcome == SHELF_CHANGED && item->anew) {
        outcome = shelf_lease(task->shelf, &item->place, LEASE, limits, error);
    }
    return is_answered(task, outcome, error) && outcome == SHELF_NONE;
}

/* What was fetched on demand, or as the value before was forgotten, others are to have as well: they forget theirs.
 */
static void write_one(struct task *task, size_t index, const struct limits *limits, mstr_error *error)
{
    struct item *item = &task->items[index];
    enum shelf_outcome outcome =
        shelf_write(task->shelf, &item->place, item->fetched, task->shared->options.ttl, limits, error);
    item->place.token[0] = '\0';
    shared_store_remember(task->shared->store, &item->place);
    if (is_answered(task, outcome, error) && item->anew) {
        is_answered(task, shelf_tell(task->shelf, reference_at(task, index)->key, limits, error), error);
    }
}

static void put_one(struct task *task, size_t index, const struct limits *limits, mstr_error *error)
{
    struct item *item = &task->items[index];
    const char *identity = item->fetched != NULL ? secret_identity(item->fetched) : NULL;
    bool other = identity == NULL || strcmp(identity, item->reader.identity) != 0;
    if (other && item->place.token[0] != '\0') {
        shelf_give_back(task->shelf, &item->place, limits);
        item->place.token[0] = '\0';
    }
    if (identity == NULL ||
        (other && (!shared_store_learn(task->shared->store, reference_at(task, index)->parts.scheme, identity,
                                       &item->reader) ||
                   !place_item(task, index)))) {
        return;
    }
    bool placed = item->place.name[0] != '\0' || place_item(task, index);
    if (placed && has_lease(task, index, limits, error)) {
        write_one(task, index, limits, error);
    }
}

/* What was fetched for all. */
static void put(struct task *task)
{
    const struct limits limits = {.deadline = clock_monotonic() + PUTTING, .cancel = task->order->limits->cancel};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < task->order->count; i++) {
        if (task->shelf != NULL && task->items[i].shared) {
            put_one(task, i, &limits, error);
        }
        mstr_secret_release(task->items[i].fetched);
        task->items[i].fetched = NULL;
    }
    mstr_error_free(error);
}

static bool is_anything_awaited(const struct task *task)
{
    for (size_t i = 0; i < task->order->count; i++) {
        if (task->items[i].state == ITEM_AWAITED) {
            return true;
        }
    }
    return false;
}

/* Waits for what others fetch; what does not come is fetched here as well. */
static void await(struct task *task)
{
    const struct limits limits = at_most(task->order->limits, WAITING);
    mstr_error *error = mstr_error_new();
    while (task->shelf != NULL && is_anything_awaited(task) &&
           limits_sleep(&limits, POLL + (int64_t)clock_random_below(POLL_JITTER)) == MSTR_OK) {
        for (size_t i = 0; i < task->order->count && task->shelf != NULL; i++) {
            if (task->items[i].state == ITEM_AWAITED) {
                look_for(task, i, &limits, error);
            }
        }
    }
    for (size_t i = 0; i < task->order->count; i++) {
        if (task->items[i].state == ITEM_AWAITED) {
            task->items[i].state = ITEM_OPEN;
        }
    }
    mstr_error_free(error);
}

static bool is_any_shared(const struct fetch_shared *shared, const struct fetch_order *order)
{
    for (size_t i = 0; i < order->count; i++) {
        if (is_shared(shared, order->references[i])) {
            return true;
        }
    }
    return false;
}

static void run_shared(struct task *task)
{
    look(task);
    fetch_open(task);
    put(task);
    if (is_anything_awaited(task)) {
        await(task);
        fetch_open(task);
        put(task);
    }
}

static void run(struct fetch *fetch, const struct fetch_order *order)
{
    struct fetch_shared *shared = (struct fetch_shared *)(void *)fetch;
    struct task task = {.shared = shared, .order = order};
    task.shelf = is_any_shared(shared, order) ? shared_store_use(shared->store, order->limits) : NULL;
    task.items = task.shelf != NULL ? calloc(order->count, sizeof(*task.items)) : NULL;
    task.places = task.items != NULL ? calloc(order->count, sizeof(*task.places)) : NULL;
    task.references = task.places != NULL ? calloc(order->count, sizeof(const struct reference *)) : NULL;
    if (task.references != NULL) {
        run_shared(&task);
    } else {
        shared->options.inner->run(shared->options.inner, order);
    }
    free(task.references);
    free(task.places);
    free(task.items);
}

enum mstr_code fetch_shared_patterns(const struct config *config, const char *section, struct patterns **out,
                                     mstr_error *error)
{
    const struct config_value *list = config_get(config, section, "share_secrets");
    struct buffer problem = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    *out = patterns_new(list != NULL ? list->text : "", &problem);
    if (*out == NULL && list != NULL && problem.length > 0) {
        code = error_set(error, MSTR_E_CONFIG, "share_secrets in [%s]: %s", section, buffer_text(&problem));
    } else if (*out == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&problem);
    return code;
}

enum mstr_code fetch_shared_new(const struct shared_store_options *options, struct fetch_shared **out,
                                mstr_error *error)
{
    const struct config *config = registry_config(options->registry);
    struct fetch_shared *shared = calloc(1, sizeof(*shared));
    if (shared == NULL) {
        *out = NULL;
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    enum mstr_code code = fetch_shared_patterns(config, options->section, &shared->patterns, error);
    if (code == MSTR_OK && (shared->store = shared_store_new(options)) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    const struct config_value *list = config_get(config, options->section, "share_secrets");
    if (code == MSTR_E_CONFIG && list != NULL) {
        error_prefix(error, "%s:%u: ", list->file, list->line);
    }
    if (code != MSTR_OK) {
        fetch_shared_free(shared);
        shared = NULL;
    } else {
        shared->fetch.run = run;
        shared->options = *options;
    }
    *out = shared;
    return code;
}

void fetch_shared_free(struct fetch_shared *shared)
{
    if (shared != NULL) {
        shared_store_free(shared->store);
        patterns_free(shared->patterns);
        free(shared);
    }
}

struct fetch *fetch_shared_fetch(struct fetch_shared *shared)
{
    return &shared->fetch;
}

/* True where it is gone. */
static bool take_away(struct fetch_shared *shared, const struct shelf *shelf, const struct reference *reference,
                      const struct limits *limits, mstr_error *error)
{
    struct shared_reader reader;
    struct shelf_place place;
    if (!shared_store_find_reader(shared->store, reference->parts.scheme, &reader) ||
        !shelf_place_init(&place, shelf, reader.origin, reader.identity, reference->key)) {
        return false;
    }
    enum shelf_outcome outcome = shelf_remove(shelf, &place, limits, error);
    shared_store_note(shared->store, outcome, error);
    return outcome == SHELF_NONE;
}

void fetch_shared_forget(struct fetch_shared *shared, const struct reference *reference)
{
    const struct limits limits = {.deadline = clock_monotonic() + PUTTING};
    if (reference == NULL) {
        shared_store_forget(shared->store);
        return;
    }
    if (!is_shared(shared, reference)) {
        return;
    }
    const struct shelf *shelf = shared_store_peek(shared->store);
    mstr_error *error = mstr_error_new();
    if (shelf == NULL || !take_away(shared, shelf, reference, &limits, error)) {
        shared_store_forget(shared->store);
    }
    if (shelf != NULL) {
        shared_store_note(shared->store, shelf_tell(shelf, reference->key, &limits, error), error);
    }
    mstr_error_free(error);
}
