/* Calls with the keys of an instance. */
#include "aws/service/aws.h"

#include "aws/wire/service_error.h"
#include "sdk/host.h"
#include "sdk/identity_digest.h"

#include <string.h>

bool aws_ask_singly(const struct inquiry *inquiry, size_t count, enum mstr_code code, const struct mstr_error *error)
{
    const char *hint = host->error_text(error, MSTR_DETAIL_HINT);
    bool refused = code == MSTR_E_DENIED || code == MSTR_E_REQUEST || code == MSTR_E_NOT_FOUND;
    if (refused) {
        host->log(inquiry->aws->settings.instance, MSTR_LEVEL_INFO, "asking for %zu secrets one by one: %s%s%s",
                  count, host->error_message(error), hint != NULL ? "; " : "", hint != NULL ? hint : "");
    }
    return refused;
}

bool aws_same_region(const struct inquiry *inquiry, const char *a, const char *b)
{
    a = a != NULL ? a : inquiry->config->region;
    b = b != NULL ? b : inquiry->config->region;
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static enum mstr_code tell_no_region(struct mstr_error *error)
{
    host->error_set(error, MSTR_E_CONFIG, "no AWS region is configured");
    host->error_detail(error, MSTR_DETAIL_HINT, "set region in the provider's section or profile, or AWS_REGION");
    return MSTR_E_CONFIG;
}

/* Where nobody says it, the region is that of the identity. */
static enum mstr_code send_signed(const struct inquiry *inquiry, struct aws_call call, struct aws_keys *keys,
                                  struct mstr_http_response **answer, struct mstr_error *error)
{
    call.region = call.region != NULL ? call.region : keys->region;
    enum mstr_code code = call.region == NULL ? tell_no_region(error) : endpoint_check_region(call.region, error);
    return code == MSTR_OK ? aws_send(&call, keys, inquiry->call, answer, error) : code;
}

enum mstr_code aws_send_as(const struct inquiry *inquiry, const struct aws_call *request,
                           struct mstr_http_response **answer, struct mstr_error *error)
{
    struct aws *aws = inquiry->aws;
    struct aws_call whole = *request;
    enum mstr_code code = MSTR_OK;
    *answer = NULL;
    whole.config = inquiry->config;
    whole.retry_policy = &aws->keys.retry_policy;
    whole.service = &aws->service->service;
    whole.endpoint = aws->settings.endpoint;
    whole.region = request->region != NULL ? request->region : inquiry->config->region;
    whole.decrypts = true;
    for (int attempt = 0; code == MSTR_OK; attempt++) {
        struct aws_keys *keys = NULL;
        code = renewable_keys_get(&aws->keys, request->region, inquiry->call, &keys, error);
        if (code == MSTR_OK) {
            code = send_signed(inquiry, whole, keys, answer, error);
        }
        if (code == MSTR_OK && request->identity != NULL) {
            identity_digest(keys->access_key, request->identity);
        }
        bool again =
            attempt == 0 && code == MSTR_E_AUTHENTICATION && keys != NULL && service_error_is(error, OF_OLD_KEYS);
        if (again) {
            renewable_keys_forget(&aws->keys, keys);
        }
        aws_keys_release(keys);
        if (!again) {
            break;
        }
        code = MSTR_OK;
    }
    return code;
}

void aws_refuse_another(struct mstr_request *request, const char *action, const char *named)
{
    host->set_error(request, MSTR_E_PROTOCOL, "%s answered with another secret, \"%.200s\"", action, named);
    host->error_detail(request->error, MSTR_DETAIL_HINT, "check endpoint, and what stands between");
}
