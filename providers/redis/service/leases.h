/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases: mstr_store::acquire, mstr_store::renew and mstr_store::release, each a script.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_LEASES_H
#define MSTR_PROVIDERS_REDIS_SERVICE_LEASES_H

#include "redis/service/question.h"

/* The same token again is told of the lease that it has. */
enum mstr_code leases_acquire(void *self, struct mstr_store_lease *lease, const struct mstr_call *call,
                              struct mstr_error *error);
enum mstr_code leases_renew(void *self, const struct mstr_store_key *key, const char *token, int64_t duration,
                            enum mstr_store_outcome *outcome, const struct mstr_call *call, struct mstr_error *error);
enum mstr_code leases_release(void *self, const struct mstr_store_key *key, const char *token,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error);

#endif
