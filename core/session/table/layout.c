/* SPDX-License-Identifier: Apache-2.0 */
/* From the units of a grid to the columns of a table. */
#include "session/table/layout.h"

#include "base/array.h"
#include "base/error.h"
#include "base/name_index.h"
#include "base/text.h"
#include "session/table/data_type.h"

#include <stdlib.h>
#include <string.h>

static const struct page_text nothing = {"", 0};

void layout_put_element(const struct page_element *element, struct buffer *text)
{
    for (size_t i = 0; i < element->count; i++) {
        buffer_puts(text, i > 0 ? " " : "");
        buffer_append(text, element->values[i].at, element->values[i].length);
    }
    if (element->count == 0) {
        buffer_append(text, element->name.at, element->name.length);
    }
}

/* --- signatures ------------------------------------------------------------------------------------------------- */

/* Texts of two lists are the same if all of theirs are, in their order. */
static void sign(struct buffer *into, struct page_text text)
{
    buffer_append(into, text.at, text.length);
    buffer_putc(into, '\x1f');
}

static void sign_units(const struct page *page, struct buffer *into)
{
    for (size_t axis = 0; axis < PAGE_AXES; axis++) {
        for (size_t i = 0; i < page->axes[axis].count; i++) {
            const struct page_unit *unit = &page->axes[axis].items[i];
            sign(into, unit->id.at != NULL ? unit->id : unit->name);
            for (size_t form = 0; form < unit->form_count; form++) {
                sign(into, unit->forms[form].id);
            }
            for (size_t element = 0; unit->metrics && element < unit->element_count; element++) {
                sign(into, unit->elements[element].id);
            }
            buffer_putc(into, '\x1e');
        }
        buffer_putc(into, '\x1d');
    }
}

static const struct page_element *head_of(const struct page *page, size_t unit, size_t column)
{
    return &page->axes[PAGE_COLUMNS].items[unit].elements[page->heads[unit * page->width + column]];
}

static void sign_heads(const struct page *page, struct buffer *into)
{
    for (size_t unit = 0; page->heads != NULL && unit < page->axes[PAGE_COLUMNS].count; unit++) {
        for (size_t column = 0; column < page->width; column++) {
            const struct page_element *element = head_of(page, unit, column);
            sign(into, element->id);
            layout_put_element(element, into);
        }
        buffer_putc(into, '\x1e');
    }
}

/* --- groups and slots ------------------------------------------------------------------------------------------- */

static const struct page_unit *metrics_of(const struct page *page)
{
    for (size_t axis = PAGE_ROWS; axis <= PAGE_COLUMNS; axis++) {
        const struct page_units *units = &page->axes[axis];
        if (units->metrics < units->count) {
            return &units->items[units->metrics];
        }
    }
    return NULL;
}

/* Whether two columns of the grid stand under the same elements, metrics apart. */
static bool is_alike(const struct page *page, size_t a, size_t b)
{
    const struct page_units *units = &page->axes[PAGE_COLUMNS];
    for (size_t i = 0; i < units->count; i++) {
        if (i != units->metrics && page->heads[i * page->width + a] != page->heads[i * page->width + b]) {
            return false;
        }
    }
    return true;
}

/* The group of a column: the first of its elements that lacks the metric, as columns may be alike. Where the metrics
 * are innermost, only the latest group can be meant. */
static size_t find_group(struct layout *layout, const struct page *page, size_t column, size_t metric)
{
    const struct page_units *units = &page->axes[PAGE_COLUMNS];
    bool innermost = units->metrics + 1 == units->count;
    for (size_t i = innermost && layout->groups > 0 ? layout->groups - 1 : 0; i < layout->groups; i++) {
        if (layout->slots[i * layout->metrics + metric] == LAYOUT_NO_SLOT &&
            is_alike(page, layout->group_column[i], column)) {
            return i;
        }
    }
    layout->group_column[layout->groups] = column;
    return layout->groups++;
}

static bool take_slots(struct layout *layout, const struct page *page)
{
    const struct page_units *units = &page->axes[PAGE_COLUMNS];
    bool metrics_here = units->metrics < units->count;
    size_t most = page->width > 0 ? page->width : 1;
    size_t *columns = realloc(layout->group_column, (most + 1) * sizeof(*columns));
    layout->group_column = columns != NULL ? columns : layout->group_column;
    size_t *slots = array_resize(layout->slots, most, layout->metrics, sizeof(*slots));
    layout->slots = slots != NULL ? slots : layout->slots;
    if (columns == NULL || slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < most * layout->metrics; i++) {
        slots[i] = LAYOUT_NO_SLOT;
    }
    layout->groups = 0;
    for (size_t column = 0; metrics_here && column < page->width; column++) {
        size_t metric = page->heads[units->metrics * page->width + column];
        size_t group = find_group(layout, page, column, metric);
        slots[group * layout->metrics + metric] = column;
    }
    layout->slot_count = page->width;
    if (!metrics_here) { /* each column is a group, which has a slot for each metric down the rows */
        layout->groups = most;
        layout->slot_count = layout->groups * layout->metrics;
        for (size_t i = 0; i < layout->slot_count; i++) {
            slots[i] = i;
        }
        for (size_t i = 0; i < layout->groups; i++) {
            columns[i] = i;
        }
    }
    return true;
}

