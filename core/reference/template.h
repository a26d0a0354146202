/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text with references in it, as configuration values have: `${REFERENCE}` is replaced, `${A || B}` tries B when A is
 * not found or not available here, `$${` stands for `${`. The grammar only.
 */
#ifndef MSTR_REFERENCE_TEMPLATE_H
#define MSTR_REFERENCE_TEMPLATE_H

#include "base/buffer.h"
#include "reference/reference.h"

#include <stddef.h>

struct template_piece {
    char *literal;                   /* or NULL */
    struct reference **alternatives; /* or NULL */
    size_t alternative_count;
};

struct template
{
    struct template_piece *pieces;
    size_t count;
};

/* MSTR_OK, MSTR_E_CONFIG, MSTR_E_MEMORY. Release with template_free(). */
enum mstr_code template_parse(const char *text, struct template **out, mstr_error *error);
/* Whether what stands between "${" and "}" is a reference, or several with "||" between them. MSTR_OK, MSTR_E_CONFIG,
 * MSTR_E_MEMORY. */
enum mstr_code template_check_reference(const char *text, size_t length);
/* A template of this one reference. */
enum mstr_code template_of_reference(const char *reference, struct template **out, mstr_error *error);
/* What a person or a file names a value by: text with references in it where it holds "${", else one reference. */
enum mstr_code template_of_value(const char *text, struct template **out, mstr_error *error);
/* Appends what it comes to where nobody needs to be asked for that: of literals and texts (text:) alone. False, with
 * nothing appended, where it holds other references. */
bool template_known(const struct template *template, struct buffer *text);
/* NULL is accepted. */
void template_free(struct template *template);

#endif
