/* What a context can tell of its providers. */
#include "context/context.h"
#include "plugin/manifest.h"

/* Tells one instance, loading its plugin. False when the program has heard enough. */
static bool tell_instance(struct instance *instance, mstr_provider_fn each, void *data)
{
    mstr_error *error = mstr_error_new();
    mstr_provider_info info = {.size = sizeof(info), .name = instance->host.public.name, .plugin = instance->plugin};
    const struct mstr_provider *provider = NULL;
    const struct limits limits = limits_of(NULL);
    if (instance_load(instance, &limits, &provider, error) == MSTR_OK) {
        info.abi_major = provider->abi_major;
        info.version = provider->version;
        const struct manifest *manifest = instance->manifest; /* knows which of the plugin's services it is */
        info.summary = manifest != NULL && manifest->summary != NULL ? manifest->summary : provider->summary;
        info.options = provider->options;
        info.option_size = provider->option_size;
    } else {
        info.problem = error != NULL ? mstr_error_message(error) : mstr_code_text(MSTR_E_MEMORY);
    }
    info.service = instance->host.public.service; /* the plugin's first one, if none was configured */
    info.file = instance_origin(instance);
    bool more = each(&info, data) == 0;
    mstr_error_free(error);
    return more;
}

enum mstr_code mstr_context_providers(mstr_context *context, mstr_provider_fn each, void *data, mstr_error *error)
{
    struct registry *registry = context_registry(context);
    struct text_list schemes = TEXT_LIST_INIT;
    mstr_error *why = mstr_error_new(); /* of one instance, which is its own affair */
    registry_list_schemes(registry, &schemes);
    bool memory = why != NULL && !schemes.failed;
    bool more = true;
    for (size_t i = 0; memory && more && i < schemes.count; i++) {
        struct instance *instance = NULL;
        if (registry_find(registry, schemes.items[i], &instance, why) == MSTR_OK) {
            more = tell_instance(instance, each, data);
        } else {
            const mstr_provider_info info = {
                .size = sizeof(info), .name = schemes.items[i], .problem = mstr_error_message(why)};
            more = each(&info, data) == 0;
        }
    }
    text_list_release(&schemes);
    mstr_error_free(why);
    if (!memory) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return more ? MSTR_OK : error_set(error, MSTR_E_CANCELLED, "the program ended the telling");
}
