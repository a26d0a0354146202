/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the body of an instance. */
#include "session/table/body.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "session/table/filter.h"

#include <string.h>

bool body_needs_definition(const mstr_table_request *request)
{
    return request->attribute_count > 0 || request->metric_count > 0 || request->form_count > 0 ||
           request->filter_count > 0 || request->view_filter != NULL || request->page_by_count > 0;
}

/* What is being written, and what of the request's forms was used. */
struct objects {
    const mstr_table_request *request;
    const struct definition *definition;
    struct buffer *out;
    size_t forms_used;
};

static enum mstr_code put_forms(const struct objects *objects, struct json_object *attribute, const char *names,
                                mstr_error *error)
{
    struct buffer plain = BUFFER_INIT;
    struct json_object *form = NULL;
    struct json_object *all = json_member(attribute, "forms");
    size_t length = strlen(names);
    enum mstr_code code = MSTR_OK;
    buffer_puts(objects->out, ",\"forms\":[");
    if (text_equal_nocase(names, "all") && json_object_is_type(all, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(all); i++) {
            buffer_puts(objects->out, i > 0 ? ",{\"id\":" : "{\"id\":");
            definition_put_id(json_object_array_get_idx(all, i), objects->out);
            buffer_putc(objects->out, '}');
        }
    } else {
        for (size_t at = 0; code == MSTR_OK && at <= length;) {
            size_t end = at + definition_until(names + at, length - at, ',');
            code = definition_unescape(names + at, end - at, &plain)
                       ? definition_find_form(objects->definition, attribute, buffer_text(&plain), plain.length,
                                              &form, error)
                       : error_set(error, MSTR_E_MEMORY, "out of memory");
            buffer_puts(objects->out, at > 0 ? ",{\"id\":" : "{\"id\":");
            definition_put_id(form, objects->out);
            buffer_putc(objects->out, '}');
            at = end + 1;
        }
    }
    buffer_putc(objects->out, ']');
    buffer_release(&plain);
    return code;
}

/* The forms that the request names for an attribute; NULL = those of the template. */
static enum mstr_code find_forms(const struct objects *objects, struct json_object *attribute, const char **names,
                                 mstr_error *error)
{
    struct buffer plain = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    *names = NULL;
    for (size_t i = 0; code == MSTR_OK && i < objects->request->form_count; i++) {
        const char *text = objects->request->forms[i];
        struct json_object *of = NULL;
        size_t length = definition_until(text, strlen(text), '@');
        if (text[length] == '\0') {
            code = error_set(error, MSTR_E_USAGE, "\"%s\" names no forms: write ATTRIBUTE@FORM,FORM", text);
        } else if (!definition_unescape(text, length, &plain)) {
            code = error_set(error, MSTR_E_MEMORY, "out of memory");
        } else {
            code = definition_find(objects->definition, DEFINITION_ATTRIBUTE, buffer_text(&plain), plain.length, &of,
                                   error);
        }
        const char *wanted = code == MSTR_OK ? json_member_text(of, "id") : NULL;
        const char *id = json_member_text(attribute, "id");
        if (wanted != NULL && id != NULL && text_equal_nocase(wanted, id)) {
            *names = text + length + 1;
        }
    }
    buffer_release(&plain);
    return code;
}

