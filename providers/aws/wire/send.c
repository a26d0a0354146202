/* SPDX-License-Identifier: Apache-2.0 */
/* Signs and sends one call of a service's JSON 1.1, query or REST protocol. */
#include "aws/wire/send.h"

#include "aws/wire/service_error.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <string.h>

enum { HEADERS_MAX = 6 };

/* A call on its way: what goes on the wire beside its body. */
struct message {
    const struct aws_call *call;
    struct aws_keys *keys;
    struct buffer url;
    struct buffer host_header;
    struct buffer path;
    struct buffer target;
    struct buffer proof;
    struct mstr_header headers[HEADERS_MAX];
    size_t count;
    struct sigv4_signature signature;
};

static enum mstr_code find_destination(struct message *message, struct mstr_error *error)
{
    struct uri uri;
    const struct aws_call *call = message->call;
    enum mstr_code code =
        endpoint_find(call->service, call->region, call->endpoint, call->config, &message->url, error);
    if (code != MSTR_OK) {
        return code;
    }
    buffer_puts(&message->url, call->path != NULL ? call->path : "/");
    if (!uri_parse(buffer_text(&message->url), &uri)) {
        return host->error_set(error, MSTR_E_CONFIG, "endpoint \"%.200s\" is not a URL", buffer_text(&message->url));
    }
    uri_host_header(&uri, &message->host_header);
    buffer_append(&message->path, uri.path, uri.path_length);
    bool failed = message->url.failed || message->host_header.failed || message->path.failed;
    return failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

static void add_header(struct message *message, const char *name, const char *value)
{
    message->headers[message->count++] = (struct mstr_header){name, value};
}

/* What is said of the body; the first headers, which are signed. */
static void put_content(struct message *message)
{
    const struct aws_call *call = message->call;
    message->count = 0;
    if (call->body != NULL) {
        add_header(message, "Content-Type",
                   call->path != NULL     ? "application/json"
                   : call->prefix != NULL ? "application/x-amz-json-1.1"
                                          : "application/x-www-form-urlencoded; charset=utf-8");
    }
    if (call->prefix != NULL) {
        add_header(message, "X-Amz-Target", buffer_text(&message->target));
    }
}

static enum mstr_code sign(struct message *message, int64_t now, struct mstr_error *error)
{
    const struct aws_call *call = message->call;
    bool global = strcmp(buffer_text(&message->host_header), ENDPOINT_GLOBAL_STS) == 0;
    const char *region = global ? ENDPOINT_GLOBAL_STS_REGION : call->region;
    add_header(message, "Host", buffer_text(&message->host_header));
    const struct sigv4_request plain = {.method = "POST",
                                        .path = buffer_text(&message->path),
                                        .headers = message->headers,
                                        .header_count = message->count,
                                        .body = call->body,
                                        .body_length = call->body_length};
    sigv4_release(&message->signature);
    enum mstr_code code = aws_keys_sign(message->keys, region, call->service->name, now, &plain, &message->signature);
    message->count--; /* the host sends Host itself */
    if (code != MSTR_OK) {
        return host->error_set(error, code, "the request could not be signed");
    }
    add_header(message, "X-Amz-Date", message->signature.date);
    add_header(message, "Authorization", buffer_text(&message->signature.authorization));
    if (message->keys->session_token != NULL) {
        add_header(message, "X-Amz-Security-Token", message->keys->session_token);
    }
    return MSTR_OK;
}

static enum mstr_code prove(struct message *message, int64_t now, struct mstr_error *error)
{
    const struct aws_call *call = message->call;
    buffer_clear(&message->proof);
    enum mstr_code code = call->prove(call->data, buffer_text(&message->url), now, &message->proof, error);
    add_header(message, call->proof_header, buffer_text(&message->proof));
    return code == MSTR_OK && message->proof.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : code;
}

static enum mstr_code prepare(void *data, struct attempt *attempt, struct mstr_http_request *http,
                              struct mstr_error *error)
{
    struct message *message = data;
    const struct aws_call *call = message->call;
    enum mstr_code code = MSTR_OK;
    put_content(message);
    if (message->keys != NULL) {
        code = sign(message, attempt->now, error);
    } else if (call->prove != NULL) {
        code = prove(message, attempt->now, error);
    }
    http->method = call->body != NULL ? "POST" : "GET";
    http->url = buffer_text(&message->url);
    http->headers = message->headers;
    http->header_count = message->count;
    http->body = call->body;
    http->body_length = call->body_length;
    return code;
}

/* Services say in codes that a failure passes, whatever its status. */
static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    const struct message *message = data;
    const struct aws_call *call = message->call;
    if (attempt->status == 200) {
        return MSTR_OK;
    }
    enum mstr_code code = call->tell != NULL ? call->tell(call->data, response, error)
                                             : service_error_tell(response, call->action, error);
    if (code == MSTR_E_DENIED && call->tell == NULL) {
        service_error_hint_permission(call->service->name, call->action, call->decrypts, error);
    }
    bool by_code = attempt->status < 500 && (code == MSTR_E_THROTTLED || code == MSTR_E_UNAVAILABLE);
    attempt->again = by_code ? AGAIN_LATER : AGAIN_BY_POLICY;
    attempt->clock = service_error_is(error, OF_THE_CLOCK) || (call->proves_now && attempt->status < 500);
    return code;
}

enum mstr_code aws_send(const struct aws_call *request, struct aws_keys *keys, const struct mstr_call *call,
                        struct mstr_http_response **answer, struct mstr_error *error)
{
    struct aws_retry_policy none = {.attempts = 0};
    struct aws_retry_policy *policy = request->retry_policy != NULL ? request->retry_policy : &none;
    struct traffic traffic = aws_retry_traffic(policy);
    struct message message = {.call = request, .keys = keys};
    struct request sending = {.traffic = &traffic,
                              .ca_file = configuration_ca_file(request->config),
                              .quota = &policy->quota,
                              .clock = &policy->clock,
                              .error = error,
                              .prepare = prepare,
                              .read = read,
                              .data = &message,
                              .keeps_answer = true};
    if (request->once) {
        traffic.retry.attempts = 1;
        traffic.flags |= MSTR_HTTP_SINGLE_SHOT;
    }
    enum mstr_code code = find_destination(&message, error);
    if (code == MSTR_OK && request->prefix != NULL &&
        !(buffer_puts(&message.target, request->prefix) && buffer_puts(&message.target, request->action))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        code = request_send(&sending, call);
    }
    if (code == MSTR_E_CONFIG) {
        configuration_name_ca_file(request->config, error);
    }
    *answer = sending.answer;
    sigv4_release(&message.signature);
    buffer_release(&message.url);
    buffer_release(&message.host_header);
    buffer_release(&message.path);
    buffer_release(&message.target);
    buffer_release(&message.proof);
    return code;
}
