/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a page of a grid once, from its begin to its end. */
#include "session/table/page.h"

#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH_MAX = 1024 * 1024, UNITS_MAX = 1024 }; /* that are believed */

/* Where the parts of the answer are; {NULL, NULL} where one is missing. */
struct parts {
    struct json_span grid, rows, columns, raw, formatted, current, total;
};

/* A list that grows while its length is unknown. */
struct list {
    char *items;
    size_t count;
    size_t size; /* of one */
};

static void *list_add(struct list *list)
{
    if ((list->count & (list->count - 1)) == 0) { /* full: it has room for a power of 2 */
        char *more = realloc(list->items, (list->count > 0 ? 2 * list->count : 1) * list->size);
        if (more == NULL) {
            return NULL;
        }
        list->items = more;
    }
    return memset(list->items + list->count++ * list->size, 0, list->size);
}

/* Gives memory to the page, which frees it; false without memory, where it is freed now. */
static bool keep(struct page *page, void *memory)
{
    void **more = realloc(page->blocks, (page->block_count + 1) * sizeof(*more));
    if (more == NULL) {
        free(memory);
        return false;
    }
    page->blocks = more;
    page->blocks[page->block_count++] = memory;
    return true;
}

static void *allocate(struct page *page, size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    return memory != NULL && keep(page, memory) ? memory : NULL;
}

/* Members of one object, each either kept as a span or entered in its turn. */
struct wanted {
    const char *name;
    struct json_span *span;      /* NULL = it is entered */
    const struct wanted *inside; /* ended by a name of NULL */
};

static void collect(struct json_reader *reader, const struct wanted *wanted)
{
    struct json_span name;
    if (!json_reader_enter(reader, '{')) {
        json_reader_pass(reader);
        return;
    }
    while (json_reader_member(reader, &name)) {
        const struct wanted *found = wanted;
        while (found->name != NULL && !json_span_is(name, found->name)) {
            found++;
        }
        if (found->inside != NULL) {
            collect(reader, found->inside);
        } else if (found->span != NULL) {
            *found->span = json_reader_pass(reader);
        } else {
            json_reader_pass(reader);
        }
    }
}

static bool find_parts(struct json_span text, struct parts *parts)
{
    const struct wanted definition[] = {{"grid", &parts->grid, NULL}, {NULL, NULL, NULL}};
    const struct wanted paging[] = {{"total", &parts->total, NULL}, {NULL, NULL, NULL}};
    const struct wanted headers[] = {
        {"rows", &parts->rows, NULL}, {"columns", &parts->columns, NULL}, {NULL, NULL, NULL}};
    const struct wanted values[] = {
        {"raw", &parts->raw, NULL}, {"formatted", &parts->formatted, NULL}, {NULL, NULL, NULL}};
    const struct wanted data[] = {{"paging", NULL, paging},
                                  {"headers", NULL, headers},
                                  {"metricValues", NULL, values},
                                  {"currentPageBy", &parts->current, NULL},
                                  {NULL, NULL, NULL}};
    const struct wanted root[] = {{"definition", NULL, definition}, {"data", NULL, data}, {NULL, NULL, NULL}};
    struct json_reader reader = json_reader_of(text);
    collect(&reader, root);
    return reader.at != NULL && json_scan_blank(reader.at, text.end) == text.end;
}

static bool take_number(struct json_span value, int64_t *number)
{
    char digits[24];
    size_t length = value.at != NULL ? (size_t)(value.end - value.at) : 0;
    if (length == 0 || length >= sizeof(digits)) {
        return false;
    }
    memcpy(digits, value.at, length);
    digits[length] = '\0';
    return text_to_int64(digits, number);
}

