/* What a context can tell of its providers. */
#include "context/context.h"

/* Tells one instance, loading its plugin. */
static void tell_instance(struct instance *instance, mstr_provider_fn each, void *data)
{
    mstr_error *error = mstr_error_new();
    mstr_provider_info info = {.size = sizeof(info), .name = instance->host.public.name, .plugin = instance->plugin};
    const struct mstr_provider *provider = NULL;
    const struct limits limits = limits_of(NULL);
    if (instance_load(instance, &limits, &provider, error) == MSTR_OK) {
        info.abi_major = provider->abi_major;
        info.version = provider->version;
        info.summary = provider->summary;
        info.options = provider->options;
        info.option_size = provider->option_size;
    } else {
        info.problem = mstr_error_message(error);
    }
    info.service = instance->host.public.service; /* the plugin's first one, if none was configured */
    info.file = instance_origin(instance);
    each(&info, data);
    mstr_error_free(error);
}

enum mstr_code mstr_context_providers(mstr_context *context, mstr_provider_fn each, void *data, mstr_error *error)
{
    struct registry *registry = context_registry(context);
    struct text_list schemes = TEXT_LIST_INIT;
    mstr_error *why = mstr_error_new(); /* of one instance, which is its own affair */
    registry_list_schemes(registry, &schemes);
    bool memory = why != NULL && !schemes.failed;
    for (size_t i = 0; memory && i < schemes.count; i++) {
        struct instance *instance = NULL;
        if (registry_find(registry, schemes.items[i], &instance, why) == MSTR_OK) {
            tell_instance(instance, each, data);
        } else {
            const mstr_provider_info info = {
                .size = sizeof(info), .name = schemes.items[i], .problem = mstr_error_message(why)};
            each(&info, data);
        }
    }
    text_list_release(&schemes);
    mstr_error_free(why);
    return memory ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}
