/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from a table, over tiny_server. */
#define _GNU_SOURCE /* asprintf() */
#include "unit/cli/server.h"

#include "support/tiny_server.h"
#include "unit/cli/harness.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { REQUESTS = 64, LINE = 128 };

struct server {
    struct tiny_server *tiny;
    const struct answer *answers;
    pthread_mutex_t lock;
    char lines[REQUESTS][LINE];
    unsigned count;
    char latest[4096];
    char shown[4096]; /* a copy for the test */
};

static const struct answer usual[] = {
    {"POST /api/auth/login ", "204 No Content\r\nX-MSTR-AuthToken: token-1\r\nSet-Cookie: JSESSIONID=s1; Path=/api",
     ""},
    {"POST /api/auth/logout ", "204 No Content", ""},
    {"", "404 Not Found", "{\"code\":\"ERR004\",\"message\":\"no such thing\"}"},
    {NULL, NULL, NULL},
};

/* NULL when none of the table fits. */
static const struct answer *find(const struct answer *answers, const char *head)
{
    for (; answers->request != NULL; answers++) {
        if (strncmp(head, answers->request, strlen(answers->request)) == 0) {
            return answers;
        }
    }
    return NULL;
}

static void remember(struct server *server, const struct tiny_request *request)
{
    pthread_mutex_lock(&server->lock);
    if (server->count < REQUESTS) {
        snprintf(server->lines[server->count++], LINE, "%s", request->head);
    }
    if (strncmp(request->head, "POST /api/auth/log", 18) != 0) {
        snprintf(server->latest, sizeof server->latest, "%s%.*s", request->head, (int)request->body_length,
                 request->body);
    }
    pthread_mutex_unlock(&server->lock);
}

/* In one piece, as two would wait for each other (RFC 896). */
static bool serve(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    struct server *server = data;
    const struct answer *answer = find(server->answers, request->head);
    char length[80] = ""; /* a 204 has none (RFC 9110, 8.6) */
    char *octets = NULL;
    remember(server, request);
    answer = answer != NULL ? answer : find(usual, request->head);
    if (answer->status == NULL) {
        return true;
    }
    if (strncmp(answer->status, "204", 3) != 0) {
        snprintf(length, sizeof length, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                 strlen(answer->body));
    }
    bool whole = asprintf(&octets, "HTTP/1.1 %s\r\n%s\r\n%s", answer->status, length, answer->body) > 0 &&
                 tiny_text(connection, octets);
    free(octets);
    return whole;
}

struct server *server_start(const struct answer *answers, const char *settings)
{
    struct server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    server->answers = answers;
    pthread_mutex_init(&server->lock, NULL);
    server->tiny = tiny_server_start(serve, server, NULL);
    harness_config("[profile default]\nbase_url = %s\nusername = ann\npassword = ${env:SECRET}\n%s",
                   tiny_server_url(server->tiny, "/api"), settings);
    return server;
}

unsigned server_port(const struct server *server)
{
    return tiny_server_port(server->tiny);
}

void server_stop(struct server *server)
{
    tiny_server_stop(server->tiny);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

unsigned server_count(struct server *server, const char *request)
{
    unsigned count = 0;
    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < server->count; i++) {
        count += strncmp(server->lines[i], request, strlen(request)) == 0;
    }
    pthread_mutex_unlock(&server->lock);
    return count;
}

const char *server_latest(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    memcpy(server->shown, server->latest, sizeof server->shown);
    pthread_mutex_unlock(&server->lock);
    return server->shown;
}
