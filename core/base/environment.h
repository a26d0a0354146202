/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment, distrusted where the program runs with more rights than the user who started it.
 */
#ifndef MSTR_BASE_ENVIRONMENT_H
#define MSTR_BASE_ENVIRONMENT_H

#include <stdbool.h>

/* A variable, or NULL when it is unset, and always in a set-user-id, set-group-id or file-capability program. */
const char *environment_get(const char *name);
bool environment_trusted(void);

#endif
