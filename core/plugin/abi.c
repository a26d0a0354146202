/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a plugin keeps to the ABI. */
#include "plugin/abi.h"

#include "plugin/options.h"

#include <string.h>

/* The first fault of a table, or NULL. */
static const char *fault_of(const struct mstr_provider *provider)
{
    if (provider == NULL) {
        return "its entry point gave no table: it does not work with this version of libmstr";
    }
    if (provider->abi_major != MSTR_ABI_MAJOR) {
        return "its ABI version is not the one of this libmstr";
    }
    if (!MSTR_HAS(provider, struct mstr_provider, destroy)) {
        return "its table is shorter than that of the first ABI version";
    }
    if (provider->name == NULL || provider->version == NULL || provider->create == NULL ||
        provider->resolve == NULL) {
        return "its table lacks a name, a version, create or resolve";
    }
    return NULL;
}

enum mstr_code abi_check(const struct mstr_provider *provider, const char *origin, mstr_error *error)
{
    const char *fault = fault_of(provider);
    if (fault == NULL) {
        return options_check_table(provider->options, provider->option_size, error);
    }
    if (provider != NULL && provider->abi_major != MSTR_ABI_MAJOR) {
        error_set(error, MSTR_E_PLUGIN, "plugin %s: %s (plugin %u, library %u)", origin, fault, provider->abi_major,
                  MSTR_ABI_MAJOR);
        error_set_hint(error, "rebuild the plugin against this version's mstr/provider.h");
        return MSTR_E_PLUGIN;
    }
    return error_set(error, MSTR_E_PLUGIN, "plugin %s: %s", origin, fault);
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
