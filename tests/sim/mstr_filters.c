/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which facts of a report an instance shows: those that pass its viewFilter, and the answers to its prompts. What a
 * filter names that the report does not have is passed over, as the service does.
 */
#include "mstr.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static size_t index_of(struct json_object *list, const char *id)
{
    for (size_t i = 0; i < sim_length(list); i++)
        if (!strcmp(sim_text_of(sim_at(list, i), "id"), id))
            return i;
    return SIZE_MAX;
}

/* The text of an operand of a fact, NULL where the report has no such thing, or the fact nothing there. */
static const char *value_of(struct json_object *report, size_t fact, struct json_object *operand, bool *known)
{
    struct json_object *attributes = json_member(report, "attributes");
    struct json_object *row = sim_at(json_member(report, "facts"), fact);
    bool form = !strcmp(sim_text_of(operand, "type"), "form");
    size_t metric = index_of(json_member(report, "metrics"), sim_text_of(operand, "id"));
    if (!form) {
        *known = metric != SIZE_MAX;
        struct json_object *value = *known ? sim_at(row, sim_length(attributes) + metric) : NULL;
        return value ? json_object_get_string(value) : NULL;
    }
    size_t attribute = index_of(attributes, sim_text_of(json_member(operand, "attribute"), "id"));
    struct json_object *forms = attribute != SIZE_MAX ? json_member(sim_at(attributes, attribute), "forms") : NULL;
    size_t which = index_of(forms, sim_text_of(json_member(operand, "form"), "id"));
    *known = which != SIZE_MAX;
    if (!*known)
        return NULL;
    size_t element = (size_t)json_object_get_int64(sim_at(row, attribute));
    return json_object_get_string(
        sim_at(sim_at(json_member(sim_at(attributes, attribute), "elements"), element), which));
}

static int compare(const char *a, const char *b, bool numbers)
{
    double difference = numbers ? strtod(a, NULL) - strtod(b, NULL) : 0;
    return numbers ? (difference > 0) - (difference < 0) : strcmp(a, b);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length >= strlen(end) && !strcmp(text + length - strlen(end), end);
}

/* A comparison of a value with one or two constants. */
static bool leaf_holds(const char *name, const char *value, const char *first, const char *second, bool numbers)
{
    if (!strcmp(name, "IsNull") || !strcmp(name, "IsNotNull"))
        return (value == NULL) == !strcmp(name, "IsNull");
    if (!value)
        return false;
    int order = compare(value, first, numbers);
    const struct {
        const char *name;
        bool holds;
    } cases[] = {
        {"Equals", order == 0},
        {"NotEqual", order != 0},
        {"Greater", order > 0},
        {"GreaterEqual", order >= 0},
        {"Less", order < 0},
        {"LessEqual", order <= 0},
        {"Between", order >= 0 && compare(value, second, numbers) <= 0},
        {"NotBetween", order < 0 || compare(value, second, numbers) > 0},
        {"Contains", strstr(value, first) != NULL},
        {"BeginsWith", strncmp(value, first, strlen(first)) == 0},
        {"EndsWith", ends_with(value, first)},
        {"NotContains", strstr(value, first) == NULL},
        {"NotBeginsWith", strncmp(value, first, strlen(first)) != 0},
        {"NotEndsWith", !ends_with(value, first)},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (!strcmp(name, cases[i].name))
            return cases[i].holds;
    return true;
}

static bool filter_holds(struct json_object *report, size_t fact, struct json_object *filter)
{
    const char *name = sim_text_of(filter, "operator");
    struct json_object *operands = json_member(filter, "operands");
    bool known = true;
    if (!strcmp(name, "Not"))
        return !filter_holds(report, fact, sim_at(operands, 0));
    if (!strcmp(name, "And") || !strcmp(name, "Or")) {
        bool any = !strcmp(name, "Or");
        for (size_t i = 0; i < sim_length(operands); i++)
            if (filter_holds(report, fact, sim_at(operands, i)) == any)
                return any;
        return !any;
    }
    const char *value = value_of(report, fact, sim_at(operands, 0), &known);
    const char *type = sim_text_of(sim_at(operands, 1), "dataType");
    bool numbers = *type && strchr("RIB", *type) != NULL;
    return !known || leaf_holds(name, value, sim_text_of(sim_at(operands, 1), "value"),
                                sim_text_of(sim_at(operands, 2), "value"), numbers);
}

/* {"Region": ["North", …]}: elements that answers to prompts have chosen, by any of their forms. */
static bool is_chosen(const struct library_instance *instance, size_t fact)
{
    struct json_object *attributes = json_member(instance->report, "attributes");
    struct json_object *row = sim_at(json_member(instance->report, "facts"), fact);
    for (size_t i = 0; instance->chosen && i < sim_length(attributes); i++) {
        struct json_object *names = json_member(instance->chosen, sim_text_of(sim_at(attributes, i), "name"));
        struct json_object *values =
            sim_at(json_member(sim_at(attributes, i), "elements"), (size_t)json_object_get_int64(sim_at(row, i)));
        bool found = names == NULL;
        for (size_t j = 0; j < sim_length(values) && !found; j++)
            found = sim_lists(names, json_object_get_string(sim_at(values, j)));
        if (!found)
            return false;
    }
    return true;
}

bool library_fact_passes(const struct library_instance *instance, size_t fact)
{
    struct json_object *filter = json_member(instance->body, "viewFilter");
    return is_chosen(instance, fact) && (!filter || filter_holds(instance->report, fact, filter));
}
