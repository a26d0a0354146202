/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of names out of words. */
#include "names.h"

#include <stdlib.h>

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
    free(names->items);
    *names = (struct names){NULL, 0};
}
