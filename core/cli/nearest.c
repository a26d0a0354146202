/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between words: letters that are wrong, missing, too many, or swapped with the next. */
#include "nearest.h"

#include <string.h>

enum { WORD_MAX = 31 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Optimal string alignment. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t table[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= a_length; i++) {
        for (size_t k = 0; k <= b_length; k++) {
            if (i == 0 || k == 0) {
                table[i][k] = i + k;
                continue;
            }
            table[i][k] =
                least(table[i - 1][k] + 1, table[i][k - 1] + 1, table[i - 1][k - 1] + (a[i - 1] != b[k - 1] ? 1 : 0));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && table[i - 2][k - 2] < table[i][k]) {
                table[i][k] = table[i - 2][k - 2] + 1;
            }
        }
    }
    return table[a_length][b_length];
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
    size_t length = strlen(candidate);
    if (nearest->length == 0 || nearest->length > WORD_MAX || length > WORD_MAX) {
        return;
    }
    size_t found = distance(nearest->word, nearest->length, candidate, length);
    /* A third of the word may be wrong, one letter always; what shares nothing with it was not meant. */
    if (found <= 1 + nearest->length / 3 && found < length && (nearest->best == NULL || found < nearest->distance)) {
        nearest->best = candidate;
        nearest->distance = found;
    }
}
