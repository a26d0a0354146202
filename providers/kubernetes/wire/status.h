/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals of the API server: its Status objects, and what proxies put in their place, as this library's classes,
 * with what to do about them.
 */
#ifndef MSTR_PROVIDERS_KUBERNETES_WIRE_STATUS_H
#define MSTR_PROVIDERS_KUBERNETES_WIRE_STATUS_H

#include "sdk/attempt.h"

/* What was asked for. */
struct status_asked {
    const char *namespace;
    const char *name;
};

/* Reads an answer that is no success and tells it, and in the attempt when another may succeed. Returns the class. */
enum mstr_code status_read(struct mstr_http_response *response, const struct status_asked *asked,
                           struct attempt *attempt, struct mstr_error *error);

#endif
