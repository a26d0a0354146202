/* SPDX-License-Identifier: Apache-2.0 */
/* A session's way through the agent. */
#include "session/parts/agent_transport.h"

#include "base/json.h"
#include "base/text.h"
#include "base/uri.h"
#include "plugin/fingerprint.h"
#include "resolve/agent_words.h"
#include "session/parts/transport.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 128, PIECE = 16 * 1024 };

static const char api[] = "api/";

/* Closed: the network answers. Broken: nobody does, since the token that is sent is the agent's. */
enum way { WAY_CLOSED, WAY_OPEN, WAY_BROKEN };

struct agent_transport {
    struct agent_link *link;
    struct registry *registry;
    char *profile;
    char *place; /* "/session/PROFILE/api/", behind which "api/" is a path of the server's */
    char *base;  /* set before the way is open */
    _Atomic enum way way;
    atomic_bool left;
    pthread_mutex_t mutex;
    mstr_secret *given; /* under the mutex: the agent's token of the latest login there, for no server to see */
};

struct agent_transport *agent_transport_new(struct agent_link *link, struct registry *registry, const char *profile)
{
    struct buffer place = BUFFER_INIT;
    struct agent_transport *transport = calloc(1, sizeof(*transport));
    if (transport != NULL && pthread_mutex_init(&transport->mutex, NULL) != 0) {
        free(transport);
        return NULL;
    }
    buffer_puts(&place, "/session/");
    uri_encode(&place, profile, strlen(profile));
    if (transport != NULL && buffer_printf(&place, "/%s", api)) {
        transport->link = link;
        transport->registry = registry;
        transport->profile = text_copy(profile);
        transport->place = text_copy(buffer_text(&place));
    }
    buffer_release(&place);
    if (transport == NULL || transport->profile == NULL || transport->place == NULL) {
        agent_transport_free(transport);
        return NULL;
    }
    return transport;
}

void agent_transport_free(void *data)
{
    struct agent_transport *transport = data;
    if (transport != NULL) {
        mstr_secret_release(transport->given);
        pthread_mutex_destroy(&transport->mutex);
        free(transport->profile);
        free(transport->place);
        free(transport->base);
        free(transport);
    }
}

bool agent_transport_leave(struct agent_transport *transport)
{
    enum way open = WAY_OPEN;
    bool first = !atomic_exchange(&transport->left, true);
    atomic_compare_exchange_strong(&transport->way, &open, WAY_BROKEN);
    return first;
}

bool agent_transport_is_open(const struct agent_transport *transport)
{
    return atomic_load(&transport->way) == WAY_OPEN;
}

/* What an agent answers that means something else by the profile, or that does not serve it. */
static enum agent_verdict read_check(struct agent_transport *transport, const struct local_answer *answer,
                                     mstr_error *error)
{
    struct buffer profile = BUFFER_INIT;
    struct buffer setting = BUFFER_INIT;
    enum agent_verdict verdict = AGENT_ANSWERED;
    if (answer->status == 409) {
        bool told = agent_words_difference(buffer_text(&answer->body), answer->body.length, &profile, &setting);
        buffer_clear(&profile);
        buffer_printf(&profile, "[profile %s]", transport->profile);
        agent_words_tell_difference(buffer_text(&profile), told ? buffer_text(&setting) : "something", error);
        verdict = agent_link_use(transport->link) == AGENT_REQUIRE ? AGENT_FAILED : AGENT_ALONE;
        if (verdict == AGENT_ALONE) {
            agent_link_warn(transport->link, mstr_error_message(error), mstr_error_message(error));
        }
    } else if (answer->status != 200) {
        agent_words_refusal(answer->status, buffer_text(&answer->body), answer->body.length, error);
        verdict = AGENT_FAILED;
    }
    buffer_release(&profile);
    buffer_release(&setting);
    return verdict;
}

static enum agent_session read_session(const struct local_answer *answer)
{
    const char *told = local_answer_header(answer, "X-Mstr-Session");
    return told == NULL                   ? AGENT_SESSION_NONE
           : strcmp(told, "open") == 0    ? AGENT_SESSION_OPEN
           : strcmp(told, "refused") == 0 ? AGENT_SESSION_REFUSED
                                          : AGENT_SESSION_NONE;
}

