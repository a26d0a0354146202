/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines of a fleet inside a test: contexts of their own, each with a session, the store of tests/plugins, and a
 * server that knows which tokens are good and wants the cookie that came with each.
 */
#ifndef MSTR_TESTS_UNIT_SESSION_LOGIN_FLEET_MACHINES_H
#define MSTR_TESTS_UNIT_SESSION_LOGIN_FLEET_MACHINES_H

#include "base/clock.h"
#include "base/limits.h"
#include "support/context.h"
#include "support/folder.h"

#include <mstr/event.h>
#include <mstr/mstr.h>
#include <pthread.h>
#include <stdatomic.h>

enum { TOKENS = 256 };

/* A server that knows which tokens are good, and wants the cookie of the session with each. */
static struct server {
    pthread_mutex_t lock;
    bool good[TOKENS];
    int tokens; /* given out so far */
    int logins; /* tried */
    int logouts;
    int served;
    atomic_bool rotates; /* the next answer brings another token */
    atomic_bool hangs;   /* keeping alive does, until it is cancelled */
    atomic_bool hung;    /* it does now */
    const char *tells;   /* answer to GET sessions, NULL = 404 */
    const char *refuses; /* body of the answer to a login, NULL = it is granted */
    char sent[256];      /* body of the latest login */
    int status;          /* of that */
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct folder folder;
static char control[256];

static inline const char *header_of(const struct mstr_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, name) == 0) {
            return request->headers[i].value;
        }
    }
    return "";
}

static inline void give_token(mstr_transport_reply *reply)
{
    char text[64];
    server.good[++server.tokens] = true;
    snprintf(text, sizeof(text), "canary-%d", server.tokens);
    mstr_transport_reply_header(reply, "X-MSTR-AuthToken", text);
    snprintf(text, sizeof(text), "JSESSIONID=cookie-%d; Path=/", server.tokens);
    mstr_transport_reply_header(reply, "Set-Cookie", text);
}

static inline void log_in(mstr_transport_reply *reply)
{
    server.logins++;
    mstr_transport_reply_status(reply, server.refuses != NULL ? server.status : 204);
    if (server.refuses == NULL) {
        give_token(reply);
    } else {
        mstr_transport_reply_body(reply, server.refuses, strlen(server.refuses));
    }
}

/* The token, if the cookie that came with it is there too. */
static inline int token_in(const struct mstr_http_request *request)
{
    char cookie[64];
    int token = 0;
    sscanf(header_of(request, "X-MSTR-AuthToken"), "canary-%d", &token);
    snprintf(cookie, sizeof(cookie), "JSESSIONID=cookie-%d", token);
    return token > 0 && token < TOKENS && server.good[token] && strstr(header_of(request, "Cookie"), cookie) != NULL
               ? token
               : 0;
}

static inline void serve(const struct mstr_http_request *request, mstr_transport_reply *reply)
{
    static const char expired[] = "{\"code\":\"ERR009\",\"message\":\"The user's session has expired\"}";
    int token = token_in(request);
    mstr_transport_reply_status(reply, token != 0 ? 200 : 401);
    if (token == 0) {
        mstr_transport_reply_body(reply, expired, strlen(expired));
        return;
    }
    if (strcmp(request->method, "GET") == 0 && strstr(request->url, "/sessions") != NULL) {
        mstr_transport_reply_status(reply, server.tells != NULL ? 200 : 404);
        mstr_transport_reply_body(reply, server.tells, server.tells != NULL ? strlen(server.tells) : 0);
        return;
    }
    server.served++;
    if (strstr(request->url, "auth/logout") != NULL) {
        server.logouts++;
        server.good[token] = false;
    } else if (server.rotates) {
        server.rotates = false;
        server.good[token] = false;
        give_token(reply);
    }
}

/* No longer than a test may take. */
static inline enum mstr_code hang(const mstr_call_options *call)
{
    const struct limits limits = limits_of(call);
    server.hung = true;
    for (int i = 0; i < 20000 && !limits_cancelled(&limits); i++) {
        usleep(1000);
    }
    server.hung = false;
    return limits_cancelled(&limits) ? MSTR_E_CANCELLED : MSTR_OK;
}

static inline enum mstr_code answer(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                    const mstr_call_options *call, mstr_error *error, void *data)
{
    (void)error;
    (void)data;
    if (server.hangs && strcmp(request->method, "PUT") == 0 && hang(call) != MSTR_OK) {
        return MSTR_E_CANCELLED;
    }
    pthread_mutex_lock(&server.lock);
    if (strstr(request->url, "auth/login") != NULL || strstr(request->url, "auth/delegate") != NULL) {
        snprintf(server.sent, sizeof(server.sent), "%.*s", (int)request->body_length, (const char *)request->body);
        log_in(reply);
    } else {
        serve(request, reply);
    }
    pthread_mutex_unlock(&server.lock);
    return MSTR_OK;
}

static inline void expire_all(void)
{
    pthread_mutex_lock(&server.lock);
    memset(server.good, 0, sizeof(server.good));
    pthread_mutex_unlock(&server.lock);
}

static inline int begin(void **state)
{
    (void)state;
    pthread_mutex_lock(&server.lock);
    memset(server.good, 0, sizeof(server.good));
    server.tokens = server.logins = server.logouts = server.served = 0;
    server.rotates = server.hangs = server.hung = false;
    server.tells = "{\"timeout\":1800}";
    server.refuses = NULL;
    pthread_mutex_unlock(&server.lock);
    folder_make(&folder);
    folder_write(&folder, "control", "");
    folder_path(&folder, "control", control);
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

/* One machine: a context of its own, and a session. */
struct machine {
    mstr_context *context;
    mstr_session *session;
};

static inline struct machine machine_with(const char *fleet, const char *profile)
{
    struct machine machine;
    char config[2048];
    snprintf(config, sizeof(config),
             "[plugins]\npath = " TEST_PLUGINS "\n"
             "[fleet]\nstore = memory\nspace = %s\ncontrol = %s\n"
             "seal_key = 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n%s\n"
             "[profile default]\nbase_url = http://127.0.0.1:1/api/\n%s\n",
             folder.path, control, fleet, profile);
    machine.context = test_context(config);
    assert_int_equal(mstr_session_new(machine.context, NULL, &machine.session, NULL), MSTR_OK);
    assert_int_equal(mstr_session_mount(machine.session, "", answer, NULL, NULL), MSTR_OK);
    return machine;
}

static inline struct machine machine_new(void)
{
    return machine_with("", "username = analyst\npassword = x");
}

static inline void machine_free(const struct machine *machine)
{
    mstr_session_free(machine->session);
    mstr_context_free(machine->context);
}

static inline enum mstr_code open_session(const struct machine *machine, int64_t timeout, char words[256])
{
    mstr_error *error = mstr_error_new();
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = timeout;
    enum mstr_code code = mstr_session_open(machine->session, &call, error);
    snprintf(words, 256, "%s", mstr_error_message(error));
    mstr_error_free(error);
    return code;
}

static inline void open_well(const struct machine *machine)
{
    char words[256];
    if (open_session(machine, 600000, words) != MSTR_OK) {
        fail_msg("%s", words);
    }
}

static inline void request_well(const struct machine *machine)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    mstr_error *error = mstr_error_new();
    request.method = "GET";
    request.path = "projects";
    request.project = "";
    if (mstr_session_send(machine->session, &request, &response, error) != MSTR_OK) {
        fail_msg("%s", mstr_error_message(error));
    }
    mstr_response_free(response);
    mstr_error_free(error);
}

#endif
