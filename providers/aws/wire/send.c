/* Signs and sends one call of a service's JSON 1.1 or query protocol. */
#include "aws/wire/send.h"

#include "aws/wire/service_error.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/host.h"
#include "sdk/retry.h"

#include <string.h>

/* ms to connect, and for one exchange. */
enum { CONNECT_TIMEOUT = 3100, EXCHANGE_TIMEOUT = 15000 };
/* Twenty secrets of 64 KiB, every octet of which may be escaped. */
enum { ANSWER_LIMIT = 8 * 1024 * 1024 };

/* The parts of the request that depend on the endpoint. */
struct destination {
    struct buffer url;
    struct buffer host_header;
    struct buffer path;
};

static enum mstr_code find_destination(const struct aws_call *request, struct destination *destination,
                                       struct mstr_error *error)
{
    struct uri uri;
    enum mstr_code code = endpoint_find(request->service, request->region, request->endpoint, request->config,
                                        &destination->url, error);
    if (code != MSTR_OK) {
        return code;
    }
    buffer_putc(&destination->url, '/');
    if (!uri_parse(buffer_text(&destination->url), &uri)) {
        return host->error_set(error, MSTR_E_CONFIG, "endpoint \"%.200s\" is not a URL",
                               buffer_text(&destination->url));
    }
    uri_host_header(&uri, &destination->host_header);
    buffer_append(&destination->path, uri.path, uri.path_length);
    bool failed = destination->host_header.failed || destination->path.failed;
    return failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* A request in the making: what goes on the wire beside its body. */
struct message {
    struct destination destination;
    struct buffer target;
    struct mstr_header headers[6];
    size_t count;
    struct sigv4_signature signature;
};

static void add_header(struct message *message, const char *name, const char *value)
{
    message->headers[message->count++] = (struct mstr_header){name, value};
}

/* What is said of the body; the first headers, which are signed. */
static bool put_content(const struct aws_call *request, struct message *message)
{
    if (request->prefix == NULL) {
        add_header(message, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        return true;
    }
    buffer_puts(&message->target, request->prefix);
    buffer_puts(&message->target, request->action);
    add_header(message, "Content-Type", "application/x-amz-json-1.1");
    add_header(message, "X-Amz-Target", buffer_text(&message->target));
    return !message->target.failed;
}

static enum mstr_code sign(const struct aws_call *request, struct aws_keys *keys, int64_t now,
                           struct message *message, struct mstr_error *error)
{
    add_header(message, "Host", buffer_text(&message->destination.host_header));
    const struct sigv4_request plain = {.method = "POST",
                                        .path = buffer_text(&message->destination.path),
                                        .headers = message->headers,
                                        .header_count = message->count,
                                        .body = request->body,
                                        .body_length = request->body_length};
    enum mstr_code code =
        aws_keys_sign(keys, request->region, request->service->name, now, &plain, &message->signature);
    message->count--; /* the host sends Host itself */
    if (code != MSTR_OK) {
        return host->error_set(error, code, "the request could not be signed");
    }
    add_header(message, "X-Amz-Date", message->signature.date);
    add_header(message, "Authorization", buffer_text(&message->signature.authorization));
    if (keys->session_token != NULL) {
        add_header(message, "X-Amz-Security-Token", keys->session_token);
    }
    return MSTR_OK;
}

/* Which permission is missing, where the service says no more than that one is. */
static void tell_permission(const struct aws_call *request, struct mstr_error *error)
{
    const char *told = host->error_text(error, MSTR_DETAIL_SERVICE_CODE);
    struct buffer hint = BUFFER_INIT;
    if (told != NULL && text_starts_with(told, "AccessDenied")) {
        buffer_printf(&hint, "allow this identity %s:%s on the resource%s", request->service->name, request->action,
                      request->decrypts ? ", and kms:Decrypt on its key" : "");
        host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    }
    buffer_release(&hint);
}

static enum mstr_code exchange(const struct aws_call *request, const struct message *message,
                               struct aws_attempt *attempt, const struct mstr_call *call,
                               struct mstr_http_response **answer, struct mstr_error *error)
{
    const char *bundle = host->environment("AWS_CA_BUNDLE");
    const char *ca_file = request->config->settings->ca_file;
    const struct mstr_http_request http = {
        .size = sizeof(http),
        /* only a user's own endpoint is plain http */
        .flags = MSTR_HTTP_ALLOW_PLAIN | (request->once ? MSTR_HTTP_SINGLE_SHOT : 0),
        .method = "POST",
        .url = buffer_text(&message->destination.url),
        .headers = message->headers,
        .header_count = message->count,
        .body = request->body,
        .body_length = request->body_length,
        .response_limit = ANSWER_LIMIT,
        .connect_timeout = CONNECT_TIMEOUT,
        .timeout = EXCHANGE_TIMEOUT,
        .ca_file = ca_file != NULL || text_empty(bundle) ? ca_file : bundle,
    };
    enum mstr_code code = host->http(call, &http, answer, error);
    if (code == MSTR_OK) {
        aws_retry_observe(request->retry_policy, *answer, attempt);
    }
    if (code == MSTR_OK && host->http_answer(*answer)->status != 200) {
        code = service_error_tell(*answer, request->action, error);
        if (code == MSTR_E_DENIED) {
            tell_permission(request, error);
        }
        host->http_free(*answer);
        *answer = NULL;
    }
    return code;
}

static enum mstr_code send_once(const struct aws_call *request, struct aws_keys *keys, struct aws_attempt *attempt,
                                const struct mstr_call *call, struct mstr_http_response **answer,
                                struct mstr_error *error)
{
    struct message message = {.count = 0};
    enum mstr_code code = find_destination(request, &message.destination, error);
    if (code == MSTR_OK && !put_content(request, &message)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK && keys != NULL) {
        code = sign(request, keys, host->now() + attempt->skew, &message, error);
    }
    if (code == MSTR_OK) {
        code = exchange(request, &message, attempt, call, answer, error);
    }
    sigv4_release(&message.signature);
    buffer_release(&message.target);
    buffer_release(&message.destination.url);
    buffer_release(&message.destination.host_header);
    buffer_release(&message.destination.path);
    return code;
}

enum mstr_code aws_send(const struct aws_call *request, struct aws_keys *keys, const struct mstr_call *call,
                        struct mstr_http_response **answer, struct mstr_error *error)
{
    struct aws_retry_policy none = {.spent = 0};
    struct aws_call whole = *request;
    int32_t cost = 0;
    *answer = NULL;
    whole.retry_policy = request->retry_policy != NULL ? request->retry_policy : &none;
    for (int count = 1;; count++) {
        int64_t skew = aws_retry_skew(whole.retry_policy);
        struct aws_attempt attempt = {
            .skew = skew, .candidate = skew, .asked = RETRY_NOT_ASKED, .asked_here = RETRY_NOT_ASKED};
        attempt.code = send_once(&whole, keys, &attempt, call, answer, error);
        if (attempt.code == MSTR_OK) {
            aws_retry_succeeded(whole.retry_policy, cost);
        }
        if (attempt.code == MSTR_OK || request->once ||
            !aws_retry_again(whole.retry_policy, &attempt, count, &cost, call, error)) {
            return attempt.code;
        }
    }
}
