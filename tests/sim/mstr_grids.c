/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grid of a report of the seed that lists its facts: page-by, attributes and metrics on either axis, cross-tabs,
 * filters, totals, in the JSON of the v2 interface. A fact is an array: an index into the elements of each attribute,
 * then a value for each metric; {"digits": "…"} is a number that no type of C holds.
 */
#include "mstr.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = 3, UNITS_MAX = 8, METRICS_MAX = 16, ROWS = 0, COLUMNS = 1, PAGE_BY = 2 };

static const char *const axis_names[AXES] = {"rows", "columns", "pageBy"};
static const char metrics_id[] = "00000000000000000000000000000000";

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

static size_t element_of(const struct view *view, size_t fact, size_t attribute)
{
    return (size_t)json_object_get_int64(sim_at(sim_at(view->facts, fact), attribute));
}

static struct json_object *values_of(const struct view *view, size_t attribute, size_t element)
{
    return sim_at(json_member(sim_at(view->attributes, attribute), "elements"), element);
}

static struct json_object *value_of(const struct view *view, size_t fact, size_t metric)
{
    return sim_at(sim_at(view->facts, fact), sim_length(view->attributes) + metric);
}

static void element_id(const struct view *view, size_t attribute, size_t element, char *out, size_t size)
{
    const char *key = json_object_get_string(sim_at(values_of(view, attribute, element), 0));
    snprintf(out, size, "h%s;%s", key ? key : "", sim_text_of(sim_at(view->attributes, attribute), "id"));
}

/* --- what is shown -----------------------------------------------------------------------------------------------
 */

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
    struct json_object *names = json_member(view->report, axis_names[axis]);
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

static bool same(const struct view *view, size_t axis, size_t units, size_t a, size_t b)
{
    for (size_t i = 0; i < units; i++)
        if (element_of(view, a, view->units[axis][i]) != element_of(view, b, view->units[axis][i]))
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
            !same(view, PAGE_BY, view->count[PAGE_BY], view->kept[i], view->combinations.items[combination].fact))
            continue;
        for (size_t j = 0; j < places.count && !known; j++)
            known = same(view, axis, units, places.items[j].fact, view->kept[i]);
        if (!known)
            add_place(&places, (struct place){view->kept[i], 0, false});
    }
    return places;
}

static bool open_view(struct view *view, const struct library_instance *instance)
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

static void close_view(struct view *view)
{
    for (size_t i = 0; i < UNITS_MAX; i++)
        json_object_put(view->forms[i]);
    free(view->kept);
    free(view->combinations.items);
}

/* --- axes --------------------------------------------------------------------------------------------------------
 */

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
            same(view, PAGE_BY, view->count[PAGE_BY], view->kept[i], view->combinations.items[combination].fact))
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
               same(view, axis, view->metrics_at, from.items[begin].fact, from.items[end].fact))
            end++;
        for (size_t metric = 0; metric < view->metric_count; metric++)
            for (size_t i = begin; i < end; i++)
                add_place(&places, (struct place){from.items[i].fact, metric, from.items[i].total});
    }
    free(from.items);
    return places;
}

static struct places axis_of(const struct view *view, size_t axis, size_t combination, struct json_object *body)
{
    struct places places = facts_of(view, axis, combination);
    if (axis == ROWS && shows_totals(view, body))
        add_place(&places, (struct place){0, 0, true});
    return view->metrics_axis == axis && view->metric_count > 0 ? with_metrics(view, axis, places) : places;
}

/* --- a unit, and the elements that a page of it has ---------------------------------------------------------------
 */

struct unit {
    const struct view *view;
    size_t attribute; /* SIZE_MAX = the metrics */
    struct json_object *elements;
    size_t *numbers; /* of the element of each index, from 1; 0 = not on the page */
    size_t total;    /* likewise */
};