/* A question for no value, which brings the profile's fingerprint. */
enum agent_verdict agent_transport_ask(struct agent_transport *transport, const struct limits *limits,
                                       enum agent_session *session, mstr_error *error)
{
    static const struct mstr_header headers[] = {{"Content-Type", "application/json"}, {NULL, NULL}};
    char key[AGENT_KEY_MAX + 1];
    struct buffer body = BUFFER_INIT;
    struct local_answer answer;
    *session = AGENT_SESSION_NONE;
    enum agent_verdict verdict = agent_link_greet(transport->link, true, limits, key, error);
    if (verdict != AGENT_ANSWERED) {
        return verdict;
    }
    buffer_puts(&body, "{\"references\":[],\"profiles\":{");
    json_put_string(&body, transport->profile, strlen(transport->profile));
    buffer_putc(&body, ':');
    verdict = AGENT_ALONE; /* why it cannot be made, one's own login tells */
    if (fingerprint_of_profile(transport->registry, transport->profile, key, &body, error) == MSTR_OK &&
        buffer_puts(&body, "}}")) {
        const struct local_request request = {.method = "POST",
                                              .target = "/v1/resolve",
                                              .headers = headers,
                                              .body = buffer_text(&body),
                                              .length = body.length,
                                              .again = true};
        verdict = agent_link_send(transport->link, &request, limits, &answer, error);
        verdict = verdict == AGENT_ANSWERED ? read_check(transport, &answer, error) : verdict;
        *session = verdict == AGENT_ANSWERED ? read_session(&answer) : AGENT_SESSION_NONE;
        local_answer_release(&answer);
    }
    buffer_release(&body);
    return verdict;
}

/* The agent's own answer to a login, which touches no session of the server. One that has no such thing is as
 * none. */
static enum agent_verdict read_login(const struct local_answer *answer, mstr_secret **token, mstr_error *error)
{
    const char *told = local_answer_header(answer, "X-MSTR-AuthToken");
    if (answer->status == 404) {
        error_set(error, MSTR_E_NOT_FOUND, "the agent serves no sessions");
        return AGENT_ALONE;
    }
    if (answer->status != 204 || text_empty(told)) {
        agent_words_refusal(answer->status, buffer_text(&answer->body), answer->body.length, error);
        return AGENT_FAILED;
    }
    *token = mstr_secret_new(told, strlen(told));
    if (*token == NULL) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
        return AGENT_FAILED;
    }
    return AGENT_ANSWERED;
}

static enum agent_verdict log_in(struct agent_transport *transport, const struct limits *limits, mstr_secret **token,
                                 mstr_error *error)
{
    struct buffer target = BUFFER_INIT;
    struct local_answer answer;
    if (!buffer_printf(&target, "%sauth/login", transport->place)) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
        return AGENT_FAILED;
    }
    const struct local_request request = {.method = "POST", .target = buffer_text(&target)};
    enum agent_verdict verdict = agent_link_send(transport->link, &request, limits, &answer, error);
    verdict = verdict == AGENT_ANSWERED ? read_login(&answer, token, error) : verdict;
    local_answer_release(&answer);
    buffer_release(&target);
    return verdict;
}

static void note_token(struct agent_transport *transport, mstr_secret *token)
{
    pthread_mutex_lock(&transport->mutex);
    mstr_secret *before = transport->given;
    transport->given = mstr_secret_retain(token);
    pthread_mutex_unlock(&transport->mutex);
    mstr_secret_release(before);
}

/* Whether the request was made for the agent, which was left since. */
static bool has_given_token(struct agent_transport *transport, const struct mstr_http_request *request)
{
    bool has = false;
    pthread_mutex_lock(&transport->mutex);
    for (size_t i = 0; transport->given != NULL && i < request->header_count; i++) {
        has = has || (text_equal_nocase(request->headers[i].name, "X-MSTR-AuthToken") &&
                      strcmp(request->headers[i].value, mstr_secret_octets(transport->given)) == 0);
    }
    pthread_mutex_unlock(&transport->mutex);
    return has;
}

