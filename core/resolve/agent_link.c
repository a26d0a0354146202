/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the agent. */
#include "resolve/agent_link.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/text_list.h"
#include "base/timestamp.h"
#include "local/socket_path.h"

#include <pthread.h>
#include <stdlib.h>

/* PAUSE is how long a process leaves an agent alone that failed it, BUSY_PAUSE how long one that names no time;
 * ms. */
enum { SOCKETS = 3, PROTOCOL = 1, PAUSE = 30 * 1000, BUSY_PAUSE = 1000 };

static const struct local_request status_request = {.method = "GET", .target = "/v1/status", .again = true};

struct agent_link {
    enum agent_use use;
    const struct log *log;
    struct local *sockets[SOCKETS];
    size_t count;
    char *fault; /* of the path that was chosen, NULL = none */
    pthread_mutex_t mutex;
    struct local *found; /* under the mutex, as all that follow; NULL = nobody was greeted */
    char key[AGENT_KEY_MAX + 1];
    int64_t paused_until;
    struct text_list warned;
};

static bool add_socket(struct agent_link *link, const char *path, uid_t owner)
{
    link->sockets[link->count] = local_new(path, owner);
    return link->sockets[link->count++] != NULL;
}

static bool find_sockets(struct agent_link *link, const struct agent_options *options)
{
    struct buffer path = BUFFER_INIT;
    const char *fault = options->socket != NULL ? socket_path_fault(options->socket) : NULL;
    uid_t owner = options->owner != (uid_t)-1 ? options->owner : 0;
    bool good = true;
    if (fault != NULL) {
        buffer_printf(&path, "the agent's socket \"%s\" %s", options->socket, fault);
        link->fault = text_copy(buffer_text(&path));
        good = link->fault != NULL;
    } else if (options->socket != NULL) {
        good = add_socket(link, options->socket, owner);
    } else {
        const struct socket_places places = socket_places_here(options->environment);
        for (size_t i = 0; good && i < SOCKETS && socket_path_at(&places, i, &path); i++) {
            good = add_socket(link, buffer_text(&path), owner);
        }
    }
    good = good && !path.failed;
    buffer_release(&path);
    return good;
}

struct agent_link *agent_link_new(const struct agent_options *options, const struct log *log)
{
    struct agent_link *link = calloc(1, sizeof(*link));
    if (link == NULL || pthread_mutex_init(&link->mutex, NULL) != 0) {
        free(link);
        return NULL;
    }
    link->use = options->use;
    link->log = log;
    if (link->use != AGENT_OFF && !find_sockets(link, options)) {
        agent_link_free(link);
        return NULL;
    }
    return link;
}

void agent_link_free(struct agent_link *link)
{
    if (link != NULL) {
        while (link->count > 0) {
            local_free(link->sockets[--link->count]);
        }
        text_list_release(&link->warned);
        pthread_mutex_destroy(&link->mutex);
        free(link->fault);
        free(link);
    }
}

enum agent_use agent_link_use(const struct agent_link *link)
{
    return link->use;
}

bool agent_link_is_known(struct agent_link *link)
{
    pthread_mutex_lock(&link->mutex);
    bool known = link->found != NULL;
    pthread_mutex_unlock(&link->mutex);
    return known;
}

void agent_link_warn(struct agent_link *link, const char *about, const char *text)
{
    pthread_mutex_lock(&link->mutex);
    size_t before = link->warned.count;
    text_list_add(&link->warned, about, strlen(about));
    bool first = link->warned.count > before;
    pthread_mutex_unlock(&link->mutex);
    if (first) {
        log_write(link->log, MSTR_LEVEL_WARN, "agent", "%s", text);
    }
}

enum agent_verdict agent_link_give_up(struct agent_link *link, mstr_error *error)
{
    pthread_mutex_lock(&link->mutex);
    link->found = NULL;
    link->paused_until = clock_monotonic() + PAUSE;
    pthread_mutex_unlock(&link->mutex);
    if (link->use == AGENT_REQUIRE) {
        error_set_hint(error, "an agent is required here: start one (mstr agent run), or set use = auto in [agent]");
        return AGENT_FAILED;
    }
    log_write(link->log, MSTR_LEVEL_DEBUG, "agent", "going on without: %s", mstr_error_message(error));
    return AGENT_ALONE;
}

