/* SPDX-License-Identifier: Apache-2.0 */
/* The references that one request wants. */
#include "resolving.h"

#include "base/clock.h"

#include <stdlib.h>

/* ms for which one client may have a worker: as long as a request of a session. */
enum { TIMEOUT_MOST = 5 * 60 * 1000 };

struct wanted {
    struct agent_reference *reference; /* NULL for what is none */
    struct agent_lookup lookup;
    mstr_error *error;
    bool settled;
    bool refresh;
};

/* What one worker does: the lookups of one instance, in one array. */
struct part {
    struct job job;
    struct resolving *resolving;
    struct agent_lookup *lookups;
    size_t *indexes; /* which of the wanted each is */
    size_t count;
    bool refresh;
};

struct resolving {
    struct agent *agent;
    struct request *request;
    compose_fn *compose;
    struct wanted *wanted;
    size_t count;
    struct part *parts;
    size_t part_count;
    struct agent_lookup *lookups; /* of all parts */
    size_t *indexes;
    atomic_size_t left; /* parts that are not done */
};

struct resolving *resolving_new(struct agent *agent, struct request *request, size_t most, compose_fn *compose)
{
    struct resolving *resolving = calloc(1, sizeof(*resolving));
    if (resolving == NULL || (resolving->wanted = calloc(most + 1, sizeof(*resolving->wanted))) == NULL) {
        free(resolving);
        return NULL;
    }
    resolving->agent = agent;
    resolving->request = request;
    resolving->compose = compose;
    request->own = resolving;
    return resolving;
}

static enum outcome outcome_of(const struct agent_lookup *lookup)
{
    const char *source = lookup->secret != NULL ? mstr_secret_source(lookup->secret) : NULL;
    return source == NULL                 ? OUTCOME_FAILED
           : strcmp(source, "cache") == 0 ? OUTCOME_CACHED
           : strcmp(source, "stale") == 0 ? OUTCOME_STALE
                                          : OUTCOME_FETCHED;
}

