/* SPDX-License-Identifier: Apache-2.0 */
/* Names with values. */
#include "session/parts/pairs.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void free_pair(struct mstr_header *pair)
{
    free((char *)(uintptr_t)pair->name);
    text_wipe_free((char *)(uintptr_t)pair->value);
}

static bool make_pair(struct mstr_header *pair, const char *name, const char *value)
{
    *pair = (struct mstr_header){text_copy(name), text_copy(value)};
    if (pair->name == NULL || pair->value == NULL) {
        free_pair(pair);
        return false;
    }
    return true;
}

/* Takes over the pair. */
static bool put(struct pairs *pairs, struct mstr_header *pair)
{
    if (pairs->count == PAIRS_MAX) {
        free_pair(pair);
        return false;
    }
    pairs->items[pairs->count++] = *pair;
    return true;
}

bool pairs_add(struct pairs *pairs, const char *name, const char *value)
{
    struct mstr_header pair;
    return make_pair(&pair, name, value) && put(pairs, &pair);
}

bool pairs_set(struct pairs *pairs, const char *name, const char *value, bool nocase)
{
    struct mstr_header fresh;
    if (value != NULL && !make_pair(&fresh, name, value)) {
        return false; /* what was there stays */
    }
    for (size_t i = 0; i < pairs->count; i++) {
        const char *have = pairs->items[i].name;
        if (nocase ? text_equal_nocase(have, name) : strcmp(have, name) == 0) {
            free_pair(&pairs->items[i]);
            memmove(&pairs->items[i], &pairs->items[i + 1], (pairs->count - i - 1) * sizeof(*pairs->items));
            pairs->count--;
            break;
        }
    }
    return value == NULL || put(pairs, &fresh);
}

bool pairs_copy(const struct pairs *from, struct pairs *to)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!pairs_add(to, from->items[i].name, from->items[i].value)) {
            return false;
        }
    }
    return true;
}

void pairs_release(struct pairs *pairs)
{
    while (pairs->count > 0) {
        free_pair(&pairs->items[--pairs->count]);
    }
}
