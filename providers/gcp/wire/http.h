/*
 * Requests as this plugin sends them: the one place that knows their deadlines and whom they trust.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_HTTP_H
#define MSTR_PROVIDERS_GCP_WIRE_HTTP_H

#include <mstr/provider.h>
#include <stdbool.h>

/* Adds the instance's ca_file, and the deadlines of this provider where the request sets none. */
void gcp_http_defaults(const struct mstr_instance *instance, struct mstr_http_request *request);
/* Sends with these. */
enum mstr_code gcp_http(const struct mstr_instance *instance, const struct mstr_call *call,
                        struct mstr_http_request request, struct mstr_http_response **response,
                        struct mstr_error *error);
/* True for failures to reach a service. */
bool gcp_http_is_passing(enum mstr_code code);

#endif