/* That a store could not be used; else it has answered, whatever it said. */
static bool is_stores(enum mstr_code code)
{
    static const enum mstr_code codes[] = {MSTR_E_NETWORK,        MSTR_E_TLS,       MSTR_E_TIMEOUT,
                                           MSTR_E_AUTHENTICATION, MSTR_E_THROTTLED, MSTR_E_UNAVAILABLE,
                                           MSTR_E_PLUGIN};
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

static bool is_over(const struct request *request)
{
    return request->deadline != 0 && clock_monotonic() >= request->deadline;
}

/* For status; what the cache has says nothing of the store, nor does a client's haste. */
static void note_store(const struct resolving *resolving, const struct wanted *wanted)
{
    enum outcome outcome = outcome_of(&wanted->lookup);
    bool hasty = wanted->lookup.code == MSTR_E_TIMEOUT && is_over(resolving->request);
    if (outcome != OUTCOME_CACHED && !hasty) {
        metrics_note_store(resolving->agent->metrics, wanted->reference->scheme,
                           outcome == OUTCOME_STALE || is_stores(wanted->lookup.code));
    }
}

static void settle(struct resolving *resolving, struct wanted *wanted)
{
    wanted->settled = true;
    if (wanted->lookup.secret == NULL && context_agent_needs_person(wanted->error)) {
        wanted->lookup.code = MSTR_E_NOT_AVAILABLE;
    }
    metrics_count_lookup(resolving->agent->metrics, wanted->reference->scheme, outcome_of(&wanted->lookup));
}

static void refuse(struct resolving *resolving, struct wanted *wanted)
{
    wanted->settled = true;
    wanted->lookup.code =
        mstr_error_set(wanted->error, MSTR_E_DENIED, "the agent's policy does not allow this reference of %s:%s",
                       wanted->reference->scheme,
                       wanted->reference->dotted ? " no pattern matches one with the segments \".\" or \"..\"" : "");
    metrics_count_lookup(resolving->agent->metrics, wanted->reference->scheme, OUTCOME_REFUSED);
}

void resolving_add(struct resolving *resolving, const char *text, bool refresh)
{
    const struct generation *generation = resolving->request->generation;
    struct wanted *wanted = &resolving->wanted[resolving->count++];
    wanted->error = mstr_error_new();
    wanted->lookup.error = wanted->error;
    wanted->lookup.code = agent_reference_read(generation->context, text, &wanted->reference, wanted->error);
    wanted->lookup.reference = wanted->reference;
    if (wanted->lookup.code != MSTR_OK) {
        wanted->settled = true;
    } else if (!policy_allows(generation->settings.policy, wanted->reference)) {
        refuse(resolving, wanted);
    } else if (refresh && recent_may(resolving->agent->recent, wanted->reference->key, clock_monotonic())) {
        wanted->refresh = true;
    } else if (context_agent_peek(generation->context, &wanted->lookup)) {
        settle(resolving, wanted);
    }
}

struct resolving *resolving_of_order(struct agent *agent, struct request *request, const struct order *order,
                                     bool refresh, compose_fn *compose)
{
    struct resolving *resolving = resolving_new(agent, request, order->reference_count, compose);
    if (resolving == NULL) {
        reply_busy(&request->reply, 503, 1, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < order->reference_count; i++) {
        resolving_add(resolving, order_reference(order, i), refresh);
    }
    return resolving;
}

/* False with the reply filled in. */
static bool read_timeout(struct request *request)
{
    int64_t timeout = 0;
    if (!request_timeout(request, &timeout)) {
        reply_problem(&request->reply, 400, "usage", "X-Mstr-Timeout is no duration");
        return false;
    }
    timeout = timeout < TIMEOUT_MOST ? timeout : TIMEOUT_MOST;
    request->deadline = timeout > 0 ? request->began + timeout : 0;
    return true;
}

/* Whether the user may have that much fetched; false with the reply filled in. */
static bool take_fetches(const struct resolving *resolving, const char *const *keys, size_t count)
{
    struct request *request = resolving->request;
    unsigned pause = quota_fetch(resolving->agent->quota, &request->peer, keys, count,
                                 &request->generation->settings.quota, clock_monotonic());
    if (pause > 0) {
        reply_busy(&request->reply, 429, pause, "this user has had too much fetched from stores within a minute");
    }
    return pause == 0;
}

bool resolving_settle(struct resolving *resolving)
{
    struct request *request = resolving->request;
    const char **keys = calloc(resolving->count + 1, sizeof(*keys));
    size_t open = 0;
    bool settled = true;
    for (size_t i = 0; keys != NULL && i < resolving->count; i++) {
        if (!resolving->wanted[i].settled) {
            keys[open++] = resolving->wanted[i].reference->key;
        }
    }
    if (keys == NULL) {
        reply_busy(&request->reply, 503, 1, "out of memory");
    } else if (read_timeout(request) && open == 0) {
        resolving->compose(resolving, request);
    } else if (request->reply.status == 0) {
        settled = !take_fetches(resolving, keys, open);
    }
    free((void *)keys);
    return settled;
}

/* The last part answers. */
static void end_part(struct part *part)
{
    struct resolving *resolving = part->resolving;
    for (size_t i = 0; i < part->count; i++) {
        struct wanted *wanted = &resolving->wanted[part->indexes[i]];
        wanted->lookup = part->lookups[i];
        settle(resolving, wanted);
        note_store(resolving, wanted);
    }
    if (atomic_fetch_sub(&resolving->left, 1) == 1) {
        resolving->compose(resolving, resolving->request);
        resolving->request->answer(resolving->request);
    }
}

/* All of it comes to the same. */
static void fail_part(struct part *part, enum mstr_code code, const char *why)
{
    for (size_t i = 0; i < part->count; i++) {
        part->lookups[i].code = mstr_error_set(part->lookups[i].error, code, "%s", why);
    }
    end_part(part);
}

/* Whoever waits for the same value takes over what ends here for want of time. */
static void work(void *data)
{
    struct part *part = data;
    const struct request *request = part->resolving->request;
    int64_t left = request->deadline - clock_monotonic();
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = request->deadline == 0 ? 0 : left > 0 ? left : 1;
    call.flags = part->refresh ? MSTR_CALL_NO_CACHE : 0;
    call.cancel = part->resolving->agent->cancel;
    context_agent_resolve(request->generation->context, part->lookups, part->count, &call);
    end_part(part);
}

static bool belongs(const struct part *part, const struct wanted *wanted)
{
    return part->refresh == wanted->refresh && strcmp(part->job.key, wanted->reference->scheme) == 0;
}

/* All that is open and belongs with the one at `first`, put behind what is there already. */
static void fill_part(struct resolving *resolving, struct part *part, size_t first, size_t *used)
{
    struct wanted *wanted = resolving->wanted;
    *part = (struct part){.job = {.key = wanted[first].reference->scheme, .run = work, .data = part},
                          .resolving = resolving,
                          .lookups = &resolving->lookups[*used],
                          .indexes = &resolving->indexes[*used],
                          .refresh = wanted[first].refresh};
    for (size_t i = first; i < resolving->count; i++) {
        if (!wanted[i].settled && belongs(part, &wanted[i])) {
            part->lookups[part->count] = wanted[i].lookup;
            part->indexes[part->count++] = i;
            wanted[i].settled = true; /* for the parts that follow */
        }
    }
    *used += part->count;
}

static bool divide(struct resolving *resolving)
{
    size_t used = 0;
    resolving->parts = calloc(resolving->count, sizeof(*resolving->parts));
    resolving->lookups = calloc(resolving->count, sizeof(*resolving->lookups));
    resolving->indexes = calloc(resolving->count, sizeof(*resolving->indexes));
    if (resolving->parts == NULL || resolving->lookups == NULL || resolving->indexes == NULL) {
        return false;
    }
    for (size_t i = 0; i < resolving->count; i++) {
        if (!resolving->wanted[i].settled) {
            fill_part(resolving, &resolving->parts[resolving->part_count++], i, &used);
        }
    }
    atomic_store(&resolving->left, resolving->part_count);
    return true;
}

void resolving_dispatch(struct agent *agent, struct request *request)
{
    struct resolving *resolving = request->own;
    if (!divide(resolving)) {
        reply_busy(&request->reply, 503, 1, "out of memory");
        request->answer(request);
        return;
    }
    size_t count = resolving->part_count; /* the last one to end may end all of it */
    for (size_t i = 0; i < count; i++) {
        struct part *part = &resolving->parts[i];
        if (!workers_put(agent->workers, &part->job)) {
            fail_part(part, MSTR_E_UNAVAILABLE, "the agent can start no thread");
        }
    }
}

void resolving_give_up(struct agent *agent, struct request *request)
{
    struct resolving *resolving = request->own;
    for (size_t i = 0; i < resolving->part_count; i++) {
        if (workers_drop(agent->workers, &resolving->parts[i].job)) {
            fail_part(&resolving->parts[i], MSTR_E_TIMEOUT,
                      "the agent was busy with other fetches of this scheme for all of its time");
        }
    }
}

struct resolved resolving_at(const struct resolving *resolving, size_t index)
{
    const struct wanted *wanted = &resolving->wanted[index];
    return (struct resolved){wanted->lookup.secret, wanted->error, wanted->lookup.fresh_for};
}

void resolving_put_results(const struct resolving *resolving, struct request *request,
                           void (*put)(struct buffer *out, const struct resolved *resolved))
{
    struct buffer *out = &request->reply.body;
    reply_json(&request->reply, 200);
    buffer_puts(out, "{\"results\":[");
    for (size_t i = 0; i < resolving->count; i++) {
        struct resolved resolved = resolving_at(resolving, i);
        buffer_puts(out, i > 0 ? "," : "");
        if (resolved.secret != NULL) {
            put(out, &resolved);
        } else {
            buffer_puts(out, "{\"error\":");
            reply_put_error(out, resolved.error);
            buffer_putc(out, '}');
        }
    }
    buffer_puts(out, "]}\n");
}

void resolving_release(struct request *request)
{
    struct resolving *resolving = request->own;
    if (resolving == NULL) {
        return;
    }
    for (size_t i = 0; i < resolving->count; i++) {
        mstr_secret_release(resolving->wanted[i].lookup.secret);
        mstr_error_free(resolving->wanted[i].error);
        agent_reference_free(resolving->wanted[i].reference);
    }
    free(resolving->wanted);
    free(resolving->parts);
    free(resolving->lookups);
    free(resolving->indexes);
    free(resolving);
    request->own = NULL;
}
