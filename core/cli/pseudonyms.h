/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that stand for others in what is handed to strangers: the same one always for the same text, and nothing of
 * the text in it.
 */
#ifndef MSTR_CLI_PSEUDONYMS_H
#define MSTR_CLI_PSEUDONYMS_H

#include <stddef.h>

/* Begin with {0}. */
struct pseudonyms {
    struct pseudonym *known;
    size_t count;
};

/* Writes "KIND-1", "KIND-2" and so on, by the order in which texts of a kind came; "KIND-0" without memory. `kind`
 * has to live as long as these. */
void pseudonym_write(struct pseudonyms *pseudonyms, const char *kind, const char *text, char *into, size_t size);
void pseudonyms_release(struct pseudonyms *pseudonyms);

#endif