bool page_status(const char *text, size_t length, struct page_status *status)
{
    struct json_span number = {NULL, NULL};
    struct json_span data = {NULL, NULL};
    struct json_span mid = {NULL, NULL};
    const struct wanted root[] = {{"instanceId", &status->instance, NULL},
                                  {"mid", &mid, NULL}, /* of a document's */
                                  {"status", &number, NULL},
                                  {"data", &data, NULL},
                                  {NULL, NULL, NULL}};
    struct json_reader reader = json_reader_of((struct json_span){text, text + length});
    *status = (struct page_status){{NULL, NULL}, 0, false, false};
    bool object = reader.at < reader.end && *reader.at == '{';
    collect(&reader, root);
    status->instance = status->instance.at != NULL ? status->instance : mid;
    status->has_status = take_number(number, &status->status);
    status->has_data = data.at != NULL && *data.at == '{';
    if (status->instance.at != NULL && *status->instance.at != '"') {
        status->instance = (struct json_span){NULL, NULL};
    }
    return object && reader.at != NULL;
}

/* --- units and their elements ------------------------------------------------------------------------------------
 */

/* The text of a scalar, null for anything else. The buffer has room for it: no text is longer than where it is from,
 * whose quotes leave place for the NUL; a number has the comma or bracket behind it. */
static struct page_text take_text(struct page *page, struct json_reader *reader)
{
    struct json_span value = json_reader_pass(reader);
    if (value.at == NULL || *value.at == 'n' || *value.at == '{' || *value.at == '[') {
        return (struct page_text){NULL, 0};
    }
    char *to = page->texts.data + page->texts.length;
    size_t length = (size_t)(value.end - value.at);
    if (*value.at == '"') {
        length = json_scan_text(value, to);
    } else {
        memcpy(to, value.at, length);
    }
    to[length] = '\0';
    page->texts.length += length + 1;
    return (struct page_text){to, length};
}

/* The texts of an object's members, by their names; those that are there already stay. */
static void take_texts(struct page *page, struct json_reader *reader, const char *const *names,
                       struct page_text *const *into, size_t count)
{
    struct json_span name;
    if (!json_reader_enter(reader, '{')) {
        json_reader_pass(reader);
        return;
    }
    while (json_reader_member(reader, &name)) {
        size_t i = 0;
        while (i < count && !json_span_is(name, names[i])) {
            i++;
        }
        if (i < count) {
            *into[i] = take_text(page, reader);
        } else {
            json_reader_pass(reader);
        }
    }
}

static bool take_form(struct page *page, struct json_reader *reader, void *item)
{
    static const char *const names[] = {"id", "name", "dataType", "baseFormCategory"};
    struct page_form *form = item;
    struct page_text category = {NULL, 0};
    struct page_text *const into[] = {&form->id, &form->name, &form->data_type, &category};
    take_texts(page, reader, names, into, sizeof(names) / sizeof(*names));
    form->name = form->name.length > 0 ? form->name : category;
    return true;
}

static bool take_value(struct page *page, struct json_reader *reader, void *item)
{
    *(struct page_text *)item = take_text(page, reader);
    return true;
}

/* All elements of an array, each by `take`; the items are the page's own. What is no array gives none. */
static bool take_list(struct page *page, struct json_reader *reader, size_t size,
                      bool (*take)(struct page *page, struct json_reader *reader, void *item), void *items,
                      size_t *count)
{
    struct list list = {NULL, 0, size};
    bool good = true;
    if (!json_reader_enter(reader, '[')) {
        json_reader_pass(reader);
        return true;
    }
    while (good && json_reader_element(reader)) {
        void *item = list_add(&list);
        good = item != NULL && take(page, reader, item);
    }
    if (!good) {
        free(list.items);
        return false;
    }
    good = list.items == NULL || keep(page, list.items);
    if (good) {
        memcpy(items, &list.items, sizeof(list.items));
        *count = list.count;
    }
    return good;
}

