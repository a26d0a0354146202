/* SPDX-License-Identifier: Apache-2.0 */
/* When a call is sent again. */
#include "aws/wire/retry_policy.h"

#include "base/text.h"
#include "sdk/host.h"

/* Twenty secrets of 64 KiB, every octet of which may be escaped. */
enum { USUAL_ATTEMPTS = 3, ANSWER_LIMIT = 8 * 1024 * 1024 };

/* Times are ms. Only a user's own endpoint is plain http. */
static const struct traffic standard = {.retry = {.first_pause = 50,
                                                  .throttled_pause = 1000,
                                                  .longest_pause = 20000,
                                                  .jitter_high = 100,
                                                  .unanswered = PASSING_UNANSWERED,
                                                  .longest_asked = 20000,
                                                  .asked_is_cut = true,
                                                  .asked_when_busy = true,
                                                  .own_header_span = 5000,
                                                  .cost = 14,
                                                  .throttled_cost = 5},
                                        .flags = MSTR_HTTP_ALLOW_PLAIN,
                                        .connect_timeout = 3100,
                                        .timeout = 15000,
                                        .answer_limit = ANSWER_LIMIT};

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
    if (mode != NULL && !text_equal_nocase(mode, "standard") && !text_equal_nocase(mode, "adaptive") &&
        !text_equal_nocase(mode, "legacy")) {
        return host->error_set(error, MSTR_E_CONFIG,
                               "AWS_RETRY_MODE or retry_mode is \"%.40s\"; there are standard, adaptive and legacy",
                               mode);
    }
    __atomic_store_n(&policy->attempts, (int32_t)number, __ATOMIC_RELAXED);
    return MSTR_OK;
}

int64_t aws_retry_skew(const struct aws_retry_policy *policy)
{
    return clock_skew_get(&policy->clock);
}

int64_t aws_retry_now(const struct aws_retry_policy *policy)
{
    return host->now() + aws_retry_skew(policy);
}

struct traffic aws_retry_traffic(const struct aws_retry_policy *policy)
{
    struct traffic traffic = standard;
    int32_t attempts = __atomic_load_n(&policy->attempts, __ATOMIC_RELAXED);
    traffic.retry.attempts = attempts > 0 ? attempts : USUAL_ATTEMPTS;
    return traffic;
}
