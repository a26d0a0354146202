/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that a program lends for a call and overwrites afterwards, for tests of what copies them.
 */
#ifndef MSTR_TESTS_UNIT_QUEUE_LENT_H
#define MSTR_TESTS_UNIT_QUEUE_LENT_H

#include "support/unit.h"

static char lent[64][8];
static size_t lent_count;

static inline const char *lend(void)
{
    char *text = lent[lent_count++];
    memcpy(text, "lent", 5);
    return text;
}

static inline void take_back(void)
{
    for (size_t i = 0; i < lent_count; i++) {
        memcpy(lent[i], "gone", 5);
    }
    lent_count = 0;
}

static inline void assert_all_lent(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (texts[i] == NULL || strcmp(texts[i], "lent") != 0) {
            fail_msg("text %zu is %s", i, texts[i] != NULL ? texts[i] : "absent");
        }
    }
}

#endif
