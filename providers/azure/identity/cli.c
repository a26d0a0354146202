/* The Azure CLI, az, and the Azure Developer CLI, azd. */
#include "azure/identity/cli.h"

#include "azure/config/setting.h"
#include "base/base64.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

/* expiresOn is in local time and ambiguous once a year; newer versions tell expires_on too. */
const struct tool_answer cli_answer = {"accessToken", "tokenType", "expires_on", "expiresOn", true};
const struct tool_answer azd_answer = {"token", NULL, NULL, "expiresOn", false};

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
    static const char *const signs[] = {"az login", "az account set", NULL};
    char tenant[TENANT_MAX + 1] = "";
    const char *subscription = NULL;
    struct process_result result = {.output = BUFFER_INIT, .errors = BUFFER_INIT};
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
        if (tenant[0] != '\0') {
            argv[count++] = "--tenant";
            argv[count++] = tenant;
        }
        if (subscription != NULL) {
            argv[count++] = "--subscription";
            argv[count++] = subscription;
        }
        code = tool_run(turn, argv, tenant, &result, error);
    }
    if (code == MSTR_OK) {
        code = result.exit_status == 0
                   ? tool_read(&cli_answer, "az", buffer_text(&result.output), result.output.length, token, error)
                   : tool_failed("az", &result, signs, "log in with az login", error);
    }
    process_release(&result);
    return code;
}

enum mstr_code azd_identity(const struct turn *turn, struct token *token, struct mstr_error *error)
{
    static const char *const signs[] = {"azd auth login", "azd login", NULL};
    char tenant[TENANT_MAX + 1] = "";
    struct buffer scope = BUFFER_INIT;
    struct buffer claims = BUFFER_INIT;
    struct process_result result = {.output = BUFFER_INIT, .errors = BUFFER_INIT};
    enum mstr_code code = tool_tenant(&turn->ask, tenant, error);
    buffer_printf(&scope, "%s/.default", turn->ask.demand->resource);
    base64_encode(&claims, turn->ask.demand->claims, strlen(turn->ask.demand->claims));
    if (code == MSTR_OK) {
        const char *argv[14] = {"azd",  "auth",        "token",   "--output",
                                "json", "--no-prompt", "--scope", buffer_text(&scope)};
        size_t count = 8;
        if (tenant[0] != '\0') {
            argv[count++] = "--tenant-id";
            argv[count++] = tenant;
        }
        if (claims.length > 0) {
            argv[count++] = "--claims";
            argv[count++] = buffer_text(&claims);
        }
        code = tool_run(turn, argv, tenant, &result, error);
    }
    if (code == MSTR_OK) {
        code = result.exit_status == 0
                   ? tool_read(&azd_answer, "azd", buffer_text(&result.output), result.output.length, token, error)
                   : tool_failed("azd", &result, signs, "log in with azd auth login", error);
    }
    process_release(&result);
    buffer_release(&claims);
    buffer_release(&scope);
    return code;
}
