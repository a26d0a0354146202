/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a report or cube consists of, for whoever is about to ask for it.
 */
#ifndef MSTR_CLI_TABLE_DESCRIBE_H
#define MSTR_CLI_TABLE_DESCRIBE_H

#include <mstr/table.h>
#include <stdbool.h>

/* Writes columns and prompts of a table that was opened with MSTR_TABLE_DESCRIBE: a line each, its parts between
 * tabs, or one JSON object. */
void table_describe(const mstr_table *table, bool json);

#endif
