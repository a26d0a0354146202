/*
 * Refusals of Google's APIs (AIP-193): their google.rpc status and ErrorInfo as this library's classes, with what to
 * do about them.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_SERVICE_ERROR_H
#define MSTR_PROVIDERS_GCP_WIRE_SERVICE_ERROR_H

#include <mstr/provider.h>
#include <stdbool.h>
#include <stdint.h>

struct service_refusal {
    enum mstr_code code;
    bool passing;  /* another attempt may succeed */
    int64_t asked; /* ms that the service wants to be left alone, RETRY_NOT_ASKED */
};

/* Reads an answer that is no success and tells it. `api` begins the message; `principal` is the identity for the
 * hint.
 */
struct service_refusal service_error_read(struct mstr_http_response *response, const char *api, const char *principal,
                                          struct mstr_error *error);

#endif
