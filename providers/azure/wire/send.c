/* Requests as this provider sends them. */
#include "azure/wire/send.h"

#include "azure/config/setting.h"
#include "sdk/host.h"

#include <stdio.h>
#include <string.h>

const struct retry_policy send_retry = {.attempts = 4,
                                        .first_pause = 800,
                                        .longest_pause = 60000,
                                        .longest_asked = 60000,
                                        .jitter_low = 80,
                                        .jitter_high = 130};

enum { CONNECT_TIMEOUT = 10000, TIMEOUT = 30000 }; /* ms */

void send_defaults(const struct mstr_instance *instance, struct mstr_http_request *request)
{
    request->size = sizeof(*request);
    request->connect_timeout = request->connect_timeout != 0 ? request->connect_timeout : CONNECT_TIMEOUT;
    request->timeout = request->timeout != 0 ? request->timeout : TIMEOUT;
    if (request->ca_file == NULL && request->ca_pem == NULL) {
        request->ca_file = setting_option(instance, "ca_file");
    }
}

enum mstr_code send_request(const struct mstr_instance *instance, const struct mstr_call *call,
                            struct mstr_http_request request, struct mstr_http_response **response,
                            struct mstr_error *error)
{
    send_defaults(instance, &request);
    return host->http(call, &request, response, error);
}

void send_request_id(const struct mstr_call *call, char id[REQUEST_ID_LENGTH + 1])
{
    char digits[33] = "00000000000000000000000000000000";
    size_t length = strnlen(call->trace_id, 32);
    memcpy(digits, call->trace_id, length);
    snprintf(id, REQUEST_ID_LENGTH + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16,
             digits + 20);
}

bool send_fits_header(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return length > 0;
}

bool send_is_passing(enum mstr_code code)
{
    return code == MSTR_E_NETWORK || code == MSTR_E_TIMEOUT;
}

bool send_status_is_passing(int status)
{
    static const int passing[] = {408, 429, 500, 502, 503, 504};
    for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
        if (passing[i] == status) {
            return true;
        }
    }
    return false;
}
