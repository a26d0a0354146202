/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everyday calls on the host's table, spelt once for all providers. Each plugin sets the table at its entry point.
 */
#ifndef MSTR_PROVIDERS_SDK_HOST_H
#define MSTR_PROVIDERS_SDK_HOST_H

#include "base/json.h"

#include <mstr/provider.h>
#include <pthread.h>

/* The host's table. NULL before the entry point ran. */
extern const struct mstr_host *host;
/* What each entry point begins with. The library's own providers share the table, and one is loaded while others run:
 * it is written by the first alone. */
void host_take(const struct mstr_host *table);

/* `create` of a provider whose instances keep nothing. */
enum mstr_code create_nothing(const struct mstr_instance *instance, void **self, struct mstr_error *error);

/* Answers a request with what `error` tells, details included. */
void request_fail(struct mstr_request *request, enum mstr_code code, const struct mstr_error *error);

/* The first text that is neither NULL nor empty; NULL = none is. */
const char *first_filled(const char *const texts[], size_t count);
/* Adds what to do about it to an error that was just set; returns its code. */
enum mstr_code error_hint(struct mstr_error *error, enum mstr_code code, const char *hint);
/* Ends the reading of what was told as JSON: releases the tree. What became of it is `code`, and told already, unless
 * `parsed`, which json_read() returned, says that memory ran out. */
enum mstr_code json_done(struct json_object *tree, enum mstr_code parsed, enum mstr_code code,
                         struct mstr_error *error);
/* Adds what `from` tells beside its message. */
void error_add_details(struct mstr_error *to, const struct mstr_error *from);

/* A step of a report on what was done since `start`, monotonic ms: used, or failed as `error` tells. */
void report_done(struct mstr_report *report, const char *name, enum mstr_code code, const char *detail,
                 const struct mstr_error *error, int64_t start);
/* The same of what is only good to know: a fact, or why it is not known. */
void report_fact(struct mstr_report *report, const char *name, enum mstr_code code, const char *detail,
                 const struct mstr_error *error, int64_t start);

/* What the call's limits say: MSTR_OK, MSTR_E_CANCELLED or MSTR_E_TIMEOUT. */
enum mstr_code call_check(const struct mstr_call *call);
/* Tells that they ended, with this code, while `what` was waited for; returns the code. */
enum mstr_code call_tell_end(enum mstr_code code, const char *what, struct mstr_error *error);
/* A part of a wait within the call's limits, as condition_wait(), with their end told: `what` was waited for. */
enum mstr_code call_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct mstr_call *call,
                         const char *what, struct mstr_error *error);

#endif
