/* SPDX-License-Identifier: Apache-2.0 */
/* One sending: token, cookies and project go out; cookies and a rotated token come in; redirects are followed within
 * the origin. */
#include "session/attempt.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "http/sent_secrets.h"
#include "session/parts/header.h"
#include "session/parts/redirect.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADERS_MAX = 128,
    ANSWER_LIMIT = 256 * 1024 * 1024, /* octets of an answer that is held in memory */
    LINGER = 1000,                    /* ms, as MSTR_SESSION_AWAIT_LOGIN and MSTR_REQUEST_AWAIT_ANSWER say */
};

static const char token_header[] = "X-MSTR-AuthToken";

/* A message on its way: a redirect may change its method, drop its body, and change its URL. */
struct message {
    const struct exchange *exchange;
    mstr_network network;
    const char *method;
    struct buffer url;
    bool with_body;
    uint64_t number;            /* for events */
    struct secret_filter *sent; /* secrets of what was answered by a redirect */
};

/* What the session adds to a message: copies, so that nothing is locked while it is sent. */
struct additions {
    struct pairs headers;
    struct buffer cookies;
    mstr_secret *proxy_password;
    mstr_secret *key_passphrase;
    bool failed;
    bool moved; /* the session has gone to another origin since the request's URL was made */
};

static void put_cookie(struct buffer *out, const struct mstr_header *cookie)
{
    buffer_printf(out, "%s%s=%s", out->length > 0 ? "; " : "", cookie->name, cookie->value);
}

static void collect(mstr_session *session, const struct message *message, const struct uri *uri,
                    struct additions *additions)
{
    const struct exchange *exchange = message->exchange;
    pthread_mutex_lock(&session->mutex);
    additions->moved = !exchange->foreign && !session_is_at(session, uri);
    if (!exchange->foreign) {
        additions->failed = !pairs_copy(&session->headers, &additions->headers);
    }
    if (!exchange->foreign && !exchange->login) {
        const struct cookies *jar = exchange->jar != NULL ? exchange->jar : &session->cookies;
        cookies_put(jar, uri, clock_now(), &additions->cookies);
    }
    for (size_t i = 0; !exchange->foreign && i < session->given_cookies.count; i++) {
        put_cookie(&additions->cookies, &session->given_cookies.items[i]);
    }
    if (message->network.proxy == session->settings.proxy) {
        additions->proxy_password = mstr_secret_retain(session->proxy_password);
    }
    if (message->network.client_cert == session->settings.client_cert) {
        additions->key_passphrase = mstr_secret_retain(session->key_passphrase);
    }
    pthread_mutex_unlock(&session->mutex);
    for (size_t i = 0; i < exchange->cookie_count; i++) {
        put_cookie(&additions->cookies, &exchange->cookies[i]);
    }
    additions->failed |= additions->cookies.failed;
}

static void additions_release(struct additions *additions)
{
    pairs_release(&additions->headers);
    buffer_release(&additions->cookies);
    mstr_secret_release(additions->proxy_password);
    mstr_secret_release(additions->key_passphrase);
}

struct header_list {
    struct mstr_header items[HEADERS_MAX];
    size_t count;
};

/* Adds a header that has a value, unless one of its name is there already: what is said first wins. */
static void add_header(struct header_list *list, const char *name, const char *value)
{
    bool known = value == NULL || list->count == HEADERS_MAX;
    for (size_t i = 0; i < list->count && !known; i++) {
        known = text_equal_nocase(list->items[i].name, name);
    }
    if (!known) {
        list->items[list->count++] = (struct mstr_header){name, value};
    }
}

static void list_headers(const struct message *message, const struct additions *additions, struct header_list *list)
{
    const struct exchange *exchange = message->exchange;
    const char *cookies = buffer_text(&additions->cookies);
    const char *token = exchange->token != NULL ? mstr_secret_octets(exchange->token) : NULL;
    list->count = 0;
    add_header(list, "Content-Type", message->with_body ? exchange->content_type : NULL);
    add_header(list, token_header, token);
    add_header(list, "X-MSTR-ProjectID", exchange->project_id);
    add_header(list, "Cookie", *cookies != '\0' ? cookies : NULL);
    for (size_t i = 0; i < exchange->header_count; i++) {
        add_header(list, exchange->headers[i].name, exchange->headers[i].value);
    }
    for (size_t i = 0; i < additions->headers.count; i++) {
        add_header(list, additions->headers.items[i].name, additions->headers.items[i].value);
    }
    add_header(list, "Accept", "application/json");
}

