/* SPDX-License-Identifier: Apache-2.0 */
/* Making an instance live. */
#include "plugin/creation.h"

#include "base/buffer.h"
#include "base/text.h"
#include "reference/evaluation.h"
#include "secret/field.h"
#include "secret/secret.h"

#include <stdlib.h>
#include <string.h>

/* What a section's values are evaluated for. */
struct place {
    struct registry *registry;
    const struct mstr_provider *table; /* of the instance that they are for */
    const struct limits *limits;
};

/* The whole secret of a reference, from an instance of this registry. */
static enum mstr_code ask(const struct place *place, struct instance *instance, const struct reference *reference,
                          mstr_secret **out, mstr_error *error)
{
    struct request request;
    struct request *requests[] = {&request};
    struct call call;
    enum mstr_code code = MSTR_E_MEMORY;
    call_init(&call, registry_services(place->registry), place->limits);
    if (request_init(&request, reference, false)) {
        instance_resolve(instance, requests, 1, &call);
        code = request.code;
        *out = mstr_secret_retain(request.secret);
        error_copy(error, request.public.error);
    } else {
        error_set(error, code, "out of memory");
    }
    request_release(&request);
    call_release(&call);
    return code;
}

static enum mstr_code look_up(const struct place *place, struct lookup *lookup)
{
    const struct reference *reference = lookup->reference;
    struct instance *instance = NULL;
    mstr_secret *whole = NULL;
    enum mstr_code code = registry_check_local(place->registry, reference->parts.scheme, lookup->error);
    if (code == MSTR_OK && reference->field != NULL) {
        code = field_check(reference->field, lookup->error);
    }
    if (code != MSTR_OK) {
        return code;
    }
    code = creation_find(place->registry, reference->parts.scheme, place->limits, &instance, lookup->error);
    if (code == MSTR_OK) {
        code = ask(place, instance, reference, &whole, lookup->error);
    }
    if (code == MSTR_OK && reference->field != NULL) {
        code = field_select(whole, reference->field, &lookup->secret, lookup->error);
    } else {
        lookup->secret = mstr_secret_retain(whole);
    }
    mstr_secret_release(whole);
    if (code != MSTR_OK) {
        reference_tell(reference, lookup->error);
    }
    return code;
}

static void look_up_all(void *data, struct lookup *lookups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lookups[i].code = look_up(data, &lookups[i]);
    }
}

