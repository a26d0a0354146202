/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of Arrow's streaming format. Each is an envelope, which says how long its metadata is, the metadata, a
 * FlatBuffer, and a body, which is the buffers of a batch as they are. The schemas of the metadata, whose fields are
 * counted here by their place, are Message.fbs and Schema.fbs of https://github.com/apache/arrow/tree/main/format.
 */
#include "arrow_stream.h"

#include "flatbuffer.h"
#include "output.h"

#include <string.h>

enum {
    VERSION_5 = 4, /* MetadataVersion */
    HEADER_SCHEMA = 1,
    HEADER_BATCH = 3, /* MessageHeader */
    TYPE_INT = 2,
    TYPE_FLOAT = 3,
    TYPE_LARGE_UTF8 = 20, /* Type */
    PRECISION_DOUBLE = 2, /* Precision */
    LITTLE = 0,
    BIG = 1, /* Endianness */
    ALIGNMENT = 8,
    BUFFERS_MAX = 3,
    PAIR = 16,
};
static const unsigned char continuation[] = {0xFF, 0xFF, 0xFF, 0xFF};
static const unsigned char zeros[ALIGNMENT] = {0};

static size_t padding(size_t length)
{
    return (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
}

/* --- messages --------------------------------------------------------------------------------------------------- */

/* A message up to its header, which is linked to there. */
static size_t begin_message(struct flatbuffer *metadata, int header, int64_t body_length)
{
    struct flatbuffer_field fields[] = {{.size = 2, .value = VERSION_5},
                                        {.size = 1, .value = header},
                                        {.size = FLATBUFFER_LINK},
                                        {.size = 8, .value = body_length}};
    size_t message = flatbuffer_table(metadata, fields, sizeof fields / sizeof fields[0]);
    flatbuffer_link(metadata, FLATBUFFER_ROOT, message);
    return fields[2].at;
}

/* Writes the envelope and the metadata, which is released; false if memory ran out. */
static bool write_metadata(struct flatbuffer *metadata)
{
    struct octets *octets = &metadata->octets;
    unsigned char length[4];
    bool good = octets_append(octets, zeros, padding(octets->length)) && !octets->failed;
    for (size_t i = 0; i < sizeof length; i++) {
        length[i] = (unsigned char)(octets->length >> (8 * i) & 0xFF);
    }
    if (good) {
        output_write(output_data, continuation, sizeof continuation);
        output_write(output_data, length, sizeof length);
        output_write(output_data, octets->data, octets->length);
    }
    octets_release(octets);
    return good;
}

/* --- schema ----------------------------------------------------------------------------------------------------- */

static const struct arrow_type {
    char format; /* of the C interface */
    int8_t type;
    struct flatbuffer_field fields[2]; /* of its table */
    size_t count;
    size_t width; /* octets of a value; 0 = text */
} types[] = {
    {'l', TYPE_INT, {{.size = 4, .value = 64}, {.size = 1, .value = true}}, 2, 8}, /* bits, signed */
    {'g', TYPE_FLOAT, {{.size = 2, .value = PRECISION_DOUBLE}}, 1, 8},
    {'U', TYPE_LARGE_UTF8, {{.size = 0}}, 0, 0},
};

static const struct arrow_type *type_of(const struct ArrowSchema *column)
{
    size_t i = 0;
    while (i + 1 < sizeof types / sizeof types[0] && types[i].format != *column->format) {
        i++;
    }
    return &types[i];
}

/* A list of children without any is there too, as some readers want. */
static size_t put_column(struct flatbuffer *metadata, const struct ArrowSchema *column)
{
    struct arrow_type type = *type_of(column);
    size_t first = 0;
    struct flatbuffer_field fields[] = {{.size = FLATBUFFER_LINK},       /* name */
                                        {.size = 1, .value = true},      /* nullable */
                                        {.size = 1, .value = type.type}, /* what the type's table is */
                                        {.size = FLATBUFFER_LINK},       /* the type */
                                        {.size = 0},                     /* dictionary */
                                        {.size = FLATBUFFER_LINK}};      /* children */
    size_t field = flatbuffer_table(metadata, fields, sizeof fields / sizeof fields[0]);
    flatbuffer_link(metadata, fields[0].at, flatbuffer_string(metadata, column->name));
    flatbuffer_link(metadata, fields[3].at, flatbuffer_table(metadata, type.fields, type.count));
    flatbuffer_link(metadata, fields[5].at, flatbuffer_vector(metadata, 0, FLATBUFFER_LINK, &first));
    return field;
}

bool arrow_stream_schema(const struct ArrowSchema *schema)
{
    static const uint16_t one = 1;
    struct flatbuffer metadata = {{0}};
    struct flatbuffer_field fields[] = {
        {.size = 2, .value = *(const unsigned char *)&one == 1 ? LITTLE : BIG}, /* of the buffers */
        {.size = FLATBUFFER_LINK}};                                             /* columns */
    size_t columns = (size_t)schema->n_children;
    size_t first = 0;
    size_t link = begin_message(&metadata, HEADER_SCHEMA, 0);
    flatbuffer_link(&metadata, link, flatbuffer_table(&metadata, fields, sizeof fields / sizeof fields[0]));
    flatbuffer_link(&metadata, fields[1].at, flatbuffer_vector(&metadata, columns, FLATBUFFER_LINK, &first));
    for (size_t i = 0; i < columns; i++) {
        flatbuffer_link(&metadata, first + i * FLATBUFFER_LINK, put_column(&metadata, schema->children[i]));
    }
    return write_metadata(&metadata);
}

/* --- batches ---------------------------------------------------------------------------------------------------- */

/* How long the buffers of a column are: which values are there, left out where all are; where each text begins, and
 * the texts; or the numbers. How many they are. */
static size_t measure(const struct ArrowSchema *column, const struct ArrowArray *values, size_t lengths[BUFFERS_MAX])
{
    const struct arrow_type *type = type_of(column);
    size_t rows = (size_t)values->length;
    lengths[0] = values->null_count > 0 ? (rows + 7) / 8 : 0;
    lengths[1] = type->width > 0 ? rows * type->width : (rows + 1) * sizeof(int64_t);
    lengths[2] = type->width > 0 ? 0 : (size_t)((const int64_t *)values->buffers[1])[rows];
    return type->width > 0 ? 2 : BUFFERS_MAX;
}

static size_t body_length(const struct ArrowSchema *schema, const struct ArrowArray *batch, size_t *buffers)
{
    size_t length = 0;
    size_t lengths[BUFFERS_MAX];
    *buffers = 0;
    for (int64_t i = 0; i < batch->n_children; i++) {
        *buffers += measure(schema->children[i], batch->children[i], lengths);
        for (size_t k = 0; k < BUFFERS_MAX; k++) {
            length += lengths[k] + padding(lengths[k]);
        }
    }
    return length;
}

/* Where the next column, the next buffer and its octets go. */
struct places {
    size_t column, buffer, body;
};

/* Pairs of numbers: of a column how many values and nulls there are, of a buffer its place in the body and length. */
static void put_pair(struct flatbuffer *metadata, size_t *at, int64_t one, int64_t other)
{
    flatbuffer_put(metadata, *at, one, PAIR / 2);
    flatbuffer_put(metadata, *at + PAIR / 2, other, PAIR / 2);
    *at += PAIR;
}

static void write_column(const struct ArrowSchema *column, const struct ArrowArray *values)
{
    size_t lengths[BUFFERS_MAX];
    size_t count = measure(column, values, lengths);
    for (size_t i = 0; i < count; i++) {
        output_write(output_data, values->buffers[i], lengths[i]);
        output_write(output_data, zeros, padding(lengths[i]));
    }
}

static void put_column_place(struct flatbuffer *metadata, const struct ArrowArray *values, const size_t *lengths,
                             size_t count, struct places *at)
{
    put_pair(metadata, &at->column, values->length, values->null_count);
    for (size_t i = 0; i < count; i++) {
        put_pair(metadata, &at->buffer, (int64_t)at->body, (int64_t)lengths[i]);
        at->body += lengths[i] + padding(lengths[i]);
    }
}

bool arrow_stream_batch(const struct ArrowSchema *schema, const struct ArrowArray *batch)
{
    struct flatbuffer metadata = {{0}};
    struct flatbuffer_field fields[] = {{.size = 8, .value = batch->length},
                                        {.size = FLATBUFFER_LINK},
                                        {.size = FLATBUFFER_LINK}}; /* columns, buffers */
    size_t columns = (size_t)batch->n_children;
    size_t buffers = 0;
    struct places at = {0, 0, 0};
    size_t link = begin_message(&metadata, HEADER_BATCH, (int64_t)body_length(schema, batch, &buffers));
    flatbuffer_link(&metadata, link, flatbuffer_table(&metadata, fields, sizeof fields / sizeof fields[0]));
    flatbuffer_link(&metadata, fields[1].at, flatbuffer_vector(&metadata, columns, PAIR, &at.column));
    flatbuffer_link(&metadata, fields[2].at, flatbuffer_vector(&metadata, buffers, PAIR, &at.buffer));
    for (size_t i = 0; i < columns; i++) {
        size_t lengths[BUFFERS_MAX];
        size_t count = measure(schema->children[i], batch->children[i], lengths);
        put_column_place(&metadata, batch->children[i], lengths, count, &at);
    }
    bool good = write_metadata(&metadata);
    for (size_t i = 0; good && i < columns; i++) {
        write_column(schema->children[i], batch->children[i]);
    }
    return good;
}

/* A message without anything. */
void arrow_stream_end(void)
{
    output_write(output_data, continuation, sizeof continuation);
    output_write(output_data, zeros, 4);
}
