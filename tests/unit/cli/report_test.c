/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/report.c: a table read between login and logout, and what its failures come to */
#include "cli/octets.h"
#include "unit/cli/grid.h"

#include <stdlib.h>

static void rows_come_of_reports_and_of_cubes(void **state)
{
    (void)state;
    static const struct answer cube[] = {
        {"POST /api/v2/cubes/" GRID_REPORT "/instances", "200 OK", GRID_USUAL},
        {NULL, NULL, NULL},
    };
    assert_outcome(grid_run(GRID_USUAL, GRID_REPORT, "--limit", "1"), STATUS_DONE, "Region,Cost\nNorth,1.50\n", "");
    struct server *server = server_start(cube, "");
    assert_outcome(run_command(command_cube, GRID_REPORT, "--limit", "1"), STATUS_DONE, "Region,Cost\nNorth,1.50\n",
                   "");
    server_stop(server);
}

static void pages_that_do_not_fit_together_are_no_success(void **state)
{
    (void)state;
    static const char page[] = GRID_PAGE("Region", GRID_ELEMENT("\"North\""), "3", "[0]", "[1]");
    static const char *const forms[] = {"csv", "json"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        const struct outcome *done = grid_run(page, GRID_REPORT, "--format", forms[i]);
        assert_int_equal(done->status, STATUS_NOT_FOUND); /* as the next page is */
        assert_null(strstr(done->output, "]}"));          /* and what there is of it is no whole object */
    }
    const struct outcome *done = grid_run(page, GRID_REPORT, "--spool");
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "no such thing"));
}

/* A thousand rows of 1, then one of `last`, which no double holds. */
static char *long_page(void)
{
    struct octets page = {0};
    octets_puts(&page, "{\"instanceId\":\"A1\",\"status\":1,\"definition\":" GRID_UNITS(
                           "Region", GRID_ELEMENT("\"North\"")) ",\"data\":{\"paging\":{\"total\":1001},\"headers\":"
                                                                "{\"rows\":[[0]");
    for (int i = 0; i < 1000; i++) {
        octets_puts(&page, ",[0]");
    }
    octets_puts(&page, "],\"columns\":[[0]]},\"metricValues\":{\"raw\":[");
    for (int i = 0; i < 1000; i++) {
        octets_puts(&page, "[1],");
    }
    octets_puts(&page, "[123456789012345678901234567890]]}}}");
    assert_false(page.failed);
    return page.data;
}

static void arrow_without_its_end_is_no_success(void **state)
{
    (void)state;
    static const char page[] = GRID_PAGE("Region", GRID_ELEMENT("\"North\""), "3", "[0]", "[1]");
    const struct outcome *done = grid_run(page, GRID_REPORT, "--format", "arrow");
    assert_int_equal(done->status, STATUS_NOT_FOUND); /* as with other forms: the failure is the table's */
    assert_int_equal(done->output_length, 0);
    char *many = long_page();
    done = grid_run(many, GRID_REPORT, "--format", "arrow");
    assert_int_equal(done->status, STATUS_SERVER);
    assert_non_null(strstr(done->errors, "in one of the rows from 1001 on, what does not fit its type; "
                                         "MSTR_TABLE_ARROW_TEXT gives text; here that is --text"));
    done = grid_run(many, GRID_REPORT, "--format", "arrow", "--spool");
    assert_int_equal(done->output_length, 0);
    done = grid_run(many, GRID_REPORT, "--format", "arrow", "--text");
    assert_int_equal(done->status, STATUS_DONE);
    assert_memory_equal(done->output + done->output_length - 8, "\xFF\xFF\xFF\xFF\0\0\0\0", 8);
    free(many);
}

static void a_server_that_does_not_know_the_call_is_too_old(void **state)
{
    (void)state;
    static const struct answer none[] = {{GRID_POST, "404 Not Found", "<html>"}, {NULL, NULL, NULL}};
    struct server *server = server_start(none, "");
    assert_int_equal(run_command(command_report, GRID_REPORT)->status, STATUS_SERVER);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(rows_come_of_reports_and_of_cubes),
        CLI_TEST(pages_that_do_not_fit_together_are_no_success),
        CLI_TEST(arrow_without_its_end_is_no_success),
        CLI_TEST(a_server_that_does_not_know_the_call_is_too_old),
    };
    return RUN_CLI_TESTS("cli/report");
}
