/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an instance shows of a report of the seed that lists its facts: which units stand on which axis, which facts
 * pass the filters, and where these stand. A fact is an array: an index into the elements of each attribute, then a
 * value for each metric.
 */
#ifndef MSTR_SIM_MSTR_VIEW_H
#define MSTR_SIM_MSTR_VIEW_H

#include "mstr.h"

enum { AXES = 3, UNITS_MAX = 8, METRICS_MAX = 16, ROWS = 0, COLUMNS = 1, PAGE_BY = 2 };

/* A place on an axis: a fact whose elements stand there, and a metric where metrics are there. */
struct place {
    size_t fact;
    size_t metric;
    bool total;
};

struct places {
    struct place *items;
    size_t count;
};

/* What an instance shows of its report. */
struct view {
    struct json_object *report;
    struct json_object *attributes, *metric_list, *facts;
    struct json_object *forms[UNITS_MAX]; /* of each attribute, those that are shown */
    size_t units[AXES][UNITS_MAX];        /* attributes of the axis, by their index */
    size_t count[AXES];
    size_t metrics[METRICS_MAX];
    size_t metric_count;
    size_t metrics_axis, metrics_at; /* their place among the units of the axis */
    bool aggregated;                 /* facts of the same elements are one */
    size_t *kept;                    /* facts that pass the filters */
    size_t kept_count;
    struct places combinations; /* of the page-by */
};

size_t view_element(const struct view *view, size_t fact, size_t attribute);
struct json_object *view_values(const struct view *view, size_t attribute, size_t element);
struct json_object *view_value(const struct view *view, size_t fact, size_t metric);
void view_element_id(const struct view *view, size_t attribute, size_t element, char *out, size_t size);
bool view_same(const struct view *view, size_t axis, size_t units, size_t a, size_t b);
/* False where nothing is shown; to be closed in each case. */
bool view_open(struct view *view, const struct library_instance *instance);
void view_close(struct view *view);
/* Where facts stand on an axis, to be freed. */
struct places view_axis(const struct view *view, size_t axis, size_t combination, struct json_object *body);
extern const char *const view_axis_names[AXES];

#endif
