/* SPDX-License-Identifier: Apache-2.0 */
/* A request that passes through, piece by piece. */
#include "flow.h"

#include "base/clock.h"
#include "base/condition.h"

#include <mstr/secret.h>
#include <stdlib.h>

/* A ring. */
struct pipe {
    char octets[FLOW_OCTETS];
    size_t at;
    size_t length;
    bool ended; /* nothing more will be put into it */
};

struct flow {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* for the worker */
    int64_t deadline;
    struct request *request; /* ends with the serving thread's ownership */
    unsigned owners;
    bool paused; /* the serving thread waits to be resumed */
    bool left;   /* the client has gone */
    bool known;  /* the reply is there, and */
    bool moved;  /* has been taken */
    bool done;   /* the worker has no more to do with it */
    bool broken;
    struct reply reply;
    struct buffer begun; /* of the body, before what is in `up` */
    size_t begun_at;
    struct pipe up;
    struct pipe down;
};

struct flow *flow_new(struct request *request, int64_t deadline)
{
    struct flow *flow = calloc(1, sizeof(*flow));
    if (flow == NULL) {
        return NULL;
    }
    if (!condition_init(&flow->changed)) {
        free(flow);
        return NULL;
    }
    pthread_mutex_init(&flow->mutex, NULL);
    flow->deadline = deadline;
    flow->request = request;
    flow->owners = 2;
    flow->begun = request->body;
    request->body = (struct buffer)BUFFER_INIT;
    return flow;
}

void flow_release(struct flow *flow)
{
    if (flow == NULL) {
        return;
    }
    pthread_mutex_lock(&flow->mutex);
    bool last = --flow->owners == 0;
    pthread_mutex_unlock(&flow->mutex);
    if (last) {
        reply_release(&flow->reply);
        buffer_release(&flow->begun);
        pthread_cond_destroy(&flow->changed);
        pthread_mutex_destroy(&flow->mutex);
        mstr_wipe(flow, sizeof(*flow));
        free(flow);
    }
}

static size_t put(struct pipe *pipe, const char *octets, size_t length)
{
    size_t done = 0;
    while (done < length && pipe->length < FLOW_OCTETS) {
        size_t end = (pipe->at + pipe->length) % FLOW_OCTETS;
        size_t room = end >= pipe->at ? FLOW_OCTETS - end : pipe->at - end;
        size_t part = length - done < room ? length - done : room;
        memcpy(pipe->octets + end, octets + done, part);
        pipe->length += part;
        done += part;
    }
    return done;
}

static size_t get(struct pipe *pipe, char *into, size_t capacity)
{
    size_t done = 0;
    while (done < capacity && pipe->length > 0) {
        size_t run = FLOW_OCTETS - pipe->at;
        size_t part = pipe->length < run ? pipe->length : run;
        part = capacity - done < part ? capacity - done : part;
        memcpy(into + done, pipe->octets + pipe->at, part);
        pipe->at = (pipe->at + part) % FLOW_OCTETS;
        pipe->length -= part;
        done += part;
    }
    return done;
}

/* Under the mutex, as of those below. */
static void hold_up(struct flow *flow)
{
    if (!flow->paused) {
        flow->paused = true;
        flow->request->pause(flow->request);
    }
}

static void go_on(struct flow *flow)
{
    if (flow->paused) {
        flow->paused = false;
        flow->request->answer(flow->request);
    }
}

/* False once nobody needs to wait any more. */
static bool wait_for_client(struct flow *flow)
{
    const struct patience patience = {.left = flow->deadline - clock_monotonic()};
    return !flow->left && condition_wait(&flow->changed, &flow->mutex, patience) == MSTR_OK && !flow->left;
}

size_t flow_push(struct flow *flow, const char *octets, size_t length)
{
    pthread_mutex_lock(&flow->mutex);
    size_t taken = flow->done ? length : put(&flow->up, octets, length);
    if (taken == 0) {
        hold_up(flow);
    }
    pthread_cond_signal(&flow->changed);
    pthread_mutex_unlock(&flow->mutex);
    return taken;
}

void flow_push_end(struct flow *flow)
{
    pthread_mutex_lock(&flow->mutex);
    flow->up.ended = true;
    pthread_cond_signal(&flow->changed);
    pthread_mutex_unlock(&flow->mutex);
}

bool flow_reply(struct flow *flow, struct reply *reply)
{
    pthread_mutex_lock(&flow->mutex);
    bool known = flow->known && !flow->moved;
    if (known) {
        *reply = flow->reply;
        flow->reply = (struct reply){0};
        flow->moved = true;
    } else {
        hold_up(flow);
    }
    pthread_mutex_unlock(&flow->mutex);
    return known;
}

int64_t flow_pull(struct flow *flow, char *into, size_t capacity)
{
    pthread_mutex_lock(&flow->mutex);
    int64_t got = (int64_t)get(&flow->down, into, capacity);
    if (got > 0) {
        pthread_cond_signal(&flow->changed);
    } else if (flow->down.ended) {
        got = flow->broken ? FLOW_BROKEN : FLOW_END;
    } else {
        hold_up(flow);
    }
    pthread_mutex_unlock(&flow->mutex);
    return got;
}

void flow_leave(struct flow *flow)
{
    pthread_mutex_lock(&flow->mutex);
    flow->left = true;
    pthread_cond_signal(&flow->changed);
    pthread_mutex_unlock(&flow->mutex);
}

void flow_end_by(struct flow *flow, int64_t deadline)
{
    pthread_mutex_lock(&flow->mutex);
    flow->deadline = deadline;
    pthread_mutex_unlock(&flow->mutex);
}

int64_t flow_read(struct flow *flow, void *into, size_t capacity)
{
    int64_t got = 0;
    pthread_mutex_lock(&flow->mutex);
    size_t first = flow->begun.length - flow->begun_at;
    if (first > 0) {
        got = (int64_t)(first < capacity ? first : capacity);
        memcpy(into, buffer_text(&flow->begun) + flow->begun_at, (size_t)got);
        flow->begun_at += (size_t)got;
    }
    while (got == 0 && (got = (int64_t)get(&flow->up, into, capacity)) == 0 && !flow->up.ended) {
        if (!wait_for_client(flow)) {
            got = -1;
        }
    }
    if (got > 0 && first == 0) {
        go_on(flow);
    }
    pthread_mutex_unlock(&flow->mutex);
    return got;
}

void flow_begin(struct flow *flow, struct reply *reply)
{
    pthread_mutex_lock(&flow->mutex);
    flow->reply = *reply;
    *reply = (struct reply){0};
    flow->known = true;
    go_on(flow);
    pthread_mutex_unlock(&flow->mutex);
}

bool flow_write(struct flow *flow, const void *octets, size_t length)
{
    size_t done = 0;
    bool taken = true;
    pthread_mutex_lock(&flow->mutex);
    while (taken && done < length) {
        size_t part = put(&flow->down, (const char *)octets + done, length - done);
        done += part;
        if (part > 0) {
            go_on(flow);
        } else {
            taken = wait_for_client(flow);
        }
    }
    taken = taken && !flow->left;
    pthread_mutex_unlock(&flow->mutex);
    return taken;
}

void flow_end(struct flow *flow, bool whole)
{
    pthread_mutex_lock(&flow->mutex);
    flow->done = true;
    flow->broken = !whole;
    flow->down.ended = true;
    go_on(flow);
    pthread_mutex_unlock(&flow->mutex);
}