static struct json_object *form_values(const struct unit *unit, size_t element)
{
    struct json_object *shown = unit->view->forms[unit->attribute];
    struct json_object *values = json_object_new_array();
    for (size_t i = 0; i < sim_length(shown); i++)
        json_object_array_add(values, json_object_get(sim_at(values_of(unit->view, unit->attribute, element),
                                                             (size_t)json_object_get_int64(sim_at(shown, i)))));
    return values;
}

static void add_element(struct unit *unit, struct json_object *values, const char *id)
{
    struct json_object *element = json_object_new_object();
    json_object_object_add(element, "formValues", values);
    sim_put(element, "id", id);
    json_object_array_add(unit->elements, element);
}

/* The index of an element within the page, which lists it when it first comes. */
static size_t page_index(struct unit *unit, const struct place *place)
{
    const struct view *view = unit->view;
    char id[128];
    if (unit->attribute == SIZE_MAX)
        return place->metric;
    size_t element = place->total ? 0 : element_of(view, place->fact, unit->attribute);
    size_t *number = place->total ? &unit->total : &unit->numbers[element];
    if (*number > 0)
        return *number - 1;
    if (place->total) {
        struct json_object *values = json_object_new_array();
        json_object_array_add(values, json_object_new_string(sim_text_of(view->report, "total")));
        snprintf(id, sizeof(id), "D1;%s", sim_text_of(sim_at(view->attributes, unit->attribute), "id"));
        add_element(unit, values, id);
    } else {
        element_id(view, unit->attribute, element, id, sizeof(id));
        add_element(unit, form_values(unit, element), id);
    }
    return (*number = sim_length(unit->elements)) - 1;
}

static void list_metrics(struct unit *unit, bool known)
{
    for (size_t i = 0; i < unit->view->metric_count; i++) {
        struct json_object *metric = sim_at(unit->view->metric_list, unit->view->metrics[i]);
        struct json_object *element = json_object_new_object();
        sim_put(element, "name", sim_text_of(metric, "name"));
        sim_put(element, "id", sim_text_of(metric, "id"));
        sim_put(element, "type", "metric");
        sim_put(element, "dataType", known ? sim_text_of(metric, "dataType") : "unknown");
        json_object_array_add(unit->elements, element);
    }
}

static void open_unit(struct unit *unit, const struct view *view, size_t attribute, bool known)
{
    *unit = (struct unit){.view = view, .attribute = attribute, .elements = json_object_new_array()};
    if (attribute == SIZE_MAX)
        list_metrics(unit, known);
    else
        unit->numbers =
            calloc(sim_length(json_member(sim_at(view->attributes, attribute), "elements")) + 1, sizeof(size_t));
}

static struct json_object *describe_forms(struct json_object *all, struct json_object *shown)
{
    struct json_object *forms = json_object_new_array();
    for (size_t i = 0; i < (shown ? sim_length(shown) : sim_length(all)); i++) {
        struct json_object *from = sim_at(all, shown ? (size_t)json_object_get_int64(sim_at(shown, i)) : i);
        struct json_object *form = json_object_new_object();
        sim_put(form, "id", sim_text_of(from, "id"));
        if (json_member_text(from, "name"))
            sim_put(form, "name", sim_text_of(from, "name"));
        sim_put(form, "dataType", sim_text_of(from, "dataType"));
        sim_put(form, "baseFormCategory",
                *sim_text_of(from, "category") ? sim_text_of(from, "category") : sim_text_of(from, "name"));
        sim_put(form, "baseFormType", "text");
        json_object_array_add(forms, form);
    }
    return forms;
}

/* The unit as the grid tells it; takes over its elements. */
static struct json_object *close_unit(struct unit *unit, bool elements)
{
    struct json_object *result = json_object_new_object();
    struct json_object *attribute =
        unit->attribute != SIZE_MAX ? sim_at(unit->view->attributes, unit->attribute) : NULL;
    sim_put(result, "name", attribute ? sim_text_of(attribute, "name") : "Metrics");
    sim_put(result, "id", attribute ? sim_text_of(attribute, "id") : metrics_id);
    sim_put(result, "type",
            attribute ? (*sim_text_of(attribute, "type") ? sim_text_of(attribute, "type") : "attribute")
                      : "templateMetrics");
    if (attribute && !sim_flag(attribute, "formless"))
        json_object_object_add(result, "forms",
                               describe_forms(json_member(attribute, "forms"), unit->view->forms[unit->attribute]));
    if (elements || !attribute)
        json_object_object_add(result, "elements", unit->elements);
    else
        json_object_put(unit->elements);
    free(unit->numbers);
    return result;
}

