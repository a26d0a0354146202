/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table as Arrow's C stream. Rows are gathered in batches as text, whose columns of numbers are then made numbers;
 * the first batch is read when the schema is asked for, as its numbers have a say in the types.
 */
#include <mstr/table.h>

#include "base/text.h"
#include "session/table/data_type.h"
#include "session/table/number.h"
#include "session/table/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_ROWS = 1000 };

enum type { TYPE_TEXT, TYPE_INT64, TYPE_DOUBLE };

/* A column of a batch: validity, where each text begins, the texts; later its numbers in place of these. */
struct gathered {
    unsigned char *valid;
    int64_t *offsets;
    char *texts;
    size_t capacity;
    int64_t nulls;
};

struct stream {
    mstr_table *table;
    mstr_error *error;
    size_t count; /* of columns */
    enum type *types;
    bool typed;             /* the types are told */
    struct gathered *batch; /* one for each column; NULL = none is at hand */
    int64_t rows;           /* in it */
    bool *tall;             /* of each column: a number came that does not fit its type */
    int64_t given;          /* rows of batches before */
};

/* --- types ------------------------------------------------------------------------------------------------------ */

/* What a column could be by what the server says of it. Of metrics that it says nothing of, a double holds most. */
static enum type type_of(const mstr_table *table, const mstr_column *column)
{
    bool metric = column->kind == MSTR_COLUMN_METRIC;
    uint32_t flags = table_flags(table);
    if ((flags & MSTR_TABLE_ARROW_TEXT) != 0 || (!metric && (flags & MSTR_TABLE_TYPED) == 0)) {
        return TYPE_TEXT;
    }
    enum data_type type = data_type_of(column->data_type);
    return type == DATA_WHOLE                                      ? TYPE_INT64
           : type == DATA_REAL || (metric && type == DATA_UNKNOWN) ? TYPE_DOUBLE
                                                                   : TYPE_TEXT;
}

static bool fits(const struct stream *stream, size_t column)
{
    int64_t whole = 0;
    double number = 0;
    switch (stream->types[column]) {
    case TYPE_INT64:
        return mstr_table_int64(stream->table, column, &whole) != 0;
    case TYPE_DOUBLE:
        return mstr_table_double(stream->table, column, &number) != 0;
    case TYPE_TEXT:
    default:
        return true;
    }
}

/* --- gathering -------------------------------------------------------------------------------------------------- */

static void drop(struct gathered *column)
{
    free(column->valid);
    free(column->offsets);
    free(column->texts);
    *column = (struct gathered){NULL, NULL, NULL, 0, 0};
}

static void drop_batch(struct stream *stream)
{
    for (size_t i = 0; stream->batch != NULL && i < stream->count; i++) {
        drop(&stream->batch[i]);
    }
    free(stream->batch);
    stream->batch = NULL;
}

static bool make_batch(struct stream *stream)
{
    stream->rows = 0;
    stream->batch = calloc(stream->count + 1, sizeof(*stream->batch));
    bool memory = stream->batch != NULL;
    for (size_t i = 0; memory && i < stream->count; i++) {
        struct gathered *column = &stream->batch[i];
        column->valid = calloc(1, BATCH_ROWS / 8 + 1);
        column->offsets = calloc(BATCH_ROWS + 1, sizeof(*column->offsets));
        column->texts = malloc(1);
        memory = column->valid != NULL && column->offsets != NULL && column->texts != NULL;
    }
    return memory;
}

static bool gather(struct gathered *column, int64_t row, const char *text, size_t length)
{
    size_t at = (size_t)column->offsets[row];
    if (text != NULL && column->capacity - at < length + 1) { /* with a NUL behind it, for numbers */
        size_t capacity = 2 * (at + length + 1);
        char *more = realloc(column->texts, capacity);
        if (more == NULL) {
            return false;
        }
        column->texts = more;
        column->capacity = capacity;
    }
    if (text != NULL) {
        memcpy(column->texts + at, text, length);
        column->valid[row / 8] |= (unsigned char)(1u << (row % 8));
    } else {
        column->nulls++;
    }
    column->offsets[row + 1] = (int64_t)(at + (text != NULL ? length : 0));
    return true;
}

