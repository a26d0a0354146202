/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in the order of first sight: a digest of the text could be found again by trying likely ones. */
#include "pseudonyms.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pseudonym {
    const char *kind;
    char *text;
    size_t number;
};

static bool add(struct pseudonyms *pseudonyms, const char *kind, const char *text, size_t number)
{
    struct pseudonym *more = realloc(pseudonyms->known, (pseudonyms->count + 1) * sizeof *more);
    char *copy = more != NULL ? strdup(text) : NULL;
    pseudonyms->known = more != NULL ? more : pseudonyms->known;
    if (copy != NULL) {
        more[pseudonyms->count++] = (struct pseudonym){kind, copy, number};
    }
    return copy != NULL;
}

void pseudonym_write(struct pseudonyms *pseudonyms, const char *kind, const char *text, char *into, size_t size)
{
    size_t number = 1;
    for (size_t i = 0; i < pseudonyms->count; i++) {
        const struct pseudonym *known = &pseudonyms->known[i];
        if (strcmp(known->kind, kind) == 0) {
            if (strcmp(known->text, text) == 0) {
                snprintf(into, size, "%s-%zu", kind, known->number);
                return;
            }
            number++;
        }
    }
    snprintf(into, size, "%s-%zu", kind, add(pseudonyms, kind, text, number) ? number : 0);
}

void pseudonyms_release(struct pseudonyms *pseudonyms)
{
    for (size_t i = 0; i < pseudonyms->count; i++) {
        free(pseudonyms->known[i].text);
    }
    free(pseudonyms->known);
    *pseudonyms = (struct pseudonyms){0};
}
