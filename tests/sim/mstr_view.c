/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a report, and where they stand on its axes. */
#include "mstr_view.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const view_axis_names[AXES] = {"rows", "columns", "pageBy"};

size_t view_element(const struct view *view, size_t fact, size_t attribute)
{
    return (size_t)json_object_get_int64(sim_at(sim_at(view->facts, fact), attribute));
}

struct json_object *view_values(const struct view *view, size_t attribute, size_t element)
{
    return sim_at(json_member(sim_at(view->attributes, attribute), "elements"), element);
}

struct json_object *view_value(const struct view *view, size_t fact, size_t metric)
{
    return sim_at(sim_at(view->facts, fact), sim_length(view->attributes) + metric);
}

void view_element_id(const struct view *view, size_t attribute, size_t element, char *out, size_t size)
{
    const char *key = json_object_get_string(sim_at(view_values(view, attribute, element), 0));
    snprintf(out, size, "h%s;%s", key ? key : "", sim_text_of(sim_at(view->attributes, attribute), "id"));
}

/* --- what is shown ---------------------------------------------------------------------------------------------- */

static size_t index_of(struct json_object *list, const char *member, const char *value)
{
    for (size_t i = 0; i < sim_length(list); i++)
        if (!strcmp(sim_text_of(sim_at(list, i), member), value))
            return i;
    return SIZE_MAX;
}

/* Whether the request has the object: all are, where it names none. */
static struct json_object *requested(struct json_object *body, const char *kind, const char *id, bool *any)
{
    struct json_object *objects = json_member(body, "requestedObjects");
    *any = objects != NULL;
    return sim_find(json_member(objects, kind), "id", id);
}

static struct json_object *forms_of(struct json_object *attribute, struct json_object *wanted)
{
    struct json_object *all = json_member(attribute, "forms");
    struct json_object *forms = json_member(wanted, "forms");
    struct json_object *shown = json_object_new_array();
    int64_t count = (int64_t)sim_length(all);
    json_member_int64(attribute, "shown", &count);
    for (size_t i = 0; i < sim_length(all); i++)
        if (forms ? sim_find(forms, "id", sim_text_of(sim_at(all, i), "id")) != NULL : (int64_t)i < count)
            json_object_array_add(shown, json_object_new_int64((int64_t)i));
    return shown;
}

static void place_units(struct view *view, struct json_object *body, size_t axis)
{
    struct json_object *names = json_member(view->report, view_axis_names[axis]);
    for (size_t i = 0; i < sim_length(names); i++) {
        const char *name = json_object_get_string(sim_at(names, i));
        size_t attribute = index_of(view->attributes, "name", name);
        bool any = false;
        if (!strcmp(name, "Metrics")) {
            view->metrics_axis = axis;
            view->metrics_at = view->count[axis];
            continue;
        }
        struct json_object *wanted =
            requested(body, "attributes", sim_text_of(sim_at(view->attributes, attribute), "id"), &any);
        if (any && !wanted) {
            view->aggregated = true;
            continue;
        }
        json_object_put(view->forms[attribute]);
        view->forms[attribute] = forms_of(sim_at(view->attributes, attribute), wanted);
        view->units[axis][view->count[axis]++] = attribute;
    }
}

static void place_metrics(struct view *view, struct json_object *body)
{
    for (size_t i = 0; i < sim_length(view->metric_list) && i < METRICS_MAX; i++) {
        bool any = false;
        if (requested(body, "metrics", sim_text_of(sim_at(view->metric_list, i), "id"), &any) || !any)
            view->metrics[view->metric_count++] = i;
    }
}

bool view_same(const struct view *view, size_t axis, size_t units, size_t a, size_t b)
{
    for (size_t i = 0; i < units; i++)
        if (view_element(view, a, view->units[axis][i]) != view_element(view, b, view->units[axis][i]))
            return false;
    return true;
}

static void add_place(struct places *places, struct place place)
{
    places->items = realloc(places->items, (places->count + 1) * sizeof(*places->items));
    places->items[places->count++] = place;
}

