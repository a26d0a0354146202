/*
 * Pausing between attempts: doubling with jitter, as long as the service asks, never past the caller's deadline.
 * Which failures deserve another attempt is each service's own affair.
 */
#ifndef MSTR_PROVIDERS_SDK_RETRY_H
#define MSTR_PROVIDERS_SDK_RETRY_H

#include <mstr/provider.h>
#include <stdbool.h>

struct retry_policy {
    int attempts;          /* the first included */
    int64_t first_pause;   /* ms before the second attempt; doubled for each one after it */
    int64_t longest_pause; /* ms that a pause grows to */
    int64_t longest_asked; /* ms that a service may ask for; where it asks for more, waiting is no use */
    int jitter_low;        /* per cent of the pause: a chance between low and high is waited */
    int jitter_high;
};

enum { RETRY_NOT_ASKED = -1 };

/* How long an answer asks to wait, in ms: retry-after-ms, x-ms-retry-after-ms or Retry-After in seconds or as a date
 * (RFC 9110 10.2.3); RETRY_NOT_ASKED without. */
int64_t retry_asked(struct mstr_http_response *response);
/* ms to wait after `attempts` of them; RETRY_NOT_ASKED when there is to be no other. */
int64_t retry_pause(const struct retry_policy *policy, int attempts, int64_t asked);
/* Waits as retry_pause() says. False when there is to be no other attempt: they are used up, the service asks for too
 * long, the pause would not end before the deadline, or the caller has cancelled. */
bool retry_wait(const struct retry_policy *policy, int attempts, int64_t asked, const struct mstr_call *call);

#endif
