/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a request for a table can be seen to be wrong without asking the server.
 */
#ifndef MSTR_SESSION_TABLE_TABLE_CHECK_H
#define MSTR_SESSION_TABLE_TABLE_CHECK_H

#include <mstr/table.h>

/* MSTR_OK, or MSTR_E_USAGE, told. */
enum mstr_code table_check(const mstr_table_request *request, mstr_error *error);

#endif
