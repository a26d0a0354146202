/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events and counters of a session. Counting needs no lock; telling costs nothing where nobody listens.
 */
#ifndef MSTR_SESSION_PARTS_EVENTS_H
#define MSTR_SESSION_PARTS_EVENTS_H

#include "http/client.h"

#include <mstr/event.h>

enum { EVENTS_KINDS = MSTR_EVENT_ALONE + 1 };

struct events {
    mstr_event_fn each; /* NULL = nobody listens */
    void *data;
    _Alignas(8) uint64_t number;               /* of the latest request; atomic like all that follow */
    _Alignas(8) uint64_t counts[EVENTS_KINDS]; /* the logins without those again; failures in place of responses */
};

/* The number of a new request. */
uint64_t events_number(struct events *events);
/* Counts the event and tells it, its query cut off. Retries and requests count always, the others by their code. */
void events_tell(struct events *events, const mstr_event *event);
/* A sending that has ended: completes the event, but for the proxy, from the answer or the failure. */
void events_answered(struct events *events, mstr_event *event, const struct mstr_http_response *answer,
                     enum mstr_code code);
/* What was counted so far; fills in the members that `counters` has room for. */
void events_count(const struct events *events, mstr_counters *counters);

#endif
