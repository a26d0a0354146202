/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One configured use of a fleet's store: the module it comes from, loaded and checked as providers are, the live
 * object once it is made, and the calls on that object with the contract of mstr/store.h enforced. Making it is for
 * one thread; the calls are for any.
 */
#ifndef MSTR_PLUGIN_STORE_INSTANCE_H
#define MSTR_PLUGIN_STORE_INSTANCE_H

#include "plugin/call.h"

#include <mstr/store.h>

struct store_instance;

/* Loads a module and checks its table, no more. `module` is as `store = NAME` says it: a name, for mstr_store_NAME on
 * the plugin path, or an absolute path; `section` is what the log and errors call the instance. Both are copied. *out
 * is for store_instance_free(), and NULL after a failure. */
enum mstr_code store_instance_load(const struct services *services, const char *section, const char *module,
                                   struct store_instance **out, mstr_error *error);
/* Checks the options, which end with a NULL name, and makes it live. */
enum mstr_code store_instance_create(struct store_instance *store, const struct mstr_header *given,
                                     mstr_error *error);
/* Destroys what is live; NULL is accepted. */
void store_instance_free(struct store_instance *store);

/* What the module says of itself. */
const struct mstr_store *store_instance_table(const struct store_instance *store);

/* The calls of a live one, within limits. The members `size` are filled in here. An outcome that the call does not
 * have, and a failure without a word, are the module's fault: MSTR_E_PLUGIN. */
enum mstr_code store_instance_get(struct store_instance *store, struct mstr_store_get *get,
                                  const struct limits *limits, mstr_error *error);
enum mstr_code store_instance_put(struct store_instance *store, struct mstr_store_put *put,
                                  const struct limits *limits, mstr_error *error);
enum mstr_code store_instance_extend(struct store_instance *store, const struct mstr_store_key *key, int64_t fence,
                                     int64_t keep, enum mstr_store_outcome *outcome, const struct limits *limits,
                                     mstr_error *error);
enum mstr_code store_instance_remove(struct store_instance *store, const struct mstr_store_key *key, int64_t fence,
                                     enum mstr_store_outcome *outcome, const struct limits *limits,
                                     mstr_error *error);
enum mstr_code store_instance_acquire(struct store_instance *store, struct mstr_store_lease *lease,
                                      const struct limits *limits, mstr_error *error);
enum mstr_code store_instance_renew(struct store_instance *store, const struct mstr_store_key *key, const char *token,
                                    int64_t duration, enum mstr_store_outcome *outcome, const struct limits *limits,
                                    mstr_error *error);
enum mstr_code store_instance_release(struct store_instance *store, const struct mstr_store_key *key,
                                      const char *token, enum mstr_store_outcome *outcome,
                                      const struct limits *limits, mstr_error *error);
enum mstr_code store_instance_beat(struct store_instance *store, struct mstr_store_beat *beat,
                                   const struct limits *limits, mstr_error *error);
enum mstr_code store_instance_leave(struct store_instance *store, struct mstr_store_beat *beat,
                                    const struct limits *limits, mstr_error *error);
enum mstr_code store_instance_publish(struct store_instance *store, const struct mstr_store_key *channel,
                                      const char *message, const struct limits *limits, mstr_error *error);
/* *subscription is NULL after a failure. */
enum mstr_code store_instance_subscribe(struct store_instance *store, const struct mstr_store_key *channel,
                                        void **subscription, const struct limits *limits, mstr_error *error);
/* MSTR_E_TIMEOUT, without a word in the error, where no message came within the limits. */
enum mstr_code store_instance_next(struct store_instance *store, void *subscription,
                                   struct mstr_store_message *message, const struct limits *limits,
                                   mstr_error *error);
void store_instance_unsubscribe(struct store_instance *store, void *subscription);
enum mstr_code store_instance_time(struct store_instance *store, int64_t *now, const struct limits *limits,
                                   mstr_error *error);
enum mstr_code store_instance_explain(struct store_instance *store, struct mstr_report *report,
                                      const struct limits *limits, mstr_error *error);

#endif
