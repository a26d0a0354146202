/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names out of words. */
#include "names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool names_add(struct names *names, const char *name)
{
    const char **items = realloc(names->items, (names->count + 1) * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    names->items = items;
    names->items[names->count++] = name;
    return true;
}

bool names_copy(struct names *names, const char *text, size_t length)
{
    char *copy = strndup(text, length);
    names->owned = true;
    if (copy == NULL || !names_add(names, copy)) {
        free(copy);
        return false;
    }
    return true; /* NOLINT(clang-analyzer-unix.Malloc): the list has it */
}

char *names_cut(char *word, char separator)
{
    char *to = word;
    for (; *word != '\0' && *word != separator; word++) {
        word += word[0] == '\\' && (word[1] == separator || word[1] == '\\');
        *to++ = *word;
    }
    char *behind = *word != '\0' ? word + 1 : NULL;
    *to = '\0';
    return behind;
}

bool names_split(struct names *names, char *words)
{
    while (words != NULL) {
        char *name = words;
        words = names_cut(name, ',');
        if (!names_add(names, name)) {
            return false;
        }
    }
    return true;
}

void names_release(struct names *names)
{
    for (size_t i = 0; names->owned && i < names->count; i++) {
        free((void *)(uintptr_t)names->items[i]);
    }
    free(names->items);
    *names = (struct names){.items = NULL};
}
