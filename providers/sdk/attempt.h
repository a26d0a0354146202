/*
 * One sending of a request, and whether there is to be another: the judge of all traffic of plugins. How often, after
 * which pauses and for which failures is a row of constants for each service, its retry policy; what many callers may
 * spend on it together is their retry quota. Nothing here sends or waits.
 */
#ifndef MSTR_PROVIDERS_SDK_ATTEMPT_H
#define MSTR_PROVIDERS_SDK_ATTEMPT_H

#include "sdk/clock_skew.h"

#include <mstr/provider.h>
#include <stdbool.h>
#include <stdint.h>

/* Failures without an answer that another attempt may mend. */
enum { PASSING_CONNECT = 1, PASSING_BREAK = 2, PASSING_TIMEOUT = 4, PASSING_UNANSWERED = 7 };

struct retry_policy {
    int attempts;            /* the first included */
    int64_t first_pause;     /* ms before the second attempt; doubled for each one after it */
    int64_t throttled_pause; /* the same after throttling; 0 = no other one */
    int64_t longest_pause;   /* ms that a pause grows to */
    int jitter_low;          /* per cent of the pause: a chance between low and high is waited */
    int jitter_high;
    unsigned unanswered;     /* PASSING_… */
    int64_t longest_asked;   /* ms that a service may ask for; where it asks for more, waiting is no use */
    bool asked_is_cut;       /* or so much is waited */
    bool asked_when_busy;    /* with the statuses 429 and 503 alone */
    int64_t own_header_span; /* ms by which x-amz-retry-after may put off an attempt; 0 = no such header is known */
    int32_t cost;            /* of another attempt, out of a retry quota */
    int32_t throttled_cost;
};

/* What many callers may spend on attempts again. All zero is a new one; any number of threads. */
struct retry_quota {
    int32_t spent;
};

enum { RETRY_NEVER = -1, RETRY_NOT_ASKED = -1 };

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
