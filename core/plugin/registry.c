/* All provider instances of a context by scheme. */
#include "plugin/registry.h"

#include "base/buffer.h"
#include "base/environment.h"
#include "base/text.h"
#include "context/context.h"

#include "builtin/builtin.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Schemes that need no section. */
static const struct scheme {
    const char *name;
    const char *plugin;
    const char *service;
} schemes[] = {
    {"aws-sm", "aws", "secretsmanager"},
    {"aws-ssm", "aws", "ssm"},
    {"azure-kv", "azure", NULL},
    {"env", "env", NULL},
    {"file", "file", NULL},
    {"gcp-sm", "gcp", NULL},
    {"text", "text", NULL},
};

struct node {
    struct instance instance;
    struct node *next;
    char *name;
    char *plugin;
    char *service;
};

struct registry {
    mstr_context *context;
    pthread_mutex_t mutex;
    struct node *nodes;
};

static const struct scheme *find_scheme(const char *name)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (strcmp(schemes[i].name, name) == 0) {
            return &schemes[i];
        }
    }
    return NULL;
}

struct registry *registry_new(mstr_context *context)
{
    struct registry *registry = calloc(1, sizeof(*registry));
    if (registry != NULL && pthread_mutex_init(&registry->mutex, NULL) != 0) {
        free(registry);
        return NULL;
    }
    if (registry != NULL) {
        registry->context = context;
    }
    return registry;
}

static void node_free(struct node *node)
{
    free(node->name);
    free(node->plugin);
    free(node->service);
    free(node);
}

void registry_free(struct registry *registry)
{
    if (registry == NULL) {
        return;
    }
    while (registry->nodes != NULL) {
        struct node *node = registry->nodes;
        registry->nodes = node->next;
        instance_release(&node->instance);
        registry_free_options(node->instance.given);
        node_free(node);
    }
    pthread_mutex_destroy(&registry->mutex);
    free(registry);
}

/* The newest node. Nodes are only ever put before it and stay until the end, so that a walk needs no lock. */
static struct node *first(struct registry *registry)
{
    return __atomic_load_n(&registry->nodes, __ATOMIC_ACQUIRE);
}

static void put_first(struct registry *registry, struct node *node)
{
    node->next = registry->nodes;
    __atomic_store_n(&registry->nodes, node, __ATOMIC_RELEASE);
}

static struct node *find(struct registry *registry, const char *name)
{
    struct node *node = first(registry);
    while (node != NULL && strcmp(node->name, name) != 0) {
        node = node->next;
    }
    return node;
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
    if (!good || !gate_init(&node->instance.creation)) {
        node_free(node);
        return NULL;
    }
    if (!gate_init(&node->instance.calls)) {
        gate_destroy(&node->instance.creation);
        node_free(node);
        return NULL;
    }
    node->instance.public = (struct mstr_instance){sizeof(struct mstr_instance), 0, node->name, node->service};
    node->instance.context = registry->context;
    node->instance.plugin = node->plugin;
    node->instance.entry = builtin_entry(plugin);
    return node;
}

struct names {
    struct registry *registry;
    size_t index;
};

static const char *next_scheme(void *data)
{
    struct names *names = data;
    return registry_scheme_at(names->registry, names->index++);
}

static enum mstr_code unknown_scheme(struct registry *registry, const char *scheme, mstr_error *error)
{
    struct names names = {registry, 0};
    const char *nearest = text_nearest(scheme, next_scheme, &names);
    error_set(error, MSTR_E_CONFIG, "unknown scheme \"%s\"", scheme);
    if (nearest != NULL) {
        error_set_hint(error, "did you mean \"%s:\"? Otherwise add a section [provider %s] with its plugin", nearest,
                       scheme);
    } else {
        error_set_hint(error, "add a section [provider %s] with its plugin to the configuration", scheme);
    }
    return MSTR_E_CONFIG;
}

/* What a scheme's section says; all NULL where there is none. */
struct setup {
    bool configured;
    const char *plugin; /* these are literals: they may hold no references */
    const char *service;
    const char *first_key;
};

