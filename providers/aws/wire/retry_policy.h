/*
 * When a call is sent again: AWS's standard retry mode in its form of 2026, with the quota that keeps many callers
 * from pressing a service that is in trouble, and the difference between its clock and ours. One for each instance;
 * many threads share it.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_RETRY_POLICY_H
#define MSTR_PROVIDERS_AWS_WIRE_RETRY_POLICY_H

#include "aws/config/shared_config.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stdint.h>

/* All zero is a new one. The members are atomic. */
struct aws_retry_policy {
    int32_t spent;    /* of the retry quota */
    int32_t attempts; /* for one call, the first included; 0 = the usual ones */
    int64_t skew;     /* ms that the service's clock is ahead of ours */
};

/* What became of one attempt. */
struct aws_attempt {
    int64_t skew; /* that it was signed with */
    enum mstr_code code;
    int32_t status;     /* of the answer, 0 without one */
    int64_t asked;      /* ms that Retry-After asks for, RETRY_NOT_ASKED without */
    int64_t asked_here; /* the same of x-amz-retry-after */
    int64_t candidate;  /* the skew that the answer's Date tells; where it tells none, the first */
};

/* Reads AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, else the profile (may be NULL). MSTR_E_CONFIG for what makes no sense.
 */
enum mstr_code aws_retry_configure(struct aws_retry_policy *policy, const struct section *profile,
                                   struct mstr_error *error);
/* How far the service's clock is ahead of ours, ms, and what it shows now. */
int64_t aws_retry_skew(const struct aws_retry_policy *policy);
int64_t aws_retry_now(const struct aws_retry_policy *policy);
/* What an answer of any status says of waiting and of the time. */
void aws_retry_observe(struct aws_retry_policy *policy, struct mstr_http_response *response,
                       struct aws_attempt *attempt);
/* After the `count`th attempt, whose failure `error` tells: waits and says true if there is to be another. `*cost`
 * keeps what that took from the retry quota. */
bool aws_retry_again(struct aws_retry_policy *policy, const struct aws_attempt *attempt, int count, int32_t *cost,
                     const struct mstr_call *call, const struct mstr_error *error);
/* A call that came to a good end gives back what its last retry took. */
void aws_retry_succeeded(struct aws_retry_policy *policy, int32_t cost);

#endif
