/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of attempts. */
#include "base/retry_policy.h"

#include <stddef.h>
#include <string.h>

unsigned retry_unanswered(enum mstr_code code, const char *step)
{
    if (code == MSTR_E_NETWORK) {
        return step != NULL && strcmp(step, "connect") == 0 ? PASSING_CONNECT : PASSING_BREAK;
    }
    return code == MSTR_E_TIMEOUT ? PASSING_TIMEOUT : 0;
}

bool retry_status_passes(const int *statuses, int status)
{
    static const int usual[] = {408, 429, 500, 502, 503, 504, 0};
    const int *one = statuses != NULL ? statuses : usual;
    while (*one != 0 && *one != status) {
        one++;
    }
    return *one != 0;
}

static bool is_repeatable(const struct retry_policy *policy, const char *method)
{
    const char *const *one = policy->methods;
    while (one != NULL && method != NULL && *one != NULL && strcmp(*one, method) != 0) {
        one++;
    }
    return one == NULL || method == NULL || *one != NULL;
}

bool retry_may_mend(const struct retry_policy *policy, const struct retry_case *sent)
{
    bool passing = sent->status != 0 ? retry_status_passes(policy->statuses, sent->status)
                                     : (policy->unanswered & sent->unanswered) != 0;
    return passing && (sent->unanswered == PASSING_CONNECT || is_repeatable(policy, sent->method));
}

/* Doubled with each attempt; a chance between the policy's two shares of it, so that clients that failed together do
 * not return together. */
static int64_t usual_pause(const struct retry_policy *policy, const struct retry_case *sent, uint32_t chance)
{
    int64_t pause = sent->throttled && policy->throttled_pause > 0 ? policy->throttled_pause : policy->first_pause;
    for (int i = 1; i < sent->count && pause < policy->longest_pause; i++) {
        pause *= 2;
    }
    pause = pause < policy->longest_pause ? pause : policy->longest_pause;
    int64_t low = pause * policy->jitter_low / 100;
    int64_t span = pause * policy->jitter_high / 100 - low;
    return low + (int64_t)((uint64_t)span * chance / UINT32_MAX);
}

int64_t retry_pause(const struct retry_policy *policy, const struct retry_case *sent, uint32_t chance)
{
    int64_t pause = usual_pause(policy, sent, chance);
    int64_t asked = sent->own_asked;
    if (sent->count >= policy->attempts) {
        return RETRY_NEVER;
    }
    if (policy->own_header_span > 0 && asked != RETRY_NOT_ASKED) {
        int64_t latest = pause + policy->own_header_span;
        return asked < pause ? pause : asked > latest ? latest : asked;
    }
    bool counts = !policy->asked_when_busy || sent->status == 429 || sent->status == 503;
    asked = counts ? sent->asked : RETRY_NOT_ASKED;
    if (asked > policy->longest_asked && !policy->asked_is_cut) {
        return RETRY_NEVER;
    }
    asked = asked > policy->longest_asked ? policy->longest_asked : asked;
    return asked > pause ? asked : pause;
}
