/* SPDX-License-Identifier: Apache-2.0 */
/* What a context can tell of its providers. */
#include "context/context.h"
#include "plugin/manifest.h"

/* Tells one instance, loading its plugin; what cannot be loaded is told with the reason, unless memory ran out. *more
 * is false when the program has heard enough. */
static enum mstr_code tell_instance(struct instance *instance, mstr_provider_fn each, void *data, bool *more,
                                    mstr_error *error)
{
    mstr_provider_info info = {.size = sizeof(info), .name = instance->host.public.name, .plugin = instance->plugin};
    const struct mstr_provider *provider = NULL;
    const struct limits limits = limits_of(NULL);
    enum mstr_code code = instance_load(instance, &limits, &provider, error);
    if (code == MSTR_OK) {
        info.abi_major = provider->abi_major;
        info.version = provider->version;
        const struct manifest *manifest = instance->manifest; /* knows which of the plugin's services it is */
        info.summary = manifest != NULL && manifest->summary != NULL ? manifest->summary : provider->summary;
        info.options = provider->options;
        info.option_size = provider->option_size;
    } else if (code != MSTR_E_MEMORY) {
        info.problem = mstr_error_message(error);
    } else {
        return code;
    }
    info.service = instance->host.public.service; /* the plugin's first one, if none was configured */
    info.file = instance_origin(instance);
    *more = each(&info, data) == 0;
    return MSTR_OK;
}

/* The same of a scheme, which may have no instance that could be made. */
static enum mstr_code tell_scheme(struct registry *registry, const char *scheme, mstr_provider_fn each, void *data,
                                  bool *more, mstr_error *error)
{
    struct instance *instance = NULL;
    enum mstr_code code = registry_find(registry, scheme, &instance, error);
    if (code == MSTR_OK) {
        return tell_instance(instance, each, data, more, error);
    }
    const mstr_provider_info info = {.size = sizeof(info), .name = scheme, .problem = mstr_error_message(error)};
    if (code != MSTR_E_MEMORY) {
        *more = each(&info, data) == 0;
    }
    return code == MSTR_E_MEMORY ? code : MSTR_OK;
}

enum mstr_code mstr_context_providers(mstr_context *context, mstr_provider_fn each, void *data, mstr_error *error)
{
    struct registry *registry = context_registry(context);
    struct text_list schemes = TEXT_LIST_INIT;
    mstr_error *why = mstr_error_new(); /* of one instance, which is its own affair */
    registry_list_schemes(registry, &schemes);
    enum mstr_code code = why != NULL && !schemes.failed ? MSTR_OK : MSTR_E_MEMORY;
    bool more = true;
    for (size_t i = 0; code == MSTR_OK && more && i < schemes.count; i++) {
        mstr_error_clear(why);
        code = tell_scheme(registry, schemes.items[i], each, data, &more, why);
    }
    text_list_release(&schemes);
    mstr_error_free(why);
    if (code != MSTR_OK) {
        return error_set(error, code, "out of memory");
    }
    return more ? MSTR_OK : error_set(error, MSTR_E_CANCELLED, "the program ended the telling");
}
