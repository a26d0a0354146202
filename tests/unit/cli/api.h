/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server for the tests of `mstr api`.
 */
#ifndef MSTR_TESTS_UNIT_CLI_API_H
#define MSTR_TESTS_UNIT_CLI_API_H

#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define KEY     "persistence_key = a long enough passphrase\n"
#define PROJECT "B7CA92F04B9FAE8D941C3E9B7E0CD754"

static const struct answer answers[] = {
    {"GET /api/things/none ", "404 Not Found",
     "{\"code\":\"ERR004\",\"message\":\"no \\u001b[2J\",\"x\":\"\x1b[2J\"}"},
    {"GET /api/things/all ", "200 OK", "{\"a\":[{\"name\":\"x\\ny\"},1.50]}"},
    {"GET /api/things ", "200 OK\r\nX-Kind: things", "[1]"},
    {"GET /api/things?", "200 OK\r\nx-mstr-total-count: 2", "[1,2]"},
    {"POST /api/things ", "201 Created", "{\"id\":\"a\"}"},
    {"PUT /api/things/a ", "200 OK", "{}"},
    {"DELETE /api/things/a ", "204 No Content", ""},
    {NULL, NULL, NULL},
};

static struct server *server;

static inline int start(void **state)
{
    harness_reset(state);
    server = server_start(answers, KEY);
    return 0;
}

static inline int stop(void **state)
{
    (void)state;
    server_stop(server);
    return 0;
}

/* Asserts that the latest request had this line. */
static inline void assert_sent(const char *line)
{
    if (strstr(server_latest(server), line) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", line, server_latest(server));
    }
}

#define API_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