/* What HTTP requests of plugins have no place for. */
static struct http_extras extras_of(const struct message *message, const struct additions *additions, uint32_t flags)
{
    const struct exchange *exchange = message->exchange;
    const mstr_network *network = &message->network;
    const mstr_secret *proxy = additions->proxy_password;
    const mstr_secret *key = additions->key_passphrase;
    bool awaited = exchange->login ? (flags & MSTR_SESSION_AWAIT_LOGIN) != 0 : exchange->awaited;
    struct http_extras extras = {
        .proxy = network->proxy,
        .no_proxy = network->no_proxy,
        .no_environment = (network->flags & MSTR_NETWORK_NO_ENVIRONMENT) != 0,
        .proxy_user = network->proxy_username,
        .proxy_password = proxy != NULL ? mstr_secret_octets(proxy) : NULL,
        .key_passphrase = key != NULL ? mstr_secret_octets(key) : NULL,
        .pinned_key = network->pinned_key,
        .accept_compressed = true,
        .http2 = true,
        .send_once = strcmp(message->method, "POST") == 0 || strcmp(message->method, "PATCH") == 0,
        .low_speed_timeout = network->stall_timeout,
        .keep_broken = exchange->login,
        .linger = awaited ? LINGER : 0,
        .secrets = exchange->secrets,
    };
    if (message->with_body && exchange->upload != NULL) {
        extras.read = upload_read;
        extras.rewind = upload_rewind;
        extras.read_length = exchange->upload->reader.length;
        extras.read_data = exchange->upload;
    }
    if (exchange->download != NULL) {
        extras.write = download_write;
        extras.begin = download_begin;
        extras.write_data = exchange->download;
    }
    return extras;
}

/* Token, cookies and headers are the server's that the session has now: they never go to the one before. */
static enum mstr_code tell_moved(mstr_error *error)
{
    error_set(error, MSTR_E_SESSION,
              "base_url names another server since the session was renewed; the request was not sent to the old one");
    error_set_hint(error, "send the request again: it then goes to the new server");
    return MSTR_E_SESSION;
}

static enum mstr_code send_once(mstr_session *session, const struct message *message, const struct uri *uri,
                                const struct limits *limits, char proxy_told[PROXY_TOLD],
                                struct mstr_http_response **out, mstr_error *error)
{
    struct header_list headers;
    struct additions additions = {.cookies = BUFFER_INIT};
    struct http_client *client = context_http(session->context, error);
    const struct exchange *exchange = message->exchange;
    bool in_memory = message->with_body && exchange->upload == NULL;
    enum mstr_code code = MSTR_E_MEMORY;
    collect(session, message, uri, &additions);
    if (client == NULL || additions.failed) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (additions.moved) {
        code = tell_moved(error);
    } else {
        struct http_extras extras = extras_of(message, &additions, session->settings.flags);
        extras.proxy_told = proxy_told;
        list_headers(message, &additions, &headers);
        const struct mstr_http_request request = {
            .size = sizeof(request),
            .flags = session->settings.allow_plain && !exchange->foreign ? MSTR_HTTP_ALLOW_PLAIN : 0,
            .method = message->method,
            .url = buffer_text(&message->url),
            .headers = headers.items,
            .header_count = headers.count,
            .body = in_memory ? exchange->body : NULL,
            .body_length = in_memory ? exchange->body_length : 0,
            .response_limit = exchange->response_limit != 0 ? exchange->response_limit : ANSWER_LIMIT,
            .connect_timeout = message->network.connect_timeout,
            .ca_file = message->network.ca_file,
            .client_cert_file = message->network.client_cert,
            .client_key_file = message->network.client_key,
        };
        code = transport_send(&session->transports, client, &request, &extras, limits, out, error);
        if (code == MSTR_OK && redirect_is(http_answer(*out)->status)) {
            sent_secrets_add(&request, &extras, message->sent);
        }
    }
    additions_release(&additions);
    return code;
}

/* The same, with the events before and after it. */
static enum mstr_code send_and_tell(mstr_session *session, const struct message *message, const struct uri *uri,
                                    const struct limits *limits, struct mstr_http_response **out, mstr_error *error)
{
    char proxy_told[PROXY_TOLD] = "";
    int64_t begin = clock_monotonic();
    mstr_event event = {.kind = MSTR_EVENT_REQUEST,
                        .number = message->number,
                        .method = message->method,
                        .url = buffer_text(&message->url)};
    events_tell(&session->events, &event);
    enum mstr_code code = send_once(session, message, uri, limits, proxy_told, out, error);
    event.proxy = *proxy_told != '\0' ? proxy_told : NULL;
    event.elapsed = clock_monotonic() - begin;
    events_answered(&session->events, &event, *out, code);
    session_note_use(session);
    return code;
}

