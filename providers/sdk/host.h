/*
 * Everyday calls on the host's table, spelt once for all providers. Each plugin sets the table at its entry point.
 */
#ifndef MSTR_PROVIDERS_SDK_HOST_H
#define MSTR_PROVIDERS_SDK_HOST_H

#include <mstr/provider.h>

/* The host's table. NULL before the entry point ran. */
extern const struct mstr_host *host;

/* Answers a request with what `error` tells, details included. */
void request_fail(struct mstr_request *request, enum mstr_code code, const struct mstr_error *error);

#endif