/* Reads rows until the batch is full or there are no more. */
static int fill(struct stream *stream)
{
    int row = 1;
    if (!make_batch(stream)) {
        return ENOMEM;
    }
    while (stream->rows < BATCH_ROWS) {
        enum mstr_code code = mstr_table_next(stream->table, &row, stream->error);
        if (code != MSTR_OK) {
            return code == MSTR_E_MEMORY ? ENOMEM : code == MSTR_E_CANCELLED ? ECANCELED : EIO;
        }
        for (size_t i = 0; row && i < stream->count; i++) {
            size_t length = 0;
            const char *text = mstr_table_text(stream->table, i, &length);
            if (!gather(&stream->batch[i], stream->rows, text, length)) {
                return ENOMEM;
            }
            stream->tall[i] |= text != NULL && !fits(stream, i);
        }
        if (!row) {
            break;
        }
        stream->rows++;
    }
    return 0;
}

/* The first batch settles the types; later ones must keep to them. */
static int settle(struct stream *stream)
{
    for (size_t i = 0; i < stream->count; i++) {
        if (!stream->tall[i]) {
            continue;
        }
        if (stream->typed) {
            mstr_error_set(stream->error, MSTR_E_REQUEST,
                           "the column \"%s\" has, in one of the rows from %lld on, what does not fit its type; "
                           "MSTR_TABLE_ARROW_TEXT gives text",
                           mstr_table_column(stream->table, i)->label, (long long)stream->given + 1);
            return EDOM;
        }
        stream->types[i] = TYPE_TEXT;
        stream->tall[i] = false;
    }
    stream->typed = true;
    return 0;
}

static int prepare(struct stream *stream)
{
    if (stream->batch != NULL) {
        return 0;
    }
    mstr_error_clear(stream->error);
    int failure = fill(stream);
    failure = failure == 0 ? settle(stream) : failure;
    if (failure != 0) {
        drop_batch(stream);
    }
    return failure;
}

/* --- schema ----------------------------------------------------------------------------------------------------- */

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release != NULL) {
            schema->children[i]->release(schema->children[i]);
        }
        free(schema->children[i]);
    }
    free(schema->children);
    free((void *)(uintptr_t)schema->name);
    schema->release = NULL;
}

/* Children that are made are released with it; NULL-initialised before. */
static bool make_schema(struct ArrowSchema *schema, const char *format, const char *name, size_t children)
{
    memset(schema, 0, sizeof(*schema));
    schema->format = format;
    schema->name = text_copy(name);
    schema->flags = children == 0 ? ARROW_FLAG_NULLABLE : 0;
    schema->release = release_schema;
    schema->children = children > 0 ? calloc(children, sizeof(*schema->children)) : NULL;
    bool memory = schema->name != NULL && (children == 0 || schema->children != NULL);
    for (size_t i = 0; memory && i < children; i++) {
        schema->children[i] = calloc(1, sizeof(**schema->children));
        memory = schema->children[i] != NULL;
        schema->n_children += memory;
    }
    return memory;
}

static int get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    static const char *const formats[] = {[TYPE_TEXT] = "U", [TYPE_INT64] = "l", [TYPE_DOUBLE] = "g"};
    struct stream *stream = self->private_data;
    int failure = stream->typed ? 0 : prepare(stream);
    if (failure != 0) {
        return failure;
    }
    bool memory = make_schema(out, "+s", "", stream->count);
    for (size_t i = 0; memory && i < stream->count; i++) {
        memory =
            make_schema(out->children[i], formats[stream->types[i]], mstr_table_column(stream->table, i)->label, 0);
    }
    if (!memory) {
        release_schema(out);
    }
    return memory ? 0 : ENOMEM;
}

/* --- arrays ----------------------------------------------------------------------------------------------------- */

static void release_array(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release != NULL) {
            array->children[i]->release(array->children[i]);
        }
        free(array->children[i]);
    }
    for (int64_t i = 0; array->buffers != NULL && i < array->n_buffers; i++) {
        free((void *)(uintptr_t)array->buffers[i]);
    }
    free(array->children);
    free((void *)array->buffers);
    array->release = NULL;
}

