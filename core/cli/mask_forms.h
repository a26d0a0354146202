/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms in which a text is found elsewhere: escaped for JSON, encoded for URLs, in base64. For mask.c alone.
 */
#ifndef MSTR_CLI_MASK_FORMS_H
#define MSTR_CLI_MASK_FORMS_H

#include <stdbool.h>
#include <stddef.h>

/* Takes a form, which lives during the call; false ends the telling. */
typedef bool (*mask_form_fn)(void *data, const char *octets, size_t length);

/* Tells each form, the text itself first; false without memory, or where each() said so. */
bool mask_forms(const char *octets, size_t length, mask_form_fn each, void *data);

#endif
