/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a client on its way to the server and back. */
#include "forward.h"

#include "base/clock.h"
#include "base/text.h"
#include "flow.h"
#include "head.h"
#include "proxy_headers.h"
#include "proxy_reply.h"

#include <stdlib.h>

/* One header more than the library takes, so that it refuses too many instead of some being lost. */
enum { HEADERS_MAX = 51 };

struct forward {
    struct job job;
    struct agent *agent;
    struct generation *generation;
    struct flow *flow;
    mstr_cancel *cancel;
    struct proxy_path path;
    char *method;
    struct buffer target; /* the path with its query */
    char *content_type;
    char *project;
    struct buffer texts; /* of the headers */
    struct mstr_header headers[HEADERS_MAX];
    size_t header_count;
    struct buffer body; /* where it is whole, and so can be sent again */
    bool streamed;
    int64_t length; /* of one that is not */
    int64_t deadline;
    atomic_uint owners;
    mstr_session *session; /* the worker's, as what follows */
    bool begun;            /* the reply was handed over */
};

/* The last of both owners frees. */
static void let_go(struct forward *forward)
{
    if (atomic_fetch_sub(&forward->owners, 1) != 1) {
        return;
    }
    contexts_let_go(forward->agent->contexts, forward->generation);
    mstr_cancel_free(forward->cancel);
    proxy_path_release(&forward->path);
    buffer_release(&forward->target);
    buffer_release(&forward->texts);
    buffer_release(&forward->body);
    free(forward->method);
    free(forward->content_type);
    free(forward->project);
    free(forward);
}

static bool copy_headers(struct forward *forward, const struct request *request)
{
    struct buffer *texts = &forward->texts;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct request_header *header = &request->headers[i];
        if (proxy_header_leaves(request, header)) {
            buffer_append(texts, header->name, header->name_length);
            buffer_putc(texts, '\0');
            buffer_append(texts, header->value, header->value_length);
            buffer_putc(texts, '\0');
        }
    }
    for (size_t at = 0; !texts->failed && at < texts->length && forward->header_count < HEADERS_MAX;) {
        const char *name = buffer_text(texts) + at;
        const char *value = name + strlen(name) + 1;
        forward->headers[forward->header_count++] = (struct mstr_header){name, value};
        at += strlen(name) + strlen(value) + 2;
    }
    return !texts->failed;
}

static bool copy_text(char **copy, const char *text)
{
    return text == NULL || (*copy = text_copy(text)) != NULL;
}

static void run(void *data);

struct forward *forward_new(struct agent *agent, struct request *request, struct proxy_path *path, int64_t timeout)
{
    struct forward *forward = calloc(1, sizeof(*forward));
    if (forward == NULL) {
        return NULL;
    }
    forward->agent = agent;
    forward->generation = contexts_hold_too(agent->contexts, request->generation);
    forward->owners = 1;
    forward->cancel = mstr_cancel_new();
    forward->length = head_length(request);
    forward->streamed = !request->whole;
    forward->deadline = request->deadline = request->began + timeout;
    buffer_printf(&forward->target, "%s%s", buffer_text(&path->path), path->query);
    forward->path = *path;
    *path = (struct proxy_path){.query = ""};
    if (request->whole) {
        forward->body = request->body;
        request->body = (struct buffer)BUFFER_INIT;
    }
    forward->flow = flow_new(request, forward->deadline);
    bool good = forward->flow != NULL && forward->cancel != NULL && copy_headers(forward, request) &&
                copy_text(&forward->method, request->method) && !forward->target.failed &&
                copy_text(&forward->content_type, proxy_header_value(request, "Content-Type")) &&
                copy_text(&forward->project, proxy_header_value(request, "X-MSTR-ProjectID"));
    if (!good) {
        flow_release(forward->flow);
        flow_release(forward->flow);
        let_go(forward);
        return NULL;
    }
    forward->job = (struct job){.key = buffer_text(&forward->path.profile), .run = run, .data = forward};
    request->flow = forward->flow;
    return forward;
}

/* The worker's part in it ends. */
static void finish(struct forward *forward, bool whole)
{
    flow_end(forward->flow, whole);
    flow_release(forward->flow);
    let_go(forward);
}

static void refuse(struct forward *forward, int status, const char *code, const char *message)
{
    struct reply reply = {0};
    reply_rest(&reply, status, code, message);
    flow_begin(forward->flow, &reply);
}

void forward_start(struct forward *forward)
{
    atomic_fetch_add(&forward->owners, 1);
    if (!workers_put(forward->agent->senders, &forward->job)) {
        refuse(forward, 503, "ERR001", "the agent can start no thread");
        finish(forward, true);
    }
}

void forward_give_up(struct forward *forward)
{
    mstr_cancel_now(forward->cancel);
    flow_leave(forward->flow);
    if (workers_drop(forward->agent->senders, &forward->job)) {
        refuse(forward, 504, "ERR001", "the agent was busy with other requests of this profile for all of its time");
        finish(forward, true);
    }
}

void forward_release(struct forward *forward)
{
    if (forward != NULL) {
        forward_give_up(forward);
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what ended there is the worker's share, not this one */
        let_go(forward);
    }
}

static int64_t read_body(void *into, size_t capacity, void *data)
{
    struct forward *forward = data;
    return flow_read(forward->flow, into, capacity);
}

static int write_body(const void *octets, size_t length, void *data)
{
    struct forward *forward = data;
    return flow_write(forward->flow, octets, length) ? 0 : -1;
}

/* The head of what the server says; of a passing refusal that the session has met as often as it tries, with a word
 * of that: whoever asks through libmstr would try each time as often again. */
