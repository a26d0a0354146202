/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches secrets of Key Vault, many at once, with the retries and challenges that this takes.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_KEY_VAULT_H
#define MSTR_PROVIDERS_AZURE_SERVICE_KEY_VAULT_H

#include "azure/identity/renewable_tokens.h"
#include "azure/service/bundle.h"
#include "azure/service/vault.h"
#include "azure/wire/send.h"
#include "sdk/batch.h"

/* One instance of the provider: the tokens and the vaults that it has come to know. */
struct azure {
    const struct mstr_instance *instance;
    struct renewable_tokens tokens;
    struct known_vaults vaults;
};

/* One secret wanted, and what became of it. */
struct fetch {
    struct batch_item item; /* first; its batch is of a struct azure */
    struct bundle bundle;   /* with MSTR_OK */

    /* on the way */
    struct mstr_header headers[3];
    char request_id[REQUEST_ID_LENGTH + 1];
    struct secret_id id;
    struct vault vault;
    struct buffer url;
    struct buffer bearer;
    struct demand demand;
    bool bare;    /* was sent without a token, to learn what its vault wants */
    bool renewed; /* a token was refused once */
    bool claimed; /* a claims challenge was met once */
};

/* Checks a reference, without network. */
enum mstr_code key_vault_check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                               struct mstr_error *error);
/* The same, and keeps what it names. Of a batch_kind, as is the release. */
enum mstr_code key_vault_read(struct batch_item *item);
void key_vault_release(struct batch_item *item);
/* Fetches those that wait. */
void key_vault_fetch(const struct batch *batch);
/* The token that it was last sent with; NULL = none. */
const char *key_vault_token(const struct fetch *fetch);

#endif