static bool take_element(struct page *page, struct json_reader *reader, void *item)
{
    struct page_element *element = item;
    struct json_span name;
    bool memory = true;
    if (!json_reader_enter(reader, '{')) {
        json_reader_pass(reader);
        return true;
    }
    while (memory && json_reader_member(reader, &name)) {
        if (json_span_is(name, "formValues")) {
            memory = take_list(page, reader, sizeof(*element->values), take_value, (void *)&element->values,
                               &element->count);
        } else if (json_span_is(name, "id")) {
            element->id = take_text(page, reader);
        } else if (json_span_is(name, "name")) {
            element->name = take_text(page, reader);
        } else if (json_span_is(name, "dataType")) {
            element->data_type = take_text(page, reader);
        } else {
            json_reader_pass(reader);
        }
    }
    return memory;
}

/* A unit without forms has one, without a name. */
static bool complete(struct page *page, struct page_unit *unit)
{
    if (unit->form_count == 0 && !unit->metrics) {
        unit->forms = allocate(page, 1, sizeof(*unit->forms));
        unit->form_count = 1;
    }
    return unit->metrics || unit->forms != NULL;
}

static bool take_unit(struct page *page, struct json_reader *reader, void *item)
{
    struct page_unit *unit = item;
    struct json_span name;
    bool memory = true;
    if (!json_reader_enter(reader, '{')) {
        json_reader_pass(reader);
        return complete(page, unit);
    }
    while (memory && json_reader_member(reader, &name)) {
        if (json_span_is(name, "forms")) {
            memory =
                take_list(page, reader, sizeof(*unit->forms), take_form, (void *)&unit->forms, &unit->form_count);
        } else if (json_span_is(name, "elements")) {
            memory = take_list(page, reader, sizeof(*unit->elements), take_element, (void *)&unit->elements,
                               &unit->element_count);
        } else if (json_span_is(name, "id")) {
            unit->id = take_text(page, reader);
        } else if (json_span_is(name, "name")) {
            unit->name = take_text(page, reader);
        } else if (json_span_is(name, "type")) {
            unit->metrics = json_span_is(json_reader_pass(reader), "templateMetrics");
            unit->typed = true;
        } else {
            json_reader_pass(reader);
        }
    }
    return memory && complete(page, unit);
}

/* The place of the metrics on an axis. A unit without a type whose elements have names and no forms is metrics too,
 * as in older answers. */
static bool place_metrics(struct page_units *units)
{
    size_t found = 0;
    units->metrics = units->count;
    for (size_t i = 0; i < units->count; i++) {
        struct page_unit *unit = &units->items[i];
        unit->metrics |= !unit->typed && unit->element_count > 0 && unit->elements[0].count == 0 &&
                         unit->elements[0].name.at != NULL;
        if (unit->metrics) {
            units->metrics = i;
            found++;
        }
    }
    return found <= 1 && units->count <= UNITS_MAX;
}

static bool take_grid(struct page *page, struct json_span grid, bool *memory)
{
    static const char *const names[PAGE_AXES] = {"rows", "columns", "pageBy"};
    struct json_reader reader = json_reader_of(grid);
    struct json_span name;
    bool fits = true;
    *memory = buffer_reserve(&page->texts, (size_t)(grid.end - grid.at) + 1);
    for (bool entered = *memory && json_reader_enter(&reader, '{'); entered && json_reader_member(&reader, &name);) {
        size_t axis = 0;
        while (axis < PAGE_AXES && !json_span_is(name, names[axis])) {
            axis++;
        }
        if (axis == PAGE_AXES) {
            json_reader_pass(&reader);
            continue;
        }
        *memory = take_list(page, &reader, sizeof(struct page_unit), take_unit, (void *)&page->axes[axis].items,
                            &page->axes[axis].count);
        fits = fits && *memory && place_metrics(&page->axes[axis]);
        entered = *memory;
    }
    for (size_t i = 0; i < PAGE_AXES; i++) {
        struct page_units *units = &page->axes[i];
        units->metrics = units->count == 0 ? 0 : units->metrics;
    }
    return fits && !json_reader_failed(&reader);
}

