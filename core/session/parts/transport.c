/* SPDX-License-Identifier: Apache-2.0 */
/* Mounted transports. */
#include "session/parts/transport.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/uri.h"
#include "http/response.h"
#include "http/sent_secrets.h"
#include "session/parts/response.h"

#include <stdlib.h>
#include <string.h>

struct mstr_transport_reply {
    struct http_client *client;
    const struct mstr_http_request *request;
    const struct http_extras *extras;
    const struct limits *limits;
    struct mstr_http_response *response; /* NULL until the status is known */
    mstr_response *shown;                /* what the transport sees of it */
    size_t body_at;                      /* how far the transport has read a body that is in memory */
    bool body_begun;                     /* it has read of one that is not */
    enum mstr_code taken;                /* why what it gave as the answer's body was not taken, if it was not */
};

static void unmount(struct mount **link)
{
    struct mount *mount = *link;
    *link = mount->next;
    if (mount->free_data != NULL) {
        mount->free_data(mount->data);
    }
    free(mount->prefix);
    free(mount);
}

void transports_release(struct transports *transports)
{
    while (transports->first != NULL) {
        unmount(&transports->first);
    }
}

enum mstr_code transports_mount(struct transports *transports, const char *prefix, mstr_transport_fn send, void *data,
                                void (*free_data)(void *))
{
    for (struct mount **link = &transports->first; *link != NULL; link = &(*link)->next) {
        if (text_equal_nocase((*link)->prefix, prefix)) {
            unmount(link);
            break;
        }
    }
    if (send == NULL) {
        return MSTR_OK;
    }
    struct mount *mount = malloc(sizeof(*mount));
    char *copy = text_copy(prefix);
    if (mount == NULL || copy == NULL) {
        free(mount);
        free(copy);
        return MSTR_E_MEMORY;
    }
    *mount = (struct mount){transports->first, copy, send, data, free_data};
    transports->first = mount;
    return MSTR_OK;
}

static const struct mount *find(const struct transports *transports, const char *url)
{
    const struct mount *best = NULL;
    size_t most = 0;
    for (const struct mount *mount = transports->first; mount != NULL; mount = mount->next) {
        size_t length = strlen(mount->prefix);
        if (text_equal_nocase_length(url, mount->prefix, length) && (best == NULL || length > most)) {
            best = mount;
            most = length;
        }
    }
    return best;
}

/* In the words of an answer that came by the network. */
static void tell_not_taken(const struct mstr_transport_reply *reply, mstr_error *error)
{
    struct uri uri = {.host = ""};
    uri_parse(reply->request->url, &uri);
    const int length = (int)uri.host_length;
    if (reply->taken == MSTR_E_CANCELLED) {
        error_set(error, reply->taken, "answer of %.*s refused by its receiver", length, uri.host);
    } else if (reply->taken == MSTR_E_PROTOCOL) {
        error_set(error, reply->taken, "answer of %.*s is larger than %zu octets", length, uri.host,
                  response_body_limit(reply->response));
    }
}

