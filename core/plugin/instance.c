/* SPDX-License-Identifier: Apache-2.0 */
/* One configured use of a provider. */
#include "plugin/instance.h"

#include "base/log.h"
#include "base/parallel.h"
#include "plugin/abi.h"
#include "plugin/bundle.h"
#include "plugin/manifest.h"

#include <stdlib.h>

/* Threads that ask a provider without batches at once. */
enum { PARALLEL_MAX = 32 };

bool instance_init(struct instance *instance, const struct services *services, const char *name, const char *plugin,
                   const char *service)
{
    *instance = (struct instance){.plugin = plugin};
    instance->host.public = (struct mstr_instance){sizeof(struct mstr_instance), 0, name, service};
    instance->host.services = services;
    if (!gate_init(&instance->creation)) {
        return false;
    }
    if (!gate_init(&instance->calls)) {
        gate_destroy(&instance->creation);
        return false;
    }
    return true;
}

void instance_end(struct instance *instance)
{
    if (instance->provider != NULL && instance->provider->destroy != NULL) {
        instance->provider->destroy(instance->self);
    }
    instance->provider = NULL;
}

bool instance_ends_beside_others(const struct instance *instance)
{
    const struct mstr_provider *provider = instance->provider;
    return provider != NULL && provider->destroy != NULL && (provider->flags & MSTR_PROVIDER_THREAD_SAFE) != 0;
}

void instance_release(struct instance *instance)
{
    instance_end(instance);
    options_free(instance->host.options);
    free(instance->file);
    gate_destroy(&instance->creation);
    gate_destroy(&instance->calls);
}

const char *instance_origin(const struct instance *instance)
{
    return instance->file != NULL ? instance->file : instance->entry != NULL ? "built in" : NULL;
}

static enum mstr_code check_service(struct instance *instance, const struct mstr_provider *provider,
                                    mstr_error *error)
{
    struct mstr_instance *public = &instance->host.public;
    if (public->service == NULL && provider->services != NULL) {
        public->service = provider->services[0];
    } else if (public->service != NULL && !abi_has_service(provider, public->service)) {
        const struct manifest *manifest = instance->manifest;
        return error_set(error, manifest != NULL ? MSTR_E_PLUGIN : MSTR_E_CONFIG,
                         "%s%splugin \"%s\" has no service \"%s\"", manifest != NULL ? manifest->path : "",
                         manifest != NULL ? ": " : "", instance->plugin, public->service);
    }
    return MSTR_OK;
}

/* A file on the plugins' path is somebody's choice; what the program carries serves where there is none. */
static enum mstr_code find_entry(struct instance *instance, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    if (instance->entry != NULL) {
        return MSTR_OK;
    }
    if (instance->file == NULL) {
        const struct services *services = instance->host.services;
        provider_entry bundled = bundle_find_entry(services->bundle, instance->plugin);
        code = loader_find(instance->plugin, services->plugin_path, &instance->file, bundled == NULL ? error : NULL);
        if (code == MSTR_E_PLUGIN && bundled != NULL) {
            instance->entry = bundled;
            return MSTR_OK;
        }
    }
    return code == MSTR_OK ? loader_open(instance->file, &instance->entry, error) : code;
}

/* Inside the gate. The entry point is called once for a registered provider, and once in a process for others, which
 * cannot go away. */
static enum mstr_code load(struct instance *instance, mstr_error *error)
{
    if (instance->table != NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = find_entry(instance, error);
    if (code != MSTR_OK) {
        return code;
    }
    const struct mstr_provider *table =
        instance->registered ? instance->entry(&host_table) : loader_table(instance->entry, &host_table);
    code = abi_check(table, instance->file != NULL ? instance->file : instance->plugin, error);
    if (code == MSTR_OK) {
        code = check_service(instance, table, error);
    }
    instance->table = code == MSTR_OK ? table : NULL;
    return code;
}

enum mstr_code instance_load(struct instance *instance, const struct limits *limits,
                             const struct mstr_provider **table, mstr_error *error)
{
    enum mstr_code code = gate_enter(&instance->creation, limits);
    *table = NULL;
    if (code == MSTR_OK) {
        code = load(instance, error);
        *table = instance->table;
        gate_leave(&instance->creation);
    } else {
        error_set(error, code, "%s while provider \"%s\" was being set up", mstr_code_text(code),
                  instance->host.public.name);
    }
    return code;
}

enum mstr_code instance_create(struct instance *instance, const struct mstr_header *given, mstr_error *error)
{
    const struct mstr_provider *provider = instance->table;
    struct host_instance *host = &instance->host;
    enum mstr_code code = options_check(provider->options, provider->option_size, given, &host->options, error);
    if (code == MSTR_OK) {
        log_write(host->services->log, MSTR_LEVEL_INFO, host->public.name, "provider %s %s from %s", provider->name,
                  provider->version, instance->file != NULL ? instance->file : "this program");
        mstr_error *said = mstr_error_new();
        code = provider->create(&host->public, &instance->self, said);
        code = call_take_word(provider->name, code, "cannot be set up", said, error);
    }
    if (code != MSTR_OK) {
        options_free(host->options);
        host->options = NULL;
        return code;
    }
    __atomic_store_n(&instance->provider, provider, __ATOMIC_RELEASE);
    return MSTR_OK;
}

enum mstr_code instance_check(const struct instance *instance, const struct reference *reference, mstr_error *error)
{
    const struct mstr_provider *table = instance->table;
    if (!MSTR_HAS(table, struct mstr_provider, check) || table->check == NULL) {
        return MSTR_OK;
    }
    mstr_error *said = mstr_error_new();
    enum mstr_code code = table->check(&instance->host.public, &reference->parts, said);
    return call_take_word(table->name, code, "refuses the reference", said, error);
}

static const struct mstr_provider *live_provider(const struct instance *instance)
{
    return __atomic_load_n(&instance->provider, __ATOMIC_ACQUIRE);
}

bool instance_is_live(const struct instance *instance)
{
    return live_provider(instance) != NULL;
}

/* No error tells a secret that the plugin sent, or a value that it gave beside the failure. */
static void hide_secrets(struct request **requests, size_t count, struct call *call)
{
    struct secret_filter values = SECRET_FILTER_INIT;
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        failed += requests[i]->code != MSTR_OK;
        call_hide_in_error(call, requests[i]->public.error);
    }
    if (failed == 0 || failed == count) {
        return; /* no error stands beside a value */
    }
    for (size_t i = 0; i < count; i++) {
        if (requests[i]->secret != NULL) {
            secret_filter_add(&values, mstr_secret_octets(requests[i]->secret),
                              mstr_secret_length(requests[i]->secret));
        }
    }
    for (size_t i = 0; i < count; i++) {
        secret_filter_hide_in_error(&values, requests[i]->public.error);
    }
    secret_filter_release(&values);
}

