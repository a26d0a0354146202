/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to Vault. */
#include "vault/wire/message.h"

#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

/* Times are ms. A version of a secret has at most 1 MiB, which JSON may write several times as long. */
enum { CONNECT_TIMEOUT = 10000, FIRST_PAUSE = 300, LONGEST_PAUSE = 5000, LONGEST_ASKED = 60000 };
enum { ANSWER_MOST = 4 * 1024 * 1024 };

struct traffic vault_traffic(const struct vault_settings *settings, bool login)
{
    return (struct traffic){.retry = {.attempts = settings->attempts,
                                      .first_pause = FIRST_PAUSE,
                                      .longest_pause = LONGEST_PAUSE,
                                      .jitter_low = 33,
                                      .jitter_high = 100,
                                      .unanswered = login ? PASSING_CONNECT : PASSING_UNANSWERED,
                                      .longest_asked = LONGEST_ASKED,
                                      .asked_when_busy = true},
                            .flags =
                                (settings->plain ? MSTR_HTTP_ALLOW_PLAIN : 0) | (login ? MSTR_HTTP_SINGLE_SHOT : 0),
                            .connect_timeout = CONNECT_TIMEOUT,
                            .timeout = settings->timeout,
                            .answer_limit = ANSWER_MOST};
}

bool vault_message_add(struct vault_message *message, const char *path)
{
    return buffer_putc(&message->path, '/') && uri_encode_keep(&message->path, path, strlen(path), "/");
}

static size_t put_headers(struct vault_message *message)
{
    size_t count = 0;
    message->headers[count++] = (struct mstr_header){"X-Vault-Request", "true"};
    if (message->token != NULL) {
        message->headers[count++] = (struct mstr_header){"X-Vault-Token", message->token};
    }
    if (message->namespace != NULL) {
        message->headers[count++] = (struct mstr_header){"X-Vault-Namespace", message->namespace};
    }
    if (message->index != NULL) {
        message->headers[count++] = (struct mstr_header){"X-Vault-Index", message->index};
        message->headers[count++] = (struct mstr_header){"X-Vault-Inconsistent", "forward-active-node"};
    }
    if (message->body != NULL) {
        message->headers[count++] = (struct mstr_header){"Content-Type", "application/json"};
    }
    return count;
}

/* Where it goes: the address, or the active node's origin with the address's own path. */
static bool put_url(struct vault_message *message)
{
    struct uri uri;
    const char *address = buffer_text(&message->settings->address);
    buffer_clear(&message->url);
    if (message->origin.length == 0 || !uri_parse(address, &uri)) {
        buffer_puts(&message->url, address);
    } else {
        buffer_puts(&message->url, buffer_text(&message->origin));
        buffer_append(&message->url, uri.path, uri.path_length);
    }
    buffer_puts(&message->url, "/v1");
    return buffer_puts(&message->url, buffer_text(&message->path));
}

enum mstr_code vault_message_prepare(struct vault_message *message, struct mstr_http_request *http,
                                     struct mstr_error *error)
{
    const struct vault_settings *settings = message->settings;
    if (message->path.failed || !put_url(message)) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *http = (struct mstr_http_request){.method = message->method != NULL ? message->method : "GET",
                                       .url = buffer_text(&message->url),
                                       .headers = message->headers,
                                       .header_count = put_headers(message),
                                       .body = message->body,
                                       .body_length = message->body != NULL ? strlen(message->body) : 0,
                                       .ca_file = settings->ca_file,
                                       .ca_pem = settings->ca_pem,
                                       .client_cert_file = settings->client_cert,
                                       .client_key_file = settings->client_key,
                                       .tls_server_name = settings->server_name,
                                       .proxy = settings->proxy};
    return MSTR_OK;
}

/* A host, with or without its port, that the user lists as one of the cluster's. */
static bool is_listed(const char *list, const struct uri *uri, const char *origin)
{
    const char *authority = strstr(origin, "://") + strlen("://");
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ", ");
        bool whole = length == strlen(authority) && text_equal_nocase_length(list, authority, length);
        bool host_only = length == uri->host_length && text_equal_nocase_length(list, uri->host, length);
        if (length > 0 && (whole || host_only)) {
            return true;
        }
        list += length + strspn(list + length, ", ");
    }
    return false;
}