struct axis {
    struct unit units[UNITS_MAX + 1];
    size_t count;
};

static void open_axis(struct axis *axis, const struct view *view, size_t which, bool known)
{
    bool metrics = view->metrics_axis == which && view->metric_count > 0;
    axis->count = 0;
    for (size_t i = 0; i <= view->count[which]; i++) {
        if (metrics && i == view->metrics_at)
            open_unit(&axis->units[axis->count++], view, SIZE_MAX, known);
        if (i < view->count[which])
            open_unit(&axis->units[axis->count++], view, view->units[which][i], known);
    }
}

static struct json_object *close_axis(struct axis *axis, bool elements)
{
    struct json_object *units = json_object_new_array();
    for (size_t i = 0; i < axis->count; i++)
        json_object_array_add(units, close_unit(&axis->units[i], elements));
    return units;
}

/* --- values ------------------------------------------------------------------------------------------------------
 */

static bool is_number(struct json_object *value)
{
    return json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
}

static struct json_object *raw_of(struct json_object *value)
{
    const char *digits = json_member_text(value, "digits");
    return digits ? json_object_new_double_s(0, digits) : json_object_get(value);
}

/* The facts of a cell: all that agree with both places, a total with all of the combination. */
static bool is_of_cell(const struct view *view, size_t fact, const struct place *row, const struct place *column,
                       size_t combination)
{
    return (view->combinations.count == 0 ||
            same(view, PAGE_BY, view->count[PAGE_BY], fact, view->combinations.items[combination].fact)) &&
           (row->total || same(view, ROWS, view->count[ROWS], fact, row->fact)) &&
           (view->count[COLUMNS] == 0 || same(view, COLUMNS, view->count[COLUMNS], fact, column->fact));
}

static struct json_object *cell_of(const struct view *view, const struct place *row, const struct place *column,
                                   size_t combination)
{
    size_t metric = view->metrics[view->metrics_axis == ROWS ? row->metric : column->metric];
    struct json_object *found = NULL;
    size_t count = 0;
    double sum = 0;
    if (!view->aggregated && !row->total)
        return raw_of(value_of(view, row->fact, metric));
    for (size_t i = 0; i < view->kept_count; i++) {
        if (!is_of_cell(view, view->kept[i], row, column, combination))
            continue;
        found = value_of(view, view->kept[i], metric);
        sum += is_number(found) ? json_object_get_double(found) : 0;
        count++;
    }
    return count > 1 ? json_object_new_double(sum) : raw_of(found);
}

static struct json_object *formatted_of(const struct view *view, struct json_object *raw, size_t metric)
{
    const char *format = sim_text_of(sim_at(view->metric_list, view->metrics[metric]), "prefix");
    char text[256];
    if (!raw)
        return json_object_new_string(sim_text_of(view->report, "nullText"));
    snprintf(text, sizeof(text), "%s%s", json_object_is_type(raw, json_type_string) ? "" : format,
             json_object_get_string(raw));
    return json_object_new_string(text);
}

/* --- the page ----------------------------------------------------------------------------------------------------
 */

static struct json_object *indexes(struct axis *axis, const struct place *place)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < axis->count; i++)
        json_object_array_add(list, json_object_new_int64((int64_t)page_index(&axis->units[i], place)));
    return list;
}