/* One call of the plugin's resolve, alone where it wants to be. */
static void resolve(struct instance *instance, struct request **requests, size_t count, struct call *call)
{
    const struct mstr_provider *provider = live_provider(instance);
    struct mstr_request **public = calloc(count, sizeof(*public));
    bool alone = (provider->flags & MSTR_PROVIDER_THREAD_SAFE) == 0;
    enum mstr_code code = public == NULL ? MSTR_E_MEMORY
                          : alone        ? gate_enter(&instance->calls, &call->limits)
                                         : MSTR_OK;
    for (size_t i = 0; i < count; i++) {
        if (code != MSTR_OK) {
            host_table.set_error(&requests[i]->public, code, "%s", mstr_code_text(code));
        } else {
            public[i] = &requests[i]->public;
        }
    }
    if (code == MSTR_OK) {
        provider->resolve(instance->self, public, count, &call->public);
        if (alone) {
            gate_leave(&instance->calls);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (!requests[i]->answered) {
            host_table.set_error(&requests[i]->public, MSTR_E_PLUGIN, "plugin \"%s\" left the request unanswered",
                                 instance->plugin);
        }
        error_set_provider(requests[i]->public.error, instance->host.public.name);
    }
    hide_secrets(requests, count, call);
    free(public);
}

struct batch {
    struct instance *instance;
    struct request **requests;
    struct call *call;
};

static void resolve_one(void *data, size_t index)
{
    const struct batch *batch = data;
    resolve(batch->instance, &batch->requests[index], 1, batch->call);
}

void instance_resolve(struct instance *instance, struct request **requests, size_t count, struct call *call)
{
    uint32_t flags = live_provider(instance)->flags;
    if ((flags & MSTR_PROVIDER_BATCH) != 0) {
        resolve(instance, requests, count, call);
        return;
    }
    struct batch batch = {instance, requests, call};
    parallel_run(count, (flags & MSTR_PROVIDER_THREAD_SAFE) != 0 ? PARALLEL_MAX : 1, resolve_one, &batch);
}

enum mstr_code instance_explain(struct instance *instance, const struct reference *reference,
                                struct mstr_report *report, struct call *call, mstr_error *error)
{
    const struct mstr_provider *provider = live_provider(instance);
    bool alone = (provider->flags & MSTR_PROVIDER_THREAD_SAFE) == 0;
    if (provider->explain == NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = alone ? gate_enter(&instance->calls, &call->limits) : MSTR_OK;
    if (code == MSTR_OK) {
        mstr_error *said = mstr_error_new();
        report->call = call;
        code = provider->explain(instance->self, &reference->parts, report, &call->public, said);
        report->call = NULL;
        code = call_take_word(provider->name, code, "fails to explain the reference", said, error);
        call_hide_in_error(call, error);
        if (alone) {
            gate_leave(&instance->calls);
        }
    }
    return code;
}

void instance_invalidate(struct instance *instance, const struct reference *reference)
{
    const struct mstr_provider *provider = live_provider(instance);
    if (provider == NULL || provider->invalidate == NULL) {
        return;
    }
    bool alone = (provider->flags & MSTR_PROVIDER_THREAD_SAFE) == 0;
    const struct limits limits = limits_of(NULL);
    if (!alone || gate_enter(&instance->calls, &limits) == MSTR_OK) {
        provider->invalidate(instance->self, reference != NULL ? &reference->parts : NULL);
        if (alone) {
            gate_leave(&instance->calls);
        }
    }
}
