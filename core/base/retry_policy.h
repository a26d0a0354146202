/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a request is worth another attempt, and after which pause: one judge for sessions and plugins. How often,
 * after which pauses, for which failures and statuses is a row of constants for each service, its retry policy. Pure:
 * chance comes from the caller. Part of the helpers that plugins compile in.
 */
#ifndef MSTR_BASE_RETRY_POLICY_H
#define MSTR_BASE_RETRY_POLICY_H

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
    const int *statuses;        /* that pass, ended by 0; NULL = 408, 429, 500, 502, 503 and 504 */
    const char *const *methods; /* that may be executed twice, ended by NULL; NULL = all that are sent */
};

enum { RETRY_NEVER = -1, RETRY_NOT_ASKED = -1 };

/* How an attempt ended. */
struct retry_case {
    const char *method;  /* NULL = one that may be executed twice */
    int count;           /* of attempts so far */
    unsigned unanswered; /* retry_unanswered() of a failure */
    int status;          /* of the answer; 0 = none */
    bool throttled;
    int64_t asked;     /* ms that the answer wants to be waited, or RETRY_NOT_ASKED */
    int64_t own_asked; /* the same of x-amz-retry-after */
};

/* Which PASSING_… a failure is, by its step, which may be NULL; 0 for none. */
unsigned retry_unanswered(enum mstr_code code, const char *step);
/* Whether a policy's list, which may be NULL for the usual one, has the status. */
bool retry_status_passes(const int *statuses, int status);
/* Whether another attempt may mend it, and does no harm: what may have been executed is sent again only if that may
 * happen twice (RFC 9110 9.2.2). How many there were is not looked at. */
bool retry_may_mend(const struct retry_policy *policy, const struct retry_case *sent);
/* ms before the next attempt: what the service asks for, at least. RETRY_NEVER where there have been enough, or where
 * it asks for too long a pause. `chance` is uniform. */
int64_t retry_pause(const struct retry_policy *policy, const struct retry_case *sent, uint32_t chance);

#endif
