/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of a reference's body that patterns are held against, so that one secret has one spelling: "." and ".."
 * worked out, an ARN as "arn:ACCOUNT:REGION:NAME". Pure.
 */
#ifndef MSTR_REFERENCE_CANONICAL_H
#define MSTR_REFERENCE_CANONICAL_H

#include <stdbool.h>

/* Of a body that is decoded; for free(), and of text: a secret. NULL without memory. */
char *reference_canonical(const char *body);
/* Whether "." or ".." stands in it, by which a store may find another value than the one form names. */
bool reference_has_dots(const char *body);

#endif
