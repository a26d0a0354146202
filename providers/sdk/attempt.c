/* The judge of attempts. */
#include "sdk/attempt.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

#include <string.h>

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
    static const int statuses[] = {408, 429, 500, 502, 503, 504};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        if (statuses[i] == status) {
            return true;
        }
    }
    return false;
}

enum mstr_code attempt_class(int status, enum mstr_code refused)
{
    return status == 429                   ? MSTR_E_THROTTLED
           : attempt_status_passes(status) ? MSTR_E_UNAVAILABLE
           : status / 100 == 4             ? refused
                                           : MSTR_E_PROTOCOL;
}

/* The host tells a connection that did not come about by the step that failed. */
static unsigned kind_of(enum mstr_code code, const struct mstr_error *error)
{
    const char *step = host->error_text(error, MSTR_DETAIL_STEP);
    if (code == MSTR_E_NETWORK) {
        return step != NULL && strcmp(step, "connect") == 0 ? PASSING_CONNECT : PASSING_BREAK;
    }
    return code == MSTR_E_TIMEOUT ? PASSING_TIMEOUT : 0;
}

static bool is_passing(const struct attempt *attempt, const struct mstr_error *error)
{
    const struct retry_policy *policy = attempt->policy;
    int64_t off = attempt->told_skew - attempt->skew;
    if (attempt->again != AGAIN_BY_POLICY) {
        return attempt->again == AGAIN_LATER;
    }
    if (attempt->clock && (off > CLOCK_TOLERANCE || off < -CLOCK_TOLERANCE)) {
        return true;
    }
    if (attempt->status == 0) {
        return (policy->unanswered & kind_of(attempt->code, error)) != 0;
    }
    return (attempt->code == MSTR_E_THROTTLED || attempt->code == MSTR_E_UNAVAILABLE) &&
           attempt_status_passes(attempt->status);
}

/* A chance between the policy's two shares of the pause. */
static int64_t with_jitter(const struct retry_policy *policy, int64_t pause)
{
    uint32_t chance = 0;
    int64_t low = pause * policy->jitter_low / 100;
    int64_t span = pause * policy->jitter_high / 100 - low;
    host->random(&chance, sizeof(chance));
    return low + (int64_t)((uint64_t)span * chance / UINT32_MAX);
}

static int64_t usual_pause(const struct attempt *attempt)
{
    const struct retry_policy *policy = attempt->policy;
    bool throttled = attempt->code == MSTR_E_THROTTLED && policy->throttled_pause > 0;
    int64_t pause = throttled ? policy->throttled_pause : policy->first_pause;
    for (int i = 1; i < attempt->count && pause < policy->longest_pause; i++) {
        pause *= 2;
    }
    return with_jitter(policy, pause < policy->longest_pause ? pause : policy->longest_pause);
}

/* As long as the service asks for, at least. */
static int64_t pause_after(const struct attempt *attempt)
{
    const struct retry_policy *policy = attempt->policy;
    int64_t pause = usual_pause(attempt);
    int64_t asked = attempt->own_asked;
    if (policy->own_header_span > 0 && asked != RETRY_NOT_ASKED) {
        int64_t latest = pause + policy->own_header_span;
        return asked < pause ? pause : asked > latest ? latest : asked;
    }
    bool counts = !policy->asked_when_busy || attempt->status == 429 || attempt->status == 503;
    asked = counts ? attempt->asked : RETRY_NOT_ASKED;
    if (asked > policy->longest_asked && !policy->asked_is_cut) {
        return RETRY_NEVER;
    }
    asked = asked > policy->longest_asked ? policy->longest_asked : asked;
    return asked > pause ? asked : pause;
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
    if (attempt->again == AGAIN_AT_ONCE) {
        attempt->count--;
        return 0;
    }
    if (!is_passing(attempt, error) || attempt->count >= policy->attempts) {
        return RETRY_NEVER;
    }
    attempt->cost = attempt->code == MSTR_E_THROTTLED ? policy->throttled_cost : policy->cost;
    return quota == NULL || take(quota, attempt->cost) ? pause_after(attempt) : RETRY_NEVER;
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
