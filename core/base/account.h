/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups as the system knows them. Thread-safe. */
#ifndef MSTR_BASE_ACCOUNT_H
#define MSTR_BASE_ACCOUNT_H

#include <mstr/error.h>
#include <stdbool.h>
#include <stdint.h>

/* The number of a user, or of a group, that is written as a number or as a name. MSTR_E_NOT_FOUND for a name that
 * nobody has, and for a number that nobody can have; MSTR_E_MEMORY. */
enum mstr_code account_find(const char *word, bool group, uint32_t *id);

#endif