static enum mstr_code evaluate(struct place *place, const struct config_value *value, char **out, mstr_error *error)
{
    struct template *template = NULL;
    struct evaluation evaluation = {.error = error};
    enum mstr_code code = template_parse(value->text, &template, error);
    if (code == MSTR_OK) {
        evaluation.template = template;
        template_evaluate(&evaluation, 1, look_up_all, place);
        code = evaluation.code;
    }
    if (code == MSTR_OK && secret_text(evaluation.value, error) == NULL) {
        code = MSTR_E_CONFIG;
    } else if (code == MSTR_OK && (*out = text_copy(mstr_secret_octets(evaluation.value))) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    mstr_secret_release(evaluation.value);
    template_free(template);
    return code;
}

enum mstr_code creation_evaluate(struct registry *registry, const struct config_value *value,
                                 const struct limits *limits, char **out, mstr_error *error)
{
    struct place place = {registry, NULL, limits};
    return evaluate(&place, value, out, error);
}

static enum mstr_code add_option(struct place *place, const char *key, const struct config_value *value,
                                 struct mstr_header *option, mstr_error *error)
{
    char *text = NULL;
    enum mstr_code code = options_check_written(place->table->options, place->table->option_size, key, value, error);
    if (code != MSTR_OK) {
        error_prefix(error, "%s:%u: ", value->file, value->line);
        return code;
    }
    code = evaluate(place, value, &text, error);
    if (code != MSTR_OK) {
        error_prefix(error, "%s:%u: option \"%s\": ", value->file, value->line, key);
        return code;
    }
    option->value = text;
    option->name = text_copy(key);
    if (option->name == NULL) {
        text_wipe_free(text);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return MSTR_OK;
}

/* The options in a section of the configuration, for options_free_given(). */
static enum mstr_code read_section(struct place *place, const char *section, struct mstr_header **out,
                                   mstr_error *error)
{
    const struct config *config = registry_config(place->registry);
    const char *key = NULL;
    size_t count = 0;
    while (config_key_at(config, section, count) != NULL) {
        count++;
    }
    struct mstr_header *options = calloc(count + 1, sizeof(*options));
    enum mstr_code code = options != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    size_t filled = 0;
    for (size_t i = 0; code == MSTR_OK && (key = config_key_at(config, section, i)) != NULL; i++) {
        if (!registry_reads_key(key)) {
            code = add_option(place, key, config_get(config, section, key), &options[filled++], error);
        }
    }
    if (code != MSTR_OK) {
        options_free_given(options);
        options = NULL;
    }
    *out = options;
    return code;
}

static enum mstr_code gather_options(struct place *place, const struct instance *instance, struct mstr_header **out,
                                     mstr_error *error)
{
    struct buffer section = BUFFER_INIT;
    enum mstr_code code = MSTR_E_MEMORY;
    if (instance->given != NULL) {
        *out = options_copy_given(instance->given);
        return *out != NULL ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (buffer_printf(&section, "provider %s", instance->host.public.name)) {
        code = read_section(place, buffer_text(&section), out, error);
    } else {
        error_set(error, code, "out of memory");
    }
    buffer_release(&section);
    return code;
}

/* Inside the gate, the plugin loaded. */
static enum mstr_code create(struct registry *registry, struct instance *instance, const struct limits *limits,
                             mstr_error *error)
{
    struct place place = {registry, instance->table, limits};
    struct mstr_header *given = NULL;
    enum mstr_code code = gather_options(&place, instance, &given, error);
    if (code == MSTR_OK) {
        code = instance_create(instance, given, error);
    }
    options_free_given(given);
    return code;
}

enum mstr_code creation_ensure(struct registry *registry, struct instance *instance, const struct limits *limits,
                               mstr_error *error)
{
    const struct mstr_provider *table = NULL;
    if (instance_is_live(instance)) {
        return MSTR_OK;
    }
    enum mstr_code code = instance_load(instance, limits, &table, error);
    if (code == MSTR_OK) {
        code = gate_enter(&instance->creation, limits);
        if (code != MSTR_OK) {
            return error_set(error, code, "%s while provider \"%s\" was being set up", mstr_code_text(code),
                             instance->host.public.name);
        }
        code = instance_is_live(instance) ? MSTR_OK : create(registry, instance, limits, error);
        gate_leave(&instance->creation);
    }
    if (code != MSTR_OK) {
        error_set_provider(error, instance->host.public.name);
    }
    return code;
}

enum mstr_code creation_find(struct registry *registry, const char *scheme, const struct limits *limits,
                             struct instance **out, mstr_error *error)
{
    enum mstr_code code = registry_find(registry, scheme, out, error);
    return code == MSTR_OK ? creation_ensure(registry, *out, limits, error) : code;
}

/* The instance is made before anybody can find it, so that a provider which cannot be made leaves its name free. */
enum mstr_code creation_register(struct registry *registry, const char *name, provider_entry entry,
                                 const struct mstr_header *options, const struct limits *limits, mstr_error *error)
{
    struct instance *instance = NULL;
    enum mstr_code code = registry_prepare(registry, name, entry, options, &instance, error);
    if (code == MSTR_OK) {
        code = creation_ensure(registry, instance, limits, error);
    }
    if (code == MSTR_OK) {
        code = registry_put(registry, instance, error);
    }
    if (code != MSTR_OK) {
        registry_give_up(instance);
    }
    return code;
}
