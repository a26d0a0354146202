/* What the kinds of credential share. */
#include "azure/identity/identity.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

const struct retry_policy credential_retry = {.attempts = 4,
                                              .first_pause = 800,
                                              .longest_pause = 60000,
                                              .longest_asked = 60000,
                                              .jitter_low = 80,
                                              .jitter_high = 130};

enum { CONNECT_TIMEOUT = 10000, TIMEOUT = 30000 }; /* ms */

const char *credential_setting(const struct ask *ask, const char *option, const char *variable, const char **from)
{
    const char *unused = NULL;
    const char *value = option != NULL ? host->option(ask->instance, option) : NULL;
    from = from != NULL ? from : &unused;
    *from = option;
    if (text_empty(value)) {
        value = variable != NULL ? host->environment(variable) : NULL;
        *from = variable;
    }
    return text_empty(value) ? NULL : value;
}

enum mstr_code credential_http(const struct ask *ask, struct mstr_http_request request,
                               struct mstr_http_response **response, struct mstr_error *error)
{
    request.size = sizeof(request);
    request.connect_timeout = request.connect_timeout != 0 ? request.connect_timeout : CONNECT_TIMEOUT;
    request.timeout = request.timeout != 0 ? request.timeout : TIMEOUT;
    if (request.ca_file == NULL && request.ca_pem == NULL) {
        request.ca_file = host->option(ask->instance, "ca_file");
    }
    return host->http(ask->call, &request, response, error);
}

void credential_request_id(const struct mstr_call *call, char id[REQUEST_ID_LENGTH + 1])
{
    char digits[33] = "00000000000000000000000000000000";
    size_t length = strnlen(call->trace_id, 32);
    memcpy(digits, call->trace_id, length);
    snprintf(id, REQUEST_ID_LENGTH + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16,
             digits + 20);
}

bool credential_fits_header(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return length > 0;
}

bool credential_is_passing(enum mstr_code code)
{
    return code == MSTR_E_NETWORK || code == MSTR_E_TIMEOUT;
}

bool credential_status_is_passing(int status)
{
    static const int passing[] = {408, 429, 500, 502, 503, 504};
    for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
        if (passing[i] == status) {
            return true;
        }
    }
    return false;
}
