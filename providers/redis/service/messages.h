/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages, and the store's time: mstr_store::publish, mstr_store::subscribe, mstr_store::next,
 * mstr_store::unsubscribe and mstr_store::time. A subscription has a connection of its own, over which the store is
 * asked now and then whether it is still there.
 */
#ifndef MSTR_PROVIDERS_REDIS_SERVICE_MESSAGES_H
#define MSTR_PROVIDERS_REDIS_SERVICE_MESSAGES_H

#include "redis/service/question.h"

enum mstr_code messages_publish(void *self, const struct mstr_store_key *channel, const char *message,
                                const struct mstr_call *call, struct mstr_error *error);
enum mstr_code messages_subscribe(void *self, const struct mstr_store_key *channel, void **subscription,
                                  const struct mstr_call *call, struct mstr_error *error);
enum mstr_code messages_next(void *self, void *subscription, struct mstr_store_message *message,
                             const struct mstr_call *call, struct mstr_error *error);
void messages_unsubscribe(void *self, void *subscription);
enum mstr_code messages_time(void *self, int64_t *now, const struct mstr_call *call, struct mstr_error *error);

#endif
