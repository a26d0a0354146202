/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report as a server in the test's process has it: one attribute, one metric, elements and values as the test says.
 */
#ifndef MSTR_TESTS_UNIT_CLI_GRID_H
#define MSTR_TESTS_UNIT_CLI_GRID_H

#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define GRID_REPORT "8CCDA29611E943E8B5FB0080EFD5AF44"

#define GRID_UNITS(name, elements)                                                                                   \
    "{\"grid\":{\"rows\":[{\"name\":\"" name "\",\"id\":\"R1\",\"type\":\"attribute\",\"elements\":[" elements       \
    "]}],\"columns\":[{\"type\":\"templateMetrics\",\"elements\":[{\"name\":\"Cost\",\"id\":\"C1\",\"dataType\":"    \
    "\"double\"}]}],\"pageBy\":[]}}"
#define GRID_ELEMENT(text) "{\"formValues\":[" text "],\"id\":\"h1;R1\"}"
/* Elements, headers and raw values as JSON. */
#define GRID_PAGE(name, elements, total, rows, raw)                                                                  \
    "{\"instanceId\":\"A1\",\"status\":1,\"definition\":" GRID_UNITS(                                                \
        name, elements) ",\"data\":{\"paging\":{"                                                                    \
                        "\"total\":" total "},\"headers\":{\"rows\":[" rows                                          \
                        "],\"columns\":[[0]]},\"metricValues\":{\"raw\":[" raw "],"                                  \
                        "\"formatted\":[" raw "]}}}"
/* North with a cost of 1.50, an empty name with none, and none with 1e400. */
#define GRID_USUAL                                                                                                   \
    GRID_PAGE("Region", GRID_ELEMENT("\"North\"") "," GRID_ELEMENT("\"\"") "," GRID_ELEMENT("null"), "3",            \
              "[0],[1],[2]", "[1.50],[null],[1e400]")
#define GRID_POST "POST /api/v2/reports/" GRID_REPORT "/instances"

/* What a command comes to at a server with this answer to the making of an instance; up to a NULL that may be left
 * out. */
#define grid_run(page, ...)                                                                                          \
    grid_run_words(page, &(struct command_line){&command_report, (const char *const[]){__VA_ARGS__, NULL, NULL}})

static inline const struct outcome *grid_run_words(const char *page, struct command_line *line)
{
    const struct answer answers[] = {{GRID_POST, "200 OK", page}, {NULL, NULL, NULL}};
    struct server *server = server_start(answers, "");
    const struct outcome *done = harness_call(command_line_run, line);
    assert_int_equal(server_count(server, "POST /api/auth/login "), server_count(server, "POST /api/auth/logout "));
    server_stop(server);
    return done;
}

#endif
