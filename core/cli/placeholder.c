/* SPDX-License-Identifier: Apache-2.0 */
/* Places where a value is wanted. */
#define _GNU_SOURCE /* memmem() */
#include "placeholder.h"

#include <string.h>

const struct marks placeholder_marks = {"${", "}"};

static bool is_blank(char octet)
{
    return octet == ' ' || octet == '\t';
}

/* Whether it begins with the name of a provider. */
static bool is_known(mstr_context *context, const struct placeholder *found)
{
    char scheme[64];
    const char *colon = memchr(found->reference, ':', found->length);
    size_t length = colon != NULL ? (size_t)(colon - found->reference) + 1 : 0;
    if (length == 0 || length >= sizeof scheme) {
        return false;
    }
    memcpy(scheme, found->reference, length);
    scheme[length] = '\0';
    return mstr_context_knows(context, scheme) != 0;
}

bool placeholder_next(mstr_context *context, const struct marks *marks, const char *at, const char *end,
                      struct placeholder *found)
{
    size_t open = strlen(marks->open);
    size_t close = strlen(marks->close);
    const char *first = memmem(at, (size_t)(end - at), marks->open, open);
    const char *last = first != NULL ? memmem(first + open, (size_t)(end - first) - open, marks->close, close) : NULL;
    if (last == NULL) {
        return false;
    }
    found->reference = first + open;
    found->length = (size_t)(last - found->reference);
    while (found->length > 0 && is_blank(*found->reference)) {
        found->reference++;
        found->length--;
    }
    while (found->length > 0 && is_blank(found->reference[found->length - 1])) {
        found->length--;
    }
    found->known = is_known(context, found);
    found->quoted = marks == &placeholder_marks && first > at && first[-1] == '$';
    found->start = first - found->quoted;
    /* What is nobody's may hold the beginning of one that is somebody's. */
    found->end = found->known ? last + close : first + open;
    return true;
}

bool placeholder_keep_others(mstr_context *context, const char *text, struct octets *out)
{
    const char *end = text + strlen(text);
    struct placeholder found;
    bool known = false;
    for (; placeholder_next(context, &placeholder_marks, text, end, &found); text = found.end) {
        octets_append(out, text, (size_t)(found.start - text));
        octets_puts(out, found.known ? "" : "$");
        octets_append(out, found.start, (size_t)(found.end - found.start));
        known |= found.known && !found.quoted;
    }
    octets_puts(out, text);
    return known;
}
