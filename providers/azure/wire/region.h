/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The region whose own authority is asked in place of the global one, where somebody wants that.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_REGION_H
#define MSTR_PROVIDERS_AZURE_WIRE_REGION_H

#include "base/buffer.h"

#include <mstr/provider.h>

/* Appends the region that AZURE_REGIONAL_AUTHORITY_NAME names or has detected; nothing, where it is not set or none
 * can be told. */
enum mstr_code region_find(const struct mstr_instance *instance, const struct mstr_call *call, struct buffer *region,
                           struct mstr_error *error);
/* Appends what the instance metadata tell of the location; nothing where they tell none. */
enum mstr_code region_read(const struct mstr_http_answer *answer, struct buffer *region, struct mstr_error *error);

#endif
