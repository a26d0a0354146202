/* One configured use of a provider. */
#include "plugin/instance.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/parallel.h"
#include "base/text.h"
#include "context/context.h"
#include "http/sent_secrets.h"
#include "plugin/host.h"
#include "plugin/registry.h"

#include <stdlib.h>
#include <string.h>

/* Threads that ask a provider without batches at once. */
enum { PARALLEL_MAX = 32 };

const char *instance_table_fault(const struct mstr_provider *provider)
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

static enum mstr_code check_table(const struct instance *instance, const struct mstr_provider *provider,
                                  mstr_error *error)
{
    const char *fault = instance_table_fault(provider);
    if (fault == NULL) {
        return MSTR_OK;
    }
    const char *origin = instance->file != NULL ? instance->file : instance->plugin;
    if (provider != NULL && provider->abi_major != MSTR_ABI_MAJOR) {
        error_set(error, MSTR_E_PLUGIN, "plugin %s: %s (plugin %u, library %u)", origin, fault, provider->abi_major,
                  MSTR_ABI_MAJOR);
        error_set_hint(error, "rebuild the plugin against this version's mstr/provider.h");
        return MSTR_E_PLUGIN;
    }
    return error_set(error, MSTR_E_PLUGIN, "plugin %s: %s", origin, fault);
}

static bool has_service(const struct mstr_provider *provider, const char *service)
{
    for (size_t i = 0; provider->services != NULL && provider->services[i] != NULL; i++) {
        if (strcmp(provider->services[i], service) == 0) {
            return true;
        }
    }
    return false;
}

static enum mstr_code check_service(struct instance *instance, const struct mstr_provider *provider,
                                    mstr_error *error)
{
    if (instance->public.service == NULL && provider->services != NULL) {
        instance->public.service = provider->services[0];
    } else if (instance->public.service != NULL && !has_service(provider, instance->public.service)) {
        return error_set(error, MSTR_E_CONFIG, "plugin \"%s\" has no service \"%s\"", instance->plugin,
                         instance->public.service);
    }
    return MSTR_OK;
}

/* With the creation gate passed. The entry point is called once for a registered provider, and once in a process for
 * others, which cannot go away. */
static enum mstr_code load(struct instance *instance, mstr_error *error)
{
    if (instance->table != NULL) {
        return MSTR_OK;
    }
    if (instance->entry == NULL) {
        enum mstr_code code = MSTR_OK;
        if (instance->file == NULL) {
            code = registry_find_file(instance->context, instance->plugin, &instance->file, error);
        }
        if (code == MSTR_OK) {
            code = loader_open(instance->file, &instance->entry, error);
        }
        if (code != MSTR_OK) {
            return code;
        }
    }
    const struct mstr_provider *table =
        instance->registered ? instance->entry(&host_table) : loader_table(instance->entry, &host_table);
    enum mstr_code code = check_table(instance, table, error);
    if (code == MSTR_OK) {
        code = options_check_table(table->options, table->option_size, error);
    }
    if (code == MSTR_OK) {
        code = check_service(instance, table, error);
    }
    instance->table = code == MSTR_OK ? table : NULL;
    return code;
}

static enum mstr_code create(struct instance *instance, const struct limits *limits, mstr_error *error)
{
    struct mstr_header *given = NULL;
    enum mstr_code code = load(instance, error);
    const struct mstr_provider *provider = instance->table;
    if (code == MSTR_OK) {
        code = registry_options(instance, &given, limits, error);
    }
    if (code == MSTR_OK) {
        code = options_check(provider->options, provider->option_size, given, &instance->options, error);
    }
    registry_free_options(given);
    if (code == MSTR_OK) {
        log_write(context_log(instance->context), MSTR_LEVEL_INFO, instance->public.name, "provider %s %s from %s",
                  provider->name, provider->version, instance->file != NULL ? instance->file : "this program");
        code = provider->create(&instance->public, &instance->self, error);
    }
    if (code != MSTR_OK) {
        options_free(instance->options);
        instance->options = NULL;
        error_set_provider(error, instance->public.name);
        return code;
    }
    __atomic_store_n(&instance->provider, provider, __ATOMIC_RELEASE);
    return MSTR_OK;
}

static const struct mstr_provider *ready_provider(const struct instance *instance)
{
    return __atomic_load_n(&instance->provider, __ATOMIC_ACQUIRE);
}

