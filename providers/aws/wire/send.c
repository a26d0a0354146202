/* Signs and sends one call of a service's JSON 1.1 protocol. */
#include "aws/aws.h"
#include "aws/wire/endpoint.h"
#include "aws/wire/service_error.h"
#include "base/text.h"
#include "base/uri.h"
#include "sdk/retry.h"
#include "sdk/sigv4.h"

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

enum mstr_code aws_endpoint(const struct aws_call *request, const struct mstr_instance *own, struct buffer *url,
                            struct mstr_error *error)
{
    struct endpoint_settings settings;
    enum mstr_code code =
        endpoint_settings_read(own, request->config, request->profile, request->service->endpoint, &settings, error);
    const struct endpoint_query query = {.host = request->service->host,
                                         .region = request->region,
                                         .custom = settings.custom,
                                         .fips = settings.fips,
                                         .dual_stack = settings.dual_stack};
    return code == MSTR_OK ? endpoint_url(&query, url, error) : code;
}

static enum mstr_code find_destination(const struct aws_call *request, struct destination *destination,
                                       struct mstr_error *error)
{
    /* The option names the endpoint of the secrets, not of the services on the way to an identity. */
    bool is_own = request->service->resolve != NULL || request->own_endpoint;
    const struct mstr_instance *own = is_own ? request->instance : NULL;
    struct uri uri;
    enum mstr_code code = aws_endpoint(request, own, &destination->url, error);
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

static enum mstr_code sign(const struct aws_call *request, struct identity *identity, int64_t now,
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
        identity_sign(identity, request->region, request->service->name, now, &plain, &message->signature);
    message->count--; /* the host sends Host itself */
    if (code != MSTR_OK) {
        return host->error_set(error, code, "the request could not be signed");
    }
    add_header(message, "X-Amz-Date", message->signature.date);
    add_header(message, "Authorization", buffer_text(&message->signature.authorization));
    if (identity->session_token != NULL) {
        add_header(message, "X-Amz-Security-Token", identity->session_token);
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
                      request->service->resolve != NULL ? ", and kms:Decrypt on its key" : "");
        host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    }
    buffer_release(&hint);
}

static enum mstr_code exchange(const struct aws_call *request, const struct message *message, struct attempt *attempt,
                               const struct mstr_call *call, struct mstr_http_response **answer,
                               struct mstr_error *error)
{
    const char *bundle = host->environment("AWS_CA_BUNDLE");
    const char *ca_file = host->option(request->instance, "ca_file");
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
        pace_observe(request->pace, *answer, attempt);
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

static enum mstr_code send_once(const struct aws_call *request, struct identity *identity, struct attempt *attempt,
                                const struct mstr_call *call, struct mstr_http_response **answer,
                                struct mstr_error *error)
{
    struct message message = {.count = 0};
    enum mstr_code code = find_destination(request, &message.destination, error);
    if (code == MSTR_OK && !put_content(request, &message)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK && identity != NULL) {
        code = sign(request, identity, host->now() + attempt->skew, &message, error);
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

enum mstr_code aws_send(const struct aws_call *request, struct identity *identity, const struct mstr_call *call,
                        struct mstr_http_response **answer, struct mstr_error *error)
{
    struct pace none = {.spent = 0};
    struct aws_call paced = *request;
    int32_t cost = 0;
    *answer = NULL;
    paced.pace = request->pace != NULL ? request->pace : &none;
    for (int count = 1;; count++) {
        int64_t skew = pace_skew(paced.pace);
        struct attempt attempt = {
            .skew = skew, .candidate = skew, .asked = RETRY_NOT_ASKED, .asked_here = RETRY_NOT_ASKED};
        attempt.code = send_once(&paced, identity, &attempt, call, answer, error);
        if (attempt.code == MSTR_OK) {
            pace_succeeded(paced.pace, cost);
        }
        if (attempt.code == MSTR_OK || request->once ||
            !pace_again(paced.pace, &attempt, count, &cost, call, error)) {
            return attempt.code;
        }
    }
}

static bool has_expired(const struct mstr_error *error)
{
    static const char *const codes[] = {"ExpiredTokenException", "ExpiredToken", "TokenRefreshRequired"};
    const char *told = host->error_text(error, MSTR_DETAIL_SERVICE_CODE);
    for (size_t i = 0; told != NULL && i < sizeof(codes) / sizeof(*codes); i++) {
        if (strcmp(told, codes[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum mstr_code aws_send_as(struct aws *aws, const struct aws_call *request, const struct mstr_call *call,
                           struct mstr_http_response **answer, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    struct aws_call whole = *request;
    struct shared_config config = {NULL, 0};
    struct surroundings around;
    *answer = NULL;
    whole.pace = &aws->chain.pace;
    code = chain_look_around(aws->instance, call, &config, &around, error);
    whole.config = &config;
    whole.profile = code == MSTR_OK ? around.profile : NULL;
    for (int attempt = 0; code == MSTR_OK; attempt++) {
        struct identity *identity = NULL;
        code = chain_get(&aws->chain, aws->instance, call, &identity, error);
        if (code == MSTR_OK) {
            code = aws_send(&whole, identity, call, answer, error);
        }
        bool again = attempt == 0 && code == MSTR_E_AUTHENTICATION && identity != NULL && has_expired(error);
        if (again) {
            chain_forget(&aws->chain, identity);
        }
        identity_release(identity);
        if (!again) {
            break;
        }
        code = MSTR_OK;
    }
    shared_config_release(&config);
    return code;
}
