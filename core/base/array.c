/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for tables. */
#include "base/array.h"

#include <stdlib.h>

void *array_resize(void *memory, size_t rows, size_t columns, size_t size)
{
    size_t count = 0;
    size_t octets = 0;
    if (__builtin_mul_overflow(rows, columns, &count) || __builtin_add_overflow(count, 1, &count) ||
        __builtin_mul_overflow(count, size, &octets)) {
        return NULL;
    }
    return realloc(memory, octets);
}
