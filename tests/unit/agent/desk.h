/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent without a server: a test hands requests to its routes as the server would, and reads the replies.
 */
#ifndef MSTR_TESTS_UNIT_AGENT_DESK_H
#define MSTR_TESTS_UNIT_AGENT_DESK_H

#include "support/context.h"

#include "agent/flow.h"
#include "agent/routes.h"
#include "base/clock.h"

#include <semaphore.h>
#include <sys/eventfd.h>

struct desk {
    struct agent agent;
    struct given given;
    struct request request; /* the latest */
    char *target;           /* its own, since the log names it at the end */
    char *config;
    sem_t answered;
};

static struct desk desk;

static inline void desk_answered(struct request *request)
{
    (void)request;
    sem_post(&desk.answered);
}

static inline void desk_paused(struct request *request)
{
    (void)request;
}

/* What the latest request left. */
static inline void desk_clear(void)
{
    if (desk.request.method != NULL) {
        routes_hooks.end(&desk.agent, &desk.request);
        flow_release(desk.request.flow);
        reply_release(&desk.request.reply);
        buffer_release(&desk.request.body);
    }
    free(desk.target);
    desk.target = NULL;
    memset(&desk.request, 0, sizeof(desk.request));
    while (sem_trywait(&desk.answered) == 0) { /* a flow tells of each of its steps */
    }
}

/* Until what takes time has its reply, which nobody else touches from then on. One that streams has a flow, unless
 * its reply is there at once. */
static inline void desk_await(struct request *request)
{
    if (!request->streams) {
        sem_wait(&desk.answered);
    }
    while (request->flow != NULL && !flow_reply(request->flow, &request->reply)) {
        sem_wait(&desk.answered);
    }
}

static inline void desk_open(const char *config)
{
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    memset(&desk, 0, sizeof(desk));
    desk.config = test_file(config, strlen(config));
    options.config_file = desk.config;
    options.flags = MSTR_CONTEXT_NO_ENVIRONMENT;
    assert_int_equal(contexts_new(&options, &desk.given, &desk.agent.contexts, NULL), MSTR_OK);
    sem_init(&desk.answered, 0, 0);
    desk.agent.quota = quota_new(100);
    desk.agent.workers = workers_new(4, 2);
    desk.agent.senders = workers_new(4, 2);
    desk.agent.sessions = sessions_new(desk.agent.contexts);
    desk.agent.client_tokens = client_tokens_new();
    desk.agent.recent = recent_new();
    desk.agent.metrics = metrics_new();
    desk.agent.cancel = mstr_cancel_new();
    desk.agent.began = clock_now();
    desk.agent.started = clock_monotonic();
    desk.agent.wakes = eventfd(0, EFD_CLOEXEC);
    snprintf(desk.agent.key, sizeof(desk.agent.key), "0011");
}

static inline void desk_close(void)
{
    desk_clear();
    workers_free(desk.agent.workers);
    workers_free(desk.agent.senders);
    sessions_free(desk.agent.sessions);
    client_tokens_free(desk.agent.client_tokens);
    contexts_free(desk.agent.contexts);
    mstr_cancel_free(desk.agent.cancel);
    metrics_free(desk.agent.metrics);
    recent_free(desk.agent.recent);
    quota_free(desk.agent.quota);
    token_release(&desk.agent.token);
    close(desk.agent.wakes);
    unlink(desk.config);
    free(desk.config);
    sem_destroy(&desk.answered);
}

/* The status of the reply, which stays until the next one is asked for. */
static inline int desk_ask_as(const struct peer *peer, const char *method, const char *target, const char *body)
{
    struct request *request = &desk.request;
    desk_clear();
    request->method = method;
    request->target = desk.target = strdup(target);
    request->peer = *peer;
    request->began = clock_monotonic();
    request->answer = desk_answered;
    request->pause = desk_paused;
    request->whole = true;
    buffer_puts(&request->body, body);
    if (routes_hooks.begin(&desk.agent, request) >= 0 && !routes_hooks.finish(&desk.agent, request)) {
        routes_hooks.dispatch(&desk.agent, request);
        desk_await(request);
    }
    return request->reply.status;
}

static inline int desk_ask(const char *method, const char *target, const char *body)
{
    const struct peer own = {.uid = geteuid(), .gid = getegid(), .pid = getpid()};
    return desk_ask_as(&own, method, target, body);
}

/* Of somebody else whom the agent answers. */
static inline int desk_ask_foreign(const char *method, const char *target, const char *body)
{
    const struct peer other = {.uid = 4711, .gid = 4711, .pid = getpid()};
    return desk_ask_as(&other, method, target, body);
}

static inline const char *desk_body(void)
{
    return buffer_text(&desk.request.reply.body);
}

static inline const char *desk_header(const char *name)
{
    const char *found = NULL;
    const char *value = NULL;
    for (size_t at = 0; reply_header_next(&desk.request.reply, &at, &found, &value);) {
        if (strcmp(found, name) == 0) {
            return value;
        }
    }
    return NULL;
}

static inline void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("no \"%s\" in %s", part, text);
    }
}

static inline void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part) != NULL) {
        fail_msg("\"%s\" in %s", part, text);
    }
}

#endif
