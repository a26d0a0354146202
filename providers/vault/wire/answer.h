/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The envelope of every good answer: data, authentication, lease, warnings. What it holds may be secret, and is
 * wiped.
 */
#ifndef MSTR_PROVIDERS_VAULT_WIRE_ANSWER_H
#define MSTR_PROVIDERS_VAULT_WIRE_ANSWER_H

#include "base/json.h"

#include <mstr/provider.h>

/* Members live as long as the answer; NULL = not there. */
struct vault_answer {
    struct json_object *tree;
    struct json_object *data;
    struct json_object *auth;
    const char *lease_id;
    int64_t lease_duration; /* ms */
};

/* The body of a status 200, or of a 404 that has an envelope. MSTR_E_PROTOCOL where it is none. To be released
 * whatever happened. */
enum mstr_code vault_answer_read(const struct mstr_http_answer *http, struct vault_answer *answer,
                                 struct mstr_error *error);
/* Logs what Vault warns of; "what" begins each line. A warning is not told if it repeats what is secret: a text of
 * the data or of a token that the answer gives, or one of `sent` (NULL = none), which a request had. */
void vault_answer_log_warnings(const struct vault_answer *answer, struct json_object *sent,
                               const struct mstr_instance *instance, const char *what);
/* Whether one of the warnings holds the text. */
bool vault_answer_warns(const struct vault_answer *answer, const char *part);
void vault_answer_release(struct vault_answer *answer);

/* A member's seconds as ms, cut at ten years; 0 where there is none. MSTR_E_PROTOCOL for what is no such number. */
enum mstr_code vault_answer_seconds(struct json_object *object, const char *member, int64_t *milliseconds,
                                    struct mstr_error *error);

#endif
