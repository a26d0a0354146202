/* SPDX-License-Identifier: Apache-2.0 */
/* Types out of the first rows. */
#include "sample.h"

#include "failure.h"

#include <stdlib.h>
#include <string.h>

/* From the narrowest on. What fits none of them is text. */
static const enum mstr_upload_type order[] = {MSTR_UPLOAD_BOOL,    MSTR_UPLOAD_INTEGER, MSTR_UPLOAD_BIGINTEGER,
                                              MSTR_UPLOAD_DOUBLE,  MSTR_UPLOAD_DATE,    MSTR_UPLOAD_TIME,
                                              MSTR_UPLOAD_DATETIME};

static int no_memory(struct sample *sample)
{
    mstr_error_set(sample->rows->tool->error, MSTR_E_MEMORY, "out of memory");
    return tool_fail(sample->rows->tool);
}

/* An empty text says nothing of its column's type: in any but text it is a null. */
static void narrow(struct sample *sample, size_t column, const mstr_upload_field *field)
{
    if (field->text == NULL || field->length == 0) {
        return;
    }
    sample->seen[column] = true;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        unsigned bit = 1u << order[i];
        if ((sample->fitting[column] & bit) != 0 && !mstr_upload_fits(order[i], field->text, field->length)) {
            sample->fitting[column] &= ~bit;
        }
    }
}

static bool keep(struct sample *sample)
{
    mstr_upload_field *to = sample->fields + sample->count * sample->columns;
    sample->count++;
    for (size_t i = 0; i < sample->columns; i++) {
        const mstr_upload_field *field = &sample->rows->fields[i];
        char *copy = field->text != NULL ? malloc(field->length + 1) : NULL;
        to[i] = (mstr_upload_field){copy, field->length};
        if (field->text != NULL && copy == NULL) {
            return false;
        }
        if (copy != NULL) {
            memcpy(copy, field->text, field->length);
        }
        sample->octets += field->length;
        narrow(sample, i, field);
    }
    return true;
}

int sample_read(struct sample *sample, struct rows *rows)
{
    bool more = true;
    int status = STATUS_DONE;
    *sample = (struct sample){.rows = rows, .columns = rows->columns.count};
    size_t most = SAMPLE_FIELDS / sample->columns;
    sample->most = most < SAMPLE_ROWS ? most : SAMPLE_ROWS;
    sample->fields = calloc(sample->most, sample->columns * sizeof *sample->fields);
    sample->fitting = calloc(sample->columns, sizeof *sample->fitting);
    sample->seen = calloc(sample->columns, sizeof *sample->seen);
    if (sample->fields == NULL || sample->fitting == NULL || sample->seen == NULL) {
        return no_memory(sample);
    }
    memset(sample->fitting, 0xff, sample->columns * sizeof *sample->fitting);
    while (status == STATUS_DONE && more && sample->count < sample->most && sample->octets < SAMPLE_OCTETS) {
        status = rows_next(rows, &more);
        if (status == STATUS_DONE && more && !keep(sample)) {
            return no_memory(sample);
        }
    }
    sample->over = !more;
    return status;
}

enum mstr_upload_type sample_type(const struct sample *sample, size_t column)
{
    for (size_t i = 0; sample->seen[column] && i < sizeof order / sizeof order[0]; i++) {
        if ((sample->fitting[column] & 1u << order[i]) != 0) {
            return order[i];
        }
    }
    return MSTR_UPLOAD_STRING;
}

int sample_next(struct sample *sample, const mstr_upload_field **fields)
{
    bool more = false;
    *fields = NULL;
    if (sample->taken < sample->count) {
        *fields = sample->fields + sample->taken++ * sample->columns;
        return STATUS_DONE;
    }
    int status = sample->over ? STATUS_DONE : rows_next(sample->rows, &more);
    *fields = more ? sample->rows->fields : NULL;
    return status;
}

void sample_release(struct sample *sample)
{
    for (size_t i = 0; i < sample->count * sample->columns; i++) {
        free((void *)(uintptr_t)sample->fields[i].text);
    }
    free(sample->fields);
    free(sample->fitting);
    free(sample->seen);
}
