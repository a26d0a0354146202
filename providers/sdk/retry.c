/* Pausing between attempts. */
#include "sdk/retry.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

int64_t retry_asked(struct mstr_http_response *response)
{
    static const char *const exact[] = {"retry-after-ms", "x-ms-retry-after-ms"};
    int64_t asked = 0;
    for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++) {
        const char *text = host->http_header(response, exact[i]);
        if (text != NULL && text_to_int64(text, &asked) && asked >= 0) {
            return asked;
        }
    }
    const char *text = host->http_header(response, "Retry-After");
    return text != NULL && timestamp_parse_retry_after(text, host->now(), &asked) ? asked : RETRY_NOT_ASKED;
}

/* A chance between the policy's two shares of the pause. */
static int64_t with_jitter(const struct retry_policy *policy, int64_t pause)
{
    uint32_t chance = 0;
    int64_t low = pause * policy->jitter_low / 100;
    int64_t span = pause * policy->jitter_high / 100 - low;
    host->random(&chance, sizeof(chance));
    return low + (int64_t)((uint64_t)span * chance / UINT32_MAX);
}

int64_t retry_pause(const struct retry_policy *policy, int attempts, int64_t asked)
{
    int64_t pause = policy->first_pause;
    if (attempts >= policy->attempts || asked > policy->longest_asked) {
        return RETRY_NOT_ASKED;
    }
    for (int i = 1; i < attempts && pause < policy->longest_pause; i++) {
        pause *= 2;
    }
    pause = with_jitter(policy, pause < policy->longest_pause ? pause : policy->longest_pause);
    return pause > asked ? pause : asked;
}

bool retry_wait(const struct retry_policy *policy, int attempts, int64_t asked, const struct mstr_call *call)
{
    int64_t pause = retry_pause(policy, attempts, asked);
    return pause != RETRY_NOT_ASKED && pause < host->remaining(call) && host->sleep(call, pause) == MSTR_OK;
}
