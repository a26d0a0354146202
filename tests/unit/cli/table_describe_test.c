/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/table_describe.c: columns and prompts of a report */
#include "unit/cli/grid.h"

static const struct answer answers[] = {
    {"GET /api/v2/reports/" GRID_REPORT " ", "200 OK", "{\"definition\":" GRID_UNITS("Re\\u001b[2Jgion", "") "}"},
    {"GET /api/reports/" GRID_REPORT "/prompts", "200 OK",
     "[{\"key\":\"K@0@10\",\"id\":\"K\",\"name\":\"Year\",\"title\":\"Which\\tyear?\",\"type\":\"VALUE\","
     "\"dataType\":"
     "\"NUMERIC\",\"min\":1990,\"max\":2030,\"required\":true,\"defaultAnswer\":2025},"
     "{\"key\":\"L@0@10\",\"type\":\"ELEMENTS\"}]"},
    {NULL, NULL, NULL},
};

static const struct outcome *describe(const char *option)
{
    struct server *server = server_start(answers, "");
    const struct outcome *done = run_command(command_report, GRID_REPORT, "--describe", option);
    server_stop(server);
    return done;
}

static void each_is_a_line_that_cannot_command_a_terminal(void **state)
{
    (void)state;
    assert_outcome(describe(NULL), STATUS_DONE,
                   "attribute\tRe\\u{1B}[2Jgion\tunknown\tR1\nmetric\tCost\tdouble\tC1\n"
                   "prompt\tYear\tVALUE NUMERIC, at least 1990, at most 2030, required, has a default\tK@0@10\t"
                   "Which\\u{9}year?\nprompt\tL@0@10\tELEMENTS\tL@0@10\t\n",
                   "");
}

static void json_is_one_object(void **state)
{
    (void)state;
    const struct outcome *done = describe("--json");
    assert_int_equal(done->status, STATUS_DONE);
    assert_non_null(strstr(done->output, "{\"columns\": [\n  {\"name\": \"Re\\u001b[2Jgion\", \"attribute\": "));
    assert_non_null(strstr(
        done->output, "\"prompts\": [\n  {\"key\": \"K@0@10\", \"id\": \"K\", \"name\": \"Year\", \"title\": "
                      "\"Which\\u0009year?\", \"type\": \"VALUE\", \"dataType\": \"NUMERIC\", \"min\": \"1990\", "
                      "\"max\": \"2030\", \"required\": true, \"hasDefault\": true},\n"
                      "  {\"key\": \"L@0@10\", \"type\": \"ELEMENTS\", \"required\": false, \"hasDefault\": "
                      "false}\n]}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(each_is_a_line_that_cannot_command_a_terminal),
        CLI_TEST(json_is_one_object),
    };
    return RUN_CLI_TESTS("cli/table_describe");
}
