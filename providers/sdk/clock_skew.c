/* This machine's clock beside a server's. */
#include "sdk/clock_skew.h"

#include "base/buffer.h"
#include "base/timestamp.h"
#include "sdk/host.h"

enum { SKEW_MAX = 60000 }; /* ms; less does no harm */

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
