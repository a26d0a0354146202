/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What forms of a table that are made of its rows must know of its request.
 */
#ifndef MSTR_SESSION_TABLE_TABLE_H
#define MSTR_SESSION_TABLE_TABLE_H

#include <mstr/table.h>

/* MSTR_TABLE_… */
uint32_t table_flags(const mstr_table *table);

#endif