/* --- headers and rows --------------------------------------------------------------------------------------------
 */

/* Reads `count` indexes, each of an element of its unit, or all of `unit`. */
static bool take_indexes(struct json_reader *reader, const struct page_unit *units, size_t step, uint32_t *into,
                         size_t count)
{
    size_t i = 0;
    if (!json_reader_enter(reader, '[')) {
        return false;
    }
    for (; json_reader_element(reader); i++) {
        if (i == count || !json_reader_index(reader, &into[i]) || into[i] >= units[i * step].element_count) {
            return false;
        }
    }
    return i == count && !json_reader_failed(reader);
}

static bool count_elements(struct json_span array, size_t *count)
{
    struct json_reader reader = json_reader_of(array);
    *count = 0;
    if (array.at == NULL) {
        return true;
    }
    for (bool entered = json_reader_enter(&reader, '['); entered && json_reader_element(&reader); (*count)++) {
        json_reader_pass(&reader);
    }
    return !json_reader_failed(&reader);
}

/* The headers of the columns, which come unit by unit. Without units there is a single column, or none where there
 * are no metrics either. */
static bool take_heads(struct page *page, const struct parts *parts, bool *memory)
{
    const struct page_units *columns = &page->axes[PAGE_COLUMNS];
    struct json_reader reader = json_reader_of(parts->columns);
    if (columns->count == 0) {
        page->width = page->axes[PAGE_ROWS].metrics < page->axes[PAGE_ROWS].count ? 1 : 0;
        return true;
    }
    if (parts->columns.at == NULL || !json_reader_enter(&reader, '[')) {
        return false;
    }
    size_t i = 0;
    for (; json_reader_element(&reader); i++) {
        struct json_reader ahead = reader;
        struct json_span list = json_reader_pass(&ahead);
        size_t width = 0;
        if (i == columns->count || list.at == NULL || !count_elements(list, &width) || width > WIDTH_MAX ||
            (i > 0 && width != page->width)) {
            return false;
        }
        if (i == 0) {
            page->width = width;
            page->heads = allocate(page, width * columns->count, sizeof(*page->heads));
            *memory = page->heads != NULL;
        }
        if (!*memory || !take_indexes(&reader, &columns->items[i], 0, page->heads + i * width, width)) {
            return false;
        }
    }
    return (i == columns->count || i == 0) && !json_reader_failed(&reader);
}

static bool take_current(struct page *page, struct json_span current, bool *memory)
{
    const struct page_units *units = &page->axes[PAGE_PAGE_BY];
    struct json_reader reader = json_reader_of(current);
    if (units->count == 0 || current.at == NULL || *current.at != '[') {
        return true;
    }
    page->current = allocate(page, units->count, sizeof(*page->current));
    page->current_count = units->count;
    *memory = page->current != NULL;
    return *memory && take_indexes(&reader, units->items, 1, page->current, units->count);
}

/* Goes into an array of rows; one that is missing is empty. */
static bool begin(struct json_span array, struct json_reader *reader)
{
    static const char none[] = "[]";
    *reader = json_reader_of(array.at != NULL ? array : (struct json_span){none, none + 2});
    return json_reader_enter(reader, '[');
}

