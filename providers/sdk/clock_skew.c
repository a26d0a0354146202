/* SPDX-License-Identifier: Apache-2.0 */
/* This machine's clock beside a server's. */
#include "sdk/clock_skew.h"

#include "base/buffer.h"
#include "base/timestamp.h"
#include "sdk/host.h"

enum { SKEW_MAX = 60000, ROUND_TRIP_MOST = 15 * 60 * 1000 }; /* ms; less skew does no harm */

int64_t clock_skew_get(const struct clock_skew *clock)
{
    return clock != NULL ? __atomic_load_n(&clock->ahead, __ATOMIC_RELAXED) : 0;
}

/* An answer out of a cache, or one that was long under way, tells nothing of the time. */
void clock_skew_learn(struct clock_skew *clock, struct mstr_http_response *response, int64_t *ahead)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    const char *date = host->http_header(response, "Date");
    int64_t server = 0;
    if (clock == NULL || date == NULL || !timestamp_parse_http(date, &server) ||
        host->http_header(response, "Age") != NULL || answer->received - answer->sent > ROUND_TRIP_MOST) {
        return;
    }
    *ahead = server - (answer->sent + answer->received) / 2;
    __atomic_store_n(&clock->ahead, *ahead, __ATOMIC_RELAXED);
}

void clock_skew_tell(struct mstr_http_response *response, struct mstr_error *error)
{
    int64_t server = 0;
    const char *date = host->http_header(response, "Date");
    if (date == NULL || !timestamp_parse_http(date, &server)) {
        return;
    }
    int64_t skew = host->http_answer(response)->received - server;
    if (skew <= SKEW_MAX && skew >= -SKEW_MAX) {
        return;
    }
    struct buffer hint = BUFFER_INIT;
    buffer_printf(&hint, "this machine's clock is %lld s %s the server's: set it",
                  (long long)(skew < 0 ? -skew : skew) / 1000, skew < 0 ? "behind" : "ahead of");
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
}