static enum mstr_code put_attribute(struct objects *objects, const char *name, bool first, mstr_error *error)
{
    struct json_object *attribute = NULL;
    const char *forms = NULL;
    enum mstr_code code =
        definition_find(objects->definition, DEFINITION_ATTRIBUTE, name, strlen(name), &attribute, error);
    code = code == MSTR_OK ? find_forms(objects, attribute, &forms, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    buffer_puts(objects->out, first ? "{\"id\":" : ",{\"id\":");
    definition_put_id(attribute, objects->out);
    if (forms != NULL) {
        objects->forms_used++;
        code = put_forms(objects, attribute, forms, error);
    }
    buffer_putc(objects->out, '}');
    return code;
}

static enum mstr_code put_metric(struct objects *objects, const char *name, bool first, mstr_error *error)
{
    struct json_object *metric = NULL;
    enum mstr_code code = definition_find(objects->definition, DEFINITION_METRIC, name, strlen(name), &metric, error);
    buffer_puts(objects->out, first ? "{\"id\":" : ",{\"id\":");
    definition_put_id(metric, objects->out);
    buffer_putc(objects->out, '}');
    return code;
}

/* All that the template has, for forms alone: its attributes, axis by axis, or its metrics. */
static enum mstr_code put_template(struct objects *objects, bool metrics, mstr_error *error)
{
    static const char *const axes[] = {"pageBy", "rows", "columns"};
    struct json_object *grid = json_member(json_member(objects->definition->tree, "definition"), "grid");
    enum mstr_code code = MSTR_OK;
    bool first = true;
    for (size_t axis = 0; axis < sizeof(axes) / sizeof(*axes); axis++) {
        struct json_object *units = json_member(grid, axes[axis]);
        size_t count = json_object_is_type(units, json_type_array) ? json_object_array_length(units) : 0;
        for (size_t i = 0; code == MSTR_OK && i < count; i++) {
            struct json_object *unit = json_object_array_get_idx(units, i);
            const char *type = json_member_text(unit, "type");
            struct json_object *elements = json_member(unit, "elements");
            const char *id = json_member_text(unit, "id");
            bool is_metrics = type != NULL && strcmp(type, "templateMetrics") == 0;
            if (!metrics && !is_metrics && id != NULL) {
                code = put_attribute(objects, id, first, error);
                first = false;
            }
            for (size_t j = 0;
                 code == MSTR_OK && metrics && is_metrics && json_object_is_type(elements, json_type_array) &&
                 j < json_object_array_length(elements);
                 j++) {
                id = json_member_text(json_object_array_get_idx(elements, j), "id");
                code = id != NULL ? put_metric(objects, id, first, error) : code;
                first = false;
            }
        }
    }
    return code;
}

static enum mstr_code put_list(struct objects *objects, bool metrics, mstr_error *error)
{
    const mstr_table_request *request = objects->request;
    const char *const *names = metrics ? request->metrics : request->attributes;
    size_t count = metrics ? request->metric_count : request->attribute_count;
    enum mstr_code code = MSTR_OK;
    buffer_puts(objects->out, metrics ? "\"metrics\":[" : "\"attributes\":[");
    if (request->attribute_count == 0 && request->metric_count == 0) {
        code = put_template(objects, metrics, error);
    }
    for (size_t i = 0; code == MSTR_OK && i < count; i++) {
        code =
            metrics ? put_metric(objects, names[i], i == 0, error) : put_attribute(objects, names[i], i == 0, error);
    }
    buffer_putc(objects->out, ']');
    return code;
}

static enum mstr_code put_objects(struct objects *objects, mstr_error *error)
{
    buffer_puts(objects->out, "\"requestedObjects\":{");
    enum mstr_code code = put_list(objects, false, error);
    buffer_putc(objects->out, ',');
    code = code == MSTR_OK ? put_list(objects, true, error) : code;
    buffer_putc(objects->out, '}');
    if (code == MSTR_OK && objects->forms_used < objects->request->form_count) {
        const char *text = objects->request->forms[0];
        code = error_set(error, MSTR_E_USAGE,
                         "forms are named twice for an attribute, or for one that is not asked "
                         "for, such as \"%s\"",
                         text);
    }
    return code;
}

static enum mstr_code put_filters(const mstr_table_request *request, const struct definition *definition,
                                  struct buffer *out, mstr_error *error)
{
    size_t count = request->filter_count + (request->view_filter != NULL ? 1 : 0);
    enum mstr_code code = MSTR_OK;
    buffer_puts(out, ",\"viewFilter\":");
    buffer_puts(out, count > 1 ? "{\"operator\":\"And\",\"operands\":[" : "");
    for (size_t i = 0; code == MSTR_OK && i < request->filter_count; i++) {
        buffer_puts(out, i > 0 ? "," : "");
        code = filter_put(definition, request->filters[i], out, error);
    }
    if (code == MSTR_OK && request->view_filter != NULL) {
        code = filter_check(definition, request->view_filter, error);
        buffer_puts(out, request->filter_count > 0 ? "," : "");
        buffer_puts(out, request->view_filter);
    }
    buffer_puts(out, count > 1 ? "]}" : "");
    return code;
}

enum mstr_code body_put(const mstr_table_request *request, const struct definition *definition, struct buffer *out,
                        mstr_error *error)
{
    struct objects objects = {request, definition, out, 0};
    enum mstr_code code = MSTR_OK;
    buffer_putc(out, '{');
    if (request->attribute_count > 0 || request->metric_count > 0 || request->form_count > 0) {
        code = put_objects(&objects, error);
        buffer_putc(out, ',');
    }
    buffer_puts(out, (request->flags & MSTR_TABLE_TOTALS) != 0 ? "\"subtotals\":{\"visible\":true}"
                                                               : "\"subtotals\":{\"visible\":false}");
    if (code == MSTR_OK && (request->filter_count > 0 || request->view_filter != NULL)) {
        code = put_filters(request, definition, out, error);
    }
    buffer_putc(out, '}');
    return code == MSTR_OK && out->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : code;
}
