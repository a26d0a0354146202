/* SPDX-License-Identifier: Apache-2.0 */
/* Tables, vectors and strings of a FlatBuffer. */
#include "flatbuffer.h"

#include <string.h>

enum { ALIGNMENT = 8 };

/* Zeros up to where an octet stands so far behind a multiple of eight; that place. Before the first thing comes the
 * offset of the root. */
static size_t align(struct flatbuffer *flatbuffer, size_t behind)
{
    static const char zeros[ALIGNMENT] = {0};
    struct octets *octets = &flatbuffer->octets;
    if (octets->length == 0) {
        octets_append(octets, zeros, FLATBUFFER_LINK);
    }
    octets_append(octets, zeros, (ALIGNMENT + behind - octets->length % ALIGNMENT) % ALIGNMENT);
    return octets->length;
}

static size_t append_zeros(struct flatbuffer *flatbuffer, size_t count)
{
    static const char zeros[64] = {0};
    size_t at = flatbuffer->octets.length;
    for (; count > sizeof zeros; count -= sizeof zeros) {
        octets_append(&flatbuffer->octets, zeros, sizeof zeros);
    }
    octets_append(&flatbuffer->octets, zeros, count);
    return at;
}

/* Least significant octet first, whatever the machine. */
void flatbuffer_put(struct flatbuffer *flatbuffer, size_t at, int64_t value, size_t size)
{
    for (size_t i = 0; i < size && !flatbuffer->octets.failed; i++) {
        flatbuffer->octets.data[at + i] = (char)((uint64_t)value >> (8 * i) & 0xFF);
    }
}

void flatbuffer_link(struct flatbuffer *flatbuffer, size_t from, size_t to)
{
    flatbuffer_put(flatbuffer, from, (int64_t)to - (int64_t)from, FLATBUFFER_LINK);
}

/* The table of places before the table itself: its own size, that of the table, and each field's place in it, 0 for
 * one that is left out. Large fields first, so that all stand aligned: the table begins with four octets that say how
 * far back its places are, and behind these is a multiple of eight. */
size_t flatbuffer_table(struct flatbuffer *flatbuffer, struct flatbuffer_field *fields, size_t count)
{
    size_t head = 2 * (count + 2);
    size_t places = align(flatbuffer, (ALIGNMENT + 4 - head % ALIGNMENT) % ALIGNMENT);
    size_t table = places + head;
    size_t length = 4;
    append_zeros(flatbuffer, head + 4);
    for (size_t size = ALIGNMENT; size > 0; size /= 2) {
        for (size_t i = 0; i < count; i++) {
            if (fields[i].size == size) {
                fields[i].at = append_zeros(flatbuffer, size);
                flatbuffer_put(flatbuffer, fields[i].at, fields[i].value, size);
                flatbuffer_put(flatbuffer, places + 4 + 2 * i, (int64_t)length, 2);
                length += size;
            }
        }
    }
    flatbuffer_put(flatbuffer, places, (int64_t)head, 2);
    flatbuffer_put(flatbuffer, places + 2, (int64_t)length, 2);
    flatbuffer_put(flatbuffer, table, (int64_t)head, 4);
    return table;
}

size_t flatbuffer_string(struct flatbuffer *flatbuffer, const char *text)
{
    size_t first = 0;
    size_t length = strlen(text);
    size_t at = flatbuffer_vector(flatbuffer, length, 1, &first);
    octets_append(&flatbuffer->octets, "", 1); /* a NUL, which its length does not count */
    if (!flatbuffer->octets.failed) {
        memcpy(flatbuffer->octets.data + first, text, length);
    }
    return at;
}

/* Its length stands before its elements, which begin at a multiple of eight. */
size_t flatbuffer_vector(struct flatbuffer *flatbuffer, size_t count, size_t size, size_t *first)
{
    size_t at = align(flatbuffer, 4);
    append_zeros(flatbuffer, 4);
    flatbuffer_put(flatbuffer, at, (int64_t)count, 4);
    *first = append_zeros(flatbuffer, count * size);
    return at;
}
