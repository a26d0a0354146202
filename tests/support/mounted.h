/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session without a network: what it sends is answered from the test's table of routes by a mounted transport, and
 * kept, so that the test can look at it. Every login is granted and gets the next of the tokens token-1, token-2, …,
 * unless a route says otherwise.
 */
#ifndef MSTR_TESTS_SUPPORT_MOUNTED_H
#define MSTR_TESTS_SUPPORT_MOUNTED_H

#include "support/context.h"

#include <mstr/mstr.h>
#include <pthread.h>
#include <stdio.h>

#define MOUNTED_BASE "http://127.0.0.1:1/api/"

/* What a server says when a session has ended. */
#define MOUNTED_EXPIRED "{\"code\":\"ERR009\",\"message\":\"The user's session has expired\"}"

struct route {
    const char *request; /* begin of "GET projects?limit=1": method, and what follows the base URL */
    int status;          /* 0 = the sending fails */
    const char *body;    /* NULL = empty */
    const char *headers; /* "Name: value" in lines, NULL = none */
    unsigned times;      /* it answers that often and is passed over then, 0 = always */
    enum mstr_code code; /* of a sending that fails, MSTR_E_NETWORK where it is MSTR_OK */
};

enum { ROUTES_MAX = 16, MOUNTED_TEXT = 8192 };

struct mounted {
    mstr_context *context;
    mstr_session *session;
    mstr_error *error;
    pthread_mutex_t lock;
    struct route routes[ROUTES_MAX];
    bool spent[ROUTES_MAX];
    unsigned logins;
    unsigned sent;           /* in all */
    char log[MOUNTED_TEXT];  /* a line for each: "POST auth/login\n" */
    char head[MOUNTED_TEXT]; /* "Name: value\n" for each header of the latest */
    char body[MOUNTED_TEXT]; /* of the latest */
};

static const struct route mounted_logins[] = {
    {"POST auth/login", 204, NULL, NULL, 0, MSTR_OK},
    {"POST auth/delegate", 204, NULL, NULL, 0, MSTR_OK},
    {"POST auth/logout", 204, NULL, NULL, 0, MSTR_OK},
};

static inline const struct route *mounted_find(struct mounted *mounted, const char *line)
{
    for (size_t i = 0; i < ROUTES_MAX && mounted->routes[i].request != NULL; i++) {
        struct route *route = &mounted->routes[i];
        if (!mounted->spent[i] && strncmp(line, route->request, strlen(route->request)) == 0) {
            mounted->spent[i] = route->times > 0 && --route->times == 0;
            return route;
        }
    }
    for (size_t i = 0; i < COUNT_OF(mounted_logins); i++) {
        if (strncmp(line, mounted_logins[i].request, strlen(mounted_logins[i].request)) == 0) {
            return &mounted_logins[i];
        }
    }
    return NULL;
}

static inline void mounted_reply_headers(mstr_transport_reply *reply, const char *lines)
{
    while (lines != NULL && *lines != '\0') {
        char line[256];
        size_t length = strcspn(lines, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)length, lines);
        char *colon = strchr(line, ':');
        *colon = '\0';
        assert_int_equal(mstr_transport_reply_header(reply, line, colon + 2), MSTR_OK);
        lines += lines[length] == '\n' ? length + 1 : length;
    }
}

static inline void mounted_keep(struct mounted *mounted, const struct mstr_http_request *request, const char *line,
                                mstr_transport_reply *reply)
{
    size_t at = strlen(mounted->log);
    size_t got = 0;
    snprintf(mounted->log + at, sizeof(mounted->log) - at, "%s\n", line);
    mounted->head[0] = '\0';
    for (size_t i = 0; i < request->header_count; i++) {
        at = strlen(mounted->head);
        snprintf(mounted->head + at, sizeof(mounted->head) - at, "%s: %s\n", request->headers[i].name,
                 request->headers[i].value);
    }
    mstr_transport_read_body(reply, mounted->body, sizeof(mounted->body) - 1, &got);
    mounted->body[got] = '\0';
    mounted->sent++;
}

