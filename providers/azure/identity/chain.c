/* SPDX-License-Identifier: Apache-2.0 */
/* Which identity asks for tokens: the table of them, and who takes part. */
#include "azure/identity/chain.h"

#include "azure/config/field.h"
#include "azure/config/setting.h"
#include "azure/identity/kinds.h"
#include "base/text.h"
#include "sdk/chain.h"
#include "sdk/host.h"

#include <string.h>

/* The order that Azure's own clients share. Those whose failures never end the search are the developer's tools. */
static const struct kind {
    struct chain_step step; /* by the names that AZURE_TOKEN_CREDENTIALS has */
    const char *group;      /* NULL = it takes part by its own name alone */
    identity_fn *identity;
} kinds[] = {
    {{.name = "EnvironmentCredential"}, "prod", environment_identity},
    {{.name = "WorkloadIdentityCredential"}, "prod", workload_identity},
    {{.name = "ManagedIdentityCredential"}, "prod", managed_identity},
    {{.name = "AzurePipelinesCredential"}, NULL, pipelines_identity},
    {{.name = "AzureCliCredential", .optional = true}, "dev", cli_identity},
    {{.name = "AzureDeveloperCliCredential", .optional = true}, "dev", azd_identity},
    {{.name = "AzurePowerShellCredential", .optional = true}, "dev", powershell_identity},
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds), NO_WINNER = -1 };

/* Whom a search is for, and who takes no part. */
struct search {
    struct chain *chain;
    struct ask ask;
    int winner; /* of searches before */
    bool omit[KINDS];
};

static enum mstr_code ask(struct chain_search *walk, const void *step, struct mstr_error *error)
{
    const struct kind *kind = step;
    const struct search *search = walk->data;
    const struct turn turn = {
        .ask = search->ask, .alone = walk->alone, .proven = search->winner != NO_WINNER, .who = &walk->who};
    enum mstr_code code = kind->identity(&turn, walk->out, error);
    if (code == MSTR_OK) {
        atomic_store(&search->chain->winner, (int)(kind - kinds));
    }
    return code;
}

static const char set_up_hint[] = "give this machine a managed identity, set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
                                  "AZURE_CLIENT_SECRET, or log in with az login";

static const struct chain_table table = {"Azure", set_up_hint, kinds, KINDS, sizeof(*kinds), ask};

static enum mstr_code refuse_selection(const char *from, const char *value, struct mstr_error *error)
{
    struct buffer hint = BUFFER_INIT;
    buffer_puts(&hint, "it may be dev, prod");
    for (size_t i = 0; i < KINDS; i++) {
        buffer_printf(&hint, ", %s", kinds[i].step.name);
    }
    buffer_puts(&hint, "; credentials of editors and browsers are not supported");
    host->error_set(error, MSTR_E_CONFIG, "%s: \"%.60s\" selects no credential", from, value);
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    return MSTR_E_CONFIG;
}

/* Leaves out whom the user's choice of one or of a group does not take; once one gave a token, all others. */
static enum mstr_code select_kinds(struct search *search, struct mstr_error *error)
{
    char word[64] = "";
    const char *from = NULL;
    const char *value = setting_find(search->ask.instance, "credential", "AZURE_TOKEN_CREDENTIALS", &from);
    size_t count = 0;
    if (value != NULL && !field_set(word, sizeof(word), value, strlen(value))) {
        return refuse_selection(from, value, error);
    }
    const char *chosen = search->winner != NO_WINNER ? kinds[search->winner].step.name : text_trim(word);
    for (size_t i = 0; i < KINDS; i++) {
        const char *group = kinds[i].group;
        bool in_group = group != NULL && (chosen[0] == '\0' || text_equal_nocase(chosen, group));
        search->omit[i] = !in_group && !text_equal_nocase(chosen, kinds[i].step.name);
        count += !search->omit[i];
    }
    return count > 0 ? MSTR_OK : refuse_selection(from, value, error);
}

enum mstr_code chain_check(const struct mstr_instance *instance, struct mstr_error *error)
{
    struct search search = {.ask = {.instance = instance}, .winner = NO_WINNER};
    return select_kinds(&search, error);
}

void chain_init(struct chain *chain, const struct mstr_instance *instance)
{
    chain->instance = instance;
    atomic_init(&chain->winner, NO_WINNER);
}

void chain_reset(struct chain *chain)
{
    atomic_store(&chain->winner, NO_WINNER);
}

enum mstr_code chain_token(struct chain *chain, const struct demand *demand, const struct mstr_call *call,
                           struct mstr_report *report, struct token *token, struct mstr_error *error)
{
    struct search search = {.chain = chain,
                            .ask = {.instance = chain->instance, .call = call, .demand = demand},
                            .winner = report == NULL ? atomic_load(&chain->winner) : NO_WINNER};
    struct chain_search walk = {.call = call, .report = report, .omit = search.omit, .data = &search, .out = token};
    token->text = NULL;
    enum mstr_code code = select_kinds(&search, error);
    return code == MSTR_OK ? chain_search(&table, &walk, error) : code;
}
