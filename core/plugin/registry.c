/* SPDX-License-Identifier: Apache-2.0 */
/* All provider instances of a context by scheme. */
#include "plugin/registry.h"

#include "base/buffer.h"
#include "base/name_index.h"
#include "base/parallel.h"
#include "base/text.h"
#include "plugin/bundle.h"
#include "plugin/manifest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENDED_AT_ONCE = 64 };

struct node {
    struct instance instance; /* first: registry_put() gets its address */
    struct node *next;
    char *name;
    char *plugin;
    char *service;
    struct manifest *manifest; /* NULL where none brings it */
};

struct registry {
    const struct services *services;
    const struct config *config;
    const struct builtin *builtins;
    pthread_mutex_t mutex;
    struct node *nodes;      /* the newest first */
    struct name_index names; /* under the mutex, as the next is */
    struct node **numbered;  /* by their places in `names` */
    struct text_list known;  /* the schemes that may be meant; empty until they are asked for */
};

static const struct builtin *find_builtin(const struct registry *registry, const char *plugin)
{
    const struct builtin *builtin = registry->builtins;
    while (builtin->plugin != NULL && strcmp(builtin->plugin, plugin) != 0) {
        builtin++;
    }
    return builtin->plugin != NULL ? builtin : NULL;
}

static bool is_reserved(const struct registry *registry, const char *scheme)
{
    const struct builtin *builtin = find_builtin(registry, scheme);
    return builtin != NULL && builtin->reserved;
}

/* Only env: and file: are, so that no provider waits for another. */
enum mstr_code registry_check_local(const struct registry *registry, const char *scheme, mstr_error *error)
{
    const struct builtin *builtin = find_builtin(registry, scheme);
    return builtin != NULL && builtin->local
               ? MSTR_OK
               : error_set(error, MSTR_E_CONFIG,
                           "only env: and file: may stand in a provider's own section, not %s:", scheme);
}

bool registry_keeps_here(const struct registry *registry, const struct instance *instance)
{
    const struct manifest *manifest = instance->manifest;
    return instance->registered ||
           (manifest != NULL ? manifest->local : find_builtin(registry, instance->plugin) != NULL);
}

bool registry_reads_key(const char *key)
{
    return strcmp(key, "plugin") == 0 || strcmp(key, "service") == 0;
}

struct registry *registry_new(const struct services *services, const struct config *config,
                              const struct builtin *builtins)
{
    struct registry *registry = calloc(1, sizeof(*registry));
    if (registry == NULL || pthread_mutex_init(&registry->mutex, NULL) != 0) {
        free(registry);
        return NULL;
    }
    registry->services = services;
    registry->config = config;
    registry->builtins = builtins;
    return registry;
}

const struct services *registry_services(const struct registry *registry)
{
    return registry->services;
}

const struct config *registry_config(const struct registry *registry)
{
    return registry->config;
}

static void node_free(struct node *node)
{
    free(node->name);
    free(node->plugin);
    free(node->service);
    manifest_free(node->manifest);
    free(node);
}

static void node_release(struct node *node)
{
    instance_release(&node->instance);
    options_free_given(node->instance.given);
    node_free(node);
}

static void end_one(void *data, size_t index)
{
    struct node *const *nodes = data;
    instance_end(&nodes[index]->instance);
}

/* Side by side: each may wait for a program's end, or say good-bye to a store. */
static void end_all(struct registry *registry)
{
    size_t count = 0;
    for (size_t i = 0; i < registry->names.count; i++) {
        if (instance_ends_beside_others(&registry->numbered[i]->instance)) {
            registry->numbered[count++] = registry->numbered[i];
        }
    }
    parallel_run(count, ENDED_AT_ONCE, end_one, registry->numbered);
}

void registry_free(struct registry *registry)
{
    if (registry == NULL) {
        return;
    }
    end_all(registry);
    while (registry->nodes != NULL) {
        struct node *node = registry->nodes;
        registry->nodes = node->next;
        node_release(node);
    }
    name_index_release(&registry->names);
    free(registry->numbered);
    text_list_release(&registry->known);
    pthread_mutex_destroy(&registry->mutex);
    free(registry);
}

