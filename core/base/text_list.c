/* Lists of short texts. */
#include "base/text_list.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static bool has(const struct text_list *list, const char *text, size_t length)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strncmp(list->items[i], text, length) == 0 && list->items[i][length] == '\0') {
            return true;
        }
    }
    return false;
}

void text_list_add(struct text_list *list, const char *text, size_t length)
{
    if (has(list, text, length)) {
        return;
    }
    char **longer = realloc(list->items, (list->count + 1) * sizeof(*longer));
    if (longer != NULL) {
        list->items = longer;
        list->items[list->count] = strndup(text, length);
    }
    if (longer == NULL || list->items[list->count] == NULL) {
        list->failed = true;
        return;
    }
    list->count++;
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
    *list = (struct text_list)TEXT_LIST_INIT;
}