/* The distinct elements of an axis among the facts of a combination, in the order of the facts. */
static struct places distinct(const struct view *view, size_t axis, size_t units, size_t combination)
{
    struct places places = {NULL, 0};
    for (size_t i = 0; i < view->kept_count; i++) {
        bool known = false;
        if (axis != PAGE_BY && view->combinations.count > 0 &&
            !view_same(view, PAGE_BY, view->count[PAGE_BY], view->kept[i],
                       view->combinations.items[combination].fact))
            continue;
        for (size_t j = 0; j < places.count && !known; j++)
            known = view_same(view, axis, units, places.items[j].fact, view->kept[i]);
        if (!known)
            add_place(&places, (struct place){view->kept[i], 0, false});
    }
    return places;
}

bool view_open(struct view *view, const struct library_instance *instance)
{
    memset(view, 0, sizeof(*view));
    view->report = instance->report;
    view->attributes = json_member(view->report, "attributes");
    view->metric_list = json_member(view->report, "metrics");
    view->facts = json_member(view->report, "facts");
    view->metrics_axis = COLUMNS;
    for (size_t axis = 0; axis < AXES; axis++)
        place_units(view, instance->body, axis);
    place_metrics(view, instance->body);
    view->aggregated |= view->count[COLUMNS] > 0;
    view->kept = calloc(sim_length(view->facts) + 1, sizeof(*view->kept));
    for (size_t i = 0; i < sim_length(view->facts); i++)
        if (library_fact_passes(instance, i))
            view->kept[view->kept_count++] = i;
    if (view->count[PAGE_BY] > 0)
        view->combinations = distinct(view, PAGE_BY, view->count[PAGE_BY], 0);
    return view->metric_count > 0 || view->count[ROWS] > 0;
}

void view_close(struct view *view)
{
    for (size_t i = 0; i < UNITS_MAX; i++)
        json_object_put(view->forms[i]);
    free(view->kept);
    free(view->combinations.items);
}

/* --- axes ------------------------------------------------------------------------------------------------------- */

/* Facts down the rows, each its own unless they are brought together. */
static struct places facts_of(const struct view *view, size_t axis, size_t combination)
{
    struct places places = {NULL, 0};
    if (axis == COLUMNS && view->count[COLUMNS] == 0) { /* a single column, even without facts */
        add_place(&places, (struct place){0, 0, false});
        return places;
    }
    if (view->aggregated)
        return distinct(view, axis, view->count[axis], combination);
    for (size_t i = 0; i < view->kept_count; i++)
        if (view->combinations.count == 0 ||
            view_same(view, PAGE_BY, view->count[PAGE_BY], view->kept[i], view->combinations.items[combination].fact))
            add_place(&places, (struct place){view->kept[i], 0, false});
    return places;
}

static bool shows_totals(const struct view *view, struct json_object *body)
{
    bool visible = true;
    json_member_bool(json_member(body, "subtotals"), "visible", &visible);
    return visible && json_member_text(view->report, "total") && view->count[ROWS] > 0;
}

/* Metrics among the units: each block of places that agree in what stands before them is repeated for each metric. */
static struct places with_metrics(const struct view *view, size_t axis, struct places from)
{
    struct places places = {NULL, 0};
    bool last = view->metrics_at == view->count[axis];
    for (size_t begin = 0, end; begin < from.count; begin = end) {
        end = begin + 1;
        while (!last && end < from.count && from.items[end].total == from.items[begin].total &&
               view_same(view, axis, view->metrics_at, from.items[begin].fact, from.items[end].fact))
            end++;
        for (size_t metric = 0; metric < view->metric_count; metric++)
            for (size_t i = begin; i < end; i++)
                add_place(&places, (struct place){from.items[i].fact, metric, from.items[i].total});
    }
    free(from.items);
    return places;
}

struct places view_axis(const struct view *view, size_t axis, size_t combination, struct json_object *body)
{
    struct places places = facts_of(view, axis, combination);
    if (axis == ROWS && shows_totals(view, body))
        add_place(&places, (struct place){0, 0, true});
    return view->metrics_axis == axis && view->metric_count > 0 ? with_metrics(view, axis, places) : places;
}
