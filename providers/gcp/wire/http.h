/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests as this plugin sends them: the one place that knows their deadlines and whom they trust.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_HTTP_H
#define MSTR_PROVIDERS_GCP_WIRE_HTTP_H

#include "sdk/request.h"

enum { GCP_CONNECT_TIMEOUT = 10000, GCP_TIMEOUT = 30000 }; /* ms */

/* Token endpoints and whatever gives subject tokens, as often as Google's libraries ask. */
extern const struct traffic gcp_http_traffic;
/* Whom TLS trusts, by the instance's option; NULL = whom the host does. */
const char *gcp_http_ca_file(const struct mstr_instance *instance);
/* Reads an answer for one who looks at its status himself: MSTR_OK, and again where that may pass. */
enum mstr_code gcp_http_read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                             struct mstr_error *error);

#endif
