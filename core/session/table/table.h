/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What forms of a table that are made of its rows must know of its request, and what a queue must that has other
 * threads open and read it.
 */
#ifndef MSTR_SESSION_TABLE_TABLE_H
#define MSTR_SESSION_TABLE_TABLE_H

#include "base/limits.h"

#include <mstr/table.h>

/* MSTR_TABLE_… */
uint32_t table_flags(const mstr_table *table);

/* What can be said of a request without asking anybody: MSTR_OK or MSTR_E_USAGE. */
enum mstr_code table_check(const mstr_table_request *request, mstr_error *error);
/* Limits of the whole that begin now; a run of hours is none of their business unless the caller says so. */
struct limits table_limits_for(const mstr_session *session, const mstr_call_options *call);
struct limits table_limits(const mstr_table *table);
/* What cancels it from now on, in the place of what did. Nothing of the table is under way but pages fetched ahead.
 */
void table_set_cancel(mstr_table *table, mstr_cancel *cancel);

#endif