static enum mstr_code read_setup(const struct registry *registry, const char *scheme, struct setup *setup,
                                 mstr_error *error)
{
    const struct config *config = context_config(registry->context);
    struct buffer section = BUFFER_INIT;
    enum mstr_code code =
        buffer_printf(&section, "provider %s", scheme) ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    const struct config_value *plugin = config_get(config, buffer_text(&section), "plugin");
    const struct config_value *service = config_get(config, buffer_text(&section), "service");
    *setup = (struct setup){config_has_section(config, buffer_text(&section)), plugin != NULL ? plugin->text : NULL,
                            service != NULL ? service->text : NULL, config_key_at(config, buffer_text(&section), 0)};
    buffer_release(&section);
    return code;
}

static enum mstr_code add_configured(struct registry *registry, const char *scheme, struct node **out,
                                     mstr_error *error)
{
    const struct scheme *known = find_scheme(scheme);
    struct setup setup;
    enum mstr_code code = read_setup(registry, scheme, &setup, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (known == NULL && !setup.configured) {
        return unknown_scheme(registry, scheme, error);
    }
    if (known != NULL && (setup.plugin != NULL || setup.service != NULL)) {
        return error_set(error, MSTR_E_CONFIG,
                         "[provider %s] tunes a built-in scheme and takes neither plugin nor service", scheme);
    }
    if ((strcmp(scheme, "env") == 0 || strcmp(scheme, "file") == 0) && setup.first_key != NULL) {
        /* told before any option is resolved, which may need these very providers */
        return error_set(error, MSTR_E_CONFIG, "[provider %s] takes no options, found \"%s\"", scheme,
                         setup.first_key);
    }
    if (known == NULL && setup.plugin == NULL) {
        return error_set(error, MSTR_E_CONFIG, "[provider %s] lacks its plugin", scheme);
    }
    *out = node_new(registry, scheme, known != NULL ? known->plugin : setup.plugin,
                    known != NULL ? known->service : setup.service);
    if (*out == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    put_first(registry, *out);
    return MSTR_OK;
}

enum mstr_code registry_find(struct registry *registry, const char *scheme, struct instance **out, mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    pthread_mutex_lock(&registry->mutex);
    struct node *node = find(registry, scheme);
    if (node == NULL) {
        code = add_configured(registry, scheme, &node, error);
    }
    if (code == MSTR_OK) {
        *out = &node->instance;
    }
    pthread_mutex_unlock(&registry->mutex);
    return code;
}

static struct mstr_header *copy_options(const struct mstr_header *options)
{
    size_t count = 0;
    while (options != NULL && options[count].name != NULL) {
        count++;
    }
    struct mstr_header *copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < count; i++) {
        copy[i] = (struct mstr_header){text_copy(options[i].name), text_copy(options[i].value)};
        if (copy[i].name == NULL || copy[i].value == NULL) {
            registry_free_options(copy);
            return NULL;
        }
    }
    return copy;
}

/* With the mutex held. */
static enum mstr_code check_free(struct registry *registry, const char *name, mstr_error *error)
{
    struct setup setup;
    enum mstr_code code = read_setup(registry, name, &setup, error);
    if (code == MSTR_OK && (find(registry, name) != NULL || find_scheme(name) != NULL || setup.plugin != NULL)) {
        code = error_set(error, MSTR_E_EXISTS, "there is a provider \"%s\" already", name);
    }
    return code;
}

/* The instance is made before anybody can find it, so that a provider which cannot be made leaves its name free. */
enum mstr_code registry_add(struct registry *registry, const char *name, provider_entry entry,
                            const struct mstr_header *options, const struct limits *limits, mstr_error *error)
{
    struct mstr_header *copy = copy_options(options);
    struct node *node = copy != NULL ? node_new(registry, name, name, NULL) : NULL;
    if (node == NULL) {
        registry_free_options(copy);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    node->instance.entry = entry;
    node->instance.registered = true;
    node->instance.given = copy;
    pthread_mutex_lock(&registry->mutex);
    enum mstr_code code = check_free(registry, name, error);
    pthread_mutex_unlock(&registry->mutex);
    if (code == MSTR_OK) {
        code = instance_ready(&node->instance, limits, error);
    }
    if (code == MSTR_OK) {
        pthread_mutex_lock(&registry->mutex);
        code = check_free(registry, name, error); /* again: another thread may have been faster */
        if (code == MSTR_OK) {
            put_first(registry, node);
        }
        pthread_mutex_unlock(&registry->mutex);
    }
    if (code != MSTR_OK) {
        instance_release(&node->instance);
        registry_free_options(copy);
        node_free(node);
    }
    return code;
}

/* Built-in schemes, then sections, then what was registered; each once. */
const char *registry_scheme_at(struct registry *registry, size_t index)
{
    static const size_t known = sizeof(schemes) / sizeof(*schemes);
    if (index < known) {
        return schemes[index].name;
    }
    index -= known;
    const struct config *config = context_config(registry->context);
    const char *section = NULL;
    for (size_t i = 0; (section = config_section_at(config, i)) != NULL; i++) {
        if (text_starts_with(section, "provider ") && find_scheme(section + 9) == NULL && index-- == 0) {
            return section + 9;
        }
    }
    for (const struct node *node = first(registry); node != NULL; node = node->next) {
        if (node->instance.given != NULL && index-- == 0) {
            return node->name;
        }
    }
    return NULL;
}

void registry_each_ready(struct registry *registry, void (*each)(struct instance *instance, void *data), void *data)
{
    for (struct node *node = first(registry); node != NULL; node = node->next) {
        each(&node->instance, data);
    }
}

enum mstr_code registry_find_file(mstr_context *context, const char *plugin, char **file, mstr_error *error)
{
    const struct config_value *configured = config_get(context_config(context), "plugins", "path");
    const char *const paths[] = {context_plugin_path(context), environment_get("MSTR_PLUGIN_PATH"),
                                 configured != NULL ? configured->text : NULL};
    return loader_find(plugin, paths, sizeof(paths) / sizeof(*paths), file, error);
}

/* A value of a provider's own section: only env: and file: may stand in it, so that no provider waits for another. */
static enum mstr_code resolve_option(struct instance *instance, const char *key, const struct config_value *value,
                                     const char **out, const struct limits *limits, mstr_error *error)
{
    mstr_secret *text = NULL;
    enum mstr_code code = context_expand(instance->context, value->text, true, limits, &text, error);
    if (code == MSTR_OK) {
        *out = text_copy(mstr_secret_octets(text));
        code = *out != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    } else {
        error_prefix(error, "%s:%u: option \"%s\": ", value->file, value->line, key);
    }
    mstr_secret_release(text);
    return code;
}

enum mstr_code registry_options(struct instance *instance, struct mstr_header **given, const struct limits *limits,
                                mstr_error *error)
{
    const struct config *config = context_config(instance->context);
    struct buffer section = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    const char *key = NULL;
    size_t count = 0;
    if (instance->given != NULL) {
        *given = copy_options(instance->given);
        return *given != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_printf(&section, "provider %s", instance->public.name);
    while (config_key_at(config, buffer_text(&section), count) != NULL) {
        count++;
    }
    struct mstr_header *options = calloc(count + 1, sizeof(*options));
    if (options == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    size_t filled = 0;
    for (size_t i = 0; code == MSTR_OK && (key = config_key_at(config, buffer_text(&section), i)) != NULL; i++) {
        if (strcmp(key, "plugin") == 0 || strcmp(key, "service") == 0) {
            continue;
        }
        options[filled].name = text_copy(key);
        code = options[filled].name == NULL
                   ? error_set(error, MSTR_E_MEMORY, "out of memory")
                   : resolve_option(instance, key, config_get(config, buffer_text(&section), key),
                                    &options[filled].value, limits, error);
        filled++;
    }
    buffer_release(&section);
    if (code != MSTR_OK) {
        registry_free_options(options);
        return code;
    }
    *given = options;
    return MSTR_OK;
}

void registry_free_options(struct mstr_header *given)
{
    for (size_t i = 0; given != NULL && given[i].name != NULL; i++) {
        free((char *)(uintptr_t)given[i].name);
        text_wipe_free((char *)(uintptr_t)given[i].value);
    }
    free(given);
}
