/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a page of a grid. */
#include "session/api/grid.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"

#include <stdlib.h>

enum { AXIS_MAX = 1024 * 1024 }; /* columns of one page that are believed */

/* A run of texts: those that the page owns, or names made here. */
struct texts {
    const char **items;
    size_t count;
};

struct grid {
    struct json_object *rows;         /* attributes down the rows, with their elements */
    struct json_object *columns;      /* levels of the columns, likewise */
    struct json_object *row_headers;  /* for each row, an index for each attribute */
    struct json_object *column_heads; /* for each level, an index for each column; or the other way round */
    struct json_object *raw;
    struct json_object *formatted;
    size_t count; /* of rows */
    size_t width; /* of values in each */
    struct texts label_names, labels, value_names, values, raws;
    struct buffer *made; /* texts of names and labels that had to be put together */
    size_t made_count;
    size_t made_capacity;
};

static size_t length_of(struct json_object *array)
{
    return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static struct json_object *item(struct json_object *array, size_t index)
{
    return index < length_of(array) ? json_object_array_get_idx(array, index) : NULL;
}

static bool texts_init(struct texts *texts, size_t count)
{
    texts->items = calloc(count + 1, sizeof(*texts->items));
    texts->count = count;
    return texts->items != NULL;
}

static enum mstr_code open_grid(struct grid *grid, struct json_object *page, size_t *total)
{
    struct json_object *definition = json_member(json_member(page, "definition"), "grid");
    struct json_object *data = json_member(page, "data");
    struct json_object *headers = json_member(data, "headers");
    struct json_object *values = json_member(data, "metricValues");
    int64_t told = 0;
    grid->rows = json_member(definition, "rows");
    grid->columns = json_member(definition, "columns");
    grid->row_headers = json_member(headers, "rows");
    grid->column_heads = json_member(headers, "columns");
    grid->raw = json_member(values, "raw");
    grid->formatted = json_member(values, "formatted");
    if (!json_member_int64(json_member(data, "paging"), "total", &told) || told < 0) {
        return MSTR_E_PROTOCOL;
    }
    *total = (size_t)told;
    grid->count = length_of(grid->row_headers);
    grid->count = grid->count > length_of(grid->raw) ? grid->count : length_of(grid->raw);
    grid->width = length_of(item(grid->raw, 0));
    if (grid->width > AXIS_MAX || length_of(grid->rows) > AXIS_MAX) {
        return MSTR_E_PROTOCOL;
    }
    grid->made_capacity = length_of(grid->rows) + grid->width;
    grid->made = calloc(grid->made_capacity + 1, sizeof(*grid->made));
    bool memory = grid->made != NULL && texts_init(&grid->label_names, length_of(grid->rows)) &&
                  texts_init(&grid->labels, length_of(grid->rows)) && texts_init(&grid->value_names, grid->width) &&
                  texts_init(&grid->values, grid->width) && texts_init(&grid->raws, grid->width);
    return memory ? MSTR_OK : MSTR_E_MEMORY;
}

static void close_grid(struct grid *grid)
{
    for (size_t i = 0; grid->made != NULL && i < grid->made_capacity; i++) {
        buffer_release(&grid->made[i]);
    }
    free(grid->made);
    free(grid->label_names.items);
    free(grid->labels.items);
    free(grid->value_names.items);
    free(grid->values.items);
    free(grid->raws.items);
}

/* An element's forms, or its name where it is a metric, added to a text. */
static void put_element(struct json_object *axis, struct json_object *index, struct buffer *text)
{
    int64_t at = json_object_is_type(index, json_type_int) ? json_object_get_int64(index) : -1;
    struct json_object *element = at >= 0 ? item(json_member(axis, "elements"), (size_t)at) : NULL;
    struct json_object *forms = json_member(element, "formValues");
    const char *name = json_member_text(element, "name");
    for (size_t i = 0; i < length_of(forms); i++) {
        buffer_puts(text, text->length > 0 ? " " : "");
        buffer_puts(text, json_object_get_string(item(forms, i)));
    }
    if (length_of(forms) == 0 && name != NULL) {
        buffer_puts(text, text->length > 0 ? " " : "");
        buffer_puts(text, name);
    }
}

/* The columns' names. Headers come level by level; a list with one entry a column is understood as well. */
static bool name_columns(struct grid *grid, struct buffer *texts)
{
    bool memory = true;
    size_t levels = length_of(grid->columns);
    bool by_level = length_of(grid->column_heads) == levels && length_of(item(grid->column_heads, 0)) == grid->width;
    for (size_t column = 0; column < grid->width; column++) {
        for (size_t level = 0; level < levels; level++) {
            struct json_object *index = by_level ? item(item(grid->column_heads, level), column)
                                                 : item(item(grid->column_heads, column), level);
            put_element(item(grid->columns, level), index, &texts[column]);
        }
        grid->value_names.items[column] = buffer_text(&texts[column]);
        memory = memory && !texts[column].failed;
    }
    return memory;
}

static const char *text_of(struct json_object *value)
{
    return value != NULL ? json_object_get_string(value) : NULL;
}

static bool read_row(struct grid *grid, size_t row)
{
    bool memory = true;
    for (size_t i = 0; i < grid->labels.count; i++) {
        buffer_clear(&grid->made[i]);
        put_element(item(grid->rows, i), item(item(grid->row_headers, row), i), &grid->made[i]);
        grid->labels.items[i] = buffer_text(&grid->made[i]);
        memory = memory && !grid->made[i].failed;
    }
    for (size_t i = 0; i < grid->width; i++) {
        struct json_object *raw = item(item(grid->raw, row), i);
        grid->values.items[i] = text_of(item(item(grid->formatted, row), i));
        grid->raws.items[i] = raw != NULL ? json_object_to_json_string_ext(raw, JSON_C_TO_STRING_PLAIN) : NULL;
        memory = memory && (raw == NULL || grid->raws.items[i] != NULL);
    }
    return memory;
}

static enum mstr_code hand_over(struct grid *grid, int64_t *index, int64_t total, mstr_row_fn each, void *data,
                                mstr_error *error)
{
    mstr_row row = {
        .size = sizeof(row),
        .total = total,
        .label_count = grid->labels.count,
        .label_names = grid->label_names.items,
        .labels = grid->labels.items,
        .value_count = grid->width,
        .value_names = grid->value_names.items,
        .values = grid->values.items,
        .raw = grid->raws.items,
    };
    for (size_t i = 0; i < grid->count; i++) {
        if (!read_row(grid, i)) {
            return error_set(error, MSTR_E_MEMORY, "out of memory");
        }
        row.index = (*index)++;
        if (each(&row, data) != 0) {
            return error_set(error, MSTR_E_CANCELLED, "the program stopped after row %lld", (long long)row.index);
        }
    }
    return MSTR_OK;
}

enum mstr_code grid_read(struct json_object *page, int64_t *index, int64_t *total, mstr_row_fn each, void *data,
                         mstr_error *error)
{
    struct grid grid = {.rows = NULL};
    size_t rows = 0;
    enum mstr_code code = open_grid(&grid, page, &rows);
    if (code == MSTR_OK) {
        for (size_t i = 0; i < grid.label_names.count; i++) {
            const char *name = json_member_text(item(grid.rows, i), "name");
            grid.label_names.items[i] = name != NULL ? name : "";
        }
        *total = (int64_t)rows;
        code = name_columns(&grid, &grid.made[grid.labels.count]) ? hand_over(&grid, index, *total, each, data, error)
                                                                  : error_set(error, MSTR_E_MEMORY, "out of memory");
    } else {
        error_set(error, code, code == MSTR_E_MEMORY ? "out of memory" : "the answer is no page of a grid");
    }
    close_grid(&grid);
    return code;
}
