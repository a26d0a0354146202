/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 over a Unix socket, client only. */
#include "local/local.h"

#include "base/text.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { IDLE_MOST = 8, PIECE = 16 * 1024, ANSWER_LIMIT = 1024 * 1024, TIMEOUT_MOST = 24 * 3600 * 1000 };

struct local {
    char *path;
    uid_t owner;
    pthread_mutex_t mutex;
    pid_t process; /* whose connections these are: a child that was forked uses its own */
    int idle[IDLE_MOST];
    size_t idle_count;
};

/* One sending on one connection. */
struct exchange {
    const struct local_request *request;
    const struct limits *limits;
    struct local_answer *answer;
    mstr_error *error;
    int fd;
    bool begun;    /* octets of an answer have come */
    bool bodied;   /* octets of what is held back have gone out */
    bool finished; /* all of the request has */
};

struct local *local_new(const char *path, uid_t owner)
{
    struct local *local = calloc(1, sizeof(*local));
    if (local == NULL || (local->path = text_copy(path)) == NULL || pthread_mutex_init(&local->mutex, NULL) != 0) {
        free(local != NULL ? local->path : NULL);
        free(local);
        return NULL;
    }
    local->owner = owner;
    local->process = getpid();
    return local;
}

void local_free(struct local *local)
{
    if (local != NULL) {
        while (local->idle_count > 0) {
            close(local->idle[--local->idle_count]);
        }
        pthread_mutex_destroy(&local->mutex);
        free(local->path);
        free(local);
    }
}

const char *local_path(const struct local *local)
{
    return local->path;
}

/* A connection that was kept, -1 where there is none. */
static int take_idle(struct local *local)
{
    int fd = -1;
    pthread_mutex_lock(&local->mutex);
    bool own = local->process == getpid();
    local->process = getpid();
    while (fd < 0 && local->idle_count > 0) {
        fd = local->idle[--local->idle_count];
        if (!own || !connection_is_idle(fd)) {
            close(fd);
            fd = -1;
        }
    }
    pthread_mutex_unlock(&local->mutex);
    return fd;
}

static void keep_idle(struct local *local, int fd)
{
    pthread_mutex_lock(&local->mutex);
    if (local->idle_count < IDLE_MOST && local->process == getpid()) {
        local->idle[local->idle_count++] = fd;
        fd = -1;
    }
    pthread_mutex_unlock(&local->mutex);
    if (fd >= 0) {
        close(fd);
    }
}

/* Such a text ends no line early. */
static bool is_visible(const char *text, const char *beside)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text <= 0x20 || *text == 0x7f) && strchr(beside, *text) == NULL) {
            return false;
        }
    }
    return true;
}

/* Ends a body of unknown length. */
static const char last_chunk[] = "0\r\n\r\n";

/* Whether its end waits for word that it goes on: that of a body, also of an empty one where it must not be done
 * twice. Until then nobody can have acted on it. */
static bool is_held_back(const struct local_request *request)
{
    return request->read != NULL || request->length > 0 || !request->again;
}

/* In whole ms; never none, which would be no limit. */
static int64_t time_left(const struct limits *limits)
{
    int64_t left = limits_remaining(limits);
    return left < 1 ? 1 : left < TIMEOUT_MOST ? left : TIMEOUT_MOST;
}

/* False for what cannot be sent. */
static bool put_head(const struct local_request *request, const struct limits *limits, struct buffer *head)
{
    bool good = request->target[0] == '/' && is_visible(request->target, "") && is_visible(request->method, "");
    buffer_printf(head,
                  "%s %s HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nX-Mstr-Timeout: %" PRId64 "ms\r\n",
                  request->method, request->target, time_left(limits));
    for (const struct mstr_header *header = request->headers; header != NULL && header->name != NULL; header++) {
        good = good && is_visible(header->name, "") && is_visible(header->value, " \t");
        buffer_printf(head, "%s: %s\r\n", header->name, header->value);
    }
    if (request->length > 0) {
        buffer_printf(head, "Content-Length: %zu\r\n", request->length);
    } else if (is_held_back(request)) {
        buffer_puts(head, "Transfer-Encoding: chunked\r\n");
    }
    buffer_puts(head, "\r\n");
    return good;
}