enum mstr_code instance_ready(struct instance *instance, const struct limits *limits, mstr_error *error)
{
    if (ready_provider(instance) != NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = gate_enter(&instance->creation, limits);
    if (code != MSTR_OK) {
        return error_set(error, code, "%s while provider \"%s\" was being set up", mstr_code_text(code),
                         instance->public.name);
    }
    code = ready_provider(instance) != NULL ? MSTR_OK : create(instance, limits, error);
    gate_leave(&instance->creation);
    return code;
}

enum mstr_code instance_load(struct instance *instance, const struct mstr_provider **table, mstr_error *error)
{
    const struct limits limits = limits_of(NULL);
    enum mstr_code code = gate_enter(&instance->creation, &limits);
    if (code == MSTR_OK) {
        code = load(instance, error);
        gate_leave(&instance->creation);
    }
    *table = instance->table;
    return code;
}

void call_init(struct call *call, mstr_context *context, const struct limits *limits)
{
    unsigned char octets[8] = {0};
    struct buffer hex = BUFFER_INIT;
    *call = (struct call){.limits = *limits, .context = context};
    call->public = (struct mstr_call){sizeof(call->public), 0, limits->deadline, call->trace_id};
    if (clock_random(octets, sizeof(octets)) && hex_encode(&hex, octets, sizeof(octets))) {
        memcpy(call->trace_id, buffer_text(&hex), sizeof(call->trace_id) - 1);
    }
    buffer_release(&hex);
    call->sent = (struct secret_filter)SECRET_FILTER_INIT;
    pthread_mutex_init(&call->mutex, NULL);
}

void call_release(struct call *call)
{
    secret_filter_release(&call->sent);
    pthread_mutex_destroy(&call->mutex);
}

void call_note_sent(struct call *call, const struct mstr_http_request *request)
{
    pthread_mutex_lock(&call->mutex);
    sent_secrets_add(request, NULL, &call->sent);
    pthread_mutex_unlock(&call->mutex);
}

void call_hide(struct call *call, struct buffer *text)
{
    pthread_mutex_lock(&call->mutex);
    secret_filter_hide(&call->sent, text);
    pthread_mutex_unlock(&call->mutex);
}

void call_hide_in_error(struct call *call, mstr_error *error)
{
    pthread_mutex_lock(&call->mutex);
    secret_filter_hide_in_error(&call->sent, error);
    pthread_mutex_unlock(&call->mutex);
}

bool request_init(struct request *request, const struct reference *reference, bool refresh)
{
    *request = (struct request){.keep = true};
    request->public = (struct mstr_request){sizeof(request->public), refresh ? MSTR_REQUEST_REFRESH : 0,
                                            &reference->parts, mstr_error_new()};
    return request->public.error != NULL;
}

void request_release(struct request *request)
{
    mstr_secret_release(request->secret);
    mstr_error_free(request->public.error);
    request->secret = NULL;
    request->public.error = NULL;
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
    for (size_t i = 0; failed > 0 && failed < count && i < count; i++) {
        if (requests[i]->secret != NULL) {
            secret_filter_add(&values, mstr_secret_octets(requests[i]->secret),
                              mstr_secret_length(requests[i]->secret));
        }
    }
    for (size_t i = 0; failed > 0 && i < count; i++) {
        secret_filter_hide_in_error(&values, requests[i]->public.error);
    }
    secret_filter_release(&values);
}

/* One call of the plugin's resolve, alone where it wants to be. */
static void resolve(struct instance *instance, struct request **requests, size_t count, struct call *call)
{
    const struct mstr_provider *provider = ready_provider(instance);
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
        error_set_provider(requests[i]->public.error, instance->public.name);
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
    uint32_t flags = ready_provider(instance)->flags;
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
    const struct mstr_provider *provider = ready_provider(instance);
    bool alone = (provider->flags & MSTR_PROVIDER_THREAD_SAFE) == 0;
    if (provider->explain == NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = alone ? gate_enter(&instance->calls, &call->limits) : MSTR_OK;
    if (code == MSTR_OK) {
        report->call = call;
        code = provider->explain(instance->self, &reference->parts, report, &call->public, error);
        report->call = NULL;
        call_hide_in_error(call, error);
        if (alone) {
            gate_leave(&instance->calls);
        }
    }
    return code;
}

void instance_invalidate(struct instance *instance, const struct reference *reference)
{
    const struct mstr_provider *provider = ready_provider(instance);
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

void instance_release(struct instance *instance)
{
    if (instance->provider != NULL && instance->provider->destroy != NULL) {
        instance->provider->destroy(instance->self);
    }
    options_free(instance->options);
    free(instance->file);
    gate_destroy(&instance->creation);
    gate_destroy(&instance->calls);
}