static void put_head(const struct forward *forward, const mstr_response *answer, struct reply *reply)
{
    int status = mstr_response_status(answer);
    proxy_reply_head(forward->session, &forward->path.profile, answer, reply);
    if (!forward->streamed && (status == 429 || (status >= 502 && status <= 504))) {
        reply_header(reply, "X-Mstr-Agent", "tried");
    }
}

static int begin_body(const mstr_response *answer, void *data)
{
    struct forward *forward = data;
    struct reply reply = {0};
    put_head(forward, answer, &reply);
    reply.streamed = reply.type == NULL;
    forward->begun = true;
    flow_begin(forward->flow, &reply);
    return 0;
}

/* An answer whose body is at hand, if it has one. */
static void give_answer(struct forward *forward, const mstr_response *answer)
{
    struct reply reply = {0};
    size_t length = 0;
    const char *body = mstr_response_body(answer, &length);
    put_head(forward, answer, &reply);
    if (reply.type == NULL) {
        buffer_append(&reply.body, body, length);
        reply.streamed = strcmp(forward->method, "HEAD") == 0 && reply.length > 0; /* for the length alone */
    }
    flow_begin(forward->flow, &reply);
}

static uint64_t relogins(const mstr_session *session)
{
    mstr_counters counters = MSTR_COUNTERS_INIT;
    mstr_session_counters(session, &counters);
    return counters.relogins;
}

/* What lived in a session that is gone is not begun anew in silence: its client has to. */
static bool has_lost_instance(const struct forward *forward, const mstr_response *answer)
{
    return mstr_response_status(answer) == 404 && proxy_path_is_of_instance(&forward->path) &&
           relogins(forward->session) > 0;
}

/* The session has ended while a body passed through that cannot be sent again: the client has to, in a new one. */
static void renew_for_next(struct forward *forward, const mstr_response *answer)
{
    const char *code = mstr_response_text(answer, "/code");
    if (forward->streamed && mstr_response_status(answer) == 401 && code != NULL && strcmp(code, "ERR009") == 0) {
        mstr_session_extend(forward->session, NULL);
    }
}

/* Its token and its cookies would become those of all. */
static bool is_delegation(const struct forward *forward)
{
    return proxy_path_is(&forward->path, "auth/delegate");
}

static enum mstr_code send(struct forward *forward, const mstr_call_options *call, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_reader reader = MSTR_READER_INIT;
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_response *answer = NULL;
    reader.read = read_body;
    reader.data = forward;
    reader.length = forward->length;
    writer.write = write_body;
    writer.begin = begin_body;
    writer.data = forward;
    request.flags =
        MSTR_REQUEST_KEEP_ERRORS | MSTR_REQUEST_KEEP_REDIRECTS | (is_delegation(forward) ? MSTR_REQUEST_NO_AUTH : 0);
    request.method = forward->method;
    request.path = buffer_text(&forward->target);
    request.headers = forward->headers;
    request.header_count = forward->header_count;
    request.project = forward->project != NULL ? forward->project : "";
    request.writer = &writer;
    request.call = call;
    request.content_type = forward->content_type;
    if (forward->streamed) {
        request.reader = &reader;
    } else if (forward->body.length > 0) {
        request.body = buffer_text(&forward->body);
        request.body_length = forward->body.length;
    }
    enum mstr_code code = mstr_session_send(forward->session, &request, &answer, error);
    if (code == MSTR_OK && has_lost_instance(forward, answer)) {
        refuse(forward, 401, "ERR009", "the session has ended, and what was begun in it with it");
    } else if (code == MSTR_OK && !forward->begun) {
        renew_for_next(forward, answer);
        give_answer(forward, answer);
    }
    mstr_response_free(answer);
    return code;
}

/* In a session of its own, which nobody opens and whose jar ends with it. */
static enum mstr_code send_apart(struct forward *forward, const mstr_call_options *call, mstr_error *error)
{
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    options.profile = buffer_text(&forward->path.profile);
    enum mstr_code code = mstr_session_new(forward->generation->context, &options, &forward->session, error);
    if (code == MSTR_OK) {
        code = send(forward, call, error);
    }
    mstr_session_free(forward->session);
    return code;
}

static void tell_failure(struct forward *forward, mstr_error *error)
{
    struct reply reply = {0};
    if (clock_monotonic() >= forward->deadline) {
        mstr_error_clear(error);
        mstr_error_set(error, MSTR_E_TIMEOUT, "the server has not answered in time");
    }
    reply_rest_error(&reply, error);
    flow_begin(forward->flow, &reply);
}

/* It has the profile's time at most, from here on; also one whose client reads or writes without haste. What is
 * left. */
static int64_t shorten(struct forward *forward, int64_t timeout)
{
    int64_t now = clock_monotonic();
    int64_t left = forward->deadline - now;
    left = left < timeout ? left : timeout;
    forward->deadline = now + left;
    flow_end_by(forward->flow, forward->deadline);
    return left > 0 ? left : 1;
}

static void run(void *data)
{
    struct forward *forward = data;
    struct agent *agent = forward->agent;
    struct shared_session *shared = NULL;
    mstr_error *error = mstr_error_new();
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    int64_t left = forward->deadline - clock_monotonic();
    call.timeout = left > 0 ? left : 1;
    call.cancel = forward->cancel;
    enum mstr_code code = sessions_use(agent->sessions, forward->generation, buffer_text(&forward->path.profile),
                                       &call, &shared, error);
    if (code == MSTR_OK) {
        call.timeout = shorten(forward, shared->timeout);
        forward->session = shared->session;
        code = is_delegation(forward) ? send_apart(forward, &call, error) : send(forward, &call, error);
    }
    if (code != MSTR_OK && !forward->begun) {
        tell_failure(forward, error);
    }
    sessions_leave(agent->sessions, shared);
    mstr_error_free(error);
    finish(forward, code == MSTR_OK);
}
