/*
 * When a request is worth another try, and how long to wait before it. Only what cannot have been executed, or may be
 * executed twice (RFC 9110 9.2.2), is sent again: after a failure to connect any method, else GET, HEAD, OPTIONS, PUT
 * and DELETE after a broken connection or the statuses 429, 502, 503 and 504. Pure but for the jitter.
 */
#ifndef MSTR_SESSION_PARTS_RETRY_POLICY_H
#define MSTR_SESSION_PARTS_RETRY_POLICY_H

#include "http/client.h"

enum { ATTEMPTS_MAX = 4 }; /* sendings of one request, the first included */

/* Whether a sending that ended with `code`, and `answer` if that is MSTR_OK, is to be repeated after *delay ms.
 * `connected` is false where no connection came about; `attempts` counts the sendings so far. */
bool retry_wanted(const char *method, enum mstr_code code, bool connected, const struct mstr_http_response *answer,
                  unsigned attempts, int64_t *delay);

#endif
