/* SPDX-License-Identifier: Apache-2.0 */
/* Making rows of a table out of those of a grid. */
#include "session/table/flatten.h"

#include "base/array.h"
#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static enum mstr_code no_memory(mstr_error *error)
{
    return error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* --- cells ------------------------------------------------------------------------------------------------------ */

static bool is_written_as_number(struct page_text text)
{
    return text.length > 0 && json_scan_number(text.at, text.at + text.length) == text.at + text.length;
}

/* One form of an element. One that has fewer forms than its attribute is a total, whose text stands for all. */
static struct cell form_cell(const struct page_unit *unit, const struct page_element *element, size_t form,
                             bool as_number)
{
    bool total = element->count > 0 && element->count < unit->form_count;
    struct page_text text = {NULL, 0};
    if (element->count > 0) {
        text = element->values[form < element->count ? form : element->count - 1];
    } else if (form == 0) {
        text = element->name;
    }
    enum mstr_cell_kind kind = text.at == NULL                           ? MSTR_CELL_NULL
                               : total                                   ? MSTR_CELL_TOTAL
                               : as_number && is_written_as_number(text) ? MSTR_CELL_NUMBER
                                                                         : MSTR_CELL_TEXT;
    return (struct cell){kind, text, {NULL, 0}};
}

/* The forms of a unit into cells, the first of which is of this column; how many they are. */
static size_t put_unit(const struct flatten *flatten, const struct page_unit *unit, uint32_t element, size_t column,
                       struct cell *cells)
{
    const bool *numbers = flatten->layout.numbers + column;
    bool typed = (flatten->flags & MSTR_TABLE_TYPED) != 0;
    for (size_t form = 0; form < unit->form_count; form++) {
        cells[form] = form_cell(unit, &unit->elements[element], form, typed && numbers[form]);
    }
    return unit->form_count;
}

/* Takes the text of a value; the buffer has room for it. */
static struct page_text take_text(struct buffer *texts, struct json_span value)
{
    char *to = texts->data + texts->length;
    size_t length = (size_t)(value.end - value.at);
    if (*value.at == '"') {
        length = json_scan_text(value, to);
    } else {
        memcpy(to, value.at, length);
    }
    to[length] = '\0';
    texts->length += length + 1;
    return (struct page_text){to, length};
}

static bool is_null(struct json_span value)
{
    return value.at == NULL || *value.at == 'n';
}

static struct cell metric_cell(struct buffer *texts, struct json_span raw, struct json_span formatted)
{
    struct cell cell = {MSTR_CELL_NULL, {NULL, 0}, {NULL, 0}};
    if (!is_null(raw)) {
        cell.kind = *raw.at == '-' || (*raw.at >= '0' && *raw.at <= '9') ? MSTR_CELL_NUMBER : MSTR_CELL_TEXT;
        cell.text = take_text(texts, raw);
    }
    if (!is_null(formatted)) {
        cell.formatted = take_text(texts, formatted);
    }
    return cell;
}

/* --- the grid's row --------------------------------------------------------------------------------------------- */

static bool reserve_texts(struct flatten *flatten)
{
    const struct page *page = &flatten->page;
    size_t length = 0;
    for (size_t i = 0; i < page->width; i++) {
        length += (size_t)(page->raw[i].end - page->raw[i].at) + 1;
        length += (size_t)(page->formatted[i].end - page->formatted[i].at) + 1;
    }
    buffer_clear(&flatten->texts);
    return buffer_reserve(&flatten->texts, length + 1);
}

/* The attributes of page-by and rows. A page that does not tell which of the page-by it is has none of them. */
static void put_fixed(struct flatten *flatten)
{
    const struct page *page = &flatten->page;
    const struct page_units *by = &page->axes[PAGE_PAGE_BY];
    const struct page_units *rows = &page->axes[PAGE_ROWS];
    size_t at = 0;
    memset(flatten->wide, 0, flatten->layout.fixed * sizeof(*flatten->wide));
    for (size_t i = 0; i < by->count; i++) {
        at += page->current_count > 0 ? put_unit(flatten, &by->items[i], page->current[i], at, flatten->wide + at)
                                      : by->items[i].form_count;
    }
    for (size_t i = 0; i < rows->count; i++) {
        if (i != rows->metrics) {
            at += put_unit(flatten, &rows->items[i], page->row[i], at, flatten->wide + at);
        }
    }
}

static bool put_row(struct flatten *flatten)
{
    const struct page *page = &flatten->page;
    struct cell *slots = flatten->wide + flatten->layout.fixed;
    if (!reserve_texts(flatten)) {
        return false;
    }
    put_fixed(flatten);
    for (size_t i = 0; i < flatten->layout.slot_count; i++) { /* its columns, but where there are no metrics */
        slots[i] = metric_cell(&flatten->texts, page->raw[i], page->formatted[i]);
    }
    flatten->has_wide = true;
    flatten->group = 0;
    return true;
}

/* --- metrics down the rows -------------------------------------------------------------------------------------- */

static void put_key(const struct page *page, size_t from, size_t to, struct buffer *into)
{
    const struct page_units *rows = &page->axes[PAGE_ROWS];
    for (size_t i = from; i < to; i++) {
        const struct page_element *element = &rows->items[i].elements[page->row[i]];
        if (i == rows->metrics) {
            continue;
        }
        if (element->id.length > 0) {
            buffer_append(into, element->id.at, element->id.length);
        } else {
            layout_put_element(element, into);
        }
        buffer_putc(into, '\x1f');
    }
}

/* Whether the row belongs to the block that is held: what stands before the metrics is the same. A new block's key is
 * kept. */
static bool is_same_block(struct flatten *flatten, bool *same)
{
    const struct page *page = &flatten->page;
    buffer_clear(&flatten->key);
    put_key(page, 0, page->axes[PAGE_ROWS].metrics, &flatten->key);
    *same = flatten->key.length == flatten->block.length &&
            memcmp(buffer_text(&flatten->key), buffer_text(&flatten->block), flatten->key.length) == 0;
    if (!*same && pivot_is_empty(&flatten->pivot)) {
        buffer_clear(&flatten->block);
        buffer_append(&flatten->block, buffer_text(&flatten->key), flatten->key.length);
        *same = true;
    }
    return !flatten->key.failed && !flatten->block.failed;
}

/* Adds the row to its block: its values are those of one metric, one for each group. */
static bool hold(struct flatten *flatten)
{
    const struct page *page = &flatten->page;
    const struct layout *layout = &flatten->layout;
    size_t metric = page->row[page->axes[PAGE_ROWS].metrics];
    size_t row = 0;
    bool is_new = false;
    buffer_clear(&flatten->key);
    put_key(page, 0, page->axes[PAGE_ROWS].count, &flatten->key);
    bool memory = !flatten->key.failed && reserve_texts(flatten) &&
                  pivot_find(&flatten->pivot, buffer_text(&flatten->key), layout->fixed + metric, &row, &is_new);
    put_fixed(flatten);
    for (size_t i = 0; memory && is_new && i < layout->fixed; i++) {
        memory = pivot_put(&flatten->pivot, row, i, &flatten->wide[i]);
    }
    for (size_t i = 0; memory && i < page->width; i++) {
        const struct cell cell = metric_cell(&flatten->texts, page->raw[i], page->formatted[i]);
        memory = pivot_put(&flatten->pivot, row, layout->fixed + i * layout->metrics + metric, &cell);
    }
    return memory;
}

/* The next row out of the block that is complete, or into the one that is not. */
static enum mstr_code next_held(struct flatten *flatten, bool *more, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *more = true;
    while (code == MSTR_OK && *more && !flatten->has_wide) {
        bool same = true;
        if (flatten->emptying) {
            flatten->has_wide = pivot_take(&flatten->pivot, flatten->wide);
            flatten->emptying = flatten->has_wide;
            flatten->group = 0;
            continue;
        }
        if (!flatten->has_page) {
            *more = false;
            continue;
        }
        code = flatten->pending ? MSTR_OK : page_next(&flatten->page, more, error);
        flatten->pending = false;
        if (code == MSTR_OK && *more) {
            code = is_same_block(flatten, &same) ? MSTR_OK : no_memory(error);
            flatten->pending = flatten->emptying = !same;
        }
        if (code == MSTR_OK && *more && same) {
            code = hold(flatten) ? MSTR_OK : no_memory(error);
        }
    }
    return code;
}

/* --- the table's row -------------------------------------------------------------------------------------------- */

static enum mstr_code next_wide(struct flatten *flatten, bool *more, mstr_error *error)
{
    if (flatten->layout.on_rows) {
        return next_held(flatten, more, error);
    }
    *more = flatten->has_page;
    enum mstr_code code = *more ? page_next(&flatten->page, more, error) : MSTR_OK;
    if (code == MSTR_OK && *more && !put_row(flatten)) {
        code = no_memory(error);
    }
    return code;
}

/* One group of the grid's row, or all of it. */
static void put_group(struct flatten *flatten, size_t group)
{
    const struct layout *layout = &flatten->layout;
    const struct cell *slots = flatten->wide + layout->fixed;
    struct cell *to = flatten->cells + layout->fixed;
    memcpy(flatten->cells, flatten->wide, layout->fixed * sizeof(*to));
    if (layout->keep) {
        memcpy(to, slots, layout->slot_count * sizeof(*to));
        return;
    }
    memcpy(to, flatten->over + group * layout->over, layout->over * sizeof(*to));
    to += layout->over;
    for (size_t i = 0; i < layout->metrics; i++) {
        size_t slot = layout->slots[group * layout->metrics + i];
        to[i] = slot != LAYOUT_NO_SLOT ? slots[slot] : (struct cell){MSTR_CELL_NULL, {NULL, 0}, {NULL, 0}};
    }
}

enum mstr_code flatten_next(struct flatten *flatten, bool *more, mstr_error *error)
{
    const struct layout *layout = &flatten->layout;
    size_t groups = layout->keep || layout->over == 0 ? 1 : layout->groups;
    enum mstr_code code = MSTR_OK;
    *more = true;
    while (code == MSTR_OK && *more && (!flatten->has_wide || groups == 0)) { /* without groups no row has any cell */
        code = next_wide(flatten, more, error);
    }
    if (code == MSTR_OK && *more) {
        put_group(flatten, flatten->group++);
        flatten->has_wide = flatten->group < groups;
    }
    return code;
}

/* --- pages ------------------------------------------------------------------------------------------------------ */

/* The elements over the columns, which are the same for all rows of the page. */
static bool put_over(struct flatten *flatten)
{
    const struct layout *layout = &flatten->layout;
    const struct page *page = &flatten->page;
    const struct page_units *units = &page->axes[PAGE_COLUMNS];
    struct cell *over = array_resize(flatten->over, layout->groups, layout->over, sizeof(*over));
    flatten->over = over != NULL ? over : flatten->over;
    for (size_t group = 0; over != NULL && page->width > 0 && layout->over > 0 && group < layout->groups; group++) {
        size_t at = 0;
        for (size_t i = 0; i < units->count; i++) {
            if (i != units->metrics) {
                uint32_t element = page->heads[i * page->width + layout->group_column[group]];
                at += put_unit(flatten, &units->items[i], element, layout->fixed + at,
                               over + group * layout->over + at);
            }
        }
    }
    return over != NULL;
}

static bool make_cells(struct flatten *flatten)
{
    const struct layout *layout = &flatten->layout;
    size_t wide = layout->fixed + layout->slot_count;
    if (layout->on_rows && !pivot_is_empty(&flatten->pivot)) {
        return true; /* of the same grid, so of the same size */
    }
    struct cell *cells = realloc(flatten->cells, (layout->count + 1) * sizeof(*cells));
    flatten->cells = cells != NULL ? cells : flatten->cells;
    struct cell *more = realloc(flatten->wide, (wide + 1) * sizeof(*more));
    flatten->wide = more != NULL ? more : flatten->wide;
    pivot_release(&flatten->pivot);
    pivot_init(&flatten->pivot, wide);
    return cells != NULL && more != NULL;
}

void flatten_init(struct flatten *flatten, uint32_t flags)
{
    memset(flatten, 0, sizeof(*flatten));
    flatten->flags = flags;
}

enum mstr_code flatten_page(struct flatten *flatten, const char *text, size_t length, bool same_grid,
                            mstr_error *error)
{
    page_close(&flatten->page);
    flatten->has_page = false;
    enum mstr_code code = page_open(&flatten->page, text, length, error);
    if (code == MSTR_OK) {
        code = flatten->begun ? layout_follow(&flatten->layout, &flatten->page, same_grid, error)
                              : layout_init(&flatten->layout, &flatten->page, flatten->flags, error);
        flatten->begun = true;
    }
    if (code == MSTR_OK && (!put_over(flatten) || !make_cells(flatten))) {
        code = no_memory(error);
    }
    flatten->has_page = code == MSTR_OK;
    return code;
}

void flatten_end_grid(struct flatten *flatten)
{
    flatten->has_page = false;
    flatten->emptying = !pivot_is_empty(&flatten->pivot);
}

void flatten_again(struct flatten *flatten)
{
    size_t width = flatten->pivot.width;
    flatten->has_page = flatten->has_wide = flatten->pending = flatten->emptying = false;
    pivot_release(&flatten->pivot);
    pivot_init(&flatten->pivot, width);
    buffer_clear(&flatten->block);
}

void flatten_release(struct flatten *flatten)
{
    page_close(&flatten->page);
    if (flatten->begun) {
        layout_release(&flatten->layout);
    }
    pivot_release(&flatten->pivot);
    free(flatten->cells);
    free(flatten->wide);
    free(flatten->over);
    buffer_release(&flatten->block);
    buffer_release(&flatten->key);
    buffer_release(&flatten->texts);
}
