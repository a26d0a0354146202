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
    free(config->sections);
    free(config->problems);
    free(config->files);
    free(config->profile);
    free(config);
}

static const struct config_section *find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->section_count; i++) {
        if (strcmp(config->sections[i].name, name) == 0) {
            return &config->sections[i];
        }
    }
    return NULL;
}

const struct config_value *config_get(const struct config *config, const char *section, const char *key)
{
    const struct config_section *found = find(config, section);
    for (size_t i = 0; found != NULL && i < found->count; i++) {
        if (strcmp(found->settings[i].key, key) == 0) {
            return &found->settings[i].value;
        }
    }
    return NULL;
}

bool config_has_section(const struct config *config, const char *section)
{
    return find(config, section) != NULL;
}

const char *config_default_profile(const struct config *config)
{
    return config->profile != NULL ? config->profile : "default";
}

const char *config_section_at(const struct config *config, size_t index)
{
    return index < config->section_count ? config->sections[index].name : NULL;
}

const char *config_key_at(const struct config *config, const char *section, size_t index)
{
    const struct config_section *found = find(config, section);
    return found != NULL && index < found->count ? found->settings[index].key : NULL;
}

const struct config_problem *config_problem_at(const struct config *config, size_t index)
{
    return index < config->problem_count ? &config->problems[index] : NULL;
}

const struct config_file *config_file_at(const struct config *config, size_t index)
{
    return index < config->file_count ? &config->files[index] : NULL;
}

bool config_duration(const char *text, int64_t *milliseconds)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;
    char copy[12] = "";
    memcpy(copy, text, digits < sizeof(copy) ? digits : 0);
    bool good = text_to_int64(copy, &number);
    for (size_t i = 0; good && i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(text + digits, units[i].unit) == 0) {
            *milliseconds = number * units[i].factor;
            return *milliseconds <= INT64_C(366) * 24 * 3600000;
        }
    }
    return false;
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