/* The newest node. Nodes are only ever put before it and stay until the end, so that a walk needs no lock. */
static struct node *first(struct registry *registry)
{
    return __atomic_load_n(&registry->nodes, __ATOMIC_ACQUIRE);
}

/* Inside the mutex. */
static bool put_first(struct registry *registry, struct node *node)
{
    size_t count = registry->names.count;
    if ((count & (count - 1)) == 0) { /* full, as its room is a power of 2 */
        struct node **longer = realloc(registry->numbered, (count > 0 ? 2 * count : 1) * sizeof(*longer));
        if (longer == NULL) {
            return false;
        }
        registry->numbered = longer;
    }
    if (!name_index_add(&registry->names, 0, node->name, count)) {
        return false;
    }
    registry->numbered[count] = node;
    node->next = registry->nodes;
    __atomic_store_n(&registry->nodes, node, __ATOMIC_RELEASE);
    return true;
}

/* Inside the mutex. */
static struct node *find(const struct registry *registry, const char *name)
{
    size_t position = name_index_find(&registry->names, 0, name);
    return position != NAME_INDEX_NOWHERE ? registry->numbered[position] : NULL;
}

static struct node *node_new(struct registry *registry, const char *name, const char *plugin, const char *service)
{
    struct node *node = calloc(1, sizeof(*node));
    if (node == NULL) {
        return NULL;
    }
    node->name = text_copy(name);
    node->plugin = text_copy(plugin);
    node->service = text_copy(service);
    bool good = node->name != NULL && node->plugin != NULL && (service == NULL || node->service != NULL);
    if (!good || !instance_init(&node->instance, registry->services, node->name, node->plugin, node->service)) {
        node_free(node);
        return NULL;
    }
    const struct builtin *builtin = find_builtin(registry, plugin);
    node->instance.entry = builtin != NULL ? builtin->entry : NULL;
    return node;
}

/* Of the reference no more than the scheme is told: it may be a part of a literal secret with "${" in it. */
static enum mstr_code unknown_scheme(struct registry *registry, const char *scheme, mstr_error *error)
{
    struct buffer reference = BUFFER_INIT;
    if (error == NULL) { /* nobody reads which one is near */
        return MSTR_E_CONFIG;
    }
    if (registry->known.count == 0) {
        registry_list_schemes(registry, &registry->known);
    }
    const char *nearest = text_list_nearest(&registry->known, scheme);
    error_set(error, MSTR_E_CONFIG, "no installed provider brings the scheme \"%s\"", scheme);
    if (nearest != NULL) {
        error_set_hint(error, "did you mean \"%s:\"? Otherwise add a section [provider %s] with its plugin", nearest,
                       scheme);
    } else {
        error_set_hint(error,
                       "install the provider, or add a section [provider %s] with its plugin to the configuration",
                       scheme);
    }
    buffer_printf(&reference, "%s:…", scheme);
    error_set_reference(error, buffer_text(&reference));
    buffer_release(&reference);
    return MSTR_E_CONFIG;
}

/* What a scheme's section says; all NULL where there is none. */
struct setup {
    bool configured;
    const char *plugin; /* these are literals: they may hold no references */
    const char *service;
    const char *first_option;
};

static enum mstr_code read_setup(const struct registry *registry, const char *scheme, struct setup *setup,
                                 mstr_error *error)
{
    const struct config *config = registry->config;
    struct buffer section = BUFFER_INIT;
    enum mstr_code code =
        buffer_printf(&section, "provider %s", scheme) ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    const struct config_value *plugin = config_get(config, buffer_text(&section), "plugin");
    const struct config_value *service = config_get(config, buffer_text(&section), "service");
    const char *option = NULL;
    for (size_t i = 0;
         (option = config_key_at(config, buffer_text(&section), i)) != NULL && registry_reads_key(option); i++) {
    }
    *setup = (struct setup){config_has_section(config, buffer_text(&section)), plugin != NULL ? plugin->text : NULL,
                            service != NULL ? service->text : NULL, option};
    buffer_release(&section);
    return code;
}