/* The next of a body that is read: a chunk where nobody knows how long that is. False without memory. */
static bool put_piece(const struct exchange *exchange, const char *piece, size_t length, struct buffer *out)
{
    bool known = exchange->request->length > 0;
    if (!known) {
        buffer_printf(out, "%zx\r\n", length);
    }
    return buffer_append(out, piece, length) && (known || buffer_puts(out, "\r\n"));
}

/* A body that is read, piece by piece. */
static enum local_outcome send_read(struct exchange *exchange)
{
    char piece[PIECE];
    struct buffer chunk = BUFFER_INIT;
    size_t left = exchange->request->length;
    bool known = left > 0;
    enum local_outcome outcome = LOCAL_ANSWERED;
    for (int64_t got = 1; got > 0 && outcome == LOCAL_ANSWERED; buffer_clear(&chunk)) {
        got = exchange->request->read(piece, sizeof(piece), exchange->request->read_data);
        if (got < 0 || got > PIECE || (known && (got == 0 ? left > 0 : (size_t)got > left))) {
            error_set(exchange->error, MSTR_E_CANCELLED, "the reader of the request's body gave up");
            outcome = LOCAL_ENDED;
            break;
        }
        left -= known ? (size_t)got : 0;
        if (!put_piece(exchange, piece, (size_t)got, &chunk)) {
            error_set(exchange->error, MSTR_E_MEMORY, "out of memory");
            outcome = LOCAL_NO_MEMORY;
            break;
        }
        outcome = connection_send(exchange->fd, chunk.data, chunk.length, exchange->limits, exchange->error);
    }
    buffer_release(&chunk);
    explicit_bzero(piece, sizeof(piece));
    return outcome;
}

static enum local_outcome send_body(struct exchange *exchange)
{
    const struct local_request *request = exchange->request;
    exchange->bodied = true;
    bool empty = request->length == 0;
    enum local_outcome outcome =
        request->read != NULL
            ? send_read(exchange)
            : connection_send(exchange->fd, empty ? last_chunk : request->body,
                              empty ? sizeof(last_chunk) - 1 : request->length, exchange->limits, exchange->error);
    exchange->finished = outcome == LOCAL_ANSWERED;
    return outcome == LOCAL_BROKEN ? LOCAL_ANSWERED : outcome; /* why, it may have said before */
}

static enum local_outcome tell_fault(const struct exchange *exchange, size_t got)
{
    const char *fault = got == 0 ? "it ended too early" : exchange->answer->fault;
    if (exchange->answer->no_memory) {
        error_set(exchange->error, MSTR_E_MEMORY, "out of memory");
        return LOCAL_NO_MEMORY;
    }
    if (exchange->answer->not_taken) {
        error_set(exchange->error, MSTR_E_CANCELLED, "the answer was refused by its receiver");
        return LOCAL_ENDED;
    }
    error_set(exchange->error, got == 0 ? MSTR_E_NETWORK : MSTR_E_PROTOCOL, "the answer was not read: %s", fault);
    return LOCAL_BROKEN;
}

/* Whether octets of a body have been handed on, or may have been. */
static bool is_handing_on(const struct exchange *exchange)
{
    return exchange->request->write != NULL && exchange->answer->status / 100 == 2 &&
           exchange->answer->state != ANSWER_HEADER;
}

/* Receives once. The first octet must come soon, since it is said at once whether the request goes on. */
static enum local_outcome receive(struct exchange *exchange)
{
    char piece[PIECE];
    size_t got = 0;
    enum local_outcome outcome =
        connection_receive(exchange->fd, piece, sizeof(piece), exchange->begun ? 0 : connection_patience,
                           exchange->limits, &got, exchange->error);
    exchange->begun = exchange->begun || got > 0;
    if (outcome == LOCAL_ANSWERED && (got == 0 || !local_answer_feed(exchange->answer, piece, got))) {
        outcome = tell_fault(exchange, got);
    }
    explicit_bzero(piece, got);
    if (outcome == LOCAL_BROKEN && is_handing_on(exchange)) {
        error_set(exchange->error, MSTR_E_NETWORK, "the answer was cut short");
        error_set_step(exchange->error, LOCAL_STEP_ANSWER);
        outcome = LOCAL_CUT;
    }
    return outcome;
}

