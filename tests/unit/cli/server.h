/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Library server in the test's process, from a table of answers; logins and logouts are answered of itself.
 * Remembers what was asked.
 */
#ifndef MSTR_TESTS_UNIT_CLI_SERVER_H
#define MSTR_TESTS_UNIT_CLI_SERVER_H

#include <stddef.h>

struct answer {
    const char *request; /* what the request's first line begins with; NULL ends a table */
    const char *status;  /* "200 OK", further header lines behind it; NULL = none is given, and the client waits */
    const char *body;
};

struct server;

/* The first answer that fits is given, 404 where none does. The profile "default" is configured for it, with USER and
 * the harness's secret, and `settings` behind. */
/* Its port on 127.0.0.1. */
unsigned server_port(const struct server *server);
struct server *server_start(const struct answer *answers, const char *settings);
void server_stop(struct server *server);
/* How many requests began so. */
unsigned server_count(struct server *server, const char *request);
/* The latest request that was neither login nor logout, as it stood on the wire. */
const char *server_latest(struct server *server);

#endif
