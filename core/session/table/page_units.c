/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the units of a grid. */
#include "session/table/page_units.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS_MAX = 1024 }; /* that are believed */
enum { BLOCK = 32 * 1024, ALIGNMENT = _Alignof(max_align_t) };

/* A block of which `size` octets are wanted now. */
static char *add_block(struct page_store *store, size_t size)
{
    size_t length = size > BLOCK ? size : BLOCK;
    void **more = realloc(store->blocks, (store->block_count + 1) * sizeof(*more));
    store->blocks = more != NULL ? more : store->blocks;
    char *block = more != NULL ? calloc(1, length) : NULL;
    if (block != NULL) {
        store->blocks[store->block_count++] = block;
        store->free = block;
        store->left = length;
    }
    return block;
}

void *page_allocate(struct page_store *store, size_t count, size_t size)
{
    if (count >= SIZE_MAX / 2 / size) {
        return NULL;
    }
    size_t octets = ((count + 1) * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *memory = octets <= store->left ? store->free : add_block(store, octets);
    if (memory != NULL) {
        store->free += octets;
        store->left -= octets;
    }
    return memory;
}

/* The text of a scalar, null for anything else. The buffer has room for it: no text is longer than where it is from,
 * whose quotes leave place for the NUL; a number has the comma or bracket behind it. */
static struct page_text take_text(struct page_store *store, struct json_reader *reader)
{
    struct json_span value = json_reader_pass(reader);
    if (value.at == NULL || *value.at == 'n' || *value.at == '{' || *value.at == '[') {
        return (struct page_text){NULL, 0};
    }
    char *to = store->texts.data + store->texts.length;
    size_t length = (size_t)(value.end - value.at);
    if (*value.at == '"') {
        length = json_scan_text(value, to);
    } else {
        memcpy(to, value.at, length);
    }
    to[length] = '\0';
    store->texts.length += length + 1;
    return (struct page_text){to, length};
}

/* The texts of an object's members, by their names; those that are there already stay. */
static void take_texts(struct page_store *store, struct json_reader *reader, const char *const *names,
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
            *into[i] = take_text(store, reader);
        } else {
            json_reader_pass(reader);
        }
    }
}

static bool take_form(struct page_store *store, struct json_reader *reader, void *item)
{
    static const char *const names[] = {"id", "name", "dataType", "baseFormCategory"};
    struct page_form *form = item;
    struct page_text category = {NULL, 0};
    struct page_text *const into[] = {&form->id, &form->name, &form->data_type, &category};
    take_texts(store, reader, names, into, sizeof(names) / sizeof(*names));
    form->name = form->name.length > 0 ? form->name : category;
    return true;
}

static bool take_value(struct page_store *store, struct json_reader *reader, void *item)
{
    *(struct page_text *)item = take_text(store, reader);
    return true;
}

union item {
    struct page_text text;
    struct page_form form;
    struct page_element element;
    struct page_unit unit;
};

static bool push_item(struct page_store *store, const union item *item, size_t size)
{
    if (store->item_capacity - store->item_length < size) {
        size_t capacity = 2 * (store->item_capacity + sizeof(*item));
        char *more = realloc(store->items, capacity);
        if (more == NULL) {
            return false;
        }
        store->items = more;
        store->item_capacity = capacity;
    }
    memcpy(store->items + store->item_length, item, size);
    store->item_length += size;
    return true;
}

/* All elements of an array, each by `take`; the items are the page's own. What is no array gives none. Those of lists
 * within others come and go behind what the outer ones have. */
