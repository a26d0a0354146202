/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: mstr_store::get, mstr_store::put, mstr_store::extend and mstr_store::remove, each a script.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_RECORDS_H
#define MSTR_PROVIDERS_REDIS_SERVICE_RECORDS_H

#include "redis/service/question.h"

enum mstr_code records_get(void *self, struct mstr_store_get *get, const struct mstr_call *call,
                           struct mstr_error *error);
enum mstr_code records_put(void *self, struct mstr_store_put *put, const struct mstr_call *call,
                           struct mstr_error *error);
enum mstr_code records_extend(void *self, const struct mstr_store_key *key, int64_t fence, int64_t keep,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error);
enum mstr_code records_remove(void *self, const struct mstr_store_key *key, int64_t fence,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error);

#endif