static void add_values(const struct view *view, const struct place *row, const struct places *columns,
                       size_t combination, struct json_object *lists[3])
{
    struct json_object *values[3];
    for (size_t i = 0; i < 3; i++)
        json_object_array_add(lists[i], values[i] = json_object_new_array());
    for (size_t i = 0; i < columns->count; i++) {
        size_t metric = view->metrics_axis == ROWS ? row->metric : columns->items[i].metric;
        struct json_object *raw = cell_of(view, row, &columns->items[i], combination);
        json_object_array_add(values[0], raw);
        json_object_array_add(values[1], formatted_of(view, raw, metric));
        json_object_array_add(values[2], json_object_new_object());
    }
}

/* Unit by unit, not column by column as rows are. */
static struct json_object *column_headers(struct axis *axis, const struct places *columns)
{
    struct json_object *list = json_object_new_array();
    for (size_t unit = 0; unit < axis->count; unit++) {
        struct json_object *heads = json_object_new_array();
        for (size_t i = 0; i < columns->count; i++)
            json_object_array_add(heads,
                                  json_object_new_int64((int64_t)page_index(&axis->units[unit], &columns->items[i])));
        json_object_array_add(list, heads);
    }
    return list;
}

static struct json_object *paging_of(int64_t total, int64_t current, int64_t offset, int64_t limit)
{
    struct json_object *paging = json_object_new_object();
    sim_put_int(paging, "total", total);
    sim_put_int(paging, "current", current);
    sim_put_int(paging, "offset", offset);
    sim_put_int(paging, "limit", limit);
    return paging;
}

static struct json_object *grid_of(const struct view *view, struct json_object *axes[AXES], bool cross)
{
    struct json_object *grid = json_object_new_object();
    sim_put_bool(grid, "crossTab", cross);
    if (view->metric_count > 0) {
        struct json_object *position = json_object_new_object();
        sim_put(position, "axis", axis_names[view->metrics_axis]);
        sim_put_int(position, "index", (int64_t)view->metrics_at);
        json_object_object_add(grid, "metricsPosition", position);
    }
    for (size_t i = 0; i < AXES; i++)
        json_object_object_add(grid, axis_names[i], axes[i]);
    return grid;
}

static void put_data(struct json_object *result, const struct view *view, struct library_instance *instance,
                     int64_t offset, int64_t limit, struct axis axes[AXES])
{
    static const char *const names[] = {"raw", "formatted", "extras"};
    struct places rows = axis_of(view, ROWS, instance->combination, instance->body);
    struct places columns = axis_of(view, COLUMNS, instance->combination, instance->body);
    struct json_object *lists[3] = {json_object_new_array(), json_object_new_array(), json_object_new_array()};
    struct json_object *heads = json_object_new_array();
    int64_t total = (int64_t)rows.count;
    int64_t end = limit < 0 || offset + limit > total ? total : offset + limit;
    for (int64_t i = offset; i < end; i++) {
        json_object_array_add(heads, indexes(&axes[ROWS], &rows.items[i]));
        if (view->metric_count > 0)
            add_values(view, &rows.items[i], &columns, instance->combination, lists);
    }
    struct json_object *data = json_object_new_object();
    struct json_object *headers = json_object_new_object();
    struct json_object *values = json_object_new_object();
    if (view->combinations.count > 0)
        json_object_object_add(data, "currentPageBy",
                               indexes(&axes[PAGE_BY], &view->combinations.items[instance->combination]));
    total += sim_flag(view->report, "growing") ? instance->reads++ : 0;
    json_object_object_add(data, "paging", paging_of(total, end > offset ? end - offset : 0, offset, limit));
    json_object_object_add(headers, "rows", heads);
    json_object_object_add(headers, "columns", column_headers(&axes[COLUMNS], &columns));
    json_object_object_add(data, "headers", headers);
    for (size_t i = 0; i < 3; i++)
        json_object_object_add(values, names[i], lists[i]);
    json_object_object_add(data, "metricValues", values);
    json_object_object_add(result, "data", data);
    free(rows.items);
    free(columns.items);
}