/* --- columns ---------------------------------------------------------------------------------------------------- */

static const char *keep_text(struct layout *layout, struct page_text text)
{
    char *copy = text_copy_length(text.at != NULL ? text.at : "", text.length);
    char **more = realloc(layout->texts, (layout->text_count + 1) * sizeof(*more));
    layout->texts = more != NULL ? more : layout->texts;
    if (copy == NULL || more == NULL) {
        free(copy);
        return NULL;
    }
    return layout->texts[layout->text_count++] = copy;
}

static bool add_column(struct layout *layout, enum mstr_column_kind kind, struct page_text label,
                       const struct page_text *name_and_id, const struct page_form *form)
{
    mstr_column *columns = realloc(layout->columns, (layout->count + 1) * sizeof(*columns));
    if (columns == NULL) {
        return false;
    }
    layout->columns = columns;
    mstr_column *column = &columns[layout->count++];
    *column = (mstr_column){.size = sizeof(*column), .kind = kind};
    column->label = keep_text(layout, label);
    column->name = keep_text(layout, name_and_id[0]);
    column->id = keep_text(layout, name_and_id[1]);
    column->form = keep_text(layout, form->name);
    column->form_id = keep_text(layout, form->id);
    column->data_type = keep_text(layout, form->data_type);
    return column->label != NULL && column->name != NULL && column->id != NULL && column->form != NULL &&
           column->form_id != NULL && column->data_type != NULL;
}

static bool add_unit(struct layout *layout, enum mstr_column_kind kind, const struct page_unit *unit)
{
    const struct page_text name_and_id[] = {unit->name, unit->id};
    bool memory = true;
    for (size_t i = 0; memory && i < unit->form_count; i++) {
        struct buffer label = BUFFER_INIT;
        buffer_append(&label, unit->name.at, unit->name.length);
        if (unit->form_count > 1) {
            buffer_puts(&label, "@");
            buffer_append(&label, unit->forms[i].name.at, unit->forms[i].name.length);
        }
        memory = !label.failed && add_column(layout, kind, (struct page_text){buffer_text(&label), label.length},
                                             name_and_id, &unit->forms[i]);
        buffer_release(&label);
    }
    return memory;
}

static bool add_axis(struct layout *layout, const struct page *page, enum page_axis axis)
{
    const struct page_units *units = &page->axes[axis];
    bool memory = true;
    for (size_t i = 0; memory && i < units->count; i++) {
        if (i != units->metrics) {
            memory = add_unit(layout, axis == PAGE_PAGE_BY ? MSTR_COLUMN_PAGE_BY : MSTR_COLUMN_ATTRIBUTE,
                              &units->items[i]);
        }
    }
    return memory;
}

static bool add_metric(struct layout *layout, const struct page_element *metric, struct page_text label)
{
    const struct page_text name_and_id[] = {metric->name, metric->id};
    const struct page_form form = {nothing, nothing, metric->data_type};
    return add_column(layout, MSTR_COLUMN_METRIC, label, name_and_id, &form);
}

/* What stands over a slot, from the outermost to the innermost; a metric down the rows comes last. */
static bool add_slot(struct layout *layout, const struct page *page, size_t group, const struct page_element *metric)
{
    const struct page_units *units = &page->axes[PAGE_COLUMNS];
    struct buffer label = BUFFER_INIT;
    for (size_t i = 0; i < units->count; i++) {
        buffer_puts(&label, i > 0 ? " | " : "");
        layout_put_element(i == units->metrics ? metric : head_of(page, i, layout->group_column[group]), &label);
    }
    if (units->metrics == units->count) {
        buffer_puts(&label, " | ");
        layout_put_element(metric, &label);
    }
    bool memory = !label.failed && add_metric(layout, metric, (struct page_text){buffer_text(&label), label.length});
    buffer_release(&label);
    return memory;
}

/* In the order of the slots: as the grid has its columns. */
static bool add_slots(struct layout *layout, const struct page *page, const struct page_unit *metrics)
{
    size_t *places = calloc(layout->slot_count + 1, sizeof(*places));
    bool memory = places != NULL;
    for (size_t i = 0; memory && i < layout->groups * layout->metrics; i++) {
        if (layout->slots[i] != LAYOUT_NO_SLOT) {
            places[layout->slots[i]] = i;
        }
    }
    for (size_t i = 0; memory && i < layout->slot_count; i++) {
        memory = add_slot(layout, page, places[i] / layout->metrics, &metrics->elements[places[i] % layout->metrics]);
    }
    free(places);
    return memory;
}

