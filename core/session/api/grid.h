/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of one page of a report or cube in the JSON of the v2 interface, whose headers are indexes into the
 * elements that the same page lists. Called by the execution.
 */
#ifndef MSTR_SESSION_API_GRID_H
#define MSTR_SESSION_API_GRID_H

#include <json-c/json.h>
#include <mstr/execution.h>

/* Hands over each row of the page, the first with `index`; adds their count to *index. MSTR_E_CANCELLED when `each`
 * wished to stop, MSTR_E_PROTOCOL for an answer that is no such page. */
enum mstr_code grid_read(struct json_object *page, int64_t *index, int64_t *total, mstr_row_fn each, void *data,
                         mstr_error *error);

#endif
