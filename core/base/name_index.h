/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where names stand in lists, found without a walk along them, so that reading a configuration costs what its length
 * is. Names of one group differ; they are kept as they are, and must outlive the index. Not thread-safe. Stateless;
 * part of the helpers that plugins may compile in.
 */
#ifndef MSTR_BASE_NAME_INDEX_H
#define MSTR_BASE_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct name_index {
    struct name_place *places; /* open addressing, at most half full */
    size_t capacity;           /* 0, or a power of 2 */
    size_t count;
};

#define NAME_INDEX_NOWHERE ((size_t)-1)

/* The position that was noted, or NAME_INDEX_NOWHERE. */
size_t name_index_find(const struct name_index *index, size_t group, const char *name);
/* Notes a name that is not there yet. False without memory. */
bool name_index_add(struct name_index *index, size_t group, const char *name, size_t position);
void name_index_release(struct name_index *index);

#endif
