/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin's table: secrets of HashiCorp Vault and OpenBao, by whichever identity is configured. */
#include "sdk/host.h"
#include "vault/identity/chain.h"
#include "vault/service/explain.h"
#include "vault/service/read.h"

#include <stdlib.h>
#include <string.h>

enum { GOODBYE = 2000 /* ms that the end of the program waits for Vault at most */, PARTS = 4 };

static const struct mstr_option options[] = {
    {"address", MSTR_OPTION_URL, 0, NULL, "URL of the server; else BAO_ADDR or VAULT_ADDR"},
    {"namespace", MSTR_OPTION_STRING, 0, NULL, "namespace to read in; else BAO_NAMESPACE or VAULT_NAMESPACE"},
    {"auth", MSTR_OPTION_STRING, 0, NULL,
     "the identity to use: token, approle, kubernetes, jwt, aws, cert, or none before an agent"},
    {"auth_mount", MSTR_OPTION_STRING, 0, NULL, "where the auth method is mounted, if not at its own name"},
    {"auth_namespace", MSTR_OPTION_STRING, 0, NULL, "namespace to log in at, if another one than namespace"},
    {"token", MSTR_OPTION_SECRET, 0, NULL, "token; else BAO_TOKEN or VAULT_TOKEN"},
    {"token_file", MSTR_OPTION_PATH, 0, NULL, "file with a token, as an agent's sink writes it"},
    {"role", MSTR_OPTION_STRING, 0, NULL, "role to log in for: kubernetes, jwt, aws, cert"},
    {"role_id", MSTR_OPTION_STRING, 0, NULL, "role id of AppRole"},
    {"secret_id", MSTR_OPTION_SECRET, 0, NULL, "secret id of AppRole"},
    {"secret_id_file", MSTR_OPTION_PATH, 0, NULL, "file with the secret id"},
    {"secret_id_wrapped", MSTR_OPTION_BOOLEAN, 0, "no", "the secret id comes wrapped, in a token that is good once"},
    {"jwt_file", MSTR_OPTION_PATH, 0, NULL, "file with the token that jwt or kubernetes log in by"},
    {"iam_server_id", MSTR_OPTION_STRING, 0, NULL, "X-Vault-AWS-IAM-Server-ID that the aws auth method asks for"},
    {"sts_region", MSTR_OPTION_STRING, 0, NULL,
     "region of the STS endpoint that the aws auth method asks, if not the global one"},
    {"client_cert", MSTR_OPTION_PATH, 0, NULL, "PEM certificate for TLS; else BAO_CLIENT_CERT or VAULT_CLIENT_CERT"},
    {"client_key", MSTR_OPTION_PATH, 0, NULL, "its key; else BAO_CLIENT_KEY or VAULT_CLIENT_KEY"},
    {"ca_file", MSTR_OPTION_PATH, 0, NULL, "PEM bundle to trust; else BAO_CACERT or VAULT_CACERT"},
    {"kv", MSTR_OPTION_STRING, 0, "auto", "version of the key/value engine: 1, 2, or auto to ask the server"},
    {"redirect_hosts", MSTR_OPTION_STRING, 0, NULL, "other nodes of the cluster, to which a redirect may lead"},
    {"revoke", MSTR_OPTION_BOOLEAN, 0, "no", "end what lives by a lease when the program ends"},
    {NULL, MSTR_OPTION_STRING, 0, NULL, NULL},
};

/* What came first of it, as far as that is there. */
static void release(struct vault *vault, int parts)
{
    if (parts > 3) {
        vault_leases_destroy(&vault->leases);
    }
    if (parts > 2) {
        vault_mounts_destroy(&vault->mounts);
    }
    if (parts > 1) {
        vault_tokens_destroy(&vault->tokens);
    }
    if (parts > 0) {
        vault_logins_destroy(&vault->logins);
    }
    vault_settings_release(&vault->settings);
    free(vault);
}

/* How many of its parts there are. */
static int init(struct vault *vault)
{
    int parts = vault_logins_init(&vault->logins) ? 1 : 0;
    parts += parts == 1 && vault_tokens_init(&vault->tokens, &vault->settings, &vault->logins) ? 1 : 0;
    parts += parts == 2 && vault_mounts_init(&vault->mounts) ? 1 : 0;
    return parts + (parts == 3 && vault_leases_init(&vault->leases) ? 1 : 0);
}

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    if (!MSTR_HAS(host, struct mstr_host, call_end)) {
        return host->error_set(error, MSTR_E_PLUGIN, "the plugin vault needs a libmstr of plugin ABI 1.2");
    }
    struct vault *vault = calloc(1, sizeof(*vault));
    if (vault == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    int parts = 0;
    enum mstr_code code = vault_settings_read(instance, &vault->settings, error);
    code = code == MSTR_OK ? vault_chain_check(instance, error) : code;
    if (code == MSTR_OK && (parts = init(vault)) < PARTS) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code != MSTR_OK) {
        release(vault, parts);
        return code;
    }
    *self = vault;
    return MSTR_OK;
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    batch_resolve(&vault_reads, self, requests, count, call);
}

/* With everything, the token too, and what is known of mounts. */
static void invalidate(void *self, const struct mstr_reference *reference)
{
    struct vault *vault = self;
    if (reference == NULL) {
        vault_tokens_forget(&vault->tokens);
        vault_mounts_clear(&vault->mounts);
    }
}

/* What a login made is given back, and leases where the user says so. */
static void destroy(void *self)
{
    struct vault *vault = self;
    const struct mstr_call *call = host->call_begin(vault->settings.instance, GOODBYE);
    if (call != NULL) {
        vault_leases_revoke(&vault->leases, &vault->tokens, call);
        vault_tokens_revoke(&vault->tokens, call);
    }
    host->call_end(call);
    release(vault, PARTS);
}

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "vault",
        .version = "1",
        .summary = "HashiCorp Vault and OpenBao",
        .options = options,
        .create = create,
        .resolve = resolve,
        .explain = vault_explain,
        .invalidate = invalidate,
        .destroy = destroy,
        .check = vault_check,
    };
    host_take(table);
    return &provider;
}
