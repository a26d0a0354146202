/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as it was read: storage, look-up, and the small grammars of values. */
#include "config/store.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void config_free(struct config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < config->section_count; i++) {
        struct config_section *section = &config->sections[i];
        for (size_t j = 0; j < section->count; j++) {
            text_wipe_free(section->settings[j].text);
            free(section->settings[j].key);
        }
        free(section->settings);
        free(section->name);
    }
    for (size_t i = 0; i < config->problem_count; i++) {
        free((char *)(uintptr_t)config->problems[i].section);
        free((char *)(uintptr_t)config->problems[i].text);
    }
    for (size_t i = 0; i < config->file_count; i++) {
        free((char *)(uintptr_t)config->files[i].path);
        free((char *)(uintptr_t)config->files[i].problem);
    }
    name_index_release(&config->names);
    free(config->sections);
    free(config->problems);
    free(config->files);
    free(config->profile);
    free(config);
}

/* The memory doubles each time it is full, which the count tells. */
void *store_grow(void *array, size_t *count, size_t size)
{
    bool full = (*count & (*count - 1)) == 0;
    char *grown = full ? realloc(array, (*count > 0 ? *count * 2 : 1) * size) : array;
    if (grown != NULL) {
        memset(grown + *count * size, 0, size);
        ++*count;
    }
    return grown;
}

size_t store_section(struct config *config, const char *name)
{
    size_t position = name_index_find(&config->names, 0, name);
    if (position != NAME_INDEX_NOWHERE) {
        return position;
    }
    struct config_section *sections = store_grow(config->sections, &config->section_count, sizeof(*sections));
    if (sections == NULL) {
        return NAME_INDEX_NOWHERE;
    }
    config->sections = sections;
    position = config->section_count - 1;
    sections[position].name = text_copy(name);
    if (sections[position].name == NULL || !name_index_add(&config->names, 0, sections[position].name, position)) {
        free(sections[position].name);
        config->section_count--;
        return NAME_INDEX_NOWHERE;
    }
    return position;
}

static struct config_setting *find_setting(const struct config *config, size_t section, const char *key)
{
    size_t position = name_index_find(&config->names, section + 1, key);
    return position != NAME_INDEX_NOWHERE ? &config->sections[section].settings[position] : NULL;
}

struct config_setting *store_setting(struct config *config, size_t section, const char *key)
{
    struct config_section *within = &config->sections[section];
    struct config_setting *found = find_setting(config, section, key);
    struct config_setting *settings =
        found == NULL ? store_grow(within->settings, &within->count, sizeof(*settings)) : NULL;
    if (settings == NULL) {
        return found;
    }
    within->settings = settings;
    found = &settings[within->count - 1];
    found->key = text_copy(key);
    if (found->key == NULL || !name_index_add(&config->names, section + 1, found->key, within->count - 1)) {
        free(found->key);
        within->count--;
        return NULL;
    }
    return found;
}

const struct config_value *config_get(const struct config *config, const char *section, const char *key)
{
    size_t position = name_index_find(&config->names, 0, section);
    const struct config_setting *found = position != NAME_INDEX_NOWHERE ? find_setting(config, position, key) : NULL;
    return found != NULL ? &found->value : NULL;
}

bool config_has_section(const struct config *config, const char *section)
{
    return name_index_find(&config->names, 0, section) != NAME_INDEX_NOWHERE;
}

const char *config_default_profile(const struct config *config)
{
    return config->profile != NULL ? config->profile : "default";
}

enum mstr_code config_find_profile(const struct config *config, const char *name, struct buffer *section,
                                   bool *absent, mstr_error *error)
{
    const char *chosen = name != NULL ? name : config_default_profile(config);
    if (!buffer_printf(section, "profile %s", chosen)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *absent = !config_has_section(config, buffer_text(section));
    if (*absent && (name != NULL || config->profile != NULL)) {
        error_set(error, MSTR_E_CONFIG, "there is no profile \"%s\"", chosen);
        error_set_hint(error, "add a section [profile %s] to the configuration", chosen);
        return MSTR_E_CONFIG;
    }
    return MSTR_OK;
}

const char *config_first_profile(const struct config *config)
{
    const char *section = NULL;
    for (size_t i = 0; (section = config_section_at(config, i)) != NULL; i++) {
        if (text_starts_with(section, "profile ")) {
            return section + strlen("profile ");
        }
    }
    return NULL;
}

void config_hint_profile(const char *other, mstr_error *error)
{
    error_set_hint(error, "there is no [profile default]; choose one that there is, as with --profile %s", other);
}

const char *config_section_at(const struct config *config, size_t index)
{
    return index < config->section_count ? config->sections[index].name : NULL;
}

const char *config_key_at(const struct config *config, const char *section, size_t index)
{
    size_t position = name_index_find(&config->names, 0, section);
    const struct config_section *found = position != NAME_INDEX_NOWHERE ? &config->sections[position] : NULL;
    return found != NULL && index < found->count ? found->settings[index].key : NULL;
}

const struct config_problem *config_problem_at(const struct config *config, size_t index)
{
    return index < config->problem_count ? &config->problems[index] : NULL;
}

bool config_has_problem(const struct config *config, const char *section)
{
    size_t position = name_index_find(&config->names, 0, section);
    return position != NAME_INDEX_NOWHERE && config->sections[position].refused;
}

const struct config_file *config_file_at(const struct config *config, size_t index)
{
    return index < config->file_count ? &config->files[index] : NULL;
}

bool config_boolean(const char *text, bool *value)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (text_equal_nocase(text, words[i])) {
            *value = i % 2 == 1;
            return true;
        }
    }
    return false;
}
