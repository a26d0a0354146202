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

void events_tell(struct events *events, const mstr_event *event)
{
    struct buffer url = BUFFER_INIT;
    mstr_event told = *event;
    if (is_counted(event)) {
        __atomic_add_fetch(&events->counts[event->kind], 1, __ATOMIC_RELAXED);
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

static uint64_t read_count(const struct events *events, enum mstr_event_kind kind)
{
    return __atomic_load_n(&events->counts[kind], __ATOMIC_RELAXED);
}

void events_count(const struct events *events, mstr_counters *counters)
{
    const uint64_t relogins = read_count(events, MSTR_EVENT_RELOGIN);
    const uint32_t size = counters->size;
    const mstr_counters now = {
        .size = size,
        .requests = read_count(events, MSTR_EVENT_REQUEST),
        .failures = read_count(events, MSTR_EVENT_RESPONSE),
        .retries = read_count(events, MSTR_EVENT_RETRY),
        .logins = read_count(events, MSTR_EVENT_LOGIN) + relogins,
        .relogins = relogins,
        .logouts = read_count(events, MSTR_EVENT_LOGOUT),
        .keepalives = read_count(events, MSTR_EVENT_KEEPALIVE),
        .shared = read_count(events, MSTR_EVENT_SHARED),
        .alone = read_count(events, MSTR_EVENT_ALONE),
    };
    memcpy(counters, &now, size < sizeof(now) ? size : sizeof(now));
}
