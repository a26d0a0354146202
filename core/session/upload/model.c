/* SPDX-License-Identifier: Apache-2.0 */
/* Columns as attributes with forms, and metrics. */
#include "session/upload/model.h"

#include "base/json.h"
#include "session/upload/value.h"

#include <string.h>

const mstr_upload_column *model_column(const mstr_upload_options *options, size_t index)
{
    return (const mstr_upload_column *)(const void *)((const char *)options->columns + index * options->column_size);
}

static void put_text(struct buffer *out, const char *before, const char *text)
{
    buffer_puts(out, before);
    json_put_string(out, text, strlen(text));
}

static bool is_metric(const mstr_upload_column *column)
{
    return column->role == MSTR_UPLOAD_METRIC ||
           (column->role == MSTR_UPLOAD_BY_TYPE && column->attribute == NULL && value_is_number(column->type));
}

static const char *attribute_of(const mstr_upload_column *column)
{
    return column->attribute != NULL ? column->attribute : column->name;
}

static void put_expression(struct buffer *out, const mstr_upload_column *column, const char *table)
{
    put_text(out, ",\"expressions\":[{\"tableName\":", table);
    put_text(out, ",\"columnName\":", column->name);
    buffer_puts(out, "}]}");
}

/* The forms of the attribute that column `first` begins. */
static void put_forms(struct buffer *out, const mstr_upload_options *options, size_t first, const char *table)
{
    const char *name = attribute_of(model_column(options, first));
    for (size_t i = first; i < options->column_count; i++) {
        const mstr_upload_column *column = model_column(options, i);
        if (!is_metric(column) && strcmp(attribute_of(column), name) == 0) {
            put_text(out,
                     i == first ? "{\"category\":" : ",{\"category\":", column->form != NULL ? column->form : "ID");
            put_expression(out, column, table);
        }
    }
}

static bool begins_attribute(const mstr_upload_options *options, size_t index)
{
    const mstr_upload_column *column = model_column(options, index);
    bool begins = !is_metric(column);
    for (size_t i = 0; begins && i < index; i++) {
        const mstr_upload_column *before = model_column(options, i);
        begins = is_metric(before) || strcmp(attribute_of(before), attribute_of(column)) != 0;
    }
    return begins;
}

void model_put(struct buffer *out, const mstr_upload_options *options, const char *table)
{
    const char *separator = "";
    put_text(out, "{\"name\":", options->dataset);
    if (options->folder != NULL) {
        put_text(out, ",\"folderId\":", options->folder);
    }
    put_text(out, ",\"tables\":[{\"name\":", table);
    for (size_t i = 0; i < options->column_count; i++) {
        put_text(out, i == 0 ? ",\"columnHeaders\":[{\"name\":" : ",{\"name\":", model_column(options, i)->name);
        put_text(out, ",\"dataType\":", value_type_name(model_column(options, i)->type));
        buffer_putc(out, '}');
    }
    buffer_puts(out, "]}],\"attributes\":[");
    for (size_t i = 0; i < options->column_count; i++) {
        if (begins_attribute(options, i)) {
            buffer_puts(out, separator);
            put_text(out, "{\"name\":", attribute_of(model_column(options, i)));
            buffer_puts(out, ",\"attributeForms\":[");
            put_forms(out, options, i, table);
            buffer_puts(out, "]}");
            separator = ",";
        }
    }
    buffer_puts(out, "],\"metrics\":[");
    separator = "";
    for (size_t i = 0; i < options->column_count; i++) {
        if (is_metric(model_column(options, i))) {
            buffer_puts(out, separator);
            put_text(out, "{\"name\":", model_column(options, i)->name);
            put_expression(out, model_column(options, i), table);
            separator = ",";
        }
    }
    buffer_puts(out, "]}");
}

void model_put_session(struct buffer *out, const mstr_upload_options *options, const char *table)
{
    static const char *const policies[] = {"replace", "add", "update", "upsert"};
    put_text(out, "{\"tables\":[{\"name\":", table);
    put_text(out, ",\"updatePolicy\":", policies[options->policy]);
    for (size_t i = 0; i < options->column_count; i++) {
        put_text(out, i == 0 ? ",\"columnHeaders\":[" : ",", model_column(options, i)->name);
    }
    buffer_puts(out, "],\"orientation\":\"ROW\"}]}");
}