/* A provider of the program itself. That a local one takes no options is told before any option is resolved, since
 * that may need this very provider. */
static enum mstr_code use_builtin(struct registry *registry, const struct builtin *builtin, const struct setup *setup,
                                  struct node **out, mstr_error *error)
{
    const char *name = builtin->plugin;
    if (setup->service != NULL || (setup->plugin != NULL && strcmp(setup->plugin, name) != 0)) {
        return error_set(error, MSTR_E_CONFIG,
                         "[provider %s] tunes a built-in scheme and takes neither plugin nor service", name);
    }
    if (builtin->local && setup->first_option != NULL) {
        return error_set(error, MSTR_E_CONFIG, "[provider %s] takes no options, found \"%s\"", name,
                         setup->first_option);
    }
    *out = node_new(registry, name, name, NULL);
    return MSTR_OK;
}

/* The node takes the manifest. */
static enum mstr_code use_manifest(struct registry *registry, struct manifest *manifest, const struct setup *setup,
                                   struct node **out, mstr_error *error)
{
    if (setup->service != NULL) {
        return error_set(
            error, MSTR_E_CONFIG,
            "[provider %s] tunes the installed provider of this name and takes no service without a plugin",
            manifest->scheme);
    }
    if (manifest->object != NULL && access(manifest->object, F_OK) != 0) {
        error_set(error, MSTR_E_PLUGIN, "the plugin of \"%s:\" is not installed: there is no %s", manifest->scheme,
                  manifest->object);
        if (manifest->package != NULL) {
            error_set_hint(error, "install the package %s", manifest->package);
        }
        return MSTR_E_PLUGIN;
    }
    *out = node_new(registry, manifest->scheme, manifest->plugin, manifest->service);
    if (*out != NULL) {
        (*out)->manifest = manifest;
        (*out)->instance.manifest = manifest;
        (*out)->instance.entry =
            manifest->object == NULL ? bundle_find_entry(registry->services->bundle, manifest->plugin) : NULL;
        (*out)->instance.file = text_copy(manifest->object);
    }
    return MSTR_OK;
}

static enum mstr_code use_installed(struct registry *registry, const char *scheme, const struct setup *setup,
                                    struct node **out, mstr_error *error)
{
    struct manifest *manifest = NULL;
    const struct services *services = registry->services;
    const char *bundled = bundle_find_manifest(services->bundle, scheme);
    enum mstr_code code = manifest_find(scheme, services->plugin_path, &manifest, error);
    if (code == MSTR_OK && manifest == NULL && bundled != NULL) {
        code = manifest_read(scheme, bundled, &manifest, error);
    }
    if (code == MSTR_OK && manifest != NULL) {
        code = use_manifest(registry, manifest, setup, out, error);
    } else if (code == MSTR_OK) {
        code = setup->configured ? error_set(error, MSTR_E_CONFIG, "[provider %s] lacks its plugin", scheme)
                                 : unknown_scheme(registry, scheme, error);
    }
    if (*out == NULL) {
        manifest_free(manifest);
    }
    return code;
}