/* Labels that are there already get what tells them apart. */
static bool make_unique(struct layout *layout, bool ids)
{
    struct name_index known = {NULL, 0, 0};
    bool memory = true;
    for (size_t i = 0; memory && i < layout->count; i++) {
        mstr_column *column = &layout->columns[i];
        struct buffer label = BUFFER_INIT;
        const char *first = column->label;
        for (unsigned number = 2; memory && name_index_find(&known, 0, column->label) != NAME_INDEX_NOWHERE;
             number++) {
            buffer_clear(&label);
            if (ids && number == 2) {
                buffer_printf(&label, "%s [%s%s%s]", first, column->id, *column->form_id != '\0' ? "@" : "",
                              column->form_id);
            } else {
                buffer_printf(&label, "%s (%u)", first, number - ids);
            }
            column->label = keep_text(layout, (struct page_text){buffer_text(&label), label.length});
            memory = !label.failed && column->label != NULL;
        }
        memory = memory && name_index_add(&known, 0, column->label, i);
        buffer_release(&label);
    }
    name_index_release(&known);
    return memory;
}

static bool add_columns(struct layout *layout, const struct page *page, const struct page_unit *metrics)
{
    bool memory = add_axis(layout, page, PAGE_PAGE_BY) && add_axis(layout, page, PAGE_ROWS);
    layout->fixed = layout->count;
    if (layout->keep) {
        return memory && add_slots(layout, page, metrics);
    }
    memory = memory && add_axis(layout, page, PAGE_COLUMNS);
    layout->over = layout->count - layout->fixed;
    for (size_t i = 0; memory && i < layout->metrics; i++) {
        memory = add_metric(layout, &metrics->elements[i], metrics->elements[i].name);
    }
    return memory;
}

static bool note_numbers(struct layout *layout)
{
    layout->numbers = calloc(layout->count + 1, sizeof(*layout->numbers));
    for (size_t i = 0; layout->numbers != NULL && i < layout->count; i++) {
        layout->numbers[i] = data_type_is_number(data_type_of(layout->columns[i].data_type));
    }
    return layout->numbers != NULL;
}

enum mstr_code layout_init(struct layout *layout, const struct page *page, uint32_t flags, mstr_error *error)
{
    const struct page_units *over = &page->axes[PAGE_COLUMNS];
    const struct page_unit *metrics = metrics_of(page);
    memset(layout, 0, sizeof(*layout));
    if (page->axes[PAGE_PAGE_BY].metrics < page->axes[PAGE_PAGE_BY].count) {
        return error_set(error, MSTR_E_REQUEST, "the report pages by its metrics, which a table cannot show");
    }
    layout->metrics = metrics != NULL ? metrics->element_count : 0;
    layout->on_rows = metrics != NULL && over->metrics == over->count;
    layout->is_cross = over->count > (over->metrics < over->count ? 1u : 0u);
    layout->keep =
        layout->is_cross && (flags & MSTR_TABLE_CROSS_KEEP) != 0 && layout->metrics > 0 && page->heads != NULL;
    sign_units(page, &layout->units);
    sign_heads(page, &layout->heads);
    bool memory = !layout->units.failed && !layout->heads.failed && take_slots(layout, page) &&
                  add_columns(layout, page, metrics) && make_unique(layout, (flags & MSTR_TABLE_IDS) != 0) &&
                  note_numbers(layout);
    return memory ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

static bool is_same(const struct buffer *a, const struct buffer *b)
{
    return a->length == b->length && memcmp(buffer_text(a), buffer_text(b), a->length) == 0;
}

enum mstr_code layout_follow(struct layout *layout, const struct page *page, bool same_grid, mstr_error *error)
{
    struct buffer units = BUFFER_INIT;
    struct buffer heads = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    sign_units(page, &units);
    sign_heads(page, &heads);
    if (units.failed || heads.failed) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (!is_same(&units, &layout->units)) {
        code =
            error_set(error, MSTR_E_PROTOCOL, "a later page has other attributes, forms or metrics than the first");
    } else if ((same_grid || layout->keep) && !is_same(&heads, &layout->heads)) {
        code = error_set(error, MSTR_E_PROTOCOL, "a later page has other columns than the first");
        error_set_hint(error, "%s",
                       same_grid ? "the report's data changed while it was read; run it again"
                                 : "pages of a page-by whose cross-tabs differ have no common width; ask for the "
                                   "long form");
    } else if (!take_slots(layout, page)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&layout->heads);
    layout->heads = heads;
    buffer_release(&units);
    return code;
}

void layout_release(struct layout *layout)
{
    for (size_t i = 0; i < layout->text_count; i++) {
        free(layout->texts[i]);
    }
    free(layout->texts);
    free(layout->columns);
    free(layout->numbers);
    free(layout->group_column);
    free(layout->slots);
    buffer_release(&layout->units);
    buffer_release(&layout->heads);
    memset(layout, 0, sizeof(*layout));
}
