/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a page of a grid once, from its begin to its end. */
#include "session/table/page.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

enum { WIDTH_MAX = 1024 * 1024 }; /* that is believed */

/* Where the parts of the answer are; {NULL, NULL} where one is missing. */
struct parts {
    struct json_span grid, rows, columns, raw, formatted, current, total;
};

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

/* --- headers and rows ------------------------------------------------------------------------------------------- */

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
            page->heads = page_allocate(&page->store, width * columns->count, sizeof(*page->heads));
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
    page->current = page_allocate(&page->store, units->count, sizeof(*page->current));
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
                page_take_grid(&page->store, parts.grid, page->axes, &memory);
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
    bool good = page_take_grid(&page->store, parts.grid, page->axes, &memory) && memory &&
                take_heads(page, &parts, &memory) && take_current(page, parts.current, &memory);
    if (!good || !begin(parts.rows, &page->rows) || !begin(parts.raw, &page->raws) ||
        !begin(parts.formatted, &page->formatteds)) {
        return tell(memory, error);
    }
    page->row = page_allocate(&page->store, page->axes[PAGE_ROWS].count, sizeof(*page->row));
    page->raw = page_allocate(&page->store, page->width, sizeof(*page->raw));
    page->formatted = page_allocate(&page->store, page->width, sizeof(*page->formatted));
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
    page_store_release(&page->store);
    memset(page, 0, sizeof(*page));
}
