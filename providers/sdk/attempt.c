/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of attempts. */
#include "sdk/attempt.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

enum { QUOTA = 500, CLOCK_TOLERANCE = 4 * 60 * 1000 /* ms */ };

void attempt_begin(struct attempt *attempt, const struct retry_policy *policy, const struct clock_skew *clock)
{
    int64_t skew = clock_skew_get(clock);
    *attempt = (struct attempt){.count = attempt->count + 1,
                                .now = host->now() + skew,
                                .policy = policy,
                                .asked = RETRY_NOT_ASKED,
                                .own_asked = RETRY_NOT_ASKED,
                                .skew = skew,
                                .told_skew = skew,
                                .cost = attempt->cost};
}

/* ms as a number; RETRY_NOT_ASKED for anything else. */
static int64_t read_milliseconds(struct mstr_http_response *response, const char *header)
{
    int64_t asked = 0;
    const char *text = host->http_header(response, header);
    return text != NULL && text_to_int64(text, &asked) && asked >= 0 ? asked : RETRY_NOT_ASKED;
}

/* retry-after-ms, x-ms-retry-after-ms, or Retry-After in seconds or as a date (RFC 9110 10.2.3). */
static int64_t read_asked(struct mstr_http_response *response)
{
    static const char *const exact[] = {"retry-after-ms", "x-ms-retry-after-ms"};
    int64_t asked = RETRY_NOT_ASKED;
    for (size_t i = 0; i < sizeof(exact) / sizeof(*exact) && asked == RETRY_NOT_ASKED; i++) {
        asked = read_milliseconds(response, exact[i]);
    }
    if (asked != RETRY_NOT_ASKED) {
        return asked;
    }
    const char *text = host->http_header(response, "Retry-After");
    return text != NULL && timestamp_parse_retry_after(text, host->now(), &asked) ? asked : RETRY_NOT_ASKED;
}

void attempt_observe(struct attempt *attempt, struct clock_skew *clock, struct mstr_http_response *response)
{
    attempt->status = host->http_answer(response)->status;
    attempt->asked = read_asked(response);
    attempt->own_asked = read_milliseconds(response, "x-amz-retry-after");
    clock_skew_learn(clock, response, &attempt->told_skew);
}

bool attempt_status_passes(int status)
{
    return retry_status_passes(NULL, status);
}

enum mstr_code attempt_class(int status, enum mstr_code refused)
{
    return status == 429                   ? MSTR_E_THROTTLED
           : attempt_status_passes(status) ? MSTR_E_UNAVAILABLE
           : status / 100 == 4             ? refused
                                           : MSTR_E_PROTOCOL;
}

/* By what its reader says, or the refusal, or else by the policy. */
static bool is_passing(const struct attempt *attempt, const struct retry_case *sent)
{
    int64_t off = attempt->told_skew - attempt->skew;
    if (attempt->again != AGAIN_BY_POLICY) {
        return attempt->again == AGAIN_LATER;
    }
    if (attempt->clock && (off > CLOCK_TOLERANCE || off < -CLOCK_TOLERANCE)) {
        return true;
    }
    bool told = attempt->status == 0 || attempt->code == MSTR_E_THROTTLED || attempt->code == MSTR_E_UNAVAILABLE;
    return told && retry_may_mend(attempt->policy, sent);
}

static bool take(struct retry_quota *quota, int32_t cost)
{
    int32_t spent = __atomic_load_n(&quota->spent, __ATOMIC_RELAXED);
    do {
        if (spent + cost > QUOTA) {
            return false;
        }
    } while (
        !__atomic_compare_exchange_n(&quota->spent, &spent, spent + cost, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return true;
}

int64_t attempt_judge(struct attempt *attempt, struct retry_quota *quota, const struct mstr_error *error)
{
    const struct retry_policy *policy = attempt->policy;
    const struct retry_case sent = {.count = attempt->count,
                                    .unanswered =
                                        retry_unanswered(attempt->code, host->error_text(error, MSTR_DETAIL_STEP)),
                                    .status = attempt->status,
                                    .throttled = attempt->code == MSTR_E_THROTTLED,
                                    .asked = attempt->asked,
                                    .own_asked = attempt->own_asked};
    uint32_t chance = 0;
    if (attempt->again == AGAIN_AT_ONCE) {
        attempt->count--;
        return 0;
    }
    if (!is_passing(attempt, &sent) || sent.count >= policy->attempts) {
        return RETRY_NEVER;
    }
    attempt->cost = sent.throttled ? policy->throttled_cost : policy->cost;
    if (quota != NULL && !take(quota, attempt->cost)) {
        return RETRY_NEVER;
    }
    host->random(&chance, sizeof(chance));
    return retry_pause(policy, &sent, chance);
}

void attempt_succeeded(const struct attempt *attempt, struct retry_quota *quota)
{
    int32_t spent = quota != NULL ? __atomic_load_n(&quota->spent, __ATOMIC_RELAXED) : 0;
    int32_t back = attempt->cost > 0 ? attempt->cost : 1;
    int32_t left = 0;
    if (quota == NULL) {
        return;
    }
    do {
        left = spent > back ? spent - back : 0;
    } while (!__atomic_compare_exchange_n(&quota->spent, &spent, left, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}
