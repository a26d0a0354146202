/* SPDX-License-Identifier: Apache-2.0 */
/* Which identity gives the token: the table of them. */
#include "vault/identity/chain.h"

#include "base/text.h"
#include "sdk/chain.h"
#include "sdk/host.h"

#include <string.h>

/* The one that is left in the home stands last, as the least that a service should run by. */
static const struct identity {
    struct chain_step step;
    const char *option; /* as auth names it */
    bool always;        /* looked for also where auth is not set */
    vault_identity_fn *get;
} identities[] = {
    {{.name = "token", .hint = "check token, BAO_TOKEN or VAULT_TOKEN"}, "token", true, vault_given_token},
    {{.name = "token_file"}, "token", true, vault_token_file},
    {{.name = "approle"}, "approle", true, vault_approle},
    {{.name = "kubernetes"}, "kubernetes", true, vault_kubernetes},
    {{.name = "jwt"}, "jwt", true, vault_jwt},
    {{.name = "aws"}, "aws", true, vault_aws},
    {{.name = "cert"}, "cert", false, vault_cert},
    {{.name = "none"}, "none", false, vault_no_token},
    {{.name = "~/.vault-token", .hint = "log in anew with vault login"}, "token", true, vault_home_token},
};
enum { IDENTITIES = sizeof(identities) / sizeof(*identities) };

static enum mstr_code ask(struct chain_search *walk, const void *step, struct mstr_error *error)
{
    const struct identity *identity = step;
    struct vault_turn turn = *(const struct vault_turn *)walk->data;
    turn.who = &walk->who;
    return identity->get(&turn, walk->out, error);
}

static const char set_up_hint[] =
    "set VAULT_TOKEN or token_file, or auth and what it needs: role_id and secret_id, role, "
    "jwt_file, or client_cert";

static const struct chain_table table = {"Vault", set_up_hint, identities, IDENTITIES, sizeof(*identities), ask};

/* Leaves out whom the option auth does not name. */
static enum mstr_code select_identities(const struct mstr_instance *instance, bool omit[IDENTITIES],
                                        struct mstr_error *error)
{
    const char *chosen = host->option(instance, "auth");
    size_t asked = 0;
    for (size_t i = 0; i < IDENTITIES; i++) {
        omit[i] = text_empty(chosen) ? !identities[i].always : strcmp(chosen, identities[i].option) != 0;
        asked += !omit[i];
    }
    return asked > 0
               ? MSTR_OK
               : error_hint(error, host->error_set(error, MSTR_E_CONFIG, "auth \"%.60s\" names no identity", chosen),
                            "it may be token, approle, kubernetes, jwt, aws, cert or none");
}

enum mstr_code vault_chain_check(const struct mstr_instance *instance, struct mstr_error *error)
{
    bool omit[IDENTITIES];
    return select_identities(instance, omit, error);
}

enum mstr_code vault_chain(const struct vault_settings *settings, struct vault_logins *logins,
                           const struct mstr_call *call, struct mstr_report *report, struct vault_token **out,
                           struct mstr_error *error)
{
    const struct vault_turn turn = {.settings = settings,
                                    .call = call,
                                    .logins = logins,
                                    .explains = report != NULL,
                                    .chosen = !text_empty(host->option(settings->instance, "auth"))};
    bool omit[IDENTITIES];
    struct chain_search walk = {.call = call, .report = report, .omit = omit, .data = &turn, .out = out};
    enum mstr_code code = select_identities(settings->instance, omit, error);
    *out = NULL;
    return code == MSTR_OK ? chain_search(&table, &walk, error) : code;
}
