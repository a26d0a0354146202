/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent counts, and how it is shown to Prometheus: by scheme, outcome and class of status, never by anything
 * that a client or a store wrote. Thread-safe.
 */
#ifndef MSTR_AGENT_METRICS_H
#define MSTR_AGENT_METRICS_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct metrics;

enum outcome { OUTCOME_FETCHED, OUTCOME_CACHED, OUTCOME_STALE, OUTCOME_FAILED, OUTCOME_REFUSED, OUTCOMES };

/* What is so at present. */
struct gauges {
    unsigned connections;
    uint64_t entries; /* of the cache */
    int64_t uptime;   /* s */
};

/* NULL without memory. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
void metrics_count_request(struct metrics *metrics, int status);
/* Of a scheme that a provider brings; past the 64th all are one. */
void metrics_count_lookup(struct metrics *metrics, const char *scheme, enum outcome outcome);
/* Whether a scheme's store could not be used when it was last asked. */
void metrics_note_store(struct metrics *metrics, const char *scheme, bool failing);
bool metrics_is_failing(struct metrics *metrics, const char *scheme);
/* The text format 0.0.4. */
void metrics_write(struct metrics *metrics, const struct gauges *gauges, struct buffer *out);

#endif
