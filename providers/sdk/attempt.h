/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sending of a request, and whether there is to be another: by its service's retry policy, by what the reader of
 * its answer knows better, and by what many callers may spend on it together, their retry quota. Nothing here sends
 * or waits.
 */
#ifndef MSTR_PROVIDERS_SDK_ATTEMPT_H
#define MSTR_PROVIDERS_SDK_ATTEMPT_H

#include "base/retry_policy.h"
#include "sdk/clock_skew.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stdint.h>

/* What many callers may spend on attempts again. All zero is a new one; any number of threads. */
struct retry_quota {
    int32_t spent;
};

/* Whether there is to be another attempt, as the reader of an answer knows it. */
enum again {
    AGAIN_BY_POLICY, /* if its class and status say that it passes */
    AGAIN_NEVER,
    AGAIN_LATER,   /* as after a passing failure */
    AGAIN_AT_ONCE, /* without a pause and not counted: the reader sees to it that this ends */
};

struct attempt {
    int count;                         /* from 1 on */
    int64_t now;                       /* by the service's clock when it began, ms since 1970: to be signed with */
    enum mstr_code code;               /* what became of it */
    int32_t status;                    /* of the answer, 0 without one */
    enum again again;                  /* for the reader to say */
    bool clock;                        /* the refusal is one that a wrong clock explains; for the reader to say */
    const struct retry_policy *policy; /* the service's, unless the reader says otherwise */
    int64_t asked;                     /* ms that the answer wants to be waited, or RETRY_NOT_ASKED */
    int64_t own_asked;                 /* the same of x-amz-retry-after */
    int64_t skew;                      /* of the clock that it began with */
    int64_t told_skew;                 /* of the clock that its answer tells; the former without one */
    int32_t cost;                      /* that the way to it took out of the quota */
};

/* Whether a status is of those by which a service that fails in passing says so. */
bool attempt_status_passes(int status);
/* The class of an answer that is no success, where its body tells none: throttled, passing, foreign, or `refused`. */
enum mstr_code attempt_class(int status, enum mstr_code refused);
/* Makes it the next one. `clock` may be NULL. */
void attempt_begin(struct attempt *attempt, const struct retry_policy *policy, const struct clock_skew *clock);
/* What an answer of any status says of waiting and of the time. */
void attempt_observe(struct attempt *attempt, struct clock_skew *clock, struct mstr_http_response *response);
/* ms to wait before the next one, RETRY_NEVER when there is to be none. `error` tells its failure; `quota` is charged
 * unless it is NULL. */
int64_t attempt_judge(struct attempt *attempt, struct retry_quota *quota, const struct mstr_error *error);
/* A request that came to a good end gives back what its last attempt took. `quota` may be NULL. */
void attempt_succeeded(const struct attempt *attempt, struct retry_quota *quota);

#endif
