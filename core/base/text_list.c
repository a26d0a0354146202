/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of short texts. */
#include "base/text_list.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Takes the text where it can. */
static bool append(struct text_list *list, char *text)
{
    char **longer = realloc(list->items, (list->count + 1) * sizeof(*longer));
    if (longer == NULL) {
        return false;
    }
    list->items = longer;
    if (!name_index_add(&list->known, 0, text, list->count)) {
        return false;
    }
    list->items[list->count++] = text;
    return true;
}

void text_list_add(struct text_list *list, const char *text, size_t length)
{
    char *copy = text_copy_length(text, length);
    bool known = copy != NULL && name_index_find(&list->known, 0, copy) != NAME_INDEX_NOWHERE;
    if (known || copy == NULL || !append(list, copy)) {
        list->failed = list->failed || !known;
        free(copy);
    }
}

static int by_octets(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void text_list_sort(struct text_list *list, size_t first)
{
    if (list->count > first + 1) {
        qsort(list->items + first, list->count - first, sizeof(*list->items), by_octets);
    }
}

struct walk {
    const struct text_list *list;
    size_t index;
};

static const char *next(void *data)
{
    struct walk *walk = data;
    return walk->index < walk->list->count ? walk->list->items[walk->index++] : NULL;
}

const char *text_list_nearest(const struct text_list *list, const char *text)
{
    struct walk walk = {list, 0};
    return text_nearest(text, next, &walk);
}

void text_list_release(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    name_index_release(&list->known);
    *list = (struct text_list)TEXT_LIST_INIT;
}
