/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals of Google's APIs (AIP-193): their google.rpc status and ErrorInfo as this library's classes, with what to
 * do about them.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_SERVICE_ERROR_H
#define MSTR_PROVIDERS_GCP_WIRE_SERVICE_ERROR_H

#include "sdk/attempt.h"

/* Reads an answer that is no success and tells it, and in the attempt whether and when another may succeed. `api`
 * begins the message; `principal` is the identity for the hint. Returns the class. */
enum mstr_code service_error_read(struct mstr_http_response *response, const char *api, const char *principal,
                                  struct attempt *attempt, struct mstr_error *error);

#endif