static bool take_list(struct page_store *store, struct json_reader *reader, size_t size,
                      bool (*take)(struct page_store *store, struct json_reader *reader, void *item), void *items,
                      size_t *count)
{
    size_t begin = store->item_length;
    bool good = true;
    if (!json_reader_enter(reader, '[')) {
        json_reader_pass(reader);
        return true;
    }
    while (good && json_reader_element(reader)) {
        union item item;
        memset(&item, 0, size);
        good = take(store, reader, &item);
        good = good && push_item(store, &item, size);
    }
    size_t length = store->item_length - begin;
    if (!good || length == 0) {
        return good;
    }
    void *all = page_allocate(store, length / size, size);
    if (all != NULL) {
        memcpy(all, store->items + begin, length);
        memcpy(items, &all, sizeof(all));
        *count = length / size;
        store->item_length = begin;
    }
    return all != NULL;
}

static bool take_element(struct page_store *store, struct json_reader *reader, void *item)
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
            memory = take_list(store, reader, sizeof(*element->values), take_value, (void *)&element->values,
                               &element->count);
        } else if (json_span_is(name, "id")) {
            element->id = take_text(store, reader);
        } else if (json_span_is(name, "name")) {
            element->name = take_text(store, reader);
        } else if (json_span_is(name, "dataType")) {
            element->data_type = take_text(store, reader);
        } else {
            json_reader_pass(reader);
        }
    }
    return memory;
}

/* A unit without forms has one, without a name. */
static bool complete(struct page_store *store, struct page_unit *unit)
{
    if (unit->form_count == 0 && !unit->metrics) {
        unit->forms = page_allocate(store, 1, sizeof(*unit->forms));
        unit->form_count = 1;
    }
    return unit->metrics || unit->forms != NULL;
}

static bool take_unit(struct page_store *store, struct json_reader *reader, void *item)
{
    struct page_unit *unit = item;
    struct json_span name;
    bool memory = true;
    if (!json_reader_enter(reader, '{')) {
        json_reader_pass(reader);
        return complete(store, unit);
    }
    while (memory && json_reader_member(reader, &name)) {
        if (json_span_is(name, "forms")) {
            memory =
                take_list(store, reader, sizeof(*unit->forms), take_form, (void *)&unit->forms, &unit->form_count);
        } else if (json_span_is(name, "elements")) {
            memory = take_list(store, reader, sizeof(*unit->elements), take_element, (void *)&unit->elements,
                               &unit->element_count);
        } else if (json_span_is(name, "id")) {
            unit->id = take_text(store, reader);
        } else if (json_span_is(name, "name")) {
            unit->name = take_text(store, reader);
        } else if (json_span_is(name, "type")) {
            unit->metrics = json_span_is(json_reader_pass(reader), "templateMetrics");
            unit->typed = true;
        } else {
            json_reader_pass(reader);
        }
    }
    return memory && complete(store, unit);
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

bool page_take_grid(struct page_store *store, struct json_span grid, struct page_units axes[PAGE_AXES], bool *memory)
{
    static const char *const names[PAGE_AXES] = {"rows", "columns", "pageBy"};
    struct json_reader reader = json_reader_of(grid);
    struct json_span name;
    bool fits = true;
    *memory = buffer_reserve(&store->texts, (size_t)(grid.end - grid.at) + 1);
    for (bool entered = *memory && json_reader_enter(&reader, '{'); entered && json_reader_member(&reader, &name);) {
        size_t axis = 0;
        while (axis < PAGE_AXES && !json_span_is(name, names[axis])) {
            axis++;
        }
        if (axis == PAGE_AXES) {
            json_reader_pass(&reader);
            continue;
        }
        *memory = take_list(store, &reader, sizeof(struct page_unit), take_unit, (void *)&axes[axis].items,
                            &axes[axis].count);
        fits = fits && *memory && place_metrics(&axes[axis]);
        entered = *memory;
    }
    for (size_t i = 0; i < PAGE_AXES; i++) {
        struct page_units *units = &axes[i];
        units->metrics = units->count == 0 ? 0 : units->metrics;
    }
    return fits && !json_reader_failed(&reader);
}

void page_store_release(struct page_store *store)
{
    for (size_t i = 0; i < store->block_count; i++) {
        free(store->blocks[i]);
    }
    free(store->blocks);
    buffer_release(&store->texts);
    free(store->items);
}
