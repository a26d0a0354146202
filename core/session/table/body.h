/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body that an instance is made with: objects, forms and filters of a request, each held against the definition.
 */
#ifndef MSTR_SESSION_TABLE_BODY_H
#define MSTR_SESSION_TABLE_BODY_H

#include "session/table/definition.h"

/* Whether the request names something that only the definition can tell to be there. */
bool body_needs_definition(const mstr_table_request *request);
/* Writes the body; `definition` is looked into only where it is needed. MSTR_E_USAGE for what is not there. */
enum mstr_code body_put(const mstr_table_request *request, const struct definition *definition, struct buffer *out,
                        mstr_error *error);

#endif
