/* Everyday calls on the host's table. */
#include "sdk/host.h"

const struct mstr_host *host;

void request_fail(struct mstr_request *request, enum mstr_code code, const struct mstr_error *error)
{
    static const enum mstr_detail details[] = {MSTR_DETAIL_STEP, MSTR_DETAIL_SERVICE_CODE, MSTR_DETAIL_REQUEST_ID,
                                               MSTR_DETAIL_HINT};
    host->set_error(request, code, "%s", host->error_message(error));
    for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
        host->error_detail(request->error, details[i], host->error_text(error, details[i]));
    }
}
