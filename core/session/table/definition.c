/* SPDX-License-Identifier: Apache-2.0 */
/* Looking up what a report or cube is made of. */
#include "session/table/definition.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_list.h"
#include "session/parts/response.h"

#include <mstr/json-c.h>
#include <string.h>

enum mstr_code definition_read(struct definition *definition, struct report *instance, mstr_error *error)
{
    definition->object = instance->object;
    definition->tree = NULL;
    enum mstr_code code = report_get(instance, "v2/", "", &definition->answer, error);
    if (code == MSTR_OK) {
        definition->tree = mstr_response_json(definition->answer);
        if (definition->tree == NULL) {
            return response_tell_absent(error, MSTR_E_PROTOCOL, "the definition of %s is no JSON", instance->object);
        }
        code = json_member(definition->tree, "definition") != NULL
                   ? MSTR_OK
                   : error_set(error, MSTR_E_PROTOCOL, "the answer is no definition of %s", instance->object);
    }
    return code;
}

void definition_release(struct definition *definition)
{
    mstr_response_free(definition->answer);
    definition->answer = NULL;
    definition->tree = NULL;
}

static size_t count_of(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static bool is_text(struct json_object *object, const char *member, const char *text, size_t length, bool any_case)
{
    const char *value = json_member_text(object, member);
    return value != NULL && strlen(value) == length &&
           (any_case ? text_equal_nocase_length(value, text, length) : memcmp(value, text, length) == 0);
}

/* Items of a list by one member: how many there are, and the first. Items of one id are one. */
static size_t find_by(struct json_object *list, const char *member, const char *name, size_t length,
                      struct json_object **found)
{
    size_t count = 0;
    for (size_t i = 0; i < count_of(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        if (is_text(item, member, name, length, strcmp(member, "id") == 0)) {
            *found = count == 0 ? item : *found;
            count++;
        }
    }
    return count;
}

/* By id, else by name or category. */
static size_t find_in(struct json_object *list, const char *name, size_t length, struct json_object **found)
{
    static const char *const members[] = {"id", "name", "baseFormCategory"};
    size_t count = 0;
    for (size_t i = 0; count == 0 && i < sizeof(members) / sizeof(*members); i++) {
        count = find_by(list, members[i], name, length, found);
    }
    return count;
}

static void suggest(struct json_object *list, const char *name, size_t length, mstr_error *error)
{
    struct text_list names = TEXT_LIST_INIT;
    struct buffer wanted = BUFFER_INIT;
    buffer_append(&wanted, name, length);
    for (size_t i = 0; i < count_of(list); i++) {
        const char *other = json_member_text(json_object_array_get_idx(list, i), "name");
        if (other != NULL) {
            text_list_add(&names, other, strlen(other));
        }
    }
    const char *nearest = text_list_nearest(&names, buffer_text(&wanted));
    if (nearest != NULL) {
        error_set_hint(error, "did you mean \"%s\"?", nearest);
    }
    text_list_release(&names);
    buffer_release(&wanted);
}

static struct json_object *list_of(const struct definition *definition, enum definition_kind kind)
{
    struct json_object *objects = json_member(json_member(definition->tree, "definition"), "availableObjects");
    return json_member(objects, kind == DEFINITION_ATTRIBUTE ? "attributes" : "metrics");
}

static enum mstr_code tell_count(size_t count, const struct definition *definition, const char *what,
                                 const char *name, size_t length, mstr_error *error)
{
    if (count == 1) {
        return MSTR_OK;
    }
    if (count > 1) {
        error_set(error, MSTR_E_USAGE, "%s has %zu of the %s \"%.*s\"", definition->object, count, what, (int)length,
                  name);
        error_set_hint(error, "name it by its id");
        return MSTR_E_USAGE;
    }
    return error_set(error, MSTR_E_USAGE, "%s has no %s \"%.*s\"", definition->object, what, (int)length, name);
}

enum mstr_code definition_find(const struct definition *definition, enum definition_kind kind, const char *name,
                               size_t length, struct json_object **found, mstr_error *error)
{
    const char *what = kind == DEFINITION_ATTRIBUTE ? "attribute" : "metric";
    size_t count = find_in(list_of(definition, kind), name, length, found);
    enum mstr_code code = tell_count(count, definition, what, name, length, error);
    if (count == 0) {
        suggest(list_of(definition, kind), name, length, error);
    }
    return code;
}

enum mstr_code definition_find_any(const struct definition *definition, const char *name, size_t length,
                                   enum definition_kind *kind, struct json_object **found, mstr_error *error)
{
    struct json_object *metric = NULL;
    size_t attributes = find_in(list_of(definition, DEFINITION_ATTRIBUTE), name, length, found);
    size_t metrics = find_in(list_of(definition, DEFINITION_METRIC), name, length, &metric);
    *kind = attributes > 0 ? DEFINITION_ATTRIBUTE : DEFINITION_METRIC;
    *found = attributes > 0 ? *found : metric;
    return tell_count(attributes + metrics, definition, "attribute or metric", name, length, error);
}

enum mstr_code definition_find_form(const struct definition *definition, struct json_object *attribute,
                                    const char *name, size_t length, struct json_object **found, mstr_error *error)
{
    struct json_object *forms = json_member(attribute, "forms");
    size_t count = find_in(forms, name, length, found);
    if (count == 0) {
        const char *of = json_member_text(attribute, "name");
        error_set(error, MSTR_E_USAGE, "the attribute \"%s\" has no form \"%.*s\"", of != NULL ? of : "", (int)length,
                  name);
        suggest(forms, name, length, error);
        return MSTR_E_USAGE;
    }
    return tell_count(count, definition, "form", name, length, error);
}

struct json_object *definition_main_form(struct json_object *attribute)
{
    struct json_object *forms = json_member(attribute, "forms");
    struct json_object *found = count_of(forms) > 0 ? json_object_array_get_idx(forms, 0) : NULL;
    if (find_by(forms, "baseFormCategory", "DESC", 4, &found) == 0) {
        find_by(forms, "name", "DESC", 4, &found);
    }
    return found;
}

void definition_put_id(struct json_object *object, struct buffer *out)
{
    const char *id = json_member_text(object, "id");
    json_put_string(out, id != NULL ? id : "", id != NULL ? strlen(id) : 0);
}

bool definition_pages_by(const struct definition *definition, const char *name, size_t length)
{
    struct json_object *grid = json_member(json_member(definition->tree, "definition"), "grid");
    struct json_object *unit = NULL;
    return find_in(json_member(grid, "pageBy"), name, length, &unit) > 0;
}

size_t definition_until(const char *text, size_t length, char mark)
{
    size_t i = 0;
    while (i < length && text[i] != mark) {
        i += text[i] == '\\' && i + 1 < length ? 2 : 1;
    }
    return i < length ? i : length;
}

bool definition_unescape(const char *text, size_t length, struct buffer *out)
{
    buffer_clear(out);
    for (size_t i = 0; i < length; i++) {
        i += text[i] == '\\' && i + 1 < length;
        buffer_putc(out, text[i]);
    }
    return !out->failed;
}