static enum local_outcome run(struct exchange *exchange)
{
    struct buffer head = BUFFER_INIT;
    struct local_answer *answer = exchange->answer;
    bool good = put_head(exchange->request, exchange->limits, &head);
    enum local_outcome outcome = LOCAL_NO_MEMORY;
    if (!good) {
        error_set(exchange->error, MSTR_E_USAGE, "the request has characters that no head can hold");
        outcome = LOCAL_ENDED;
    } else if (head.failed) {
        error_set(exchange->error, MSTR_E_MEMORY, "out of memory");
    } else {
        outcome = connection_send(exchange->fd, head.data, head.length, exchange->limits, exchange->error);
        outcome = outcome == LOCAL_BROKEN ? LOCAL_ANSWERED : outcome; /* as with the body */
    }
    buffer_release(&head);
    exchange->finished = !is_held_back(exchange->request);
    while (outcome == LOCAL_ANSWERED && !answer->complete) {
        outcome = receive(exchange);
        if (outcome == LOCAL_ANSWERED && answer->continued && answer->status == 0 &&
            is_held_back(exchange->request) && !exchange->bodied) {
            outcome = send_body(exchange);
        }
    }
    return outcome;
}

/* Whether a request whose connection broke may be sent once more: nobody can have acted on it, or it may be twice. */
static bool may_repeat(const struct exchange *exchange, bool kept)
{
    bool unseen = kept && !exchange->begun && is_held_back(exchange->request);
    return unseen || (exchange->request->again && exchange->request->read == NULL &&
                      (exchange->request->write == NULL || exchange->answer->status == 0));
}

/* One sending; the connection is kept where it can be used again. */
static enum local_outcome attempt(struct local *local, struct exchange *exchange, bool *repeat)
{
    const struct local_request *request = exchange->request;
    bool kept = exchange->fd >= 0;
    enum local_outcome outcome =
        kept ? LOCAL_ANSWERED
             : connection_open(local->path, local->owner, exchange->limits, &exchange->fd, exchange->error);
    local_answer_release(exchange->answer);
    local_answer_init(exchange->answer, strcmp(request->method, "HEAD") == 0,
                      request->answer_limit != 0 ? request->answer_limit : ANSWER_LIMIT);
    local_answer_hand_on(exchange->answer, request->write, request->write_data);
    if (outcome == LOCAL_ANSWERED) {
        outcome = run(exchange);
    }
    if ((outcome == LOCAL_BROKEN || outcome == LOCAL_ABSENT) && is_held_back(request) && !exchange->bodied) {
        error_set_step(exchange->error, "connect"); /* as where nobody listens: nothing was sent to act upon */
    }
    *repeat = outcome == LOCAL_BROKEN && may_repeat(exchange, kept);
    if (outcome == LOCAL_ANSWERED && exchange->answer->keep && exchange->finished) {
        keep_idle(local, exchange->fd);
    } else if (exchange->fd >= 0) {
        close(exchange->fd);
    }
    return outcome;
}

enum local_outcome local_send(struct local *local, const struct local_request *request, const struct limits *limits,
                              struct local_answer *answer, mstr_error *error)
{
    bool repeat = false;
    struct exchange first = {request, limits, answer, error, take_idle(local), false, false, false};
    local_answer_init(answer, false, 0);
    enum local_outcome outcome = attempt(local, &first, &repeat);
    if (repeat) {
        struct exchange second = {request, limits, answer, error, -1, false, false, false};
        outcome = attempt(local, &second, &repeat);
    }
    return outcome;
}
