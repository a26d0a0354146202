/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as people write them, "Region in North,South", as the API's viewFilter, held against the definition; and
 * a viewFilter that somebody else wrote, likewise.
 */
#ifndef MSTR_SESSION_TABLE_FILTER_H
#define MSTR_SESSION_TABLE_FILTER_H

#include "session/table/definition.h"

/* Adds the condition as JSON. MSTR_E_USAGE for what is no condition, or names what is not there. */
enum mstr_code filter_put(const struct definition *definition, const char *condition, struct buffer *out,
                          mstr_error *error);
/* Whether all ids of a viewFilter are the definition's. MSTR_E_USAGE too for what is no JSON object. */
enum mstr_code filter_check(const struct definition *definition, const char *json, mstr_error *error);

#endif
