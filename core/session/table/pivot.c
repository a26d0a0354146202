/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing metrics that came one below the other into one row. */
#include "session/table/pivot.h"

#include "base/array.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Texts are kept by where they are in the buffer, which moves as it grows. */
struct pivot_cell {
    bool set;
    enum mstr_cell_kind kind;
    bool has_formatted;
    size_t text, length;
    size_t formatted, formatted_length;
};

struct pivot_row {
    size_t next; /* another one of the same elements, which came later; 0 = none */
    size_t open; /* of the first: where a search may begin, as all before it are full */
    size_t filled;
};

void pivot_init(struct pivot *pivot, size_t width)
{
    memset(pivot, 0, sizeof(*pivot));
    pivot->width = width;
}

static bool make_room(struct pivot *pivot)
{
    if (pivot->count < pivot->capacity) {
        return true;
    }
    size_t capacity = pivot->capacity > 0 ? 2 * pivot->capacity : 16;
    struct pivot_row *rows = realloc(pivot->rows, capacity * sizeof(*rows));
    pivot->rows = rows != NULL ? rows : pivot->rows;
    struct pivot_cell *cells = array_resize(pivot->cells, capacity, pivot->width, sizeof(*cells));
    pivot->cells = cells != NULL ? cells : pivot->cells;
    pivot->capacity = rows != NULL && cells != NULL ? capacity : pivot->capacity;
    return rows != NULL && cells != NULL;
}

static bool add_row(struct pivot *pivot, size_t *row)
{
    if (!make_room(pivot)) {
        return false;
    }
    *row = pivot->count++;
    pivot->rows[*row] = (struct pivot_row){0, *row, 0};
    memset(pivot->cells + *row * pivot->width, 0, pivot->width * sizeof(*pivot->cells));
    return true;
}

static bool add_key(struct pivot *pivot, const char *key, size_t row)
{
    if (pivot->key_count == pivot->key_capacity) {
        size_t capacity = pivot->key_capacity > 0 ? 2 * pivot->key_capacity : 16;
        char **keys = realloc(pivot->keys, capacity * sizeof(*keys));
        if (keys == NULL) {
            return false;
        }
        pivot->keys = keys;
        pivot->key_capacity = capacity;
    }
    char *copy = text_copy(key);
    if (copy == NULL) {
        return false;
    }
    pivot->keys[pivot->key_count++] = copy;
    return name_index_add(&pivot->index, 0, copy, row);
}

bool pivot_find(struct pivot *pivot, const char *key, size_t slot, size_t *row, bool *is_new)
{
    size_t first = name_index_find(&pivot->index, 0, key);
    *is_new = first == NAME_INDEX_NOWHERE;
    if (*is_new) {
        return add_row(pivot, row) && add_key(pivot, key, *row);
    }
    size_t at = pivot->rows[first].open;
    while (pivot->cells[at * pivot->width + slot].set && pivot->rows[at].next != 0) {
        if (pivot->rows[at].filled == pivot->width && at == pivot->rows[first].open) {
            pivot->rows[first].open = pivot->rows[at].next;
        }
        at = pivot->rows[at].next;
    }
    *row = at;
    if (!pivot->cells[at * pivot->width + slot].set) {
        return true;
    }
    *is_new = true;
    if (!add_row(pivot, row)) {
        return false;
    }
    pivot->rows[at].next = *row;
    return true;
}

static bool keep(struct pivot *pivot, struct page_text text, size_t *at, size_t *length)
{
    *at = pivot->texts.length;
    *length = text.length;
    return buffer_append(&pivot->texts, text.at, text.length) && buffer_putc(&pivot->texts, '\0');
}

bool pivot_put(struct pivot *pivot, size_t row, size_t place, const struct cell *cell)
{
    struct pivot_cell *into = &pivot->cells[row * pivot->width + place];
    pivot->rows[row].filled += !into->set;
    into->set = true;
    into->kind = cell->kind;
    into->has_formatted = cell->formatted.at != NULL;
    return (cell->text.at == NULL || keep(pivot, cell->text, &into->text, &into->length)) &&
           (!into->has_formatted || keep(pivot, cell->formatted, &into->formatted, &into->formatted_length));
}

static void forget(struct pivot *pivot)
{
    for (size_t i = 0; i < pivot->key_count; i++) {
        free(pivot->keys[i]);
    }
    name_index_release(&pivot->index);
    buffer_clear(&pivot->texts);
    pivot->key_count = 0;
    pivot->count = 0;
    pivot->given = 0;
}

bool pivot_take(struct pivot *pivot, struct cell *cells)
{
    const char *texts = buffer_text(&pivot->texts);
    if (pivot->given == pivot->count) {
        forget(pivot);
        return false;
    }
    const struct pivot_cell *from = pivot->cells + pivot->given++ * pivot->width;
    for (size_t i = 0; i < pivot->width; i++) {
        cells[i] = (struct cell){from[i].kind, {NULL, 0}, {NULL, 0}};
        if (from[i].kind != MSTR_CELL_NULL) {
            cells[i].text = (struct page_text){texts + from[i].text, from[i].length};
        }
        if (from[i].has_formatted) {
            cells[i].formatted = (struct page_text){texts + from[i].formatted, from[i].formatted_length};
        }
    }
    return true;
}

void pivot_release(struct pivot *pivot)
{
    forget(pivot);
    free(pivot->keys);
    free(pivot->rows);
    free(pivot->cells);
    buffer_release(&pivot->texts);
}
