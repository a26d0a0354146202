/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals of Vault and OpenBao as this library's classes, with what to do about them: the one place for that.
 */
#ifndef MSTR_PROVIDERS_VAULT_WIRE_REFUSAL_H
#define MSTR_PROVIDERS_VAULT_WIRE_REFUSAL_H

#include "sdk/attempt.h"

/* What was asked for, in the words of whoever reads the message. */
struct vault_asked {
    const char *what; /* "reading secret/data/app" */
    bool login;       /* who we are was at stake: what is refused is not tried again, lest an account is locked */
};

/* Reads an answer of status 300 and above and tells it, and in the attempt whether another may succeed. `token` is
 * told whether the refusal names the token itself; may be NULL. Returns the class. */
enum mstr_code vault_refusal_read(struct mstr_http_response *response, const struct vault_asked *asked,
                                  struct attempt *attempt, bool *token, struct mstr_error *error);

#endif
