/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is there: mstr_store::beat and mstr_store::leave, each a script over a sorted set of when each beat last.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_MEMBERS_H
#define MSTR_PROVIDERS_REDIS_SERVICE_MEMBERS_H

#include "redis/service/question.h"

enum mstr_code members_beat(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                            struct mstr_error *error);
enum mstr_code members_leave(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                             struct mstr_error *error);

#endif
