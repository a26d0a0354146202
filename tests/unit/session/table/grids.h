/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of grids in JSON for the tests of what reads them: two attributes down the rows, the second with two forms,
 * and years and metrics over the columns.
 */
#ifndef MSTR_TESTS_UNIT_SESSION_TABLE_GRIDS_H
#define MSTR_TESTS_UNIT_SESSION_TABLE_GRIDS_H

#define REGION                                                                                                       \
    "{\"name\":\"Region\",\"id\":\"R\",\"type\":\"attribute\",\"elements\":[{\"formValues\":[\"North\"],\"id\":"     \
    "\"h1;R\"},{\"formValues\":[\"So\\u00fcth\"],\"id\":\"h2;R\"}]}"
#define TOWN                                                                                                         \
    "{\"name\":\"Town\",\"id\":\"T\",\"type\":\"attribute\",\"forms\":[{\"id\":\"I\",\"name\":\"ID\",\"dataType\":"  \
    "\"Integer\"},{\"id\":\"D\",\"baseFormCategory\":\"DESC\",\"dataType\":\"nVarChar\"}],\"elements\":["            \
    "{\"formValues\":[\"7\",\"Ulm\"],\"id\":\"h7;T\"},{\"formValues\":[\"Total\"],\"id\":\"D1;T\"}]}"
#define YEAR                                                                                                         \
    "{\"name\":\"Year\",\"id\":\"Y\",\"type\":\"attribute\",\"elements\":[{\"formValues\":[\"2025\"],\"id\":\"h1;"   \
    "Y\"},"                                                                                                          \
    "{\"formValues\":[\"2026\"],\"id\":\"h2;Y\"}]}"
#define METRICS                                                                                                      \
    "{\"name\":\"Metrics\",\"id\":\"0\",\"type\":\"templateMetrics\",\"elements\":[{\"name\":\"Revenue\",\"id\":"    \
    "\"M1\",\"dataType\":\"double\"},{\"name\":\"Cost\",\"id\":\"M2\",\"dataType\":\"integer\"}]}"

/* A page of these units, headers and values. */
#define PAGE(rows, columns, total, row_heads, column_heads, raw)                                                     \
    "{\"instanceId\":\"A-1\",\"status\":1,\"definition\":{\"grid\":{\"rows\":[" rows "],\"columns\":[" columns       \
    "],\"pageBy\":[]}},\"data\":{\"paging\":{\"total\":" total "},\"headers\":{\"rows\":" row_heads                  \
    ",\"columns\":" column_heads "},\"metricValues\":{\"raw\":" raw "}}}"

#endif
