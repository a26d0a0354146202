/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/refresh.c: what a cube's status and time of change come to */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define ID "EE55FF6611E8B6CD00000080EF25E4B9"

static void a_cube_is_published_and_not_waited_for(void **state)
{
    static const struct answer answers[] = {{"POST /api/v2/cubes/" ID, "202 Accepted", "{}"}, {NULL, NULL, NULL}};
    struct server *server = server_start(answers, "");
    (void)state;
    assert_outcome(run_command(command_refresh, ID), STATUS_DONE, "", "");
    assert_int_equal(server_count(server, "HEAD"), 0);
    assert_int_equal(run_command(command_refresh, "--quiet")->status, STATUS_USAGE);
    assert_int_equal(run_command(command_refresh, ID, ID)->status, STATUS_USAGE);
    server_stop(server);
}

/* Time is up, between two looks or, on a slow machine, within one. */
static bool is_late(int status)
{
    return status == 7 || status == 8;
}

static void an_old_status_is_no_end(void **state)
{
    static const struct {
        const char *status;
        int code; /* 0 = it never ends */
        const char *told;
    } cases[] = {
        {"200 OK\r\nX-MSTR-CubeStatus: 70", 0, ""},
        {"200 OK\r\nX-MSTR-CubeStatus: 71", 0, ""},
        {"200 OK", 8, "does not tell the cube's status"},
        {"404 Not Found", STATUS_NOT_FOUND, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct answer answers[] = {
            {"POST /api/v2/cubes/" ID, "202 Accepted", "{}"},
            {"GET /api/cubes?id=" ID, "200 OK", "{\"cubesInfos\":[{\"modificationTime\":\"t\"}]}"},
            {"HEAD /api/cubes/" ID, cases[i].status, ""},
            {NULL, NULL, NULL}};
        struct server *server = server_start(answers, "");
        const struct outcome *done =
            run_command(command_refresh, ID, "--wait", "--timeout", cases[i].code == 0 ? "500ms" : "60s");
        assert_true(cases[i].code == 0 ? is_late(done->status) : done->status == cases[i].code);
        assert_non_null(strstr(done->errors, cases[i].told));
        server_stop(server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(a_cube_is_published_and_not_waited_for),
        CLI_TEST(an_old_status_is_no_end),
    };
    return RUN_CLI_TESTS("cli/refresh");
}
