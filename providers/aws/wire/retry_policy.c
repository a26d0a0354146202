/* When a call is sent again. */
#include "aws/wire/retry_policy.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"
#include "sdk/retry.h"

#include <string.h>

enum { QUOTA = 500, COST_PASSING = 14, COST_THROTTLED = 5, USUAL_ATTEMPTS = 3 };
/* ms */
enum { FIRST_PASSING = 50, FIRST_THROTTLED = 1000, LONGEST = 20000, ASKED_SPAN = 5000 };
enum { SKEW_MOST = 4 * 60 * 1000, ROUND_TRIP_MOST = 15 * 60 * 1000 };

enum mstr_code aws_retry_configure(struct aws_retry_policy *policy, const struct section *profile,
                                   struct mstr_error *error)
{
    const char *attempts = section_setting(profile, "AWS_MAX_ATTEMPTS", "max_attempts");
    const char *mode = section_setting(profile, "AWS_RETRY_MODE", "retry_mode");
    int64_t number = USUAL_ATTEMPTS;
    if (attempts != NULL && (!text_to_int64(attempts, &number) || number < 1 || number > INT32_MAX)) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "AWS_MAX_ATTEMPTS or max_attempts is \"%.40s\", not a number from 1 on", attempts);
    }
    if (mode != NULL && strcmp(mode, "standard") != 0 && strcmp(mode, "adaptive") != 0 &&
        strcmp(mode, "legacy") != 0) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "AWS_RETRY_MODE or retry_mode is \"%.40s\"; there are standard, adaptive and legacy",
                               mode);
    }
    __atomic_store_n(&policy->attempts, (int32_t)number, __ATOMIC_RELAXED);
    return MSTR_OK;
}

int64_t aws_retry_skew(const struct aws_retry_policy *policy)
{
    return __atomic_load_n(&policy->skew, __ATOMIC_RELAXED);
}

int64_t aws_retry_now(const struct aws_retry_policy *policy)
{
    return host->now() + aws_retry_skew(policy);
}

/* An answer out of a cache, or one that was long under way, tells nothing of the time. */
static bool read_clock(struct mstr_http_response *response, int64_t *candidate)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    const char *date = host->http_header(response, "Date");
    int64_t server = 0;
    if (date == NULL || !timestamp_parse_http(date, &server) || host->http_header(response, "Age") != NULL ||
        answer->received - answer->sent > ROUND_TRIP_MOST) {
        return false;
    }
    *candidate = server - (answer->sent + answer->received) / 2;
    return true;
}

void aws_retry_observe(struct aws_retry_policy *policy, struct mstr_http_response *response,
                       struct aws_attempt *attempt)
{
    const char *here = host->http_header(response, "x-amz-retry-after");
    if (here == NULL || !text_to_int64(here, &attempt->asked_here) || attempt->asked_here < 0) {
        attempt->asked_here = RETRY_NOT_ASKED;
    }
    attempt->status = host->http_answer(response)->status;
    attempt->asked = retry_asked(response);
    if (read_clock(response, &attempt->candidate)) {
        __atomic_store_n(&policy->skew, attempt->candidate, __ATOMIC_RELAXED);
    }
}

/* Refusals that a wrong clock may explain. */
static bool is_of_the_clock(const struct aws_attempt *attempt, const struct mstr_error *error)
{
    static const char *const codes[] = {"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
                                        "RequestTimeTooSkewed", "AccessDeniedException"};
    const char *told = host->error_text(error, MSTR_DETAIL_SERVICE_CODE);
    int64_t off = attempt->candidate - attempt->skew;
    for (size_t i = 0; told != NULL && i < sizeof(codes) / sizeof(*codes); i++) {
        if (strcmp(codes[i], told) == 0) {
            return off > SKEW_MOST || off < -SKEW_MOST;
        }
    }
    return false;
}

static bool take(struct aws_retry_policy *policy, int32_t cost)
{
    int32_t spent = __atomic_load_n(&policy->spent, __ATOMIC_RELAXED);
    do {
        if (spent + cost > QUOTA) {
            return false;
        }
    } while (
        !__atomic_compare_exchange_n(&policy->spent, &spent, spent + cost, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return true;
}

void aws_retry_succeeded(struct aws_retry_policy *policy, int32_t cost)
{
    int32_t spent = __atomic_load_n(&policy->spent, __ATOMIC_RELAXED);
    int32_t back = cost > 0 ? cost : 1;
    int32_t left = 0;
    do {
        left = spent > back ? spent - back : 0;
    } while (!__atomic_compare_exchange_n(&policy->spent, &spent, left, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

/* The pause by the formula, and what the service asks for: its own header within some seconds of that, the standard
 * one from two statuses. */
static int64_t pause_after(const struct aws_attempt *attempt, int count, bool throttled)
{
    const struct retry_policy policy = {.attempts = INT32_MAX,
                                        .first_pause = throttled ? FIRST_THROTTLED : FIRST_PASSING,
                                        .longest_pause = LONGEST,
                                        .longest_asked = LONGEST,
                                        .jitter_high = 100};
    int64_t pause = retry_pause(&policy, count, RETRY_NOT_ASKED);
    int64_t asked = attempt->asked_here;
    if (asked != RETRY_NOT_ASKED) {
        return asked < pause ? pause : asked > pause + ASKED_SPAN ? pause + ASKED_SPAN : asked;
    }
    asked = attempt->status == 429 || attempt->status == 503 ? attempt->asked : RETRY_NOT_ASKED;
    asked = asked > LONGEST ? LONGEST : asked;
    return asked > pause ? asked : pause;
}

bool aws_retry_again(struct aws_retry_policy *policy, const struct aws_attempt *attempt, int count, int32_t *cost,
                     const struct mstr_call *call, const struct mstr_error *error)
{
    int32_t attempts = __atomic_load_n(&policy->attempts, __ATOMIC_RELAXED);
    bool throttled = attempt->code == MSTR_E_THROTTLED;
    bool passing = throttled || attempt->code == MSTR_E_UNAVAILABLE || attempt->code == MSTR_E_NETWORK ||
                   attempt->code == MSTR_E_TIMEOUT || is_of_the_clock(attempt, error);
    *cost = throttled ? COST_THROTTLED : COST_PASSING;
    if (!passing || count >= (attempts > 0 ? attempts : USUAL_ATTEMPTS) || !take(policy, *cost)) {
        return false;
    }
    int64_t pause = pause_after(attempt, count, throttled);
    return pause < host->remaining(call) && host->sleep(call, pause) == MSTR_OK;
}
