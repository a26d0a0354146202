/* SPDX-License-Identifier: Apache-2.0 */
/* Where secrets stand in a text. */
#include "secret/secret_search.h"

#include "base/base64.h"
#include "base/buffer.h"
#include "base/json.h"
#include "secret/escape.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    LEVELS = 3, /* how often escapes are undone */
    BUCKETS = 1024,
    STEPS_FREE = 64 * 1024, /* comparisons of a text, and more for each of its octets */
    STEPS_EACH = 64,
};

/* Short secrets are looked for in texts as they stand, by their first octets; long ones in those without white space,
 * by as many octets as tell one that was cut off from chance. */
enum kind { SHORT, LONG, KINDS };
static const size_t key_length[KINDS] = {4, 12};

/* A form of a secret. */
struct needle {
    size_t at; /* in the search's octets */
    size_t length;
    size_t next; /* of its bucket, counted from 1; 0 = none */
};

struct secret_search {
    struct buffer octets;
    struct buffer needles;
    size_t heads[KINDS][BUCKETS];
};

/* Octets, and of each where it comes from in the text. */
struct span {
    size_t start;
    size_t end;
};

struct view {
    struct buffer octets;
    struct buffer spans;
};

static const struct view no_view = {BUFFER_INIT, BUFFER_INIT};

static void view_put(struct view *view, char octet, struct span span)
{
    buffer_putc(&view->octets, octet);
    buffer_append(&view->spans, &span, sizeof(span));
}

static struct span view_span(const struct view *view, size_t at)
{
    struct span span;
    memcpy(&span, view->spans.data + at * sizeof(span), sizeof(span));
    return span;
}

static void view_release(struct view *view)
{
    buffer_release(&view->octets);
    buffer_release(&view->spans);
}

static bool view_begin(struct view *view, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        view_put(view, text[i], (struct span){i, i + 1});
    }
    return !view->octets.failed && !view->spans.failed;
}

/* Forms write white space as '+', which is '-' in the other alphabet of base64: all of them are taken for it. */
static char fold(char octet)
{
    bool blank = (unsigned char)octet <= ' ' || octet == '+' || octet == '-';
    return blank ? ' ' : octet == '_' ? '/' : octet;
}

/* The view with one level of escapes undone. */
static bool view_undo(const struct view *from, struct view *to)
{
    const char *first = buffer_text(&from->octets);
    const char *end = first + from->octets.length;
    for (const char *at = first; at < end;) {
        char out[4];
        size_t length = 0;
        const char *next = escape_read(at, end, out, &length);
        struct span span = {view_span(from, (size_t)(at - first)).start,
                            view_span(from, (size_t)(next - first) - 1).end};
        for (size_t i = 0; i < length; i++) {
            view_put(to, out[i], span);
        }
        at = next;
    }
    return !to->octets.failed && !to->spans.failed;
}

/* As secrets of a kind are looked for in it. */
static bool view_fold(const struct view *from, enum kind kind, struct view *to)
{
    for (size_t i = 0; i < from->octets.length; i++) {
        char octet = fold(from->octets.data[i]);
        if (kind == SHORT || octet != ' ') {
            view_put(to, octet, view_span(from, i));
        }
    }
    return !to->octets.failed && !to->spans.failed;
}

static size_t bucket(const char *octets, enum kind kind)
{
    uint32_t number = 2166136261U;
    for (size_t i = 0; i < key_length[kind]; i++) {
        number = (number ^ (unsigned char)octets[i]) * 16777619U;
    }
    return (number ^ number >> 16) % BUCKETS;
}

static const struct needle *needle_at(const struct secret_search *search, size_t number)
{
    return (const struct needle *)(const void *)search->needles.data + (number - 1);
}

static void add_needle(struct secret_search *search, const char *octets, size_t length)
{
    size_t start = search->octets.length;
    enum kind kind = LONG;
    for (size_t i = 0; i < length; i++) {
        if (fold(octets[i]) != ' ') {
            buffer_putc(&search->octets, fold(octets[i]));
        }
    }
    if (search->octets.length - start < key_length[LONG]) {
        kind = SHORT;
        buffer_truncate(&search->octets, start);
        for (size_t i = 0; i < length; i++) {
            buffer_putc(&search->octets, fold(octets[i]));
        }
    }
    if (search->octets.failed || search->octets.length - start < key_length[kind]) {
        return;
    }
    size_t *head = &search->heads[kind][bucket(search->octets.data + start, kind)];
    struct needle needle = {start, search->octets.length - start, *head};
    if (buffer_append(&search->needles, &needle, sizeof(needle))) {
        *head = search->needles.length / sizeof(needle);
    }
}

/* What base64 makes of it wherever it stands: three texts, for the three places in a group of three octets at which
 * it can begin, each without the characters that also hold bits of a neighbour. */
