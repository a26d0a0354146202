/* When a request is worth another try. */
#include "session/parts/retry_policy.h"

#include "base/clock.h"
#include "base/timestamp.h"

#include <string.h>

enum { FIRST_DELAY = 200, LONGEST_DELAY = 60 * 1000 }; /* ms */

static bool is_repeatable(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (strcmp(methods[i], method) == 0) {
            return true;
        }
    }
    return false;
}

/* Doubling, with jitter over the upper half so that clients that failed together do not return together. */
static int64_t backoff(unsigned attempts)
{
    int64_t most = (int64_t)FIRST_DELAY << (attempts - 1);
    return most / 2 + (int64_t)clock_random_below((uint64_t)most / 2 + 1);
}

bool retry_wanted(const char *method, enum mstr_code code, bool connected, const struct mstr_http_response *answer,
                  unsigned attempts, int64_t *delay)
{
    bool wanted = code == MSTR_E_NETWORK && (!connected || is_repeatable(method));
    int64_t asked = 0;
    if (code == MSTR_OK) {
        int status = http_answer(answer)->status;
        wanted = is_repeatable(method) && (status == 429 || (status >= 502 && status <= 504));
        const char *header = wanted ? http_header(answer, "Retry-After") : NULL;
        if (header != NULL && !timestamp_parse_retry_after(header, clock_now(), &asked)) {
            asked = 0;
        }
    }
    if (!wanted || attempts >= ATTEMPTS_MAX || asked > LONGEST_DELAY) {
        return false;
    }
    *delay = backoff(attempts);
    *delay = *delay > asked ? *delay : asked;
    return true;
}
