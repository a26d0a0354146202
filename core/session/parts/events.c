/* SPDX-License-Identifier: Apache-2.0 */
/* Telling and counting what a session does. */
#include "session/parts/events.h"

#include "base/buffer.h"
#include "session/parts/server_error.h"

#include <string.h>

uint64_t events_number(struct events *events)
{
    return __atomic_add_fetch(&events->number, 1, __ATOMIC_RELAXED);
}

/* A response counts as a failure, what the server is asked for counts when it was done. */
static bool is_counted(const mstr_event *event)
{
    const bool good = event->code == MSTR_OK;
    if (event->kind == MSTR_EVENT_RESPONSE) {
        return !good || event->status >= 400;
    }
    return good;
}

static uint64_t *counter_of(mstr_counters *counts, enum mstr_event_kind kind)
{
    switch (kind) {
    case MSTR_EVENT_RESPONSE:
        return &counts->failures;
    case MSTR_EVENT_RETRY:
        return &counts->retries;
    case MSTR_EVENT_LOGIN:
        return &counts->logins;
    case MSTR_EVENT_RELOGIN:
        return &counts->relogins;
    case MSTR_EVENT_LOGOUT:
        return &counts->logouts;
    case MSTR_EVENT_KEEPALIVE:
        return &counts->keepalives;
    case MSTR_EVENT_SHARED:
        return &counts->shared;
    case MSTR_EVENT_ALONE:
        return &counts->alone;
    case MSTR_EVENT_REQUEST:
        break;
    }
    return &counts->requests;
}

void events_tell(struct events *events, const mstr_event *event)
{
    struct buffer url = BUFFER_INIT;
    mstr_event told = *event;
    if (is_counted(event)) {
        __atomic_add_fetch(counter_of(&events->counts, event->kind), 1, __ATOMIC_RELAXED);
    }
    if (events->each == NULL) {
        return;
    }
    if (event->url != NULL) {
        buffer_append(&url, event->url, strcspn(event->url, "?#"));
        told.url = buffer_text(&url);
    }
    told.size = sizeof(told);
    events->each(&told, events->data);
    buffer_release(&url);
}

void events_answered(struct events *events, mstr_event *event, const struct mstr_http_response *answer,
                     enum mstr_code code)
{
    mstr_error *error = NULL;
    event->kind = MSTR_EVENT_RESPONSE;
    event->code = code;
    event->status = answer != NULL ? http_answer(answer)->status : 0;
    if (answer != NULL) {
        const struct http_phases phases = http_phases(answer);
        event->lookup = phases.lookup;
        event->connect = phases.connect;
        event->handshake = phases.handshake;
    }
    if (event->status >= 400 && events->each != NULL && (error = mstr_error_new()) != NULL) {
        server_error_tell(answer, "", error);
        event->ticket = mstr_error_request_id(error);
    }
    events_tell(events, event);
    mstr_error_free(error);
}

static uint64_t read_count(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void events_count(const struct events *events, mstr_counters *counters)
{
    const mstr_counters *from = &events->counts;
    const uint32_t size = counters->size;
    const mstr_counters now = {
        .size = size,
        .requests = read_count(&from->requests),
        .failures = read_count(&from->failures),
        .retries = read_count(&from->retries),
        .logins = read_count(&from->logins) + read_count(&from->relogins),
        .relogins = read_count(&from->relogins),
        .logouts = read_count(&from->logouts),
        .keepalives = read_count(&from->keepalives),
        .shared = read_count(&from->shared),
        .alone = read_count(&from->alone),
    };
    memcpy(counters, &now, size < sizeof(now) ? size : sizeof(now));
}
