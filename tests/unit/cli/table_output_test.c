/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/table_output.c: rows as CSV and JSON */
#include "unit/cli/grid.h"

#include <stdio.h>

static void csv_has_nulls_without_and_empty_texts_with_quotes(void **state)
{
    (void)state;
    assert_outcome(grid_run(GRID_USUAL, GRID_REPORT), STATUS_DONE, "Region,Cost\nNorth,1.50\n\"\",\n,1e400\n", "");
    assert_outcome(grid_run(GRID_USUAL, GRID_REPORT, "--null", "North", "--no-header", "--crlf"), STATUS_DONE,
                   "\"North\",1.50\r\n\"\",North\r\nNorth,1e400\r\n", "");
    assert_outcome(grid_run(GRID_USUAL, GRID_REPORT, "--null", "a,b", "--limit", "2"), STATUS_DONE,
                   "Region,Cost\nNorth,1.50\n\"\",\"a,b\"\n", "");
}

static void csv_quotes_what_would_end_a_field(void **state)
{
    (void)state;
    static const char page[] = GRID_PAGE("R,\\\"x\\\"",
                                         GRID_ELEMENT("\"a,b\"") "," GRID_ELEMENT("\"\\\"\\\"\"") "," GRID_ELEMENT(
                                             "\"c\\nd\"") "," GRID_ELEMENT("\"e\\rf\"") "," GRID_ELEMENT("\" g \""),
                                         "5", "[0],[1],[2],[3],[4]", "[1],[2],[3],[4],[5]");
    assert_outcome(grid_run(page, GRID_REPORT), STATUS_DONE,
                   "\"R,\"\"x\"\"\",Cost\n\"a,b\",1\n\"\"\"\"\"\",2\n\"c\nd\",3\n\"e\rf\",4\n g ,5\n", "");
}

static void what_a_spreadsheet_would_compute_is_guarded_numbers_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool guarded;
    } cases[] = {
        {"=1", true},   {"@x", true},  {"+1", false},    {"-1.5", false}, {"-1e5", false}, {"-1E-5", false},
        {"-1e", true},  {"-1.", true}, {"-", true},      {"+a", true},    {"\\tx", true},  {"-1+2", true},
        {"x=1", false}, {"-.5", true}, {"-1.5.5", true}, {"'=1", false},  {"1", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char page[2048];
        char expected[64];
        snprintf(page, sizeof(page), GRID_PAGE("Region", GRID_ELEMENT("\"%s\""), "1", "[0]", "[-1]"), cases[i].text);
        const struct outcome *done = grid_run(page, GRID_REPORT, "--excel-safe", "--no-header");
        snprintf(expected, sizeof(expected), cases[i].guarded ? "\"'%s\",-1\n" : "%s,-1\n", cases[i].text);
        if (cases[i].text[0] != '\\') {
            assert_outcome(done, STATUS_DONE, expected, "");
        } else {
            assert_outcome(done, STATUS_DONE, "\"'\tx\",-1\n", "");
        }
    }
}

static void json_keeps_digits_and_nulls(void **state)
{
    (void)state;
    assert_outcome(grid_run(GRID_USUAL, GRID_REPORT, "--format", "jsonl"), STATUS_DONE,
                   "{\"Region\": \"North\", \"Cost\": 1.50}\n{\"Region\": \"\", \"Cost\": null}\n"
                   "{\"Region\": null, \"Cost\": 1e400}\n",
                   "");
    assert_outcome(grid_run(GRID_USUAL, GRID_REPORT, "--json"), STATUS_DONE,
                   "{\"columns\": [\n  {\"name\": \"Region\", \"attribute\": \"Region\", \"form\": \"\", "
                   "\"pageBy\": false, \"id\": \"R1\", \"dataType\": \"\"},\n"
                   "  {\"name\": \"Cost\", \"metric\": \"Cost\", \"id\": \"C1\", \"dataType\": \"double\"}\n],\n"
                   "\"rows\": [\n  [\"North\", 1.50],\n  [\"\", null],\n  [null, 1e400]\n]}\n",
                   "");
    assert_non_null(strstr(grid_run(GRID_USUAL, GRID_REPORT, "--format", "csv", "--json")->output, "Region,Cost\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(csv_has_nulls_without_and_empty_texts_with_quotes),
        CLI_TEST(csv_quotes_what_would_end_a_field),
        CLI_TEST(what_a_spreadsheet_would_compute_is_guarded_numbers_are_not),
        CLI_TEST(json_keeps_digits_and_nulls),
    };
    return RUN_CLI_TESTS("cli/table_output");
}
