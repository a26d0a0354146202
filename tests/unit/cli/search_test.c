/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/search.c: what was found, line by line or as JSON */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

static const struct answer answers[] = {
    {"POST /api/metadataSearches/results?name=Sales&pattern=4&domain=2&type=3&type=776", "200 OK", "{\"id\":\"S1\"}"},
    {"POST /api/metadataSearches/results?name=Nothing", "200 OK", "{}"},
    {"GET /api/metadataSearches/results?searchId=S1&offset=0&limit=1000", "200 OK",
     "{\"result\":[{\"id\":\"A\",\"name\":\"Sales\\u001b[31m\",\"type\":3,\"subtype\":776},"
     "{\"id\":\"B\",\"name\":\"Sales\",\"type\":3,\"subtype\":768},{\"id\":\"C\",\"type\":99}]}"},
    {NULL, NULL, NULL},
};

static void objects_are_listed_with_their_types(void **state)
{
    struct server *server = server_start(answers, "");
    (void)state;
    assert_outcome(run_command(command_search, "Sales", "--type", "report", "-t", "cube"), STATUS_DONE,
                   "A\tcube\tSales\\u{1B}[31m\nB\treport\tSales\nC\t99\t\n", "");
    assert_outcome(
        run_command(command_search, "Sales", "-t", "3", "-t", "776", "--json"), STATUS_DONE,
        "[\n  {\"id\": \"A\", \"type\": \"cube\", \"name\": \"Sales\\u001b[31m\"},\n  {\"id\": \"B\", \"type\": "
        "\"report\", \"name\": \"Sales\"},\n  {\"id\": \"C\", \"type\": \"99\", \"name\": \"\"}\n]\n",
        "");
    const struct outcome *done = run_command(command_search, "Nothing");
    assert_int_equal(done->status, 8);
    assert_non_null(strstr(done->errors, "names no search"));
    assert_int_equal(run_command(command_search, "--quiet")->status, STATUS_USAGE);
    assert_int_equal(run_command(command_search, "x", "-t", "chart")->status, STATUS_USAGE);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLI_TEST(objects_are_listed_with_their_types)};
    return RUN_CLI_TESTS("cli/search");
}
