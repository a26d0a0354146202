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
struct pace {
    int32_t spent;    /* of the quota */
    int32_t attempts; /* for one call, the first included; 0 = the usual ones */
    int64_t skew;     /* ms that the service's clock is ahead of ours */
};

/* What became of one attempt. */
struct attempt {
    int64_t skew; /* that it was signed with */
    enum mstr_code code;
    int32_t status;     /* of the answer, 0 without one */
    int64_t asked;      /* ms that Retry-After asks for, RETRY_NOT_ASKED without */
    int64_t asked_here; /* the same of x-amz-retry-after */
    int64_t
        candidate; /* the skew that the answer's Date tells; the one that it was signed with where it tells none */
};

/* Reads AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, else the profile (may be NULL). MSTR_E_CONFIG for what makes no sense.
 */
enum mstr_code pace_configure(struct pace *pace, const struct section *profile, struct mstr_error *error);
/* How far the service's clock is ahead of ours, ms, and what it shows now. */
int64_t pace_skew(const struct pace *pace);
int64_t pace_now(const struct pace *pace);
/* What an answer of any status says of waiting and of the time. */
void pace_observe(struct pace *pace, struct mstr_http_response *response, struct attempt *attempt);
/* After the `count`th attempt, whose failure `error` tells: waits and says true if there is to be another. `*cost`
 * keeps what that took from the quota. */
bool pace_again(struct pace *pace, const struct attempt *attempt, int count, int32_t *cost,
                const struct mstr_call *call, const struct mstr_error *error);
/* A call that came to a good end gives back what its last retry took. */
void pace_succeeded(struct pace *pace, int32_t cost);

#endif
