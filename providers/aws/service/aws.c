/* Calls with the keys of an instance. */
#include "aws/service/aws.h"

#include "sdk/host.h"

#include <string.h>

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
    struct configuration config;
    struct aws_call whole = *request;
    *answer = NULL;
    enum mstr_code code = configuration_load(&aws->settings, &config, error);
    whole.config = &config;
    whole.retry_policy = &aws->keys.retry_policy;
    whole.service = &aws->service->service;
    whole.endpoint = aws->settings.endpoint;
    whole.decrypts = true;
    for (int attempt = 0; code == MSTR_OK; attempt++) {
        struct aws_keys *keys = NULL;
        code = renewable_keys_get(&aws->keys, call, &keys, error);
        if (code == MSTR_OK) {
            code = aws_send(&whole, keys, call, answer, error);
        }
        bool again = attempt == 0 && code == MSTR_E_AUTHENTICATION && keys != NULL && has_expired(error);
        if (again) {
            renewable_keys_forget(&aws->keys, keys);
        }
        aws_keys_release(keys);
        if (!again) {
            break;
        }
        code = MSTR_OK;
    }
    configuration_release(&config);
    return code;
}
