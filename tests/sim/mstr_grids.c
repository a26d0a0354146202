/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grid of a report of the seed that lists its facts: page-by, attributes and metrics on either axis, cross-tabs,
 * filters, totals, in the JSON of the v2 interface; {"digits": "…"} among the facts is a number that no type of C
 * holds.
 */
#include "mstr_view.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char metrics_id[] = "00000000000000000000000000000000";

/* --- a unit, and the elements that a page of it has ------------------------------------------------------------- */

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
        json_object_array_add(values, json_object_get(sim_at(view_values(unit->view, unit->attribute, element),
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
    size_t element = place->total ? 0 : view_element(view, place->fact, unit->attribute);
    size_t *number = place->total ? &unit->total : &unit->numbers[element];
    if (*number > 0)
        return *number - 1;
    if (place->total) {
        struct json_object *values = json_object_new_array();
        json_object_array_add(values, json_object_new_string(sim_text_of(view->report, "total")));
        snprintf(id, sizeof(id), "D1;%s", sim_text_of(sim_at(view->attributes, unit->attribute), "id"));
        add_element(unit, values, id);
    } else {
        view_element_id(view, unit->attribute, element, id, sizeof(id));
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

/* --- values ----------------------------------------------------------------------------------------------------- */

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
            view_same(view, PAGE_BY, view->count[PAGE_BY], fact, view->combinations.items[combination].fact)) &&
           (row->total || view_same(view, ROWS, view->count[ROWS], fact, row->fact)) &&
           (view->count[COLUMNS] == 0 || view_same(view, COLUMNS, view->count[COLUMNS], fact, column->fact));
}

static struct json_object *cell_of(const struct view *view, const struct place *row, const struct place *column,
                                   size_t combination)
{
    size_t metric = view->metrics[view->metrics_axis == ROWS ? row->metric : column->metric];
    struct json_object *found = NULL;
    size_t count = 0;
    double sum = 0;
    if (!view->aggregated && !row->total)
        return raw_of(view_value(view, row->fact, metric));
    for (size_t i = 0; i < view->kept_count; i++) {
        if (!is_of_cell(view, view->kept[i], row, column, combination))
            continue;
        found = view_value(view, view->kept[i], metric);
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

/* --- the page --------------------------------------------------------------------------------------------------- */

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
        sim_put(position, "axis", view_axis_names[view->metrics_axis]);
        sim_put_int(position, "index", (int64_t)view->metrics_at);
        json_object_object_add(grid, "metricsPosition", position);
    }
    for (size_t i = 0; i < AXES; i++)
        json_object_object_add(grid, view_axis_names[i], axes[i]);
    return grid;
}

static void put_data(struct json_object *result, const struct view *view, struct library_instance *instance,
                     int64_t offset, int64_t limit, struct axis axes[AXES])
{
    static const char *const names[] = {"raw", "formatted", "extras"};
    struct places rows = view_axis(view, ROWS, instance->combination, instance->body);
    struct places columns = view_axis(view, COLUMNS, instance->combination, instance->body);
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
    view_open(&view, instance);
    if (instance->combination >= view.combinations.count)
        instance->combination = 0;
    for (size_t i = 0; i < AXES; i++)
        open_axis(&axes[i], &view, i, true);
    put_data(result, &view, instance, offset, limit, axes);
    for (size_t i = 0; i < AXES; i++)
        units[i] = close_axis(&axes[i], true);
    json_object_object_add(definition, "grid", grid_of(&view, units, view.count[COLUMNS] > 0));
    json_object_object_add(result, "definition", definition);
    view_close(&view);
    return result;
}

/* --- the definition --------------------------------------------------------------------------------------------- */

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
    view_open(&view, &instance);
    for (size_t i = 0; i < AXES; i++) {
        open_axis(&axes[i], &view, i, false);
        units[i] = close_axis(&axes[i], false);
    }
    json_object_object_add(definition, "grid", grid_of(&view, units, view.count[COLUMNS] > 0));
    json_object_object_add(available, "attributes", objects_of(view.attributes, "attribute"));
    json_object_object_add(available, "metrics", objects_of(view.metric_list, "metric"));
    json_object_object_add(definition, "availableObjects", available);
    view_close(&view);
    return definition;
}

/* --- the page-by ------------------------------------------------------------------------------------------------ */

struct json_object *library_grid_page_by(const struct library_instance *instance, int64_t offset, int64_t limit)
{
    struct json_object *result = json_object_new_object();
    struct json_object *valid = json_object_new_object();
    struct json_object *items = json_object_new_array();
    struct axis axis;
    struct view view;
    view_open(&view, instance);
    open_axis(&axis, &view, PAGE_BY, true);
    int64_t total = (int64_t)view.combinations.count;
    for (int64_t i = offset; i < total && i < offset + limit; i++)
        json_object_array_add(items, indexes(&axis, &view.combinations.items[i]));
    json_object_object_add(valid, "paging", paging_of(total, (int64_t)sim_length(items), offset, limit));
    json_object_object_add(valid, "items", items);
    json_object_object_add(result, "pageBy", close_axis(&axis, true));
    json_object_object_add(result, "validPageByElements", valid);
    view_close(&view);
    return result;
}

bool library_grid_turn(struct library_instance *instance, struct json_object *elements)
{
    struct view view;
    char id[128];
    bool found = false;
    view_open(&view, instance);
    for (size_t i = 0; !found && i < view.combinations.count; i++) {
        found = sim_length(elements) == view.count[PAGE_BY];
        for (size_t j = 0; found && j < view.count[PAGE_BY]; j++) {
            size_t attribute = view.units[PAGE_BY][j];
            view_element_id(&view, attribute, view_element(&view, view.combinations.items[i].fact, attribute), id,
                            sizeof(id));
            found = !strcmp(sim_text_of(sim_at(elements, j), "id"), id);
        }
        if (found)
            instance->combination = i;
    }
    view_close(&view);
    return found;
}
