/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a call is sent again: AWS's standard retry mode in its form of 2026, with the quota that keeps many callers
 * from pressing a service that is in trouble, and the difference between its clock and ours. One for each instance;
 * many threads share it.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_RETRY_POLICY_H
#define MSTR_PROVIDERS_AWS_WIRE_RETRY_POLICY_H

#include "aws/config/shared_config.h"
#include "sdk/request.h"

/* All zero is a new one. The members are atomic. */
struct aws_retry_policy {
    struct retry_quota quota;
    struct clock_skew clock;
    int32_t attempts; /* for one call, the first included; 0 = the usual ones */
};

/* Reads AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, else the profile (may be NULL). MSTR_E_CONFIG for what makes no
 * sense. */
enum mstr_code aws_retry_configure(struct aws_retry_policy *policy, const struct section *profile,
                                   struct mstr_error *error);
/* How far the service's clock is ahead of ours, ms, and what it shows now. */
int64_t aws_retry_skew(const struct aws_retry_policy *policy);
int64_t aws_retry_now(const struct aws_retry_policy *policy);
/* How AWS's services are spoken to, with as many attempts as the policy has. */
struct traffic aws_retry_traffic(const struct aws_retry_policy *policy);

#endif
