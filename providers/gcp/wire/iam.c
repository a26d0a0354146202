/* SPDX-License-Identifier: Apache-2.0 */
/* The IAM Credentials API. */
#include "gcp/wire/iam.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "gcp/wire/http.h"
#include "gcp/wire/oauth.h"
#include "gcp/wire/service_error.h"
#include "sdk/host.h"

#include <string.h>

enum { LIFETIME = 3600 };

char *iam_email(const char *url)
{
    const char *slash = url != NULL ? strrchr(url, '/') : NULL;
    return slash != NULL ? text_copy_length(slash + 1, strcspn(slash + 1, ":")) : NULL;
}

static bool put_body(const struct iam_request *request, struct buffer *body)
{
    size_t count = request->delegates != NULL ? json_object_array_length(request->delegates) : 0;
    buffer_puts(body, "{\"scope\":[\"" SCOPE_CLOUD_PLATFORM "\"],\"lifetime\":");
    buffer_printf(body, "\"%llds\"", (long long)(request->lifetime != 0 ? request->lifetime : LIFETIME));
    for (size_t i = 0; i < count; i++) {
        struct json_object *delegate = json_object_array_get_idx(request->delegates, i);
        const char *text = json_object_is_type(delegate, json_type_string) ? json_object_get_string(delegate) : "";
        buffer_puts(body, i == 0 ? ",\"delegates\":[" : ",");
        json_put_string(body, text, strlen(text));
    }
    return buffer_puts(body, count > 0 ? "]}" : "}");
}

static enum mstr_code read_token(const struct mstr_http_answer *answer, struct token *token, struct mstr_error *error)
{
    struct token_given given = {.received = answer->received};
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *time = json_member_text(body, "expireTime");
    given.text = json_member_octets(body, "accessToken", &given.length);
    enum mstr_code code =
        given.text != NULL && time != NULL && timestamp_parse_rfc3339(time, &given.expires)
            ? token_take(token, &given, "IAM Credentials", error)
            : host->error_set(error, MSTR_E_PROTOCOL, "IAM Credentials answered without accessToken and expireTime");
    return json_done(body, parsed, code, error);
}

static enum mstr_code read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                           struct mstr_error *error)
{
    if (attempt->status == 200) {
        return read_token(host->http_answer(response), data, error);
    }
    enum mstr_code code = service_error_read(response, "IAM Credentials", NULL, attempt, error);
    if (code == MSTR_E_DENIED) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "grant roles/iam.serviceAccountTokenCreator on the service account to the caller, or to "
                           "each delegate on the next, and enable the IAM Credentials API");
    }
    return code;
}

enum mstr_code iam_generate_token(const struct mstr_instance *instance, const struct iam_request *request,
                                  const struct mstr_call *call, struct token *token, struct mstr_error *error)
{
    struct buffer bearer = BUFFER_INIT;
    struct buffer body = BUFFER_INIT;
    enum mstr_code code = MSTR_E_MEMORY;
    if (!buffer_printf(&bearer, "Bearer %s", request->bearer) || !put_body(request, &body)) {
        host->error_set(error, code, "out of memory");
        goto cleanup;
    }
    const struct mstr_header headers[] = {{"Authorization", buffer_text(&bearer)},
                                          {"Content-Type", "application/json"}};
    const struct mstr_http_request post = {.method = "POST",
                                           .url = request->url,
                                           .headers = headers,
                                           .header_count = 2,
                                           .body = buffer_text(&body),
                                           .body_length = body.length,
                                           .client_cert_file = request->cert_file,
                                           .client_key_file = request->key_file};
    struct request sending = {.traffic = &gcp_http_traffic,
                              .ca_file = gcp_http_ca_file(instance),
                              .error = error,
                              .fixed = &post,
                              .read = read,
                              .data = token};
    code = request_send(&sending, call);
cleanup:
    buffer_release(&body);
    buffer_release(&bearer);
    return code;
}
