/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks Sentinels, one after another, where the primary of the name in `url` is at this moment. Whether it is one, it
 * is asked itself.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_SENTINEL_H
#define MSTR_PROVIDERS_REDIS_SERVICE_SENTINEL_H

#include "redis/wire/connection.h"

/* The first that knows one decides. MSTR_E_UNAVAILABLE where none of those that answer does. */
enum mstr_code sentinel_find(struct dial *dial, const struct mstr_call *call, struct endpoint *primary,
                             struct mstr_error *error);

#endif
