/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the answers of everything that gives tokens: the authority, metadata services and tools, whose numbers and
 * dates come in many shapes.
 */
#ifndef MSTR_PROVIDERS_AZURE_WIRE_TOKEN_ANSWER_H
#define MSTR_PROVIDERS_AZURE_WIRE_TOKEN_ANSWER_H

#include "base/json.h"
#include "sdk/token.h"

/* Reads {"access_token", "expires_in" or "expires_on", …} that came at `received` (ms since 1970). `who` begins the
 * message of MSTR_E_PROTOCOL. */
enum mstr_code token_answer_read(struct json_object *body, int64_t received, const char *who, struct token *token,
                                 struct mstr_error *error);
/* A point in time as ms since 1970: a number of seconds, RFC 3339, an HTTP date, and the two shapes of App Service,
 * all UTC where they do not say otherwise. */
bool token_answer_time(const char *text, int64_t *milliseconds);
/* The same for a number of seconds; false for one that no clock will show. */
bool token_answer_seconds(int64_t seconds, int64_t *milliseconds);

#endif
