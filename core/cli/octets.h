/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets that grow and may be secret: what is left behind by growing, and what is dropped, is wiped.
 */
#ifndef MSTR_CLI_OCTETS_H
#define MSTR_CLI_OCTETS_H

#include <stdbool.h>
#include <stddef.h>

/* Begin with {0}. */
struct octets {
    char *data; /* NUL-terminated as soon as there is any */
    size_t length;
    size_t capacity;
    bool failed; /* memory ran out once: something is missing */
};

/* False without memory, also where it ran out before: the last of several tells of all. */
bool octets_append(struct octets *octets, const void *data, size_t length);
bool octets_puts(struct octets *octets, const char *text);
/* Takes away what stands first. */
void octets_drop(struct octets *octets, size_t length);
/* Back to {0}. */
void octets_release(struct octets *octets);

#endif
