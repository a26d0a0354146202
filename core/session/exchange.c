/* One exchange with the server: token, cookies and project go out; cookies and a rotated token come in; redirects are
 * followed within the origin. */
#include "session/session.h"

#include "error/error.h"
#include "util/clock.h"
#include "util/text.h"

#include <string.h>

enum { HEADERS_MAX = 64 };
enum { ANSWER_LIMIT = 256 * 1024 * 1024 }; /* octets of an answer that is held in memory */

static const char token_header[] = "X-MSTR-AuthToken";

/* A message on its way: a redirect may change its method, drop its body, and change its URL. */
struct message {
    const struct exchange *exchange;
    const char *method;
    struct buffer url;
    bool with_body;
};

static void add_header(struct mstr_header headers[HEADERS_MAX], size_t *count, const char *name, const char *value)
{
    if (value != NULL && *count < HEADERS_MAX) {
        headers[(*count)++] = (struct mstr_header){name, value};
    }
}

static size_t collect_headers(const struct message *message, const char *token, const char *cookies,
                              struct mstr_header headers[HEADERS_MAX])
{
    const struct exchange *exchange = message->exchange;
    size_t count = 0;
    add_header(headers, &count, "Accept", "application/json");
    add_header(headers, &count, "Content-Type", message->with_body ? exchange->content_type : NULL);
    add_header(headers, &count, token_header, token);
    add_header(headers, &count, "X-MSTR-ProjectID", exchange->project_id);
    add_header(headers, &count, "Cookie", *cookies != '\0' ? cookies : NULL);
    for (size_t i = 0; i < exchange->header_count; i++) {
        if (text_equal_nocase(exchange->headers[i].name, "Accept")) {
            headers[0].value = exchange->headers[i].value;
        } else {
            add_header(headers, &count, exchange->headers[i].name, exchange->headers[i].value);
        }
    }
    return count;
}

/* What the session's settings say about the connection. */
static struct http_extras extras_of(const mstr_session *session, const mstr_secret *proxy, const mstr_secret *key)
{
    const struct settings *settings = &session->settings;
    return (struct http_extras){
        .proxy = settings->proxy,
        .no_proxy = settings->no_proxy,
        .proxy_user = settings->proxy_username,
        .proxy_password = proxy != NULL ? mstr_secret_octets(proxy) : NULL,
        .key_passphrase = key != NULL ? mstr_secret_octets(key) : NULL,
        .accept_compressed = true,
        .http2 = true,
    };
}

static enum mstr_code send_once(mstr_session *session, const struct message *message, const struct uri *uri,
                                const struct limits *limits, struct mstr_http_response **out, mstr_error *error)
{
    struct mstr_header headers[HEADERS_MAX];
    struct buffer cookies = BUFFER_INIT;
    struct http_client *client = context_http(session->context, error);
    const mstr_secret *token = message->exchange->token;
    enum mstr_code code = MSTR_E_NETWORK;
    pthread_mutex_lock(&session->mutex);
    if (!message->exchange->login) {
        cookies_put(&session->cookies, uri, clock_now(), &cookies);
    }
    mstr_secret *proxy = mstr_secret_retain(session->proxy_password);
    mstr_secret *key = mstr_secret_retain(session->key_passphrase);
    pthread_mutex_unlock(&session->mutex);
    const struct http_extras extras = extras_of(session, proxy, key);
    if (client != NULL) {
        const char *text = token != NULL ? mstr_secret_octets(token) : NULL;
        const struct mstr_http_request request = {
            .size = sizeof(request),
            .method = message->method,
            .url = buffer_text(&message->url),
            .headers = headers,
            .header_count = collect_headers(message, text, buffer_text(&cookies), headers),
            .body = message->with_body ? message->exchange->body : NULL,
            .body_length = message->with_body ? message->exchange->body_length : 0,
            .response_limit = ANSWER_LIMIT,
            .connect_timeout = session->settings.connect_timeout,
            .ca_file = session->settings.ca_file,
            .client_cert_file = session->settings.client_cert,
            .client_key_file = session->settings.client_key,
        };
        code = http_send(client, &request, &extras, limits, out, error);
    }
    mstr_secret_release(proxy);
    mstr_secret_release(key);
    buffer_release(&cookies);
    return code;
}

