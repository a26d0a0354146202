/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest Library server, in the test's own process: it logs everybody in, remembers the latest other request as
 * it stood on the wire, and answers it as the test says. For what a strict simulator would refuse.
 */
#ifndef MSTR_TESTS_SUPPORT_LIBRARY_H
#define MSTR_TESTS_SUPPORT_LIBRARY_H

#include "support/context.h"
#include "support/tiny_server.h"

#include <mstr/mstr.h>
#include <pthread.h>
#include <stdio.h>

struct library {
    struct tiny_server *server;
    tiny_handler handler; /* NULL = an empty JSON object */
    void *data;
    mstr_context *context;
    mstr_session *session; /* open */
    mstr_error *error;
    pthread_mutex_t lock;
    char login[1024]; /* head of the latest login or logout */
    char *head;       /* of the latest request that was neither */
    char *body;
    size_t body_length;
    unsigned requests;
};

static inline bool library_serve(struct tiny_connection *connection, const struct tiny_request *request, void *data)
{
    struct library *library = data;
    if (strncmp(request->head, "POST /api/auth/log", 18) == 0) {
        pthread_mutex_lock(&library->lock);
        snprintf(library->login, sizeof(library->login), "%s", request->head);
        pthread_mutex_unlock(&library->lock);
        return tiny_text(connection, "HTTP/1.1 204 No Content\r\nX-MSTR-AuthToken: token-1\r\n"
                                     "Set-Cookie: JSESSIONID=s1; Path=/api\r\n\r\n");
    }
    pthread_mutex_lock(&library->lock);
    free(library->head);
    free(library->body);
    library->head = strdup(request->head);
    library->body = calloc(1, request->body_length + 1);
    memcpy(library->body, request->body, request->body_length);
    library->body_length = request->body_length;
    library->requests++;
    pthread_mutex_unlock(&library->lock);
    return library->handler != NULL
               ? library->handler(connection, request, library->data)
               : tiny_text(connection,
                           "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
}

/* Starts it, with `network` for the session if that is not NULL, and opens a session with it. */
static inline struct library *library_start(tiny_handler handler, void *data, SSL_CTX *tls,
                                            const mstr_network *network)
{
    struct library *library = calloc(1, sizeof(*library));
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    library->handler = handler;
    library->data = data;
    library->error = mstr_error_new();
    library->context = test_context("");
    pthread_mutex_init(&library->lock, NULL);
    library->server = tiny_server_start(library_serve, library, tls);
    options.flags = MSTR_SESSION_NO_PROFILE;
    options.login_mode = MSTR_LOGIN_ANONYMOUS;
    options.network = network;
    assert_int_equal(mstr_session_new(library->context, &options, &library->session, library->error), MSTR_OK);
    mstr_session_set_credential(library->session, MSTR_CREDENTIAL_BASE_URL,
                                mstr_credential_literal(tiny_server_url(library->server, "/api")));
    return library;
}

static inline struct library *library_open(tiny_handler handler, void *data)
{
    struct library *library = library_start(handler, data, NULL, NULL);
    assert_int_equal(mstr_session_open(library->session, NULL, library->error), MSTR_OK);
    return library;
}

static inline void library_stop(struct library *library)
{
    mstr_session_free(library->session);
    mstr_context_free(library->context);
    tiny_server_stop(library->server);
    mstr_error_free(library->error);
    pthread_mutex_destroy(&library->lock);
    free(library->head);
    free(library->body);
    free(library);
}

/* Sends; *status is 0 where there is no answer. What the server remembers may be read afterwards. */
static inline enum mstr_code library_try(struct library *library, const mstr_session_request *request, int *status)
{
    mstr_response *response = NULL;
    mstr_error_clear(library->error);
    enum mstr_code code = mstr_session_send(library->session, request, &response, library->error);
    assert_int_equal(code == MSTR_OK, response != NULL);
    *status = response != NULL ? mstr_response_status(response) : 0;
    mstr_response_free(response);
    pthread_mutex_lock(&library->lock); /* the server's thread has been here before */
    pthread_mutex_unlock(&library->lock);
    return code;
}

/* The answer's status; it fails the test if there is none. */
static inline int library_send(struct library *library, const mstr_session_request *request)
{
    int status = 0;
    if (library_try(library, request, &status) != MSTR_OK) {
        fail_msg("%s %s: %s", request->method != NULL ? request->method : "GET", request->path,
                 mstr_error_message(library->error));
    }
    return status;
}

/* The class of a failure. */
static inline enum mstr_code library_fail(struct library *library, const mstr_session_request *request)
{
    int status = 0;
    enum mstr_code code = library_try(library, request, &status);
    assert_int_equal(status, 0);
    return code;
}

/* Whether the latest request's head holds the line; one that was given up may still arrive meanwhile. */
static inline bool library_saw(struct library *library, const char *line)
{
    pthread_mutex_lock(&library->lock);
    bool saw = strstr(library->head, line) != NULL;
    pthread_mutex_unlock(&library->lock);
    return saw;
}

#endif
