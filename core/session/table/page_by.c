/* SPDX-License-Identifier: Apache-2.0 */
/* Walking over the combinations of a page-by. */
#include "session/table/page_by.h"

#include "base/error.h"
#include "base/json.h"
#include "session/parts/response.h"
#include "session/table/definition.h"

#include <mstr/json-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 1000 }; /* the server's own is about 50, and it takes no -1 */

static size_t count_of(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

enum mstr_code page_by_begin(struct page_by *page_by, struct report *instance, const char *const *choices,
                             size_t choice_count, mstr_error *error)
{
    memset(page_by, 0, sizeof(*page_by));
    page_by->instance = instance;
    page_by->choices = choices;
    page_by->choice_count = choice_count;
    page_by->total = -1;
    page_by->chosen = calloc(choice_count + 1, sizeof(*page_by->chosen));
    return page_by->chosen != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

void page_by_release(struct page_by *page_by)
{
    mstr_response_free(page_by->window);
    free(page_by->chosen);
    memset(page_by, 0, sizeof(*page_by));
}

bool page_by_is_over(const struct page_by *page_by)
{
    return page_by->total >= 0 && page_by->offset >= page_by->total && page_by->at >= count_of(page_by->items);
}

/* Asks for the next window, whose items are indexes into the elements that the same window lists. */
static enum mstr_code load(struct page_by *page_by, mstr_error *error)
{
    char below[96];
    snprintf(below, sizeof(below), "pageBy/elements?offset=%lld&limit=%d", (long long)page_by->offset, WINDOW);
    mstr_response_free(page_by->window);
    page_by->window = NULL;
    enum mstr_code code = report_get(page_by->instance, "v2/", below, &page_by->window, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct json_object *answer = mstr_response_json(page_by->window);
    if (answer == NULL) {
        return response_tell_absent(error, MSTR_E_PROTOCOL, "the server's page-by of %s is no JSON",
                                    page_by->instance->object);
    }
    struct json_object *valid = json_member(answer, "validPageByElements");
    int64_t total = 0;
    page_by->units = json_member(answer, "pageBy");
    page_by->items = json_member(valid, "items");
    page_by->at = 0;
    bool good = json_member_int64(json_member(valid, "paging"), "total", &total) &&
                (page_by->total < 0 || total == page_by->total);
    page_by->total = total;
    page_by->offset += (int64_t)count_of(page_by->items);
    if (!good || (count_of(page_by->items) == 0 && page_by->offset < total)) {
        return error_set(error, MSTR_E_PROTOCOL, "the server's combinations of the page-by of %s do not fit together",
                         page_by->instance->object);
    }
    return MSTR_OK;
}

static struct json_object *element_of(const struct page_by *page_by, struct json_object *item, size_t unit)
{
    struct json_object *index = json_object_array_get_idx(item, unit);
    struct json_object *elements = json_member(json_object_array_get_idx(page_by->units, unit), "elements");
    int64_t at = json_object_is_type(index, json_type_int) ? json_object_get_int64(index) : -1;
    return at >= 0 && (size_t)at < count_of(elements) ? json_object_array_get_idx(elements, (size_t)at) : NULL;
}

static bool is_named(struct json_object *object, const char *name, size_t length)
{
    static const char *const members[] = {"id", "name"};
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        const char *text = json_member_text(object, members[i]);
        if (text != NULL && strlen(text) == length && memcmp(text, name, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the text is all forms, joined by blanks. */
static bool is_joined(struct json_object *values, const char *text)
{
    for (size_t i = 0; i < count_of(values); i++) {
        const char *value = json_text(json_object_array_get_idx(values, i));
        size_t length = value != NULL ? strlen(value) : 0;
        if ((i > 0 && *text++ != ' ') || strncmp(text, value != NULL ? value : "", length) != 0) {
            return false;
        }
        text += length;
    }
    return *text == '\0';
}

/* By the text of a form, or all of them, or by the id. */
static bool is_element(struct json_object *element, const char *text)
{
    struct json_object *values = json_member(element, "formValues");
    bool found = is_named(element, text, strlen(text)) || (count_of(values) > 0 && is_joined(values, text));
    for (size_t i = 0; !found && i < count_of(values); i++) {
        const char *value = json_text(json_object_array_get_idx(values, i));
        found = value != NULL && strcmp(value, text) == 0;
    }
    return found;
}

/* Whether an element is wanted of its unit: one of those chosen for it, or any where none is. */
static bool is_wanted(struct page_by *page_by, struct json_object *unit, struct json_object *element)
{
    bool any = true;
    bool wanted = false;
    for (size_t i = 0; i < page_by->choice_count; i++) {
        const char *choice = page_by->choices[i];
        size_t length = definition_until(choice, strlen(choice), '=');
        if (!is_named(unit, choice, length)) {
            continue;
        }
        any = false;
        if (is_element(element, choice + length + 1)) {
            page_by->chosen[i] = true;
            wanted = true;
        }
    }
    return any || wanted;
}

/* The item as {"currentPageBy":[{"id"}…]}, unless it is not wanted. */
static enum mstr_code take(struct page_by *page_by, struct json_object *item, struct buffer *body, bool *wanted,
                           mstr_error *error)
{
    size_t count = count_of(page_by->units);
    *wanted = true;
    buffer_clear(body);
    buffer_puts(body, "{\"currentPageBy\":[");
    for (size_t i = 0; i < count; i++) {
        struct json_object *element = count_of(item) == count ? element_of(page_by, item, i) : NULL;
        const char *id = json_member_text(element, "id");
        if (id == NULL) {
            return error_set(error, MSTR_E_PROTOCOL,
                             "a combination of the page-by of %s names an element that is not "
                             "listed",
                             page_by->instance->object);
        }
        *wanted &= is_wanted(page_by, json_object_array_get_idx(page_by->units, i), element);
        buffer_puts(body, i > 0 ? ",{\"id\":" : "{\"id\":");
        json_put_string(body, id, strlen(id));
        buffer_putc(body, '}');
    }
    buffer_puts(body, "]}");
    return body->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* A choice that no combination met is a mistake of the caller's, who would take the empty table for the answer. */
static enum mstr_code check_chosen(const struct page_by *page_by, mstr_error *error)
{
    for (size_t i = 0; i < page_by->choice_count; i++) {
        if (!page_by->chosen[i]) {
            return error_set(error, MSTR_E_USAGE, "the page-by of %s has no \"%s\" with data",
                             page_by->instance->object, page_by->choices[i]);
        }
    }
    return MSTR_OK;
}

enum mstr_code page_by_next(struct page_by *page_by, struct buffer *body, bool *more, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *more = false;
    while (code == MSTR_OK && !*more) {
        if (page_by_is_over(page_by)) {
            return check_chosen(page_by, error);
        }
        if (page_by->at >= count_of(page_by->items)) {
            code = load(page_by, error);
        } else {
            code = take(page_by, json_object_array_get_idx(page_by->items, page_by->at++), body, more, error);
        }
    }
    return code;
}
