/* SPDX-License-Identifier: Apache-2.0 */
/* A text without the secrets of a set. */
#include "secret/secret_filter.h"

#include "base/json.h"
#include "secret/secret_search.h"

#include <string.h>

enum { SECRET_MIN = 4 }; /* shorter ones are passed over */

/* Each record begins with its length. False past the last. */
static bool next_record(const struct secret_filter *filter, size_t *at, const char **octets, size_t *length)
{
    if (*at == filter->records.length) {
        return false;
    }
    memcpy(length, filter->records.data + *at, sizeof(*length));
    *octets = filter->records.data + *at + sizeof(*length);
    *at += sizeof(*length) + *length;
    return true;
}

/* NULL without memory. */
static struct secret_search *make_search(const struct secret_filter *filter)
{
    struct secret_search *search = secret_search_new();
    const char *octets = NULL;
    size_t length = 0;
    for (size_t at = 0; search != NULL && next_record(filter, &at, &octets, &length);) {
        if (!secret_search_add(search, octets, length)) {
            secret_search_free(search);
            search = NULL;
        }
    }
    return search;
}

void secret_filter_add(struct secret_filter *filter, const void *octets, size_t length)
{
    const char *known = NULL;
    size_t known_length = 0;
    if (length < SECRET_MIN) {
        return;
    }
    for (size_t at = 0; next_record(filter, &at, &known, &known_length);) {
        if (known_length == length && memcmp(known, octets, length) == 0) {
            return;
        }
    }
    secret_search_free(filter->search); /* is made anew for the next text */
    filter->search = NULL;
    char *room = buffer_room(&filter->records, sizeof(length) + length);
    if (room != NULL) {
        memcpy(room, &length, sizeof(length));
        memcpy(room + sizeof(length), octets, length);
        buffer_written(&filter->records, sizeof(length) + length);
    }
}

void secret_filter_release(struct secret_filter *filter)
{
    secret_search_free(filter->search);
    filter->search = NULL;
    buffer_release(&filter->records);
}

/* Writes the hidden mark for every run of marked octets. True if there was one. */
static bool replace(struct buffer *text, const char *marks)
{
    struct buffer clean = BUFFER_INIT;
    const char *end = marks + text->length;
    bool found = memchr(marks, 1, text->length) != NULL;
    for (const char *at = marks; found && at < end;) {
        const char *hidden = memchr(at, 1, (size_t)(end - at));
        const char *stop = hidden != NULL ? hidden : end;
        buffer_append(&clean, text->data + (at - marks), (size_t)(stop - at));
        buffer_puts(&clean, hidden != NULL ? SECRET_FILTER_HIDDEN : "");
        const char *past = hidden != NULL ? memchr(hidden, 0, (size_t)(end - hidden)) : NULL;
        at = past != NULL ? past : end;
    }
    if (found) {
        buffer_release(text);
        *text = clean;
    }
    return found;
}

bool secret_filter_hide(struct secret_filter *filter, struct buffer *text)
{
    if (text->length == 0 || (filter->records.length == 0 && !filter->records.failed)) {
        return false;
    }
    if (filter->search == NULL && !filter->records.failed) {
        filter->search = make_search(filter);
    }
    struct buffer marks = BUFFER_INIT;
    char *room = buffer_room(&marks, text->length);
    enum secret_search_end end = SEARCH_NO_MEMORY;
    if (room != NULL && filter->search != NULL) {
        memset(room, 0, text->length);
        end = secret_search_mark(filter->search, text->data, text->length, room);
    }
    bool whole = end == SEARCH_WHOLE;
    filter->no_memory = filter->no_memory || end == SEARCH_NO_MEMORY;
    bool found = !whole || replace(text, room);
    filter->no_memory = filter->no_memory || text->failed;
    if (!whole || text->failed) {
        buffer_clear(text);
        buffer_puts(text, SECRET_FILTER_HIDDEN);
    }
    buffer_release(&marks);
    return found;
}

static bool hide(struct buffer *text, void *data)
{
    return secret_filter_hide(data, text);
}

void secret_filter_hide_in_error(struct secret_filter *filter, mstr_error *error)
{
    error_change_foreign(error, hide, filter);
}

void secret_filter_hide_in_json(struct secret_filter *filter, struct json_object *value)
{
    if (filter->records.length > 0 || filter->records.failed) {
        filter->no_memory = !json_change_texts(value, hide, filter) || filter->no_memory;
    }
}
