/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody may have meant by a word that is none of those there are.
 */
#ifndef MSTR_CLI_NEAREST_H
#define MSTR_CLI_NEAREST_H

#include <stddef.h>

/* The nearest so far to the first `length` octets of a word. Begin with {word, length}, 0 elsewhere. */
struct nearest {
    const char *word;
    size_t length;
    const char *best; /* NULL = none is near */
    size_t distance;
};

/* Takes one of those there are into account; it has to live as long as `best` is used. */
void nearest_try(struct nearest *nearest, const char *candidate);

#endif
