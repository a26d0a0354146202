/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text in fields of a fixed size, as references, vaults and demands hold theirs. Pure.
 */
#ifndef MSTR_PROVIDERS_AZURE_CONFIG_FIELD_H
#define MSTR_PROVIDERS_AZURE_CONFIG_FIELD_H

#include <stdbool.h>
#include <stddef.h>

/* False, with the field as it was, when the text is too long for it. */
bool field_set(char *field, size_t size, const char *text, size_t length);

#endif