/* One that somebody chose and nobody may use. */
static enum agent_verdict refuse_socket(struct agent_link *link, mstr_error *error)
{
    error_set(error, MSTR_E_DENIED, "%s", link->fault);
    if (link->use == AGENT_REQUIRE) {
        return AGENT_FAILED;
    }
    agent_link_warn(link, "socket", link->fault);
    return AGENT_ALONE;
}

/* How long a busy agent wants to be left alone, and a chance more, so that many callers come back one by one. False
 * for any other answer, such as that of a busy server. */
static bool is_busy(const struct local_answer *answer, int64_t *pause)
{
    const char *own = local_answer_header(answer, "X-Mstr-Agent");
    const char *asked = local_answer_header(answer, "Retry-After");
    *pause = BUSY_PAUSE;
    if (asked != NULL) {
        timestamp_parse_retry_after(asked, clock_now(), pause);
    }
    *pause += (int64_t)clock_random_below((uint64_t)*pause / 4 + 1);
    return own != NULL && strcmp(own, "busy") == 0;
}

/* local_send(), but a busy agent is asked again while there is time. */
static enum local_outcome send_patiently(struct local *local, const struct local_request *request,
                                         const struct limits *limits, struct local_answer *answer, mstr_error *error)
{
    for (;;) {
        int64_t pause = 0;
        enum local_outcome outcome = local_send(local, request, limits, answer, error);
        if (outcome != LOCAL_ANSWERED || request->read != NULL || !is_busy(answer, &pause)) {
            return outcome;
        }
        enum mstr_code code = limits_sleep(limits, pause);
        if (code == MSTR_E_CANCELLED) {
            error_set(error, code, "cancelled while the agent was busy");
            return LOCAL_ENDED;
        }
        if (code != MSTR_OK) { /* that it is busy is what there is to tell */
            return outcome;
        }
        local_answer_release(answer);
    }
}

/* The major version of its protocol, a number or the first one of a text; 0 where it tells none. */
static int64_t protocol_of(struct json_object *status)
{
    int64_t number = 0;
    const char *text = json_member_text(status, "protocol");
    if (text != NULL) {
        return strtol(text, NULL, 10);
    }
    json_member_int64(status, "protocol", &number);
    return number;
}

/* Who answers. LOCAL_ABSENT for what is no agent that can be used, as the error tells. */
static enum local_outcome read_status(struct agent_link *link, const struct local_answer *answer,
                                      char key[AGENT_KEY_MAX + 1], mstr_error *error)
{
    struct json_object *status = NULL;
    enum local_outcome outcome = LOCAL_ABSENT;
    enum mstr_code code = json_read(buffer_text(&answer->body), answer->body.length, &status);
    const char *told = json_member_text(status, "key");
    int64_t protocol = protocol_of(status);
    if (code == MSTR_E_MEMORY) {
        error_set(error, code, "out of memory");
        outcome = LOCAL_NO_MEMORY;
    } else if (protocol > PROTOCOL) {
        error_set(error, MSTR_E_NETWORK, "the agent speaks version %lld of its protocol, this program version %d",
                  (long long)protocol, PROTOCOL);
        agent_link_warn(link, "protocol", mstr_error_message(error));
    } else if (answer->status != 200 || protocol != PROTOCOL || told == NULL || *told == '\0' ||
               strlen(told) > AGENT_KEY_MAX) {
        error_set(error, MSTR_E_PROTOCOL, "what answers there is no agent: status %d", answer->status);
    } else {
        strcpy(key, told);
        outcome = LOCAL_ANSWERED;
    }
    json_release(status);
    return outcome;
}

/* Asks one socket. An agent that refuses to speak is final. */
static enum local_outcome greet(struct agent_link *link, struct local *local, const struct limits *limits,
                                char key[AGENT_KEY_MAX + 1], mstr_error *error)
{
    struct local_answer answer;
    enum local_outcome outcome = send_patiently(local, &status_request, limits, &answer, error);
    if (outcome == LOCAL_FOREIGN) {
        agent_link_warn(link, local_path(local), mstr_error_message(error));
    } else if (outcome == LOCAL_ANSWERED && (answer.status == 401 || answer.status == 403)) {
        error_set(error, MSTR_E_DENIED, "the agent at %s does not answer this user", local_path(local));
        outcome = LOCAL_ENDED;
    } else if (outcome == LOCAL_ANSWERED && (answer.status == 429 || answer.status == 503)) {
        error_set(error, MSTR_E_UNAVAILABLE, "the agent at %s is busy", local_path(local));
        outcome = LOCAL_ENDED;
    } else if (outcome == LOCAL_ANSWERED) {
        outcome = read_status(link, &answer, key, error);
    }
    local_answer_release(&answer);
    return outcome;
}

