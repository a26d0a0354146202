/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References in parts: scheme ":" body [ "?" key=value *( "&" key=value ) ] [ "#" field ]. The grammar only; what a
 * body or a key means is the provider's affair.
 */
#ifndef MSTR_REFERENCE_REFERENCE_H
#define MSTR_REFERENCE_REFERENCE_H

#include "base/error.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stddef.h>

/* Longer references are refused. */
#define REFERENCE_MAX 4096

struct reference {
    struct mstr_reference parts; /* what plugins see; its texts belong to this structure */
    char *field;                 /* as written after '#', NULL when there is none */
    char *key;                   /* one spelling for all references to the same secret and version */
    bool unquoted;               /* by reference_parse_unquoted() */
};

/* MSTR_OK, MSTR_E_CONFIG with the reason, MSTR_E_MEMORY. Release with reference_free(). */
enum mstr_code reference_parse(const char *text, struct reference **out, mstr_error *error);
/* The same for what stands between "${" and "}", which may be the part of a literal secret: no error quotes it. */
enum mstr_code reference_parse_unquoted(const char *text, struct reference **out, mstr_error *error);
/* Says in an error which reference failed, unless it may be no reference at all and the error knows better. */
void reference_tell(const struct reference *reference, mstr_error *error);
/* Whether the text can be a scheme, and so the name of a provider: [a-z][a-z0-9-]*. */
bool reference_is_scheme(const char *text, size_t length);
/* NULL is accepted. */
void reference_free(struct reference *reference);

#endif
