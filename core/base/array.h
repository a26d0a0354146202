/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for tables whose sides others choose, such as the server. Stateless; part of the helpers that plugins may
 * compile in.
 */
#ifndef MSTR_BASE_ARRAY_H
#define MSTR_BASE_ARRAY_H

#include <stddef.h>

/* What realloc() gives for `rows` times `columns` items of `size` octets, and one more, so that there is always
 * something. NULL also where a size_t does not hold so much, which 32 bits soon do not. */
void *array_resize(void *memory, size_t rows, size_t columns, size_t size);

#endif
