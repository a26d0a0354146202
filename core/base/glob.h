/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts with stars in them: "*" stands for anything but "/", "**" for anything, and %XX for an octet, so that a star
 * may stand for itself. Stateless; part of the helpers that plugins compile in.
 */
#ifndef MSTR_BASE_GLOB_H
#define MSTR_BASE_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GLOB_MAX = 4096 }; /* octets of the longest one */

struct glob {
    uint16_t *places; /* each an octet or a star */
    size_t count;
    bool exhausted; /* it could not be read for want of memory */
};

/* False for a malformed escape, for a text that is too long, or without memory; to be released in any case. `glob` is
 * blank before. */
bool glob_read(const char *text, size_t length, struct glob *glob);
bool glob_matches(const struct glob *glob, const char *text);
void glob_release(struct glob *glob);

#endif
