/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, in pieces whose length the first octet says: fields lie within the row, and rows are the same in one piece. */
#include "cli/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    const uint8_t *data;
    size_t size, at, piece;
};

static int64_t give(void *into, size_t capacity, void *data)
{
    struct source *source = data;
    size_t left = source->size - source->at;
    size_t length = left < source->piece ? left : source->piece;
    length = length < capacity ? length : capacity;
    memcpy(into, source->data + source->at, length);
    source->at += length;
    return (int64_t)length;
}

/* A sum over all that was read. */
static uint64_t run(const uint8_t *data, size_t size, size_t piece)
{
    struct source source = {data, size, 0, piece};
    struct csv csv = {.read = give, .data = &source};
    uint64_t sum = 0;
    enum csv_result result;
    while ((result = csv_next(&csv)) == CSV_ROW) {
        for (size_t i = 0; i < csv.count; i++) {
            for (size_t k = 0; k < csv.fields[i].length; k++) {
                sum = sum * 31 + (unsigned char)csv.fields[i].text[k];
            }
            sum = sum * 31 + csv.fields[i].quoted + 256;
        }
        sum = sum * 31 + (uint64_t)csv.line;
    }
    if (result == CSV_FAILED && csv.problem[0] == '\0') {
        abort();
    }
    csv_release(&csv);
    return sum * 31 + (uint64_t)result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && run(data + 1, size - 1, data[0] % 16 + 1u) != run(data + 1, size - 1, size)) {
        abort();
    }
    return 0;
}
