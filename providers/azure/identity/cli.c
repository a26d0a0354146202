/* SPDX-License-Identifier: Apache-2.0 */
/* The Azure CLI, az, and the Azure Developer CLI, azd. */
#include "azure/identity/kinds.h"

#include "azure/config/setting.h"
#include "base/base64.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

/* expiresOn is in local time and ambiguous once a year; newer versions tell expires_on too. */
const struct tool cli_tool = {.name = "az",
                              .log_in_hint = "log in with az login",
                              .signs = {"az login", "az account set"},
                              .token = "accessToken",
                              .type = "tokenType",
                              .seconds = "expires_on",
                              .date = "expiresOn",
                              .local = true};
const struct tool azd_tool = {.name = "azd",
                              .log_in_hint = "log in with azd auth login",
                              .signs = {"azd auth login", "azd login"},
                              .token = "token",
                              .date = "expiresOn"};

/* Adds an option, unless its value is empty. */
static void put_option(const char **argv, size_t *count, const char *name, const char *value)
{
    if (!text_empty(value)) {
        argv[(*count)++] = name;
        argv[(*count)++] = value;
    }
}

/* The tool cannot answer a claims challenge; its user can. */
static enum mstr_code need_claims(const struct ask *ask, const char *tenant, struct mstr_error *error)
{
    struct buffer hint = BUFFER_INIT;
    buffer_puts(&hint, "run az login --claims-challenge ");
    base64_encode(&hint, ask->demand->claims, strlen(ask->demand->claims));
    buffer_printf(&hint, "%s%s --scope %s/.default", tenant[0] != '\0' ? " --tenant " : "", tenant,
                  ask->demand->resource);
    host->error_set(error, MSTR_E_AUTHENTICATION, "az cannot get a token with the claims that the vault demands");
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    return MSTR_E_AUTHENTICATION;
}

/* The subscription whose account is meant, where several are logged in; NULL = az's own choice. */
static enum mstr_code find_subscription(const struct mstr_instance *instance, const char **subscription,
                                        struct mstr_error *error)
{
    *subscription = setting_option(instance, "subscription");
    return *subscription == NULL || text_is_made_of(*subscription, "._- ")
               ? MSTR_OK
               : host->error_set(error, MSTR_E_CONFIG, "subscription: \"%.100s\" is no id or name of one",
                                 *subscription);
}

enum mstr_code cli_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    char tenant[TENANT_MAX + 1] = "";
    const char *subscription = NULL;
    enum mstr_code code = tool_tenant(&turn->ask, tenant, error);
    if (code == MSTR_OK) {
        code = find_subscription(turn->ask.instance, &subscription, error);
    }
    if (code == MSTR_OK && turn->ask.demand->claims[0] != '\0') {
        code = need_claims(&turn->ask, tenant, error);
    }
    if (code == MSTR_OK) {
        const char *argv[12] = {"az",   "account",    "get-access-token",         "--output",
                                "json", "--resource", turn->ask.demand->resource, NULL};
        size_t count = 7;
        put_option(argv, &count, "--tenant", tenant);
        put_option(argv, &count, "--subscription", subscription);
        code = tool_token(turn, &cli_tool, argv, tenant, token, error);
    }
    return code;
}

enum mstr_code azd_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    char tenant[TENANT_MAX + 1] = "";
    struct buffer scope = BUFFER_INIT;
    struct buffer claims = BUFFER_INIT;
    enum mstr_code code = tool_tenant(&turn->ask, tenant, error);
    buffer_printf(&scope, "%s/.default", turn->ask.demand->resource);
    base64_encode(&claims, turn->ask.demand->claims, strlen(turn->ask.demand->claims));
    if (code == MSTR_OK) {
        const char *argv[14] = {"azd",  "auth",        "token",   "--output",
                                "json", "--no-prompt", "--scope", buffer_text(&scope)};
        size_t count = 8;
        put_option(argv, &count, "--tenant-id", tenant);
        put_option(argv, &count, "--claims", buffer_text(&claims));
        code = tool_token(turn, &azd_tool, argv, tenant, token, error);
    }
    buffer_release(&claims);
    buffer_release(&scope);
    return code;
}
