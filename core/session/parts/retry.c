/* SPDX-License-Identifier: Apache-2.0 */
/* The session's retry policy. */
#include "session/parts/retry.h"

#include "base/clock.h"
#include "base/timestamp.h"

#include <string.h>

static const struct retry_policy policy = {
    .attempts = RETRY_ATTEMPTS,
    .first_pause = 200,
    .longest_pause = 60 * 1000,
    .jitter_low = 50,
    .jitter_high = 100,
    .unanswered = PASSING_CONNECT | PASSING_BREAK,
    .longest_asked = 60 * 1000,
    .statuses = (const int[]){429, 502, 503, 504, 0},
    .methods = (const char *const[]){"GET", "HEAD", "OPTIONS", "PUT", "DELETE", NULL},
};

/* ms that the answer wants to be waited. */
static int64_t read_asked(const struct mstr_http_response *answer)
{
    int64_t asked = 0;
    const char *header = answer != NULL ? http_header(answer, "Retry-After") : NULL;
    return header != NULL && timestamp_parse_retry_after(header, clock_now(), &asked) ? asked : RETRY_NOT_ASKED;
}

/* The agent in between has tried as often as this would. */
static bool was_tried(const struct mstr_http_response *answer)
{
    const char *by = answer != NULL ? http_header(answer, "X-Mstr-Agent") : NULL;
    return by != NULL && strcmp(by, "tried") == 0;
}

int64_t retry_judge(const char *method, enum mstr_code code, const char *step,
                    const struct mstr_http_response *answer, int count)
{
    const struct retry_case sent = {.method = method,
                                    .count = count,
                                    .unanswered = retry_unanswered(code, step),
                                    .status = code == MSTR_OK ? http_answer(answer)->status : 0,
                                    .asked = read_asked(answer),
                                    .own_asked = RETRY_NOT_ASKED};
    return !was_tried(answer) && retry_may_mend(&policy, &sent)
               ? retry_pause(&policy, &sent, (uint32_t)clock_random_below((uint64_t)UINT32_MAX + 1))
               : RETRY_NEVER;
}
