/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks the way to the store for people: where it is, whether it lets us in, what it is, and what is wrong with its
 * settings.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_EXPLAIN_H
#define MSTR_PROVIDERS_REDIS_SERVICE_EXPLAIN_H

#include "redis/service/question.h"

/* mstr_store::explain */
enum mstr_code explain_store(void *self, struct mstr_report *report, const struct mstr_call *call,
                             struct mstr_error *error);

#endif
