/* Signs and sends one call of a service's JSON 1.1 protocol. */
#include "aws/aws.h"
#include "aws/endpoint.h"
#include "aws/service_error.h"
#include "common/sigv4.h"
#include "util/text.h"
#include "util/uri.h"

#include <string.h>

/* ms to connect, and for one exchange. */
enum { CONNECT_TIMEOUT = 3100, EXCHANGE_TIMEOUT = 15000 };

enum mstr_code aws_region(const struct aws *aws, const char *preferred, const char **region, struct mstr_error *error)
{
    const char *const sources[] = {preferred, host->option(aws->instance, "region"), host->environment("AWS_REGION"),
                                   host->environment("AWS_DEFAULT_REGION")};
    *region = NULL;
    for (size_t i = 0; i < sizeof(sources) / sizeof(*sources) && *region == NULL; i++) {
        *region = text_empty(sources[i]) ? NULL : sources[i];
    }
    if (*region == NULL) {
        host->error_set(error, MSTR_E_CONFIG, "no AWS region is configured");
        host->error_detail(error, MSTR_DETAIL_HINT, "set region in the provider's section, or AWS_REGION");
        return MSTR_E_CONFIG;
    }
    if (!sigv4_region_is_valid(*region)) {
        return host->error_set(error, MSTR_E_CONFIG, "\"%.64s\" is no AWS region", *region);
    }
    return MSTR_OK;
}

/* The parts of the request that depend on the endpoint. */
struct destination {
    struct buffer url;
    struct buffer host_header;
    struct buffer path;
};

static enum mstr_code find_destination(const struct aws *aws, const char *region, struct destination *destination,
                                       struct mstr_error *error)
{
    const struct endpoint_query query = {
        .host = aws->service->host,
        .region = region,
        .custom = endpoint_custom(aws->instance, aws->service->endpoint),
        .fips = endpoint_switch("AWS_USE_FIPS_ENDPOINT"),
        .dual_stack = endpoint_switch("AWS_USE_DUALSTACK_ENDPOINT"),
    };
    struct uri uri;
    enum mstr_code code = endpoint_url(&query, &destination->url, error);
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

static enum mstr_code sign(const struct aws *aws, const struct aws_call *request, const struct identity *identity,
                           const struct destination *destination, struct sigv4_signature *signature,
                           struct mstr_error *error)
{
    const struct mstr_header headers[] = {{"Host", buffer_text(&destination->host_header)},
                                          {"Content-Type", "application/x-amz-json-1.1"},
                                          {"X-Amz-Target", request->target}};
    const struct sigv4_request plain = {.method = "POST",
                                        .path = buffer_text(&destination->path),
                                        .headers = headers,
                                        .header_count = sizeof(headers) / sizeof(*headers),
                                        .body = request->body,
                                        .body_length = request->body_length};
    const struct sigv4_identity keys = {identity->access_key, identity->secret_key, identity->session_token};
    enum mstr_code code =
        sigv4_sign(&keys, request->region, aws->service->name, host->now(), &plain, NULL, signature);
    return code == MSTR_OK ? MSTR_OK : host->error_set(error, code, "the request could not be signed");
}

static enum mstr_code exchange(const struct aws *aws, const struct aws_call *request, const struct identity *identity,
                               const struct destination *destination, const struct sigv4_signature *signature,
                               const struct mstr_call *call, struct mstr_http_response **answer,
                               struct mstr_error *error)
{
    const struct mstr_header headers[] = {{"Content-Type", "application/x-amz-json-1.1"},
                                          {"X-Amz-Target", request->target},
                                          {"X-Amz-Date", signature->date},
                                          {"Authorization", buffer_text(&signature->authorization)},
                                          {"X-Amz-Security-Token", identity->session_token}};
    const struct mstr_http_request http = {
        .size = sizeof(http),
        .flags = MSTR_HTTP_ALLOW_PLAIN, /* only a user's own endpoint is plain http */
        .method = "POST",
        .url = buffer_text(&destination->url),
        .headers = headers,
        .header_count = identity->session_token != NULL ? 5 : 4,
        .body = request->body,
        .body_length = request->body_length,
        .connect_timeout = CONNECT_TIMEOUT,
        .timeout = EXCHANGE_TIMEOUT,
        .ca_file = host->option(aws->instance, "ca_file"),
    };
    enum mstr_code code = host->http(call, &http, answer, error);
    if (code == MSTR_OK && host->http_answer(*answer)->status != 200) {
        code = service_error_tell(*answer, request->target, error);
        host->http_free(*answer);
        *answer = NULL;
    }
    return code;
}

enum mstr_code aws_send(const struct aws *aws, const struct aws_call *request, const struct identity *identity,
                        const struct mstr_call *call, struct mstr_http_response **answer, struct mstr_error *error)
{
    struct destination destination = {BUFFER_INIT, BUFFER_INIT, BUFFER_INIT};
    struct sigv4_signature signature = {.text = ""};
    *answer = NULL;
    enum mstr_code code = find_destination(aws, request->region, &destination, error);
    if (code == MSTR_OK) {
        code = sign(aws, request, identity, &destination, &signature, error);
    }
    if (code == MSTR_OK) {
        code = exchange(aws, request, identity, &destination, &signature, call, answer, error);
    }
    sigv4_release(&signature);
    buffer_release(&destination.url);
    buffer_release(&destination.host_header);
    buffer_release(&destination.path);
    return code;
}
