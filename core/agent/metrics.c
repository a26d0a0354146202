/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent counts, and how it is shown to Prometheus. */
#include "metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCHEMES = 64, SCHEME_MAX = 64, CLASSES = 6 };

struct row {
    char scheme[SCHEME_MAX];
    uint64_t counts[OUTCOMES];
    bool failing;
};

struct metrics {
    pthread_mutex_t mutex;
    uint64_t requests[CLASSES];   /* by the first digit of the status */
    struct row rows[SCHEMES + 1]; /* the last one of all others */
    size_t count;
};

static const char *const outcomes[OUTCOMES] = {"fetched", "cached", "stale", "failed", "refused"};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (metrics != NULL) {
        pthread_mutex_init(&metrics->mutex, NULL);
    }
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (metrics != NULL) {
        pthread_mutex_destroy(&metrics->mutex);
        free(metrics);
    }
}

void metrics_count_request(struct metrics *metrics, int status)
{
    pthread_mutex_lock(&metrics->mutex);
    metrics->requests[status / 100 < CLASSES ? status / 100 : 0]++;
    pthread_mutex_unlock(&metrics->mutex);
}

/* NULL where there is none. Under the mutex. */
static struct row *find_row(struct metrics *metrics, const char *scheme)
{
    for (size_t i = 0; i < metrics->count; i++) {
        if (strncmp(metrics->rows[i].scheme, scheme, SCHEME_MAX - 1) == 0) {
            return &metrics->rows[i];
        }
    }
    return NULL;
}

/* Under the mutex. */
static struct row *row_of(struct metrics *metrics, const char *scheme)
{
    struct row *found = find_row(metrics, scheme);
    if (found != NULL) {
        return found;
    }
    size_t index = metrics->count < SCHEMES ? metrics->count++ : SCHEMES;
    snprintf(metrics->rows[index].scheme, SCHEME_MAX, "%s", index < SCHEMES ? scheme : "other");
    return &metrics->rows[index];
}

void metrics_count_lookup(struct metrics *metrics, const char *scheme, enum outcome outcome)
{
    pthread_mutex_lock(&metrics->mutex);
    row_of(metrics, scheme)->counts[outcome]++;
    pthread_mutex_unlock(&metrics->mutex);
}

void metrics_note_store(struct metrics *metrics, const char *scheme, bool failing)
{
    pthread_mutex_lock(&metrics->mutex);
    row_of(metrics, scheme)->failing = failing;
    pthread_mutex_unlock(&metrics->mutex);
}

bool metrics_is_failing(struct metrics *metrics, const char *scheme)
{
    pthread_mutex_lock(&metrics->mutex);
    const struct row *row = find_row(metrics, scheme);
    bool failing = row != NULL && row->failing;
    pthread_mutex_unlock(&metrics->mutex);
    return failing;
}

static void put_family(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP mstr_agent_%s %s\n# TYPE mstr_agent_%s %s\n", name, help, name, type);
}

static void put_gauge(struct buffer *out, const char *name, const char *help, int64_t value)
{
    put_family(out, name, "gauge", help);
    buffer_printf(out, "mstr_agent_%s %" PRId64 "\n", name, value);
}

/* Schemes are of letters, digits and "-", so that no label needs an escape. */
static void put_row(struct buffer *out, const struct row *row)
{
    for (size_t i = 0; i < OUTCOMES; i++) {
        buffer_printf(out, "mstr_agent_lookups_total{scheme=\"%s\",outcome=\"%s\"} %" PRIu64 "\n", row->scheme,
                      outcomes[i], row->counts[i]);
    }
}

void metrics_write(struct metrics *metrics, const struct gauges *gauges, struct buffer *out)
{
    pthread_mutex_lock(&metrics->mutex);
    put_family(out, "requests_total", "counter", "Requests answered, by the class of their status.");
    for (int i = 1; i < CLASSES; i++) {
        buffer_printf(out, "mstr_agent_requests_total{status=\"%dxx\"} %" PRIu64 "\n", i, metrics->requests[i]);
    }
    put_family(out, "lookups_total", "counter", "References looked up.");
    for (size_t i = 0; i < metrics->count; i++) {
        put_row(out, &metrics->rows[i]);
    }
    if (metrics->rows[SCHEMES].scheme[0] != '\0') {
        put_row(out, &metrics->rows[SCHEMES]);
    }
    pthread_mutex_unlock(&metrics->mutex);
    put_gauge(out, "connections", "Connections that are open.", gauges->connections);
    put_gauge(out, "cached_values", "Values that the cache holds.", (int64_t)gauges->entries);
    put_gauge(out, "uptime_seconds", "Seconds since the agent began.", gauges->uptime);
}
