/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an AWS service says when it refuses: its code to a class, its message, its request id, and what to do.
 */
#ifndef MSTR_PROVIDERS_AWS_WIRE_SERVICE_ERROR_H
#define MSTR_PROVIDERS_AWS_WIRE_SERVICE_ERROR_H

#include "base/json.h"

#include <mstr/provider.h>
#include <stdbool.h>

/* Tells an answer whose status is not 200. Returns the class. */
enum mstr_code service_error_tell(const struct mstr_http_response *answer, const char *what,
                                  struct mstr_error *error);
/* The JSON object of an answer whose status is 200, for json_release(). NULL, and told, when it is something else:
 * the page of a proxy, or an error in spite of the status. */
struct json_object *service_answer(const struct mstr_http_response *answer, const char *what,
                                   struct mstr_error *error);
/* What some codes mean beside their class. */
enum code_trait {
    OF_THE_CLOCK, /* a clock that is wrong explains it */
    OF_OLD_KEYS,  /* the keys have expired on the way */
    OF_SEVERAL    /* a call for several is not allowed or not known, which those for one may be */
};
/* Whether what was told has a code of that kind. */
bool service_error_is(const struct mstr_error *error, enum code_trait trait);
/* Tells a code and message that stand in another answer, e.g. for one entry of a batch. */
enum mstr_code service_error_set(const char *code, const char *message, int status, const char *what,
                                 struct mstr_error *error);
/* Adds which permission is missing, where what was told says no more than that one is. */
void service_error_hint_permission(const char *service, const char *action, bool decrypts, struct mstr_error *error);

#endif
