/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References that hold the body of another one and something that a store's URL would read as more than a name. A
 * provider that pastes bodies into URLs answers them with that other secret. Pure.
 */
#ifndef MSTR_TOOLS_INJECTION_H
#define MSTR_TOOLS_INJECTION_H

#include <stddef.h>

/* What the reference tries, for people: "a step upwards (..)"; NULL past the last. */
const char *injection_name(size_t index);
/* The reference made from one to a secret that is there, for free(); NULL without memory. */
char *injection_make(size_t index, const char *reference);

#endif
