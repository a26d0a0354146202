/* SPDX-License-Identifier: Apache-2.0 */
/* The Azure plugin's table: Key Vault, by whichever identity the machine has. */
#include "azure/config/setting.h"
#include "azure/service/explain.h"
#include "sdk/host.h"
#include "sdk/identity_digest.h"

#include <stdlib.h>
#include <string.h>

static const struct mstr_option options[] = {
    {"tenant_id", MSTR_OPTION_STRING, 0, NULL, "tenant of the identity; else AZURE_TENANT_ID"},
    {"client_id", MSTR_OPTION_STRING, 0, NULL, "client id of the application; else AZURE_CLIENT_ID"},
    {"client_secret", MSTR_OPTION_SECRET, 0, NULL, "its secret; else AZURE_CLIENT_SECRET"},
    {"client_certificate", MSTR_OPTION_PATH, 0, NULL,
     "its certificate with key, PEM or PKCS#12; else AZURE_CLIENT_CERTIFICATE_PATH"},
    {"client_certificate_password", MSTR_OPTION_SECRET, 0, NULL,
     "password of that file; else AZURE_CLIENT_CERTIFICATE_PASSWORD"},
    {"send_certificate_chain", MSTR_OPTION_BOOLEAN, 0, NULL,
     "send the chain too; else AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"},
    {"additionally_allowed_tenants", MSTR_OPTION_STRING, 0, NULL,
     "tenants that a vault may ask for, separated by ;, * for any; else AZURE_ADDITIONALLY_ALLOWED_TENANTS"},
    {"managed_identity_client_id", MSTR_OPTION_STRING, 0, NULL,
     "client id of the user-assigned managed identity to ask for; goes before AZURE_CLIENT_ID"},
    {"managed_identity_object_id", MSTR_OPTION_STRING, 0, NULL, "the same by object id"},
    {"managed_identity_resource_id", MSTR_OPTION_STRING, 0, NULL, "the same by resource id"},
    {"imds_timeout", MSTR_OPTION_DURATION, 0, "1s",
     "how long the chain waits for the instance metadata service where the machine does not show to be Azure's"},
    {"tool_timeout", MSTR_OPTION_DURATION, 0, "30s", "how long az, azd or pwsh may take"},
    {"credential", MSTR_OPTION_STRING, 0, NULL,
     "dev, prod or one credential, e.g. ManagedIdentityCredential; else AZURE_TOKEN_CREDENTIALS"},
    {"subscription", MSTR_OPTION_STRING, 0, NULL, "subscription whose account az is asked for"},
    {"service_connection_id", MSTR_OPTION_STRING, 0, NULL,
     "service connection of AzurePipelinesCredential; else AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"},
    {"system_access_token", MSTR_OPTION_SECRET, 0, NULL, "the pipeline job's own token; else SYSTEM_ACCESSTOKEN"},
    {"authority_host", MSTR_OPTION_STRING, 0, NULL, "URL of the authority; else AZURE_AUTHORITY_HOST"},
    {"endpoint", MSTR_OPTION_URL, 0, NULL, "URL of the vault in place of the one that its name tells"},
    {"challenge_resource", MSTR_OPTION_URL, 0, NULL, "resource that a vault may name where its host does not tell"},
    {"api_version", MSTR_OPTION_STRING, 0, "7.6", "version of Key Vault's interface"},
    {"refuse_expired", MSTR_OPTION_BOOLEAN, 0, "no",
     "refuse secrets outside their validity, which Key Vault itself does not"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust for the authority and the vaults"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

/* What a section cannot mean, whichever identity there is. */
static enum mstr_code check_settings(const struct mstr_instance *instance, struct mstr_error *error)
{
    const char *tenant = setting_option(instance, "tenant_id");
    enum mstr_code code = tenant != NULL ? authority_check_tenant(tenant, error) : MSTR_OK;
    return code == MSTR_OK ? chain_check(instance, error) : code;
}

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    enum mstr_code code = check_settings(instance, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct azure *azure = calloc(1, sizeof(*azure));
    bool tokens = azure != NULL && renewable_tokens_init(&azure->tokens, instance);
    if (!tokens || !known_vaults_init(&azure->vaults, instance)) {
        if (tokens) {
            renewable_tokens_destroy(&azure->tokens);
        }
        free(azure);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    azure->instance = instance;
    *self = azure;
    return MSTR_OK;
}

/* Key Vault serves a secret outside its validity; whether that is right is for its user to say. */
static enum mstr_code check_validity(const struct azure *azure, const struct fetch *fetch)
{
    int64_t now = host->now();
    const struct bundle *bundle = &fetch->bundle;
    bool early = bundle->not_before > now;
    bool late = bundle->expires != 0 && bundle->expires <= now;
    const char *refuse = host->option(azure->instance, "refuse_expired");
    if (!early && !late) {
        return MSTR_OK;
    }
    const char *how = late ? "has expired" : "is not valid yet";
    if (refuse != NULL && strcmp(refuse, "yes") == 0) {
        host->error_set(fetch->item.error, MSTR_E_DENIED, "the secret %s", how);
        host->error_detail(fetch->item.error, MSTR_DETAIL_HINT, "add a new version, or set refuse_expired = no");
        return MSTR_E_DENIED;
    }
    host->log(azure->instance, MSTR_LEVEL_WARN, "%s %s, and is used all the same", fetch->item.reference->text, how);
    return MSTR_OK;
}

static void answer(struct batch_item *item)
{
    struct fetch *fetch = (struct fetch *)(void *)item;
    char identity[IDENTITY_SIZE];
    const char *token = key_vault_token(fetch);
    const struct bundle *bundle = &fetch->bundle;
    if (token != NULL) {
        identity_digest_of_token(token, identity);
    }
    const struct mstr_meta meta = {.size = sizeof(meta),
                                   .expires = bundle->expires > host->now() ? bundle->expires : 0,
                                   .version = bundle->version[0] != '\0' ? bundle->version : NULL,
                                   .content_type = bundle->content_type[0] != '\0' ? bundle->content_type : NULL,
                                   .identity = token != NULL ? identity : NULL};
    item->code = check_validity(item->batch->self, fetch);
    if (item->code == MSTR_OK) {
        batch_answer(item, buffer_text(&bundle->value), bundle->value.length, &meta);
    }
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    static const struct batch_kind kind = {sizeof(struct fetch), key_vault_read, key_vault_fetch, answer,
                                           key_vault_release};
    batch_resolve(&kind, self, requests, count, call);
}

/* With everything, also the identity and what vaults told. */
static void invalidate(void *self, const struct mstr_reference *reference)
{
    struct azure *azure = self;
    if (reference == NULL) {
        renewable_tokens_clear(&azure->tokens);
        known_vaults_clear(&azure->vaults);
    }
}

static void destroy(void *self)
{
    struct azure *azure = self;
    renewable_tokens_destroy(&azure->tokens);
    known_vaults_destroy(&azure->vaults);
    free(azure);
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "azure",
        .version = "1",
        .summary = "Azure Key Vault",
        .options = options,
        .create = create,
        .resolve = resolve,
        .explain = explain_reference,
        .invalidate = invalidate,
        .destroy = destroy,
        .check = key_vault_check,
    };
    host_take(table);
    return &provider;
}