/* Whether what the session would send back can stand in a header. */
static enum mstr_code check_state(const struct exchange *exchange, const struct uri *uri,
                                  const struct mstr_http_response *answer, mstr_error *error)
{
    const char *name = NULL;
    const char *value = NULL;
    for (size_t i = 0; http_header_at(answer, i, &name, &value); i++) {
        bool sent_back = text_equal_nocase(name, token_header) || text_equal_nocase(name, "Set-Cookie");
        if (sent_back && !header_is_value(value)) {
            error_set(error, MSTR_E_PROTOCOL, "%s %.*s: the answer's header %s has line breaks or control characters",
                      exchange->method, (int)uri->path_length, uri->path, name);
            error_set_http_status(error, http_answer(answer)->status);
            return MSTR_E_PROTOCOL;
        }
    }
    return MSTR_OK;
}

/* A token that an answer brings. Only a success does, as an error page may echo anything. */
static const char *token_in(const struct mstr_http_response *answer)
{
    const char *text = http_answer(answer)->status < 300 ? http_header(answer, token_header) : NULL;
    return text_empty(text) ? NULL : text;
}

/* Once for a session, as a server may set the same with each answer. */
static void tell_refused_cookies(mstr_session *session)
{
    log_write(context_log(session->context), MSTR_LEVEL_WARN, "session",
              "the server sets more than %d cookies, or one longer than %d octets; what is too much is not sent back",
              COOKIES_MAX, COOKIE_LENGTH_MAX);
}

/* Takes what the answer changes and can be sent back; a token only in place of the one that was sent: the answer may
 * be older than a new login. False without memory: a login has then not opened the session. */
static bool take_state(mstr_session *session, const struct exchange *exchange, const struct uri *uri,
                       const struct mstr_http_response *answer)
{
    const char *text = token_in(answer);
    bool begins = exchange->login && text != NULL;
    mstr_secret *token = text != NULL && header_is_value(text) ? mstr_secret_new(text, strlen(text)) : NULL;
    mstr_secret *old = NULL;
    const char *name = NULL;
    const char *value = NULL;
    bool memory = text == NULL || !header_is_value(text) || token != NULL;
    pthread_mutex_lock(&session->mutex);
    bool ours = session->base != NULL && session_is_at(session, uri);
    const bool told = session->cookies.refused > 0;
    if (begins && ours) {
        cookies_clear(&session->cookies);
    }
    for (size_t i = 0; ours && (!exchange->login || begins) && http_header_at(answer, i, &name, &value); i++) {
        if (text_equal_nocase(name, "Set-Cookie") && header_is_value(value)) {
            memory = cookies_set(&session->cookies, uri, value, clock_now()) && memory;
        }
    }
    if ((begins && ours && memory) ||
        (token != NULL && exchange->token != NULL && exchange->token == session->token)) {
        old = session->token;
        session->token = token;
        session->delegated = exchange->login ? exchange->delegated : session->delegated;
        session->taken_up = session->taken_up && !exchange->login;
        token = NULL;
    }
    bool refused = session->cookies.refused > 0 && !told;
    pthread_mutex_unlock(&session->mutex);
    if (refused) {
        tell_refused_cookies(session);
    }
    mstr_secret_release(token);
    mstr_secret_release(old);
    return memory;
}

static void refuse_redirect(int status, const char *target, mstr_error *error)
{
    error_set(error, MSTR_E_PROTOCOL, "the server redirects to %.200s, which is not followed", target);
    error_set_http_status(error, status);
    error_set_hint(error, "credentials never follow a redirect to another origin; check base_url");
}

/* The redirect's target for messages, without its query. False if it repeats a secret of the request: its path would
 * be told by events and logs. */
static bool is_tellable(const struct message *message, const char *location, struct buffer *told)
{
    size_t length = location != NULL ? strcspn(location, "?#") : 0;
    buffer_puts(told, length == 0 ? "nowhere" : "");
    buffer_append(told, location, length);
    return !secret_filter_hide(message->sent, told);
}

/* Turns the message to where the answer points. Never leaves the origin, which is all the token and the cookies are
 * for. */
