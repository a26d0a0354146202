/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a plugin keeps to the ABI. */
#include "plugin/abi.h"

#include "plugin/options.h"

#include <string.h>

/* What the tables of all plugins begin with, and what this library wants of it. */
struct head {
    uint32_t major, wanted; /* major version of the ABI */
    uint32_t size, least;   /* octets of the table */
};

static enum mstr_code fail(const char *origin, const char *fault, mstr_error *error)
{
    return error_set(error, MSTR_E_PLUGIN, "plugin %s: %s", origin, fault);
}

static enum mstr_code check_head(const struct head *head, const char *origin, mstr_error *error)
{
    if (head->major != head->wanted) {
        error_set(error, MSTR_E_PLUGIN,
                  "plugin %s: its ABI version is not the one of this libmstr (plugin %u, library %u)", origin,
                  head->major, head->wanted);
        error_set_hint(error, "rebuild the plugin against this version's mstr/provider.h or mstr/store.h");
        return MSTR_E_PLUGIN;
    }
    return head->size < head->least ? fail(origin, "its table is shorter than that of the first ABI version", error)
                                    : MSTR_OK;
}

static const char no_table[] = "its entry point gave no table: it does not work with this version of libmstr";

enum mstr_code abi_check(const struct mstr_provider *provider, const char *origin, mstr_error *error)
{
    if (provider == NULL) {
        return fail(origin, no_table, error);
    }
    const struct head head = {provider->abi_major, MSTR_ABI_MAJOR, provider->size,
                              offsetof(struct mstr_provider, check)};
    enum mstr_code code = check_head(&head, origin, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (provider->name == NULL || provider->version == NULL || provider->create == NULL ||
        provider->resolve == NULL) {
        return fail(origin, "its table lacks a name, a version, create or resolve", error);
    }
    return options_check_table(provider->options, provider->option_size, error);
}

/* A store does all of it, or it is none. */
static bool is_whole(const struct mstr_store *store)
{
    return store->name != NULL && store->version != NULL && store->create != NULL && store->destroy != NULL &&
           store->get != NULL && store->put != NULL && store->extend != NULL && store->remove != NULL &&
           store->acquire != NULL && store->renew != NULL && store->release != NULL && store->beat != NULL &&
           store->leave != NULL && store->publish != NULL && store->subscribe != NULL && store->next != NULL &&
           store->unsubscribe != NULL && store->time != NULL && store->explain != NULL;
}

enum mstr_code abi_check_store(const struct mstr_store *store, const char *origin, mstr_error *error)
{
    if (store == NULL) {
        return fail(origin, no_table, error);
    }
    const struct head head = {store->abi_major, MSTR_STORE_ABI_MAJOR, store->size,
                              offsetof(struct mstr_store, explain) + sizeof(store->explain)};
    enum mstr_code code = check_head(&head, origin, error);
    if (code == MSTR_OK && !is_whole(store)) {
        code = fail(origin, "its table lacks a name, a version or one of the calls", error);
    }
    return code == MSTR_OK ? options_check_table(store->options, store->option_size, error) : code;
}

bool abi_has_service(const struct mstr_provider *provider, const char *service)
{
    for (size_t i = 0; provider->services != NULL && provider->services[i] != NULL; i++) {
        if (strcmp(provider->services[i], service) == 0) {
            return true;
        }
    }
    return false;
}
