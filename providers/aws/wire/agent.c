/* SPDX-License-Identifier: Apache-2.0 */
/* The services that the machine itself has for its keys. */
#include "aws/wire/agent.h"

enum { ANSWER_LIMIT = 65536 };

struct traffic agent_traffic(int attempts, int64_t pause, int64_t connect_timeout, int64_t timeout)
{
    return (struct traffic){.retry = {.attempts = attempts,
                                      .first_pause = pause,
                                      .longest_pause = pause,
                                      .jitter_low = 100,
                                      .jitter_high = 100,
                                      .unanswered = PASSING_BREAK | PASSING_TIMEOUT,
                                      .longest_asked = timeout},
                            .flags = MSTR_HTTP_NO_PROXY | MSTR_HTTP_ALLOW_PLAIN,
                            .connect_timeout = connect_timeout,
                            .timeout = timeout,
                            .answer_limit = ANSWER_LIMIT};
}

enum mstr_code agent_class(int status)
{
    return status == 429 ? MSTR_E_THROTTLED : status >= 500 ? MSTR_E_UNAVAILABLE : MSTR_E_AUTHENTICATION;
}

enum mstr_code agent_read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                          struct mstr_error *error)
{
    (void)data;
    (void)response;
    (void)error;
    bool passing = attempt->status != 200 && agent_class(attempt->status) != MSTR_E_AUTHENTICATION;
    attempt->again = passing ? AGAIN_LATER : AGAIN_NEVER;
    return MSTR_OK;
}