static enum mstr_code refuse_redirect(const struct vault_message *message, const char *where, const char *why,
                                      const char *hint, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_PROTOCOL, "%s: %s sends the request on to %.200s, %s", message->asked.what,
                    buffer_text(&message->settings->address), where, why);
    host->error_detail(error, MSTR_DETAIL_HINT, hint);
    return MSTR_E_PROTOCOL;
}

/* Only to an origin that may have the token too. */
static enum mstr_code follow(struct vault_message *message, struct mstr_http_response *response,
                             struct mstr_error *error)
{
    struct uri from;
    struct uri to;
    const char *where = host->http_header(response, "Location");
    where = where != NULL ? where : "nowhere";
    if (!message->settings->redirects) {
        return refuse_redirect(message, where, "and redirects are disabled", "name the active node in the address",
                               error);
    }
    if (message->origin.length > 0) {
        return refuse_redirect(message, where, "the second time", "name the active node in the address", error);
    }
    if (!uri_parse(where, &to) || !uri_parse(buffer_text(&message->settings->address), &from)) {
        return refuse_redirect(message, where, "which is no URL", NULL, error);
    }
    if (from.https && !to.https) {
        return refuse_redirect(message, where, "which is plain http", "have api_addr set to https on that node",
                               error);
    }
    if (!uri_origin(&to, &message->origin)) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    bool same = from.host_length == to.host_length && text_equal_nocase_length(from.host, to.host, to.host_length);
    return same || is_listed(message->settings->redirect_hosts, &to, buffer_text(&message->origin))
               ? MSTR_OK
               : refuse_redirect(message, where, "a host which may not have the token",
                                 "if it is a node of the same cluster, name it in redirect_hosts", error);
}

enum mstr_code vault_message_refused(struct vault_message *message, struct attempt *attempt,
                                     struct mstr_http_response *response, bool *token, struct mstr_error *error)
{
    static const int redirects[] = {301, 302, 307, 308};
    for (size_t i = 0; i < sizeof(redirects) / sizeof(*redirects); i++) {
        if (attempt->status == redirects[i]) {
            enum mstr_code code = follow(message, response, error);
            attempt->again = code == MSTR_OK ? AGAIN_AT_ONCE : AGAIN_NEVER;
            return code;
        }
    }
    return vault_refusal_read(response, &message->asked, attempt, token, error);
}

void vault_message_log_warnings(const struct vault_message *message, const struct vault_answer *answer)
{
    struct json_object *sent = NULL;
    if (message->body != NULL) {
        json_read(message->body, strlen(message->body), &sent);
    }
    sent = sent != NULL ? sent : json_object_new_object();
    json_object_object_add(sent, "token", message->token != NULL ? json_object_new_string(message->token) : NULL);
    vault_answer_log_warnings(answer, sent, message->settings->instance, message->asked.what);
    json_release(sent);
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    (void)attempt;
    return vault_message_prepare(data, http, error);
}

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    return attempt->status / 100 == 2 ? MSTR_OK : vault_message_refused(data, attempt, response, NULL, error);
}

enum mstr_code vault_message_send(struct vault_message *message, const struct mstr_call *call,
                                  struct vault_answer *answer, struct mstr_http_response **response,
                                  struct mstr_error *error)
{
    const struct traffic traffic = vault_traffic(message->settings, message->asked.login);
    struct request request = {
        .traffic = &traffic, .error = error, .prepare = prepare, .read = read, .data = message, .keeps_answer = true};
    enum mstr_code code = request_send(&request, call);
    *answer = (struct vault_answer){.tree = NULL};
    if (code == MSTR_OK && host->http_answer(request.answer)->status != 204) {
        code = vault_answer_read(host->http_answer(request.answer), answer, error);
        vault_message_log_warnings(message, answer);
    }
    if (response != NULL) {
        *response = request.answer;
    } else {
        host->http_free(request.answer);
    }
    return code;
}

void vault_message_release(struct vault_message *message)
{
    buffer_release(&message->path);
    buffer_release(&message->origin);
    buffer_release(&message->url);
}