struct json_object *library_grid_page(struct library_instance *instance, int64_t offset, int64_t limit)
{
    struct json_object *result = json_object_new_object();
    struct json_object *definition = json_object_new_object();
    struct json_object *units[AXES];
    struct axis axes[AXES];
    struct view view;
    open_view(&view, instance);
    if (instance->combination >= view.combinations.count)
        instance->combination = 0;
    for (size_t i = 0; i < AXES; i++)
        open_axis(&axes[i], &view, i, true);
    put_data(result, &view, instance, offset, limit, axes);
    for (size_t i = 0; i < AXES; i++)
        units[i] = close_axis(&axes[i], true);
    json_object_object_add(definition, "grid", grid_of(&view, units, view.count[COLUMNS] > 0));
    json_object_object_add(result, "definition", definition);
    close_view(&view);
    return result;
}

/* --- the definition ----------------------------------------------------------------------------------------------
 */

static struct json_object *objects_of(struct json_object *list, const char *type)
{
    struct json_object *result = json_object_new_array();
    for (size_t i = 0; i < sim_length(list); i++) {
        struct json_object *object = json_object_new_object();
        sim_put(object, "name", sim_text_of(sim_at(list, i), "name"));
        sim_put(object, "id", sim_text_of(sim_at(list, i), "id"));
        sim_put(object, "type", type);
        if (json_member(sim_at(list, i), "forms"))
            json_object_object_add(object, "forms", describe_forms(json_member(sim_at(list, i), "forms"), NULL));
        json_object_array_add(result, object);
    }
    return result;
}

struct json_object *library_grid_definition(struct json_object *report)
{
    struct library_instance instance = {.report = report};
    struct json_object *definition = json_object_new_object();
    struct json_object *available = json_object_new_object();
    struct json_object *units[AXES];
    struct axis axes[AXES];
    struct view view;
    open_view(&view, &instance);
    for (size_t i = 0; i < AXES; i++) {
        open_axis(&axes[i], &view, i, false);
        units[i] = close_axis(&axes[i], false);
    }
    json_object_object_add(definition, "grid", grid_of(&view, units, view.count[COLUMNS] > 0));
    json_object_object_add(available, "attributes", objects_of(view.attributes, "attribute"));
    json_object_object_add(available, "metrics", objects_of(view.metric_list, "metric"));
    json_object_object_add(definition, "availableObjects", available);
    close_view(&view);
    return definition;
}

/* --- the page-by -------------------------------------------------------------------------------------------------
 */

struct json_object *library_grid_page_by(const struct library_instance *instance, int64_t offset, int64_t limit)
{
    struct json_object *result = json_object_new_object();
    struct json_object *valid = json_object_new_object();
    struct json_object *items = json_object_new_array();
    struct axis axis;
    struct view view;
    open_view(&view, instance);
    open_axis(&axis, &view, PAGE_BY, true);
    int64_t total = (int64_t)view.combinations.count;
    for (int64_t i = offset; i < total && i < offset + limit; i++)
        json_object_array_add(items, indexes(&axis, &view.combinations.items[i]));
    json_object_object_add(valid, "paging", paging_of(total, (int64_t)sim_length(items), offset, limit));
    json_object_object_add(valid, "items", items);
    json_object_object_add(result, "pageBy", close_axis(&axis, true));
    json_object_object_add(result, "validPageByElements", valid);
    close_view(&view);
    return result;
}

bool library_grid_turn(struct library_instance *instance, struct json_object *elements)
{
    struct view view;
    char id[128];
    bool found = false;
    open_view(&view, instance);
    for (size_t i = 0; !found && i < view.combinations.count; i++) {
        found = sim_length(elements) == view.count[PAGE_BY];
        for (size_t j = 0; found && j < view.count[PAGE_BY]; j++) {
            size_t attribute = view.units[PAGE_BY][j];
            element_id(&view, attribute, element_of(&view, view.combinations.items[i].fact, attribute), id,
                       sizeof(id));
            found = !strcmp(sim_text_of(sim_at(elements, j), "id"), id);
        }
        if (found)
            instance->combination = i;
    }
    close_view(&view);
    return found;
}