enum mstr_code transport_send(const struct transports *transports, struct http_client *client,
                              const struct mstr_http_request *request, const struct http_extras *extras,
                              const struct limits *limits, struct mstr_http_response **out, mstr_error *error)
{
    const struct mount *mount = transports->first != NULL ? find(transports, request->url) : NULL;
    if (mount == NULL) {
        return http_send(client, request, extras, limits, out, error);
    }
    struct mstr_transport_reply reply = {.client = client, .request = request, .extras = extras, .limits = limits};
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.cancel = limits->cancel;
    call.timeout = limits_remaining(limits);
    int64_t began = clock_now();
    *out = NULL;
    enum mstr_code code = limits_check(limits);
    if (code != MSTR_OK) {
        return error_set(error, code, "%s before the request was sent", mstr_code_text(code));
    }
    code = mount->send(request, &reply, &call, error, mount->data);
    response_unwrap(reply.shown);
    if (code == MSTR_OK && reply.response == NULL) {
        code =
            error_set(error, MSTR_E_PROTOCOL, "the transport mounted for \"%.200s\" gave no answer", mount->prefix);
    }
    if (code != MSTR_OK && code == reply.taken && mstr_error_code(error) == MSTR_OK) {
        tell_not_taken(&reply, error);
    }
    if (code != MSTR_OK && mstr_error_code(error) == MSTR_OK) {
        error_set(error, code,
                  code == MSTR_E_MEMORY ? "out of memory" : "the transport mounted for \"%.200s\" failed",
                  mount->prefix);
    }
    if (code != MSTR_OK) {
        sent_secrets_hide(request, extras, NULL, error);
        http_response_free(reply.response);
        return code;
    }
    if (reply.response->answer.body == NULL) { /* not forwarded */
        response_complete(reply.response, began, clock_now());
    }
    if (reply.response->answer.status >= 400 && !sent_secrets_hide(request, extras, reply.response, NULL)) {
        http_response_free(reply.response);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = reply.response;
    return MSTR_OK;
}

static enum mstr_code add_line(mstr_transport_reply *reply, const struct buffer *line)
{
    if (line->failed) {
        return MSTR_E_MEMORY;
    }
    switch (response_add_line(reply->response, line->data, line->length)) {
    case RESPONSE_LINE_GOOD:
        return MSTR_OK;
    case RESPONSE_LINE_TOO_MANY:
        return MSTR_E_PROTOCOL;
    case RESPONSE_LINE_NO_MEMORY:
        return MSTR_E_MEMORY;
    case RESPONSE_LINE_MALFORMED:
    default:
        return MSTR_E_USAGE;
    }
}

enum mstr_code mstr_transport_reply_status(mstr_transport_reply *reply, int status)
{
    struct buffer line = BUFFER_INIT;
    if (reply->response != NULL || status < 200 || status > 599) {
        return MSTR_E_USAGE;
    }
    reply->response = response_new(reply->request->url, reply->request->response_limit);
    if (reply->response == NULL) {
        return MSTR_E_MEMORY;
    }
    buffer_printf(&line, "HTTP/1.1 %d", status);
    enum mstr_code code = add_line(reply, &line);
    buffer_release(&line);
    return code;
}

enum mstr_code mstr_transport_reply_header(mstr_transport_reply *reply, const char *name, const char *value)
{
    struct buffer line = BUFFER_INIT;
    if (reply->response == NULL || text_empty(name) || name[strcspn(name, ": \t\r\n")] != '\0' ||
        value[strcspn(value, "\r\n")] != '\0') {
        return MSTR_E_USAGE;
    }
    buffer_printf(&line, "%s: %s", name, value);
    enum mstr_code code = add_line(reply, &line);
    buffer_release(&line);
    return code;
}

enum mstr_code mstr_transport_reply_body(mstr_transport_reply *reply, const void *octets, size_t length)
{
    if (reply->response == NULL) {
        return MSTR_E_USAGE;
    }
    const struct http_extras *extras = reply->extras;
    if (extras->write != NULL && reply->response->answer.status / 100 == 2) {
        bool taken = (extras->begin == NULL || extras->begin(reply->response, extras->write_data)) &&
                     extras->write(octets, length, extras->write_data);
        return reply->taken = taken ? MSTR_OK : MSTR_E_CANCELLED;
    }
    switch (response_add_body(reply->response, octets, length)) {
    case RESPONSE_BODY_TOO_LARGE:
        return reply->taken = MSTR_E_PROTOCOL;
    case RESPONSE_BODY_NO_MEMORY:
        return MSTR_E_MEMORY;
    case RESPONSE_BODY_GOOD:
    default:
        return MSTR_OK;
    }
}

size_t transport_body_length(const mstr_transport_reply *reply)
{
    bool read = reply->extras->read != NULL && reply->extras->read_length > 0;
    return read ? (size_t)reply->extras->read_length : 0;
}

enum mstr_code mstr_transport_read_body(mstr_transport_reply *reply, void *into, size_t capacity, size_t *got)
{
    const struct mstr_http_request *request = reply->request;
    *got = 0;
    if (reply->extras->read == NULL) {
        size_t left = request->body_length - reply->body_at;
        *got = left < capacity ? left : capacity;
        if (*got > 0) {
            memcpy(into, (const char *)request->body + reply->body_at, *got);
        }
        reply->body_at += *got;
        return MSTR_OK;
    }
    int64_t read = reply->extras->read(into, capacity, reply->extras->read_data);
    reply->body_begun = true;
    if (read < 0 || (uint64_t)read > capacity) {
        return MSTR_E_CANCELLED;
    }
    *got = (size_t)read;
    return MSTR_OK;
}

enum mstr_code mstr_transport_forward(mstr_transport_reply *reply, mstr_error *error)
{
    const struct http_extras *extras = reply->extras;
    if (reply->response != NULL) {
        return error_set(error, MSTR_E_USAGE, "the reply was begun already");
    }
    if (reply->body_begun && (extras->rewind == NULL || !extras->rewind(extras->read_data))) {
        return error_set(error, MSTR_E_USAGE, "the transport has read a body that cannot be read a second time");
    }
    reply->body_begun = false;
    enum mstr_code code = http_send(reply->client, reply->request, extras, reply->limits, &reply->response, error);
    if (code != MSTR_OK) { /* nothing was begun that could not be begun anew */
        http_response_free(reply->response);
        reply->response = NULL;
    }
    return code;
}

const mstr_response *mstr_transport_answer(mstr_transport_reply *reply)
{
    if (reply->shown == NULL && reply->response != NULL && reply->response->answer.body != NULL) { /* forwarded */
        reply->shown = response_wrap(reply->response);
    }
    return reply->shown;
}
