/* SPDX-License-Identifier: Apache-2.0 */
/* Places of names, by hash. */
#include "base/name_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 64 };

struct name_place {
    const char *name; /* NULL = free */
    size_t group;
    size_t position;
};

/* FNV-1a. Whoever writes a configuration may make names that collide, at no cost but to themselves. */
static size_t hash(size_t group, const char *name)
{
    uint64_t sum = UINT64_C(14695981039346656037) ^ (uint64_t)group;
    for (sum *= UINT64_C(1099511628211); *name != '\0'; name++) {
        sum = (sum ^ (unsigned char)*name) * UINT64_C(1099511628211);
    }
    return (size_t)(sum ^ sum >> 32);
}

/* The name's place, or the free one that it would take. */
static struct name_place *find_place(const struct name_index *index, size_t group, const char *name)
{
    size_t at = hash(group, name);
    for (;; at++) {
        struct name_place *place = &index->places[at & (index->capacity - 1)];
        if (place->name == NULL || (place->group == group && strcmp(place->name, name) == 0)) {
            return place;
        }
    }
}

static bool enlarge(struct name_index *index)
{
    struct name_index larger = {.capacity = index->capacity > 0 ? index->capacity * 2 : SMALLEST,
                                .count = index->count};
    larger.places = calloc(larger.capacity, sizeof(*larger.places));
    if (larger.places == NULL) {
        return false;
    }
    for (size_t i = 0; i < index->capacity; i++) {
        const struct name_place *place = &index->places[i];
        if (place->name != NULL) {
            *find_place(&larger, place->group, place->name) = *place;
        }
    }
    free(index->places);
    *index = larger;
    return true;
}

size_t name_index_find(const struct name_index *index, size_t group, const char *name)
{
    const struct name_place *place = index->capacity > 0 ? find_place(index, group, name) : NULL;
    return place != NULL && place->name != NULL ? place->position : NAME_INDEX_NOWHERE;
}

bool name_index_add(struct name_index *index, size_t group, const char *name, size_t position)
{
    if (index->count * 2 >= index->capacity && !enlarge(index)) {
        return false;
    }
    *find_place(index, group, name) = (struct name_place){name, group, position};
    index->count++;
    return true;
}

void name_index_release(struct name_index *index)
{
    free(index->places);
    *index = (struct name_index){NULL, 0, 0};
}
