/* Which identity asks for tokens. */
#include "azure/identity/chain.h"

#include "azure/config/field.h"
#include "azure/config/setting.h"
#include "azure/identity/cli.h"
#include "azure/identity/environment.h"
#include "azure/identity/managed.h"
#include "azure/identity/powershell.h"
#include "azure/identity/workload.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

enum { PRODUCTION = 1, DEVELOPER = 2 };

/* The order that Azure's own clients share. A developer's tool that fails never ends the chain. */
static const struct kind {
    const char *name; /* as AZURE_TOKEN_CREDENTIALS has it */
    identity_fn *identity;
    unsigned group;
} kinds[] = {
    {"EnvironmentCredential", environment_identity, PRODUCTION},
    {"WorkloadIdentityCredential", workload_identity, PRODUCTION},
    {"ManagedIdentityCredential", managed_identity, PRODUCTION},
    {"AzureCliCredential", cli_identity, DEVELOPER},
    {"AzureDeveloperCliCredential", azd_identity, DEVELOPER},
    {"AzurePowerShellCredential", powershell_identity, DEVELOPER},
};
enum { KINDS = sizeof(kinds) / sizeof(*kinds), NO_WINNER = -1 };

/* A walk along the kinds. */
struct walk {
    struct turn turn;
    bool takes_part[KINDS];
    struct mstr_report *report;
    struct buffer attempts; /* one clause for each that failed */
    struct buffer hint;     /* of the first that was there and failed nevertheless */
};

static enum mstr_code refuse_selection(const char *from, const char *value, struct mstr_error *error)
{
    struct buffer names = BUFFER_INIT;
    for (size_t i = 0; i < KINDS; i++) {
        buffer_printf(&names, ", %s", kinds[i].name);
    }
    host->error_set(error, MSTR_E_CONFIG, "%s: \"%.60s\" selects no credential", from, value);
    buffer_puts(&names, "; credentials of editors and browsers are not supported");
    struct buffer hint = BUFFER_INIT;
    buffer_printf(&hint, "it may be dev, prod%s", buffer_text(&names));
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    buffer_release(&names);
    return MSTR_E_CONFIG;
}

/* Which kinds take part: all, a group of them, or one. */
static enum mstr_code select_kinds(struct walk *walk, struct mstr_error *error)
{
    char word[64] = "";
    const char *from = NULL;
    const char *value = setting_find(walk->turn.ask.instance, "credential", "AZURE_TOKEN_CREDENTIALS", &from);
    size_t count = 0;
    if (value != NULL && !field_set(word, sizeof(word), value, strlen(value))) {
        return refuse_selection(from, value, error);
    }
    const char *chosen = text_trim(word);
    bool dev = text_equal_nocase(chosen, "dev");
    bool prod = text_equal_nocase(chosen, "prod");
    for (size_t i = 0; i < KINDS; i++) {
        bool in_group = (dev && kinds[i].group == DEVELOPER) || (prod && kinds[i].group == PRODUCTION);
        walk->takes_part[i] = chosen[0] == '\0' || in_group || text_equal_nocase(chosen, kinds[i].name);
        count += walk->takes_part[i];
    }
    walk->turn.alone = count == 1;
    return count > 0 ? MSTR_OK : refuse_selection(from, value, error);
}

static void tell_step(const struct walk *walk, const struct kind *kind, enum mstr_code code,
                      const struct mstr_error *why, int64_t milliseconds)
{
    enum mstr_step outcome = code == MSTR_OK                ? MSTR_STEP_USED
                             : code == MSTR_E_NOT_AVAILABLE ? MSTR_STEP_SKIPPED
                                                            : MSTR_STEP_FAILED;
    struct buffer detail = BUFFER_INIT;
    if (walk->report != NULL) {
        buffer_puts(&detail, code != MSTR_OK ? host->error_message(why) : buffer_text(walk->turn.who));
        if (code != MSTR_OK && walk->turn.who->length > 0) {
            buffer_printf(&detail, "; asked for: %s", buffer_text(walk->turn.who));
        }
        host->report_step(walk->report, outcome, kind->name, buffer_text(&detail),
                          code != MSTR_OK ? host->error_text(why, MSTR_DETAIL_HINT) : NULL, milliseconds);
    }
    buffer_release(&detail);
}

