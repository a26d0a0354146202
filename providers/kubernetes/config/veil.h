/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that stay out of a parser's hands. libyaml frees what it has copied without wiping it, so each word of eight
 * octets and more, as tokens, keys and passwords are, is given to it as a number, written in two characters of
 * private use, and put back into what it returns. There are numbers for 32 MiB of words; files of 1 MiB are read.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_CONFIG_VEIL_H
#define MSTR_PROVIDERS_KUBERNETES_CONFIG_VEIL_H

#include "base/buffer.h"

struct veil_word {
    const char *at; /* in the text */
    size_t length;
};

/* All zero is a blank one. The text is borrowed. */
struct veil {
    struct buffer text; /* for the parser */
    struct veil_word *words;
    size_t count;
};

/* MSTR_E_CONFIG for a text that has such characters itself, MSTR_E_MEMORY. To be released also on failure. */
enum mstr_code veil_make(struct veil *veil, const char *text, size_t length);
/* Appends what the parser returned, with the words in their places. */
bool veil_lift(const struct veil *veil, const char *text, size_t length, struct buffer *out);
void veil_release(struct veil *veil);

#endif