static bool make_array(struct ArrowArray *array, int64_t length, int64_t buffers, size_t children)
{
    memset(array, 0, sizeof(*array));
    array->length = length;
    array->release = release_array;
    array->buffers = calloc((size_t)buffers, sizeof(*array->buffers));
    array->n_buffers = array->buffers != NULL ? buffers : 0;
    array->children = children > 0 ? calloc(children, sizeof(*array->children)) : NULL;
    bool memory = array->buffers != NULL && (children == 0 || array->children != NULL);
    for (size_t i = 0; memory && i < children; i++) {
        array->children[i] = calloc(1, sizeof(**array->children));
        memory = array->children[i] != NULL;
        array->n_children += memory;
    }
    return memory;
}

/* The numbers of a column, in eight octets each, 0 where there is none. The texts are ended one by one for it: behind
 * each stands the next, whose first octet is put back. */
static void *make_numbers(struct gathered *column, enum type type, int64_t rows)
{
    union number {
        int64_t whole;
        double real;
    } *numbers = calloc((size_t)rows + 1, sizeof(*numbers));
    for (int64_t i = 0; numbers != NULL && i < rows; i++) {
        if ((column->valid[i / 8] >> (i % 8) & 1) == 0) {
            continue;
        }
        char *end = column->texts + column->offsets[i + 1];
        const char *text = column->texts + column->offsets[i];
        char kept = *end;
        *end = '\0';
        if (type == TYPE_INT64) {
            number_to_int64(text, &numbers[i].whole);
        } else {
            number_to_double(text, &numbers[i].real);
        }
        *end = kept;
    }
    return numbers;
}

/* Takes over what was gathered of a column. */
static bool take_column(struct ArrowArray *array, struct gathered *column, enum type type, int64_t rows)
{
    if (!make_array(array, rows, type == TYPE_TEXT ? 3 : 2, 0)) {
        return false;
    }
    array->null_count = column->nulls;
    if (type == TYPE_TEXT) {
        array->buffers[1] = column->offsets;
        array->buffers[2] = column->texts;
        column->offsets = NULL;
        column->texts = NULL;
    } else {
        array->buffers[1] = make_numbers(column, type, rows);
    }
    array->buffers[0] = column->valid;
    column->valid = NULL;
    return array->buffers[1] != NULL;
}

static int get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    struct stream *stream = self->private_data;
    memset(out, 0, sizeof(*out));
    int failure = prepare(stream);
    if (failure != 0 || stream->rows == 0) { /* the end is told by an array that is released */
        return failure;
    }
    bool memory = make_array(out, stream->rows, 1, stream->count);
    for (size_t i = 0; memory && i < stream->count; i++) {
        memory = take_column(out->children[i], &stream->batch[i], stream->types[i], stream->rows);
    }
    stream->given += stream->rows;
    drop_batch(stream);
    if (!memory) {
        release_array(out);
    }
    return memory ? 0 : ENOMEM;
}

static const char *get_last_error(struct ArrowArrayStream *self)
{
    const struct stream *stream = self->private_data;
    const char *message = mstr_error_message(stream->error);
    return *message != '\0' ? message : NULL;
}

static void free_stream(struct stream *stream)
{
    drop_batch(stream);
    mstr_error_free(stream->error);
    free(stream->types);
    free(stream->tall);
    free(stream);
}

static void release_stream(struct ArrowArrayStream *self)
{
    struct stream *stream = self->private_data;
    mstr_table_free(stream->table);
    free_stream(stream);
    self->release = NULL;
}

int mstr_table_arrow(mstr_table *table, struct ArrowArrayStream *out)
{
    memset(out, 0, sizeof(*out));
    struct stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL) {
        return 0;
    }
    stream->table = table;
    stream->count = mstr_table_columns(table);
    stream->error = mstr_error_new();
    stream->types = calloc(stream->count + 1, sizeof(*stream->types));
    stream->tall = calloc(stream->count + 1, sizeof(*stream->tall));
    if (stream->error == NULL || stream->types == NULL || stream->tall == NULL) {
        free_stream(stream);
        return 0;
    }
    for (size_t i = 0; i < stream->count; i++) {
        stream->types[i] = type_of(table, mstr_table_column(table, i));
    }
    *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, stream};
    return 1;
}
