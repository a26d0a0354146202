/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services that the machine itself has for its keys: EC2's metadata service, and the agents of containers. They
 * are near, answer in plain text or JSON, and are no part of AWS's protocols.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_AGENT_H
#define MSTR_PROVIDERS_AWS_WIRE_AGENT_H

#include "sdk/request.h"

/* Never through a proxy, with the same pause after each of these attempts and this limit on each, ms. */
struct traffic agent_traffic(int attempts, int64_t pause, int64_t connect_timeout, int64_t timeout);
/* Reads an answer for one who looks at its status himself: MSTR_OK, and again where that may pass. */
enum mstr_code agent_read(void *data, struct attempt *attempt, struct mstr_http_response *response,
                          struct mstr_error *error);
/* What a status that is no success means. */
enum mstr_code agent_class(int status);

#endif
