/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request for a table that outlives what the program gave: all is copied but the data of its callback. The call's
 * options are not taken over, as the job has its limits.
 */
#ifndef MSTR_QUEUE_TABLE_COPY_H
#define MSTR_QUEUE_TABLE_COPY_H

#include "queue/copies.h"

#include <mstr/table.h>

/* `request` is one that table_check() found good. False without memory. */
bool table_copy(const mstr_table_request *request, struct copies *copies, mstr_table_request *copy);

#endif
