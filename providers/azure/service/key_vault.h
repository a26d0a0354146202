/*
 * Fetches secrets of Key Vault, many at once, with the retries and challenges that this takes.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_KEY_VAULT_H
#define MSTR_PROVIDERS_AZURE_SERVICE_KEY_VAULT_H

#include "azure/identity/renewable_tokens.h"
#include "azure/service/bundle.h"
#include "azure/service/vault.h"
#include "azure/wire/send.h"

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
    struct azure *azure;
    const struct mstr_call *call;
    const struct fetch *others; /* of its batch; those before it */
    struct mstr_header headers[3];
    char request_id[REQUEST_ID_LENGTH + 1];
    struct secret_id id;
    struct vault vault;
    struct buffer url;
    struct buffer bearer;
    struct demand demand;
    const struct request *request;
    bool bare;      /* was sent without a token, to learn what its vault wants */
    bool tokenless; /* ended since no token could be had */
    bool renewed;   /* a token was refused once */
    bool claimed;   /* a claims challenge was met once */
};

/* Checks the reference and finds its vault; no network. False with the code set and the error told. */
bool key_vault_prepare(struct azure *azure, struct fetch *fetch, const struct mstr_reference *reference,
                       struct mstr_error *error);
/* Fetches those whose code is MSTR_OK. */
void key_vault_fetch(struct azure *azure, struct fetch *fetches, size_t count, const struct mstr_call *call);
/* The token that it was last sent with; NULL = none. */
const char *key_vault_token(const struct fetch *fetch);
void key_vault_release(struct fetch *fetch);

#endif