static enum mstr_code turn(struct message *message, const struct uri *from, const struct mstr_http_response *answer,
                           mstr_error *error)
{
    int status = http_answer(answer)->status;
    const char *location = http_header(answer, "Location");
    struct buffer target = BUFFER_INIT;
    struct buffer told = BUFFER_INIT;
    struct uri to;
    bool tellable = is_tellable(message, location, &told);
    if (message->sent->no_memory || told.failed ||
        (location != NULL && !redirect_put_target(from, location, &target))) {
        buffer_release(&target);
        buffer_release(&told);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!tellable || !uri_parse(buffer_text(&target), &to) || !uri_same_origin(from, &to) || to.user != NULL) {
        refuse_redirect(status, buffer_text(&told), error);
        buffer_release(&target);
        buffer_release(&told);
        return MSTR_E_PROTOCOL;
    }
    buffer_release(&told);
    if (redirect_becomes_get(status, message->method)) {
        message->method = "GET";
        message->with_body = false;
    }
    buffer_release(&message->url);
    message->url = target;
    if (message->with_body && message->exchange->upload != NULL && !upload_rewind(message->exchange->upload)) {
        return error_set(error, MSTR_E_PROTOCOL,
                         "the server redirects a request whose body cannot be sent a second time");
    }
    return MSTR_OK;
}

enum mstr_code session_attempt(mstr_session *session, const struct exchange *exchange, const struct limits *limits,
                               struct mstr_http_response **out, mstr_error *error)
{
    struct secret_filter sent = SECRET_FILTER_INIT;
    struct message message = {exchange,
                              settings_network(&session->settings, exchange->network),
                              exchange->method,
                              BUFFER_INIT,
                              exchange->body != NULL || exchange->upload != NULL,
                              exchange->number != 0 ? exchange->number : events_number(&session->events),
                              &sent};
    bool changes = !exchange->foreign && exchange->jar == NULL; /* the answer, what the session has */
    enum mstr_code code = MSTR_OK;
    buffer_puts(&message.url, exchange->url);
    *out = NULL;
    for (int32_t redirects = 0; code == MSTR_OK; redirects++) {
        struct uri uri;
        if (message.url.failed || !uri_parse(buffer_text(&message.url), &uri)) {
            code = message.url.failed ? error_set(error, MSTR_E_MEMORY, "out of memory")
                                      : error_set(error, MSTR_E_USAGE, "the request's URL is malformed");
            break;
        }
        code = send_and_tell(session, &message, &uri, limits, out, error);
        if (*out != NULL && changes && !take_state(session, exchange, &uri, *out)) {
            http_response_free(*out);
            *out = NULL;
            code = error_set(error, MSTR_E_MEMORY, "out of memory");
        }
        if (code == MSTR_OK && changes) {
            code = check_state(exchange, &uri, *out, error);
        }
        if (code != MSTR_OK || !redirect_is(http_answer(*out)->status) || exchange->keep_redirects) {
            break;
        }
        if (redirects == message.network.max_redirects) {
            code = error_set(error, MSTR_E_PROTOCOL, "the server redirects more than %d times", (int)redirects);
        } else {
            code = turn(&message, &uri, *out, error);
        }
        http_response_free(*out);
        *out = NULL;
    }
    buffer_release(&message.url);
    secret_filter_release(&sent);
    return code;
}

void session_tell(mstr_session *session, mstr_error *told, mstr_error *error)
{
    struct secret_filter sent = SECRET_FILTER_INIT;
    struct additions additions = {.cookies = BUFFER_INIT};
    struct header_list headers;
    struct uri uri;
    char *base = NULL;
    mstr_secret *token = session_token(session);
    const struct exchange exchange = {.method = "GET", .token = token};
    const struct message message = {.exchange = &exchange, .method = exchange.method};
    enum mstr_code code = session_base(session, &base, NULL);
    if (code == MSTR_OK && uri_parse(base, &uri)) {
        collect(session, &message, &uri, &additions);
        list_headers(&message, &additions, &headers);
        const struct mstr_http_request request = {
            .url = base, .headers = headers.items, .header_count = headers.count};
        sent_secrets_add(&request, NULL, &sent);
    }
    sent.records.failed |= additions.failed || code == MSTR_E_MEMORY; /* then the texts are hidden whole */
    secret_filter_hide_in_error(&sent, told);
    error_copy(error, told);
    additions_release(&additions);
    secret_filter_release(&sent);
    mstr_secret_release(token);
    free(base);
}
