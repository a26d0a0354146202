/* Requests with this plugin's deadlines and trust. */
#include "gcp/wire/http.h"

#include "sdk/host.h"

enum { CONNECT_TIMEOUT = 10000, TIMEOUT = 30000 }; /* ms */

void gcp_http_defaults(const struct mstr_instance *instance, struct mstr_http_request *request)
{
    request->size = sizeof(*request);
    request->connect_timeout = request->connect_timeout != 0 ? request->connect_timeout : CONNECT_TIMEOUT;
    request->timeout = request->timeout != 0 ? request->timeout : TIMEOUT;
    request->ca_file = host->option(instance, "ca_file");
}

enum mstr_code gcp_http(const struct mstr_instance *instance, const struct mstr_call *call,
                        struct mstr_http_request request, struct mstr_http_response **response,
                        struct mstr_error *error)
{
    gcp_http_defaults(instance, &request);
    return host->http(call, &request, response, error);
}

bool gcp_http_is_passing(enum mstr_code code)
{
    return code == MSTR_E_NETWORK || code == MSTR_E_TIMEOUT;
}
