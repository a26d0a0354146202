/*
 * Fetches secrets of Key Vault, many at once, with the retries and challenges that this takes.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_KEY_VAULT_H
#define MSTR_PROVIDERS_AZURE_SERVICE_KEY_VAULT_H

#include "azure/identity/renewable_tokens.h"
#include "azure/service/bundle.h"
#include "azure/service/vault.h"

/* One instance of the provider: the tokens and the vaults that it has come to know. */
struct azure {
    const struct mstr_instance *instance;
    struct renewable_tokens tokens;
    struct known_vaults vaults;
};

/* One secret wanted, and what became of it. */
struct fetch {
    const struct mstr_reference *reference;
    struct mstr_error *error; /* is told why not */
    enum mstr_code code;
    struct bundle bundle; /* with MSTR_OK */

    /* on the way */
    struct secret_id id;
    struct vault vault;
    struct buffer url;
    struct buffer bearer;
    struct demand demand;
    bool done;
    bool bare;                  /* was sent without a token, to learn what its vault wants */
    const struct fetch *leader; /* the one whose answer tells that for this one too; NULL = none */
    bool tokenless;             /* ended since no token could be had */
    bool renewed;               /* a token was refused once */
    bool claimed;               /* a claims challenge was met once */
    int attempts;               /* that failed in passing */
    int64_t not_before;         /* of the next attempt, monotonic ms */
};

/* Checks the reference and finds its vault; no network. False with the fetch done and the error told. */
bool key_vault_prepare(struct azure *azure, struct fetch *fetch, const struct mstr_reference *reference,
                       struct mstr_error *error);
/* Fetches those that are not done. */
void key_vault_fetch(struct azure *azure, struct fetch *fetches, size_t count, const struct mstr_call *call);
void key_vault_release(struct fetch *fetch);

#endif