/* Takes what the answer changes. Only a success changes the token, as an error page may echo anything, and only in
 * place of the token that was sent: the answer may be older than a new login. */
static void take_state(mstr_session *session, const struct exchange *exchange, const struct uri *uri,
                       const struct mstr_http_response *answer)
{
    const char *text = http_answer(answer)->status < 300 ? http_header(answer, token_header) : NULL;
    mstr_secret *token = text_empty(text) ? NULL : mstr_secret_new(text, strlen(text));
    mstr_secret *old = NULL;
    const char *name = NULL;
    const char *value = NULL;
    pthread_mutex_lock(&session->mutex);
    if (exchange->login && token != NULL) {
        cookies_clear(&session->cookies);
    }
    for (size_t i = 0; (!exchange->login || token != NULL) && http_header_at(answer, i, &name, &value); i++) {
        if (text_equal_nocase(name, "Set-Cookie")) {
            cookies_set(&session->cookies, uri, value, clock_now());
        }
    }
    if (token != NULL && (exchange->login || (exchange->token != NULL && exchange->token == session->token))) {
        old = session->token;
        session->token = token;
        token = NULL;
    }
    pthread_mutex_unlock(&session->mutex);
    mstr_secret_release(token);
    mstr_secret_release(old);
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* The redirect's target as an absolute URL. Relative ones are of the forms servers send: a path, or a whole URL. */
static bool find_target(const struct uri *from, const char *location, struct buffer *target)
{
    if (location[0] == '/' && location[1] != '/') {
        uri_origin(from, target);
    }
    return buffer_puts(target, location);
}

/* Turns the message to where the answer points. RFC 9110 15.4: 303 always becomes GET, 301 and 302 do for POST as all
 * clients do, 307 and 308 repeat the request. Never leaves the origin, which is all the token and the cookies are
 * for. */
static enum mstr_code turn(struct message *message, const struct uri *from, const struct mstr_http_response *answer,
                           mstr_error *error)
{
    int status = http_answer(answer)->status;
    const char *location = http_header(answer, "Location");
    struct buffer target = BUFFER_INIT;
    struct uri to;
    if (location == NULL || !find_target(from, location, &target) || !uri_parse(buffer_text(&target), &to) ||
        !uri_same_origin(from, &to)) {
        buffer_release(&target);
        error_set(error, MSTR_E_PROTOCOL, "the server redirects to %.200s, which is not followed",
                  location != NULL ? location : "nowhere");
        error_set_http_status(error, status);
        error_set_hint(error, "credentials never follow a redirect to another origin; check base_url");
        return MSTR_E_PROTOCOL;
    }
    bool head = strcmp(message->method, "HEAD") == 0;
    bool post = strcmp(message->method, "POST") == 0;
    if (!head && (status == 303 || (post && (status == 301 || status == 302)))) {
        message->method = "GET";
        message->with_body = false;
    }
    buffer_release(&message->url);
    message->url = target;
    return MSTR_OK;
}

enum mstr_code session_exchange(mstr_session *session, const struct exchange *exchange, const struct limits *limits,
                                struct mstr_http_response **out, mstr_error *error)
{
    struct message message = {exchange, exchange->method, BUFFER_INIT, exchange->body != NULL};
    enum mstr_code code = MSTR_OK;
    buffer_puts(&message.url, exchange->url);
    *out = NULL;
    for (int64_t redirects = 0; code == MSTR_OK; redirects++) {
        struct uri uri;
        if (!uri_parse(buffer_text(&message.url), &uri)) {
            code = error_set(error, MSTR_E_USAGE, "the request's URL is malformed");
            break;
        }
        code = send_once(session, &message, &uri, limits, out, error);
        if (code != MSTR_OK) {
            break;
        }
        take_state(session, exchange, &uri, *out);
        if (!is_redirect(http_answer(*out)->status)) {
            break;
        }
        if (redirects == session->settings.max_redirects) {
            code = error_set(error, MSTR_E_PROTOCOL, "the server redirects more than %d times", (int)redirects);
        } else {
            code = turn(&message, &uri, *out, error);
        }
        http_response_free(*out);
        *out = NULL;
    }
    buffer_release(&message.url);
    return code;
}
