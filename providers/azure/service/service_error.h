/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals of Key Vault: its code and inner code as this library's classes, with what to do about them.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_SERVICE_ERROR_H
#define MSTR_PROVIDERS_AZURE_SERVICE_SERVICE_ERROR_H

#include <mstr/provider.h>
#include <stdbool.h>

/* Reads an answer that is no success and tells it; `what` begins the message. */
enum mstr_code service_error_read(struct mstr_http_response *response, const char *what, struct mstr_error *error);

#endif
