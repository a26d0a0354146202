/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a request of a session is worth another try, and how long to wait before it: the session's retry policy. After
 * a failure to connect any method is sent again, else GET, HEAD, OPTIONS, PUT and DELETE after a broken connection or
 * the statuses 429, 502, 503 and 504, unless an agent has tried already. Pure but for the jitter.
 */
#ifndef MSTR_SESSION_PARTS_RETRY_H
#define MSTR_SESSION_PARTS_RETRY_H

#include "base/retry_policy.h"
#include "http/client.h"

enum { RETRY_ATTEMPTS = 4 }; /* sendings of one request, the first included */

/* ms to wait after the `count`th sending, which ended with `code`, and `answer` if that is MSTR_OK; RETRY_NEVER if
 * there is to be no other. `step` is where a failure happened; it may be NULL. */
int64_t retry_judge(const char *method, enum mstr_code code, const char *step,
                    const struct mstr_http_response *answer, int count);

#endif