enum agent_verdict agent_transport_open(struct agent_transport *transport, const char *base,
                                        const struct limits *limits, mstr_secret **token, mstr_error *error)
{
    enum agent_session session = AGENT_SESSION_NONE;
    *token = NULL;
    if (atomic_load(&transport->left)) {
        atomic_store(&transport->way, WAY_CLOSED);
        return AGENT_ALONE;
    }
    if (transport->base == NULL && (transport->base = text_copy(base)) == NULL) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
        return AGENT_FAILED;
    }
    enum agent_verdict verdict = AGENT_ALONE;
    if (strcmp(transport->base, base) == 0) {
        verdict = agent_transport_ask(transport, limits, &session, error);
    }
    verdict = verdict == AGENT_ANSWERED ? log_in(transport, limits, token, error) : verdict;
    if (verdict == AGENT_ANSWERED) {
        note_token(transport, *token);
    }
    atomic_store(&transport->way, verdict == AGENT_ANSWERED ? WAY_OPEN : WAY_CLOSED);
    return verdict;
}

/* One request on its way. */
struct passing {
    const struct agent_transport *transport;
    mstr_transport_reply *reply;
    struct local_answer *answer;
    bool begun;           /* the reply has its head */
    enum mstr_code taken; /* what became of the rest there */
    char first[PIECE];
    size_t first_length; /* of a body that a program's reader gives */
    size_t first_at;
};

