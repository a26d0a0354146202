/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A FlatBuffer that is written from its front: tables, vectors and strings, each linked to from what was written
 * before it, as their offsets point onwards alone. Who uses it knows the schema. https://flatbuffers.dev/internals/
 */
#ifndef MSTR_CLI_FLATBUFFER_H
#define MSTR_CLI_FLATBUFFER_H

#include "octets.h"

#include <stdint.h>

/* Begin with {0}; released with octets_release(&flatbuffer.octets), whose `failed` says that memory ran out. The
 * first thing in it is the offset of the root, as FLATBUFFER_ROOT. */
struct flatbuffer {
    struct octets octets;
};
#define FLATBUFFER_ROOT 0

/* A field of a table in the order of its schema: its size, 1, 2, 4 or 8 octets, 0 where it is left out. A link to
 * what is yet to be written has four. */
struct flatbuffer_field {
    uint8_t size;
    int64_t value;
    size_t at; /* filled in: where it stands */
};
enum { FLATBUFFER_LINK = 4 };

/* Each returns where it stands, to be linked to. */
size_t flatbuffer_table(struct flatbuffer *flatbuffer, struct flatbuffer_field *fields, size_t count);
size_t flatbuffer_string(struct flatbuffer *flatbuffer, const char *text);
/* With room for so many elements of a size, from *first on. */
size_t flatbuffer_vector(struct flatbuffer *flatbuffer, size_t count, size_t size, size_t *first);
void flatbuffer_link(struct flatbuffer *flatbuffer, size_t from, size_t to);
/* The same for an element of a vector of numbers. */
void flatbuffer_put(struct flatbuffer *flatbuffer, size_t at, int64_t value, size_t size);

#endif