/* The first in the order of precedence. */
static enum mstr_code add_node(struct registry *registry, const char *scheme, struct node **out, mstr_error *error)
{
    struct setup setup;
    enum mstr_code code = read_setup(registry, scheme, &setup, error);
    if (code != MSTR_OK) {
        return code;
    }
    const struct builtin *builtin = find_builtin(registry, scheme);
    if (builtin != NULL && builtin->reserved) {
        code = use_builtin(registry, builtin, &setup, out, error);
    } else if (setup.plugin != NULL && *setup.plugin == '\0') {
        code = error_set(error, MSTR_E_CONFIG,
                         "[provider %s] has an empty \"plugin\"; name one, or leave the line out", scheme);
    } else if (setup.plugin != NULL) {
        *out = node_new(registry, scheme, setup.plugin, setup.service);
    } else {
        code = use_installed(registry, scheme, &setup, out, error);
    }
    if (code == MSTR_OK && *out != NULL && !put_first(registry, *out)) {
        node_release(*out);
        *out = NULL;
    }
    if (code == MSTR_OK && *out == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

enum mstr_code registry_find(struct registry *registry, const char *scheme, struct instance **out, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    pthread_mutex_lock(&registry->mutex);
    struct node *node = find(registry, scheme);
    if (node == NULL) {
        code = add_node(registry, scheme, &node, error);
    }
    if (code == MSTR_OK) {
        *out = &node->instance;
    }
    pthread_mutex_unlock(&registry->mutex);
    return code;
}

/* A name that a section without plugin tunes is free: it is the installed provider's only where nobody takes it. */
static enum mstr_code check_free(struct registry *registry, const char *name, mstr_error *error)
{
    struct setup setup;
    enum mstr_code code = read_setup(registry, name, &setup, error);
    if (code == MSTR_OK && (find(registry, name) != NULL || is_reserved(registry, name) || setup.plugin != NULL)) {
        code = error_set(error, MSTR_E_EXISTS, "there is a provider \"%s\" already", name);
    }
    return code;
}

enum mstr_code registry_prepare(struct registry *registry, const char *name, provider_entry entry,
                                const struct mstr_header *options, struct instance **out, mstr_error *error)
{
    *out = NULL;
    pthread_mutex_lock(&registry->mutex);
    enum mstr_code code = check_free(registry, name, error);
    pthread_mutex_unlock(&registry->mutex);
    if (code != MSTR_OK) {
        return code;
    }
    struct mstr_header *copy = options_copy_given(options);
    struct node *node = copy != NULL ? node_new(registry, name, name, NULL) : NULL;
    if (node == NULL) {
        options_free_given(copy);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    node->instance.entry = entry;
    node->instance.registered = true;
    node->instance.given = copy;
    *out = &node->instance;
    return MSTR_OK;
}

static struct node *node_of(struct instance *instance)
{
    return (struct node *)(void *)instance;
}

enum mstr_code registry_put(struct registry *registry, struct instance *instance, mstr_error *error)
{
    struct node *node = node_of(instance);
    pthread_mutex_lock(&registry->mutex);
    enum mstr_code code = check_free(registry, node->name, error); /* again: another thread may have been faster */
    if (code == MSTR_OK && !put_first(registry, node)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    text_list_release(&registry->known);
    pthread_mutex_unlock(&registry->mutex);
    return code;
}

void registry_give_up(struct instance *instance)
{
    if (instance != NULL) {
        node_release(node_of(instance));
    }
}

void registry_list_schemes(struct registry *registry, struct text_list *schemes)
{
    const char *section = NULL;
    for (const struct builtin *builtin = registry->builtins; builtin->plugin != NULL; builtin++) {
        if (builtin->reserved) {
            text_list_add(schemes, builtin->plugin, strlen(builtin->plugin));
        }
    }
    manifest_list_schemes(registry->services->plugin_path, schemes);
    bundle_list_schemes(registry->services->bundle, schemes);
    for (size_t i = 0; (section = config_section_at(registry->config, i)) != NULL; i++) {
        if (text_starts_with(section, "provider ")) {
            text_list_add(schemes, section + strlen("provider "), strlen(section + strlen("provider ")));
        }
    }
    for (const struct node *node = first(registry); node != NULL; node = node->next) {
        if (node->instance.registered) {
            text_list_add(schemes, node->name, strlen(node->name));
        }
    }
}

void registry_visit_instances(struct registry *registry, void (*each)(struct instance *instance, void *data),
                              void *data)
{
    for (struct node *node = first(registry); node != NULL; node = node->next) {
        each(&node->instance, data);
    }
}
