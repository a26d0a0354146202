/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the metadata server: never through a proxy, always with the header that it demands, and over mutual TLS
 * where the machine has certificates for it.
 */
#ifndef MSTR_PROVIDERS_GCP_WIRE_METADATA_CLIENT_H
#define MSTR_PROVIDERS_GCP_WIRE_METADATA_CLIENT_H

#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdbool.h>

/* How the server is to be reached. */
struct metadata_route {
    bool https;         /* with these files */
    bool plain_instead; /* http where https fails */
    char root[128];     /* PEM: the authority of the server's certificate */
    char client[128];   /* PEM: our certificate and its key */
};

/* By GCE_METADATA_MTLS_MODE, which may be NULL, and what is in the folder; `moved` when the server's address was
 * given by hand. False with the reason. */
bool metadata_route_choose(const char *mode, const char *folder, bool moved, struct metadata_route *route,
                           const char **why);

/* GETs a path below computeMetadata/v1/, for some ten seconds while that fails in passing. MSTR_E_PROTOCOL when the
 * answer is not the metadata server's. */
enum mstr_code metadata_get(const struct mstr_instance *instance, const struct mstr_call *call, const char *path,
                            struct mstr_http_response **response, struct mstr_error *error);
/* The trimmed text of a path's answer. MSTR_E_NOT_FOUND where the server knows none. */
enum mstr_code metadata_text(const struct mstr_instance *instance, const struct mstr_call *call, const char *path,
                             struct buffer *out, struct mstr_error *error);
/* Whether something at the address says that it is Google's. */
bool metadata_ping(const struct mstr_call *call);

#endif