static inline enum mstr_code mounted_send(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                          const mstr_call_options *call, mstr_error *error, void *data)
{
    struct mounted *mounted = data;
    const char *below = strncmp(request->url, MOUNTED_BASE, strlen(MOUNTED_BASE)) == 0
                            ? request->url + strlen(MOUNTED_BASE)
                            : request->url;
    char line[512];
    char token[32];
    (void)call;
    snprintf(line, sizeof(line), "%s %s", request->method, below);
    pthread_mutex_lock(&mounted->lock);
    mounted_keep(mounted, request, line, reply);
    const struct route *route = mounted_find(mounted, line);
    bool granted = route != NULL && route < mounted_logins + 2 && route >= mounted_logins;
    snprintf(token, sizeof(token), "token-%u", mounted->logins += granted ? 1 : 0);
    pthread_mutex_unlock(&mounted->lock);
    if (route != NULL && route->status == 0) {
        enum mstr_code code = route->code != MSTR_OK ? route->code : MSTR_E_NETWORK;
        mstr_error_set(error, code, "the line is dead");
        return code;
    }
    mstr_transport_reply_status(reply, route != NULL ? route->status : 404);
    mounted_reply_headers(reply, route != NULL ? route->headers : NULL);
    if (granted) {
        mstr_transport_reply_header(reply, "X-MSTR-AuthToken", token);
    }
    const char *body = route != NULL && route->body != NULL ? route->body : "";
    return mstr_transport_reply_body(reply, body, strlen(body));
}

/* With a session as `options` say, and the credentials of an analyst. */
static inline struct mounted *mounted_new_with(const mstr_session_options *options, const struct route *routes,
                                               size_t count)
{
    struct mounted *mounted = calloc(1, sizeof(*mounted));
    assert_true(count <= ROUTES_MAX);
    for (size_t i = 0; i < count; i++) {
        mounted->routes[i] = routes[i];
    }
    pthread_mutex_init(&mounted->lock, NULL);
    mounted->error = mstr_error_new();
    mounted->context = test_context("");
    assert_int_equal(mstr_session_new(mounted->context, options, &mounted->session, mounted->error), MSTR_OK);
    mstr_session_mount(mounted->session, "", mounted_send, mounted, NULL);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal(MOUNTED_BASE));
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_USERNAME, mstr_credential_literal("analyst"));
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal("pass-1"));
    return mounted;
}

/* Not open yet. */
static inline struct mounted *mounted_new(const struct route *routes, size_t count)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.flags = MSTR_SESSION_NO_PROFILE;
    return mounted_new_with(&options, routes, count);
}

static inline void mounted_forget(struct mounted *mounted)
{
    pthread_mutex_lock(&mounted->lock);
    mounted->log[0] = '\0';
    mounted->sent = 0;
    pthread_mutex_unlock(&mounted->lock);
    mstr_error_clear(mounted->error);
}

static inline void mounted_done(const struct mounted *mounted, enum mstr_code code)
{
    if (code != MSTR_OK) {
        fail_msg("%s: %s", mstr_code_name(code), mstr_error_message(mounted->error));
    }
}

/* Open, the login forgotten. */
static inline struct mounted *mounted_open(const struct route *routes, size_t count)
{
    struct mounted *mounted = mounted_new(routes, count);
    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
    mounted_forget(mounted);
    return mounted;
}

static inline void mounted_free(struct mounted *mounted)
{
    mstr_session_free(mounted->session);
    mstr_context_free(mounted->context);
    mstr_error_free(mounted->error);
    pthread_mutex_destroy(&mounted->lock);
    free(mounted);
}

/* Whether the latest request had this header line, or a part of it. */
static inline bool mounted_saw(const struct mounted *mounted, const char *header)
{
    return strstr(mounted->head, header) != NULL;
}

static inline void assert_told(const struct mounted *mounted, const char *part)
{
    if (strstr(mstr_error_message(mounted->error), part) == NULL) {
        fail_msg("\"%s\" does not tell \"%s\"", mstr_error_message(mounted->error), part);
    }
}

#endif
