/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I-Server's codes and their symbolic names, as made from iserver_codes.tsv when the library is built. Constant
 * data without pointers, so that it costs nothing before the first look-up.
 */
#ifndef MSTR_BASE_ISERVER_CODES_H
#define MSTR_BASE_ISERVER_CODES_H

#include <stddef.h>
#include <stdint.h>

struct iserver_code {
    int32_t code;
    uint32_t name; /* where it starts in iserver_names */
};

extern const struct iserver_code iserver_codes[]; /* ascending */
extern const size_t iserver_code_count;
extern const char iserver_names[]; /* one after the other, each with its NUL */

#endif