static void add_base64(struct secret_search *search, const char *octets, size_t length)
{
    for (size_t shift = 0; shift < 3; shift++) {
        struct buffer shifted = BUFFER_INIT;
        struct buffer coded = BUFFER_INIT;
        size_t skipped = shift == 0 ? 0 : shift + 1;
        buffer_append(&shifted, "\0\0", shift);
        buffer_append(&shifted, octets, length);
        if (!shifted.failed && base64_encode(&coded, shifted.data, shifted.length)) {
            add_needle(search, coded.data + skipped, shifted.length * 8 / 6 - skipped);
        }
        search->octets.failed |= shifted.failed || coded.failed;
        buffer_release(&shifted);
        buffer_release(&coded);
    }
}

/* In both cases of its letters. */
static void add_hex(struct secret_search *search, const char *octets, size_t length)
{
    struct buffer coded = BUFFER_INIT;
    if (hex_encode(&coded, octets, length)) {
        add_needle(search, coded.data, coded.length);
        for (size_t i = 0; i < coded.length; i++) {
            coded.data[i] = (char)(coded.data[i] >= 'a' ? coded.data[i] - 'a' + 'A' : coded.data[i]);
        }
        add_needle(search, coded.data, coded.length);
    }
    search->octets.failed |= coded.failed;
    buffer_release(&coded);
}

/* As it stood in JSON that was sent, should a server encode all of that. */
static void add_quoted(struct secret_search *search, const char *octets, size_t length)
{
    struct buffer quoted = BUFFER_INIT;
    if (!json_put_string(&quoted, octets, length)) {
        search->octets.failed = true;
    } else if (quoted.length - 2 != length) {
        add_base64(search, quoted.data + 1, quoted.length - 2);
        add_hex(search, quoted.data + 1, quoted.length - 2);
    }
    buffer_release(&quoted);
}

/* The secret, and what becomes of it where more escapes are undone than were made: it may hold some of its own. */
static void add_undone(struct secret_search *search, const char *octets, size_t length)
{
    struct view view = no_view;
    bool whole = view_begin(&view, octets, length);
    add_needle(search, octets, length);
    for (int level = 0; whole && level < LEVELS; level++) {
        struct view undone = no_view;
        whole = view_undo(&view, &undone);
        bool changed = whole && undone.octets.length != view.octets.length;
        if (changed) {
            add_needle(search, undone.octets.data, undone.octets.length);
        }
        view_release(&view);
        view = undone;
        if (!changed) {
            break;
        }
    }
    search->octets.failed |= !whole;
    view_release(&view);
}

struct secret_search *secret_search_new(void)
{
    return calloc(1, sizeof(struct secret_search));
}

bool secret_search_add(struct secret_search *search, const char *octets, size_t length)
{
    add_undone(search, octets, length);
    add_base64(search, octets, length);
    add_hex(search, octets, length);
    add_quoted(search, octets, length);
    return !search->octets.failed && !search->needles.failed;
}

void secret_search_free(struct secret_search *search)
{
    if (search != NULL) {
        buffer_release(&search->octets);
        buffer_release(&search->needles);
        free(search);
    }
}

/* How many octets at `at` belong to a secret; 0 if none does. */
static size_t find(const struct secret_search *search, enum kind kind, const char *at, size_t left, int64_t *steps)
{
    size_t longest = 0;
    for (size_t number = search->heads[kind][bucket(at, kind)]; number != 0;) {
        const struct needle *needle = needle_at(search, number);
        const char *wanted = search->octets.data + needle->at;
        size_t most = needle->length < left ? needle->length : left;
        size_t equal = 0;
        while (equal < most && wanted[equal] == at[equal]) {
            equal++;
        }
        bool found = equal == needle->length || (kind == LONG && equal >= key_length[LONG]);
        longest = found && equal > longest ? equal : longest;
        *steps -= (int64_t)equal + 1;
        number = needle->next;
    }
    return longest;
}

static bool mark_kind(const struct secret_search *search, enum kind kind, const struct view *from, char *marks,
                      int64_t *steps)
{
    struct view view = no_view;
    bool whole = view_fold(from, kind, &view);
    for (size_t at = 0; whole && at + key_length[kind] <= view.octets.length;) {
        size_t found = find(search, kind, view.octets.data + at, view.octets.length - at, steps);
        if (found > 0) {
            size_t start = view_span(&view, at).start;
            memset(marks + start, 1, view_span(&view, at + found - 1).end - start);
        }
        at += found > 0 ? found : 1;
        whole = *steps > 0;
    }
    view_release(&view);
    return whole;
}

enum secret_search_end secret_search_mark(const struct secret_search *search, const char *text, size_t length,
                                          char *marks)
{
    struct view view = no_view;
    int64_t steps = STEPS_FREE + (int64_t)length * STEPS_EACH;
    bool whole = view_begin(&view, text, length);
    bool changed = true;
    for (int level = 0; whole && changed; level++) {
        struct view undone = no_view;
        whole = mark_kind(search, SHORT, &view, marks, &steps) && mark_kind(search, LONG, &view, marks, &steps) &&
                (level == LEVELS || view_undo(&view, &undone));
        changed = level < LEVELS && undone.octets.length != view.octets.length;
        view_release(&view);
        view = undone;
    }
    view_release(&view);
    return whole ? SEARCH_WHOLE : steps > 0 ? SEARCH_NO_MEMORY : SEARCH_TOO_LONG;
}
