/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals of token endpoints: the OAuth error, Entra's AADSTS codes with what to do about them, and a clock that is
 * off.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_OAUTH_ERROR_H
#define MSTR_PROVIDERS_AZURE_WIRE_OAUTH_ERROR_H

#include <mstr/provider.h>
#include <stdbool.h>
#include <stdint.h>

struct oauth_refusal {
    enum mstr_code code;
    bool passing;   /* another attempt may succeed */
    bool stale;     /* the assertion was outside its validity */
    int64_t number; /* AADSTS code, 0 = none */
};

/* Reads an answer that is no success and tells it; `who` begins the message. */
struct oauth_refusal oauth_error_read(struct mstr_http_response *response, const char *who, struct mstr_error *error);

#endif
