/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer of Secret Manager's access method, checked: base64 in either alphabet, at most 64 KiB, CRC-32C.
 */
#ifndef MSTR_PROVIDERS_GCP_SERVICE_PAYLOAD_H
#define MSTR_PROVIDERS_GCP_SERVICE_PAYLOAD_H

#include "base/buffer.h"
#include "gcp/config/resource.h"

#include <mstr/provider.h>

/* A secret's value, with what is known of it. */
struct payload {
    struct buffer octets;
    char version[RESOURCE_PART_MAX + 1]; /* the number behind latest or an alias */
};

/* The answer must be to what was asked. `damaged` tells a wrong checksum apart, which another attempt may mend. */
enum mstr_code payload_read(const struct mstr_http_answer *answer, const struct resource *asked,
                            struct payload *payload, bool *damaged, struct mstr_error *error);
void payload_release(struct payload *payload);

#endif