static enum mstr_code tell(bool memory, mstr_error *error)
{
    return memory ? error_set(error, MSTR_E_PROTOCOL, "the answer is no page of a grid")
                  : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code page_open_definition(struct page *page, const char *text, size_t length, mstr_error *error)
{
    struct parts parts;
    bool memory = true;
    memset(page, 0, sizeof(*page));
    memset(&parts, 0, sizeof(parts));
    bool good = length > 0 && text_is_utf8(text, length) &&
                find_parts((struct json_span){text, text + length}, &parts) && parts.grid.at != NULL &&
                take_grid(page, parts.grid, &memory);
    return good ? MSTR_OK : tell(memory, error);
}

enum mstr_code page_open(struct page *page, const char *text, size_t length, mstr_error *error)
{
    struct parts parts;
    bool memory = true;
    memset(page, 0, sizeof(*page));
    memset(&parts, 0, sizeof(parts));
    if (length == 0 || !text_is_utf8(text, length) || !find_parts((struct json_span){text, text + length}, &parts) ||
        !take_number(parts.total, &page->total) || page->total < 0 || parts.grid.at == NULL) {
        return tell(memory, error);
    }
    bool good = take_grid(page, parts.grid, &memory) && memory && take_heads(page, &parts, &memory) &&
                take_current(page, parts.current, &memory);
    if (!good || !begin(parts.rows, &page->rows) || !begin(parts.raw, &page->raws) ||
        !begin(parts.formatted, &page->formatteds)) {
        return tell(memory, error);
    }
    page->row = allocate(page, page->axes[PAGE_ROWS].count, sizeof(*page->row));
    page->raw = allocate(page, page->width, sizeof(*page->raw));
    page->formatted = allocate(page, page->width, sizeof(*page->formatted));
    return page->row != NULL && page->raw != NULL && page->formatted != NULL ? MSTR_OK : tell(false, error);
}

static bool take_cells(struct json_reader *reader, struct json_span *cells, size_t width)
{
    size_t i = 0;
    if (!json_reader_enter(reader, '[')) {
        return false;
    }
    for (; json_reader_element(reader); i++) {
        if (i == width || (cells[i] = json_reader_pass(reader)).at == NULL || *cells[i].at == '{' ||
            *cells[i].at == '[') {
            return false;
        }
    }
    return i == width && !json_reader_failed(reader);
}

static bool has_metrics(const struct page *page)
{
    return page->axes[PAGE_ROWS].metrics < page->axes[PAGE_ROWS].count ||
           page->axes[PAGE_COLUMNS].metrics < page->axes[PAGE_COLUMNS].count;
}

/* Whether the row at hand has all its parts: headers may be left out where no unit is down the rows, values where
 * there are no metrics; formatted values come with all rows or with none. */
static bool is_whole(struct page *page, bool head, bool values, bool formatted)
{
    page->has_formatted = page->read == 0 ? formatted : page->has_formatted;
    return (head || page->axes[PAGE_ROWS].count == 0) && (values || !has_metrics(page)) &&
           formatted == (page->has_formatted && values);
}

/* The next of an array that may have ended before, as one of fewer rows than another. */
static bool go_on(struct json_reader *rows)
{
    bool more = rows->end != NULL && json_reader_element(rows);
    rows->end = more ? rows->end : NULL;
    return more;
}

enum mstr_code page_next(struct page *page, bool *more, mstr_error *error)
{
    bool head = go_on(&page->rows);
    bool values = go_on(&page->raws);
    bool formatted = go_on(&page->formatteds);
    const struct page_units *units = &page->axes[PAGE_ROWS];
    size_t cells = has_metrics(page) ? page->width : 0;
    *more = head || values;
    bool good = (!head || take_indexes(&page->rows, units->items, 1, page->row, units->count)) &&
                (!values || take_cells(&page->raws, page->raw, cells)) &&
                (!formatted || take_cells(&page->formatteds, page->formatted, cells)) &&
                (*more ? is_whole(page, head, values, formatted) : !formatted) && !json_reader_failed(&page->rows) &&
                !json_reader_failed(&page->raws) && !json_reader_failed(&page->formatteds);
    page->read += *more;
    *more = *more && good;
    return good ? MSTR_OK
                : error_set(error, MSTR_E_PROTOCOL, "the page's row %lld does not fit its headers",
                            (long long)page->read);
}

void page_close(struct page *page)
{
    for (size_t i = 0; i < page->block_count; i++) {
        free(page->blocks[i]);
    }
    free(page->blocks);
    buffer_release(&page->texts);
    memset(page, 0, sizeof(*page));
}
