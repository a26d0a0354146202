/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table over a mounted session, for the tests of what reads one.
 */
#ifndef MSTR_TESTS_UNIT_SESSION_TABLE_TABLES_H
#define MSTR_TESTS_UNIT_SESSION_TABLE_TABLES_H

#include "grids.h"
#include "support/mounted.h"

#define OBJECT "8CCDA29611E943E8B5FB0080EFD5AF44"
#define MAKE   "POST v2/reports/" OBJECT "/instances?offset=0&limit="
#define FETCH  "GET v2/reports/" OBJECT "/instances/A-1?offset="

static inline mstr_table_request request_of(const char *object)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    request.object = object;
    return request;
}

/* The table of one page; the mounted session is the caller's to free, after it. */
static inline mstr_table *open_table(const char *page, uint32_t flags, struct mounted **mounted)
{
    const struct route routes[] = {{MAKE, 200, page, NULL, 0, MSTR_OK}};
    mstr_table_request request = request_of(OBJECT);
    mstr_table *table = NULL;
    request.flags = flags;
    *mounted = mounted_open(routes, 1);
    mounted_done(*mounted, mstr_table_open((*mounted)->session, &request, &table, (*mounted)->error));
    return table;
}

#endif