/* The failure as the caller sees it: this attempt's, with those before it. */
static void tell_failure(const struct walk *walk, const struct kind *kind, enum mstr_code code,
                         const struct mstr_error *why, struct mstr_error *error)
{
    static const enum mstr_detail details[] = {MSTR_DETAIL_SERVICE_CODE, MSTR_DETAIL_REQUEST_ID, MSTR_DETAIL_HINT};
    host->error_set(error, code, "%s: %s%s%s%s%s%s", kind->name, host->error_message(why),
                    walk->turn.who->length > 0 ? "; asked for: " : "", buffer_text(walk->turn.who),
                    walk->attempts.length > 0 ? " (before it: " : "", buffer_text(&walk->attempts),
                    walk->attempts.length > 0 ? ")" : "");
    for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
        host->error_detail(error, details[i], host->error_text(why, details[i]));
    }
    host->error_detail(error, MSTR_DETAIL_STEP, kind->name);
}

/* Whether the chain goes on after this failure. One that is asked alone has nobody behind it, and a caller's own
 * limits always end it. */
static bool goes_on(const struct walk *walk, const struct kind *kind, enum mstr_code code)
{
    if (walk->turn.alone || walk->turn.proven || code == MSTR_E_CANCELLED || code == MSTR_E_MEMORY ||
        host->remaining(walk->turn.ask.call) == 0) {
        return false;
    }
    return code == MSTR_E_NOT_AVAILABLE || kind->group == DEVELOPER;
}

static bool try_kind(struct walk *walk, const struct kind *kind, struct token *token, enum mstr_code *code,
                     struct mstr_error *error)
{
    struct mstr_error *why = host->error_new();
    int64_t start = host->monotonic();
    buffer_clear(walk->turn.who);
    *code = kind->identity(&walk->turn, token, why);
    int64_t spent = host->monotonic() - start;
    tell_step(walk, kind, *code, why, spent);
    bool ended = *code == MSTR_OK || !goes_on(walk, kind, *code);
    if (ended && *code != MSTR_OK) {
        tell_failure(walk, kind, *code, why, error);
    } else if (!ended) {
        buffer_printf(&walk->attempts, "%s%s: %s [%lld ms]", walk->attempts.length > 0 ? "; " : "", kind->name,
                      host->error_message(why), (long long)spent);
        if (*code != MSTR_E_NOT_AVAILABLE && walk->hint.length == 0) {
            const char *hint = host->error_text(why, MSTR_DETAIL_HINT);
            buffer_puts(&walk->hint, hint != NULL ? hint : "");
        }
    }
    host->error_free(why);
    return ended;
}

static enum mstr_code tell_nothing(const struct walk *walk, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_NOT_AVAILABLE, "no Azure identity is available here: %s",
                    buffer_text(&walk->attempts));
    host->error_detail(error, MSTR_DETAIL_HINT,
                       walk->hint.length > 0 ? buffer_text(&walk->hint)
                                             : "give this machine a managed identity, set AZURE_TENANT_ID, "
                                               "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or log in with az login");
    return MSTR_E_NOT_AVAILABLE;
}

static enum mstr_code walk_along(struct chain *chain, struct walk *walk, struct token *token,
                                 struct mstr_error *error)
{
    int winner = walk->report == NULL ? atomic_load(&chain->winner) : NO_WINNER;
    walk->turn.proven = winner != NO_WINNER;
    for (int i = 0; i < KINDS; i++) {
        bool asked = winner != NO_WINNER ? winner == i : walk->takes_part[i];
        enum mstr_code code = MSTR_OK;
        if (asked && try_kind(walk, &kinds[i], token, &code, error)) {
            if (code == MSTR_OK) {
                atomic_store(&chain->winner, i);
            }
            return code;
        }
    }
    return tell_nothing(walk, error);
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
    struct buffer who = BUFFER_INIT;
    struct walk walk = {.turn = {.ask = {.instance = chain->instance, .call = call, .demand = demand}, .who = &who},
                        .report = report,
                        .attempts = BUFFER_INIT,
                        .hint = BUFFER_INIT};
    token->text = NULL;
    enum mstr_code code = select_kinds(&walk, error);
    if (code == MSTR_OK) {
        code = walk_along(chain, &walk, token, error);
    }
    buffer_release(&walk.hint);
    buffer_release(&walk.attempts);
    buffer_release(&who);
    return code;
}
