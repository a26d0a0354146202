/* SPDX-License-Identifier: Apache-2.0 */
/* Values in a stream. The places where one can begin are found by its first octets, as the many forms of a value
 * differ there from most of what a program writes. */
#include "mask.h"

#include "mask_forms.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct pattern {
    size_t at; /* in the mask's octets */
    size_t length;
    size_t next; /* of its bucket, counted from 1; 0 = none */
};

struct mask {
    struct octets octets;
    struct pattern *patterns;
    size_t count;
    size_t heads[BUCKETS];
};

struct mask *mask_new(void)
{
    return calloc(1, sizeof(struct mask));
}

void mask_free(struct mask *mask)
{
    if (mask != NULL) {
        octets_release(&mask->octets);
        free(mask->patterns);
        free(mask);
    }
}

static size_t bucket(const char *octets)
{
    uint32_t number = 2166136261U;
    for (size_t i = 0; i < MASK_SHORTEST; i++) {
        number = (number ^ (unsigned char)octets[i]) * 16777619U;
    }
    return (number ^ number >> 16) % BUCKETS;
}

static bool is_there(const struct mask *mask, const char *octets, size_t length)
{
    for (size_t number = mask->heads[bucket(octets)]; number != 0; number = mask->patterns[number - 1].next) {
        const struct pattern *pattern = &mask->patterns[number - 1];
        if (pattern->length == length && memcmp(mask->octets.data + pattern->at, octets, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool add_form(void *data, const char *octets, size_t length)
{
    struct mask *mask = data;
    if (length < MASK_SHORTEST || is_there(mask, octets, length)) {
        return true;
    }
    struct pattern *patterns = realloc(mask->patterns, (mask->count + 1) * sizeof *patterns);
    mask->patterns = patterns != NULL ? patterns : mask->patterns;
    if (patterns == NULL || !octets_append(&mask->octets, octets, length)) {
        return false;
    }
    size_t *head = &mask->heads[bucket(octets)];
    patterns[mask->count++] = (struct pattern){mask->octets.length - length, length, *head};
    *head = mask->count;
    return true;
}

bool mask_add(struct mask *mask, const char *octets, size_t length, bool *skipped)
{
    const char *end = octets + length;
    bool good = true;
    while (good && octets < end) {
        const char *stop = memchr(octets, '\n', (size_t)(end - octets));
        size_t line = (size_t)((stop != NULL ? stop : end) - octets);
        size_t shown = line > 0 && octets[line - 1] == '\r' ? line - 1 : line;
        if (shown >= MASK_SHORTEST) {
            good = mask_forms(octets, shown, add_form, mask);
        }
        *skipped |= shown > 0 && shown < MASK_SHORTEST;
        octets += stop != NULL ? line + 1 : line;
    }
    return good;
}

/* What a place in a stream is. */
struct place {
    size_t whole; /* octets of the longest value that begins there */
    bool open;    /* a longer one may begin there, whose end is still to come */
};

static void compare(const struct mask *mask, const struct pattern *pattern, const char *at, size_t left,
                    struct place *place)
{
    size_t most = pattern->length < left ? pattern->length : left;
    if (memcmp(mask->octets.data + pattern->at, at, most) != 0) {
        return;
    }
    place->open |= pattern->length > left;
    place->whole = pattern->length <= left && pattern->length > place->whole ? pattern->length : place->whole;
}

static struct place look_at(const struct mask *mask, const char *at, size_t left)
{
    struct place place = {0};
    if (left < MASK_SHORTEST) {
        for (size_t i = 0; i < mask->count; i++) {
            compare(mask, &mask->patterns[i], at, left, &place);
        }
        return place;
    }
    for (size_t number = mask->heads[bucket(at)]; number != 0; number = mask->patterns[number - 1].next) {
        compare(mask, &mask->patterns[number - 1], at, left, &place);
    }
    return place;
}

/* Writes up to `limit`: one text in place of each run that belongs to values. */
static void show(struct mask_stream *stream, size_t limit, struct octets *out)
{
    for (; stream->shown < limit; stream->shown++) {
        bool hiding = stream->marks.data[stream->shown] != 0;
        if (!hiding) {
            octets_append(out, stream->octets.data + stream->shown, 1);
        } else if (!stream->hiding) {
            octets_puts(out, MASK_TEXT);
        }
        stream->hiding = hiding;
    }
}

/* One mark for each octet, none of which is set. */
static bool append(struct mask_stream *stream, const char *octets, size_t length)
{
    static const char none[4096];
    bool good = octets_append(&stream->octets, octets, length);
    for (size_t piece; good && length > 0; length -= piece) {
        piece = length < sizeof none ? length : sizeof none;
        good = octets_append(&stream->marks, none, piece);
    }
    return good;
}

bool mask_stream_put(struct mask_stream *stream, const char *octets, size_t length, struct octets *out)
{
    if (!append(stream, octets, length)) {
        return false;
    }
    size_t count = stream->octets.length;
    size_t open = count;
    for (size_t i = 0; i < count; i++) {
        struct place place = look_at(stream->mask, stream->octets.data + i, count - i);
        memset(stream->marks.data + i, 1, place.whole);
        open = place.open && open == count ? i : open; /* the first */
    }
    show(stream, open, out);
    /* No value begins any more in what stands before. */
    octets_drop(&stream->octets, open);
    octets_drop(&stream->marks, open);
    stream->shown -= open;
    return !out->failed;
}

bool mask_stream_holds(const struct mask_stream *stream)
{
    return stream->shown < stream->octets.length;
}

bool mask_stream_let_go(struct mask_stream *stream, struct octets *out)
{
    show(stream, stream->octets.length, out);
    return !out->failed;
}

void mask_stream_release(struct mask_stream *stream)
{
    octets_release(&stream->octets);
    octets_release(&stream->marks);
}
