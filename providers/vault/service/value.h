/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer holds for whoever asked: a secret's JSON with its digits untouched, its version and its end; or why
 * there is none.
 */
#ifndef MSTR_PROVIDERS_VAULT_SERVICE_VALUE_H
#define MSTR_PROVIDERS_VAULT_SERVICE_VALUE_H

#include "vault/config/settings.h"
#include "vault/wire/answer.h"

struct vault_value {
    char *text; /* in secret memory */
    size_t length;
    char version[24]; /* "" = none */
    int64_t expires;  /* ms since 1970; 0 = not known */
    bool leased;      /* it lives by a lease */
    bool fleeting;    /* whose length is not known */
};

/* Of a status 200, by the engine's version. MSTR_E_PROTOCOL for what is no such answer, MSTR_E_NOT_FOUND where null
 * was written. To be released whatever happened. */
enum mstr_code vault_value_read(const struct mstr_http_answer *http, const struct vault_answer *answer,
                                enum vault_kv kv, struct vault_value *value, struct mstr_error *error);
/* Whether it has the form that version 2 gives its answers. */
bool vault_value_is_versioned(const struct vault_answer *answer);
/* Of a status 404 from version 2 of the engine: tells MSTR_E_NOT_FOUND with what became of the version. False where
 * the answer does not say. */
bool vault_value_tell_gone(const struct vault_answer *answer, const char *what, struct mstr_error *error);
void vault_value_release(struct vault_value *value);

#endif
