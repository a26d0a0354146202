/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as this provider sends them. */
#include "azure/wire/send.h"

#include "azure/config/setting.h"
#include "sdk/host.h"

#include <stdio.h>
#include <string.h>

/* Times are ms. */
const struct traffic send_traffic = {.retry = {.attempts = 4,
                                               .first_pause = 800,
                                               .longest_pause = 60000,
                                               .jitter_low = 80,
                                               .jitter_high = 130,
                                               .unanswered = PASSING_UNANSWERED,
                                               .longest_asked = 60000},
                                     .connect_timeout = 10000,
                                     .timeout = 30000};

const char *send_ca_file(const struct mstr_instance *instance)
{
    return setting_option(instance, "ca_file");
}

void send_request_id(const struct mstr_call *call, char id[REQUEST_ID_LENGTH + 1])
{
    char digits[33] = "00000000000000000000000000000000";
    size_t length = strnlen(call->trace_id, 32);
    memcpy(digits, call->trace_id, length);
    snprintf(id, REQUEST_ID_LENGTH + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12, digits + 16,
             digits + 20);
}
