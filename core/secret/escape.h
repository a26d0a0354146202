/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One escape of a text, whichever of URLs, forms, HTML or JSON it belongs to. For secret_search.c, which does not
 * know where a text comes from.
 */
#ifndef MSTR_SECRET_ESCAPE_H
#define MSTR_SECRET_ESCAPE_H

#include <stddef.h>

/* Reads what stands at `at` as up to four octets; returns where the next one starts. What is no escape, or one that
 * is malformed or cut off, stands for itself, one octet. */
const char *escape_read(const char *at, const char *end, char out[4], size_t *length);

#endif
