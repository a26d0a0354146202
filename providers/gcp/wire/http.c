/* SPDX-License-Identifier: Apache-2.0 */
/* Requests with this plugin's deadlines and trust. */
#include "gcp/wire/http.h"

#include "sdk/host.h"

/* Times are ms. */
const struct traffic gcp_http_traffic = {.retry = {.attempts = 3,
                                                   .first_pause = 500,
                                                   .longest_pause = 4000,
                                                   .jitter_low = 90,
                                                   .jitter_high = 110,
                                                   .unanswered = PASSING_UNANSWERED,
                                                   .longest_asked = 20000},
                                         .connect_timeout = GCP_CONNECT_TIMEOUT,
                                         .timeout = GCP_TIMEOUT};

const char *gcp_http_ca_file(const struct mstr_instance *instance)
{
    return host->option(instance, "ca_file");
}

enum mstr_code gcp_http_read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                             struct mstr_error *error)
{
    (void)data;
    (void)response;
    (void)error;
    attempt->again = attempt_status_passes(attempt->status) ? AGAIN_LATER : AGAIN_NEVER;
    return MSTR_OK;
}
