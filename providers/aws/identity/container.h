/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a container's agent hands out keys, and which addresses may be trusted with it.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_CONTAINER_H
#define MSTR_PROVIDERS_AWS_IDENTITY_CONTAINER_H

#include "base/buffer.h"

#include <mstr/provider.h>

/* MSTR_E_NOT_AVAILABLE when no URI is set, MSTR_E_CONFIG when it is none or leads to a foreign address. What a name
 * stands for is looked at when it is asked for keys. */
enum mstr_code container_url(struct buffer *url, struct mstr_error *error);

#endif