/* The first socket at which an agent answers. What speaks most against it is told: that one is foreign, not that
 * there is none elsewhere. */
static enum agent_verdict search(struct agent_link *link, const struct limits *limits, char key[AGENT_KEY_MAX + 1],
                                 mstr_error *error)
{
    mstr_error *now = mstr_error_new();
    enum agent_verdict verdict = AGENT_ALONE;
    error_set(error, MSTR_E_NETWORK, "there is no place for an agent's socket");
    for (size_t i = 0; i < link->count && verdict == AGENT_ALONE; i++) {
        enum local_outcome outcome = greet(link, link->sockets[i], limits, key, now);
        if (i == 0 || outcome != LOCAL_ABSENT) {
            error_copy(error, now);
        }
        if (outcome == LOCAL_ANSWERED) {
            pthread_mutex_lock(&link->mutex);
            link->found = link->sockets[i];
            strcpy(link->key, key);
            pthread_mutex_unlock(&link->mutex);
            verdict = AGENT_ANSWERED;
        } else if (outcome == LOCAL_ENDED || outcome == LOCAL_NO_MEMORY) {
            verdict = AGENT_FAILED;
        }
    }
    mstr_error_free(now);
    return verdict == AGENT_ALONE ? agent_link_give_up(link, error) : verdict;
}

enum agent_verdict agent_link_greet(struct agent_link *link, bool anew, const struct limits *limits,
                                    char key[AGENT_KEY_MAX + 1], mstr_error *error)
{
    if (link->use == AGENT_OFF) {
        return AGENT_ALONE;
    }
    if (link->fault != NULL) {
        return refuse_socket(link, error);
    }
    pthread_mutex_lock(&link->mutex);
    bool known = link->found != NULL && !anew;
    bool paused = link->use == AGENT_AUTO && clock_monotonic() < link->paused_until;
    if (known) {
        strcpy(key, link->key);
    }
    pthread_mutex_unlock(&link->mutex);
    return known ? AGENT_ANSWERED : paused ? AGENT_ALONE : search(link, limits, key, error);
}

enum agent_verdict agent_link_send(struct agent_link *link, const struct local_request *request,
                                   const struct limits *limits, struct local_answer *answer, mstr_error *error)
{
    pthread_mutex_lock(&link->mutex);
    struct local *found = link->found;
    pthread_mutex_unlock(&link->mutex);
    local_answer_init(answer, false, 0);
    if (found == NULL) { /* another thread met it broken */
        error_set(error, MSTR_E_NETWORK, "the agent is gone");
        return agent_link_give_up(link, error);
    }
    switch (send_patiently(found, request, limits, answer, error)) {
    case LOCAL_ANSWERED:
        log_write(link->log, MSTR_LEVEL_DEBUG, "agent", "%s %.*s at %s: status %d", request->method,
                  (int)strcspn(request->target, "?"), request->target, local_path(found), answer->status);
        return AGENT_ANSWERED;
    case LOCAL_FOREIGN:
        agent_link_warn(link, local_path(found), mstr_error_message(error));
        return agent_link_give_up(link, error);
    case LOCAL_ABSENT:
    case LOCAL_BROKEN:
        return agent_link_give_up(link, error);
    case LOCAL_ENDED:
        if (mstr_error_code(error) == MSTR_E_TIMEOUT) { /* it has a time of its own for what it asks others */
            error_set_hint(error, "the agent is still at it: allow more time, or ask without it (use = off)");
        }
        return AGENT_FAILED;
    case LOCAL_CUT: /* the agent was well until then: it breaks off where the server does */
    case LOCAL_NO_MEMORY:
    default:
        return AGENT_FAILED;
    }
}