/* What this connection is about ends with it; what else must not reach the server the agent takes out. */
static bool is_hop(const char *name)
{
    static const char *const names[] = {"Host",       "Connection", "Content-Length", "Transfer-Encoding",
                                        "Expect",     "Upgrade",    "Trailer",        "TE",
                                        "Keep-Alive", "Cookie"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (text_equal_nocase(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* A redirect to below the profile's name at the agent is one to the server. */
static enum mstr_code put_location(const struct passing *passing, const char *location)
{
    const struct agent_transport *transport = passing->transport;
    struct buffer url = BUFFER_INIT;
    size_t below = strlen(transport->place) - strlen(api);
    if (strncmp(location, transport->place, below) != 0) {
        return mstr_transport_reply_header(passing->reply, "Location", location);
    }
    enum mstr_code code = buffer_printf(&url, "%s%s", transport->base, location + below)
                              ? mstr_transport_reply_header(passing->reply, "Location", buffer_text(&url))
                              : MSTR_E_MEMORY;
    buffer_release(&url);
    return code;
}

static enum mstr_code put_head(struct passing *passing)
{
    const char *name = NULL;
    const char *value = NULL;
    enum mstr_code code = mstr_transport_reply_status(passing->reply, passing->answer->status);
    for (size_t i = 0; code == MSTR_OK && local_answer_header_at(passing->answer, i, &name, &value); i++) {
        code = is_hop(name)                          ? MSTR_OK
               : text_equal_nocase(name, "Location") ? put_location(passing, value)
                                                     : mstr_transport_reply_header(passing->reply, name, value);
    }
    passing->begun = true;
    return code;
}

static bool pass_on(const char *octets, size_t length, void *data)
{
    struct passing *passing = data;
    passing->taken = passing->begun ? MSTR_OK : put_head(passing);
    if (passing->taken == MSTR_OK) {
        passing->taken = mstr_transport_reply_body(passing->reply, octets, length);
    }
    return passing->taken == MSTR_OK;
}

static int64_t read_on(void *into, size_t capacity, void *data)
{
    struct passing *passing = data;
    size_t got = passing->first_length - passing->first_at;
    if (got > 0) {
        got = got < capacity ? got : capacity;
        memcpy(into, passing->first + passing->first_at, got);
        passing->first_at += got;
        return (int64_t)got;
    }
    return mstr_transport_read_body(passing->reply, into, capacity, &got) == MSTR_OK ? (int64_t)got : -1;
}

/* The server's word that a session has ended: a login follows, and the request once more. */
static enum mstr_code tell_ended(mstr_transport_reply *reply)
{
    static const char body[] = "{\"code\":\"ERR009\",\"message\":\"The agent's session has ended.\"}";
    enum mstr_code code = mstr_transport_reply_status(reply, 401);
    code = code == MSTR_OK ? mstr_transport_reply_header(reply, "Content-Type", "application/json") : code;
    return code == MSTR_OK ? mstr_transport_reply_body(reply, body, sizeof(body) - 1) : code;
}

/* What the agent met on its way to the server is what this request met. */
static enum mstr_code read_failure(const struct local_answer *answer, mstr_error *error)
{
    const char *own = local_answer_header(answer, "X-Mstr-Agent");
    return own != NULL && strcmp(own, "failure") == 0
               ? agent_words_failure(buffer_text(&answer->body), answer->body.length, error)
               : MSTR_OK;
}

static enum mstr_code finish(struct passing *passing, mstr_error *error)
{
    const struct local_answer *answer = passing->answer;
    enum mstr_code code = read_failure(answer, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = passing->begun ? MSTR_OK : put_head(passing);
    if (code == MSTR_OK && answer->body.length > 0) {
        code = mstr_transport_reply_body(passing->reply, answer->body.data, answer->body.length);
    }
    return code;
}

/* Nobody listened any more. */
static bool was_not_sent(const mstr_error *error)
{
    const char *step = mstr_error_step(error);
    return step != NULL && strcmp(step, "connect") == 0;
}

/* Safe methods were sent once more already; of the others nobody knows whether they were executed. */
static enum mstr_code break_off(struct agent_transport *transport, struct passing *passing, bool safe,
                                enum agent_verdict verdict, mstr_error *error)
{
    enum mstr_code code = mstr_error_code(error);
    if (passing->taken != MSTR_OK) { /* in the words of any transport */
        mstr_error_clear(error);
        return passing->taken;
    }
    if (verdict == AGENT_FAILED) {
        return code != MSTR_OK ? code : MSTR_E_NETWORK;
    }
    enum way open = WAY_OPEN; /* one that another thread found broken before may have another login by now */
    atomic_compare_exchange_strong(&transport->way, &open, WAY_BROKEN);
    if ((safe || was_not_sent(error)) && !passing->begun) {
        return tell_ended(passing->reply);
    }
    return error_set(error, MSTR_E_NETWORK, "the agent broke off; whether the request was executed is not known");
}

static enum mstr_code pass(struct agent_transport *transport, const struct mstr_http_request *request,
                           const struct mstr_header *headers, const char *target, struct passing *passing,
                           const struct limits *limits, mstr_error *error)
{
    struct local_answer answer;
    bool safe = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    bool reads = request->body_length == 0;
    if (reads && mstr_transport_read_body(passing->reply, passing->first, PIECE, &passing->first_length) != MSTR_OK) {
        return error_set(error, MSTR_E_CANCELLED, "the reader of the request's body gave up");
    }
    const struct local_request sent = {.method = request->method,
                                       .target = target,
                                       .headers = headers,
                                       .body = request->body,
                                       .length = reads ? transport_body_length(passing->reply) : request->body_length,
                                       .read = passing->first_length > 0 ? read_on : NULL,
                                       .read_data = passing,
                                       .again = safe,
                                       .write = pass_on,
                                       .write_data = passing};
    passing->answer = &answer;
    enum agent_verdict verdict = agent_link_send(transport->link, &sent, limits, &answer, error);
    enum mstr_code code =
        verdict == AGENT_ANSWERED ? finish(passing, error) : break_off(transport, passing, safe, verdict, error);
    local_answer_release(&answer);
    return code;
}

enum mstr_code agent_transport_send(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                    const mstr_call_options *call, mstr_error *error, void *data)
{
    struct agent_transport *transport = data;
    enum way way = atomic_load(&transport->way);
    struct mstr_header headers[HEADERS_MAX + 1] = {{NULL, NULL}};
    size_t count = 0;
    if (way == WAY_CLOSED || !text_starts_with(request->url, transport->base)) {
        return has_given_token(transport, request) ? tell_ended(reply) : mstr_transport_forward(reply, error);
    }
    if (way == WAY_BROKEN) {
        return tell_ended(reply);
    }
    for (size_t i = 0; i < request->header_count && count < HEADERS_MAX; i++) {
        if (!is_hop(request->headers[i].name)) {
            headers[count++] = request->headers[i];
        }
    }
    const struct limits limits = limits_of(call);
    struct buffer target = BUFFER_INIT;
    struct passing *passing = calloc(1, sizeof(*passing));
    enum mstr_code code = MSTR_E_MEMORY;
    if (passing != NULL && buffer_printf(&target, "%s%s", transport->place, request->url + strlen(transport->base))) {
        passing->transport = transport;
        passing->reply = reply;
        code = pass(transport, request, headers, buffer_text(&target), passing, &limits, error);
        explicit_bzero(passing, sizeof(*passing));
    } else {
        error_set(error, code, "out of memory");
    }
    free(passing);
    buffer_release(&target);
    return code;
}
