/* AWS's shared config and credentials files. */
#include "aws/config/shared_config.h"

#include "aws/config/files.h"
#include "base/ini.h"
#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 1024 * 1024 };

static bool locate(const char *variable, const char *usual, struct buffer *out)
{
    const char *path = host->environment(variable);
    return files_expand(text_empty(path) ? usual : path, out);
}

bool shared_config_path(struct buffer *out)
{
    return locate("AWS_CONFIG_FILE", "~/.aws/config", out);
}

bool shared_config_credentials_path(struct buffer *out)
{
    return locate("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", out);
}

/* Where a file's reading has got to. */
struct reading {
    struct shared_config *config;
    const char *file;
    struct mstr_error *error;
    enum mstr_code code;
    bool credentials;
    bool inside;    /* a section that counts is open, and it is: */
    size_t section; /* its index */
};

static void free_section(struct section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        free(section->properties[i].parent);
        free(section->properties[i].key);
        text_wipe_free(section->properties[i].value);
    }
    free(section->properties);
    free(section->name);
}

/* Index of a section, made if need be; SIZE_MAX without memory. */
static size_t open_section(struct shared_config *config, enum section_kind kind, const char *name, bool plain)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct section *at = &config->sections[i];
        if (at->kind == kind && at->plain_default == plain && strcmp(at->name, name) == 0) {
            return i;
        }
    }
    struct section *grown = realloc(config->sections, (config->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return SIZE_MAX;
    }
    config->sections = grown;
    struct section section = {.kind = kind, .plain_default = plain, .name = text_copy(name)};
    grown[config->count] = section;
    return section.name != NULL ? config->count++ : SIZE_MAX;
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : text_equal_nocase(a, b);
}

static bool put_property(struct section *section, const char *parent, const char *key, const char *value)
{
    struct property made = {text_copy(parent), text_copy(key), text_copy(value)};
    bool good = made.key != NULL && made.value != NULL && (parent == NULL || made.parent != NULL);
    size_t i = 0;
    while (i < section->count &&
           !(same(section->properties[i].parent, parent) && text_equal_nocase(section->properties[i].key, key))) {
        i++;
    }
    if (good && i == section->count) {
        struct property *grown = realloc(section->properties, (section->count + 1) * sizeof(*grown));
        good = grown != NULL;
        if (good) {
            section->properties = grown;
            grown[section->count++] = (struct property){NULL, NULL, NULL};
        }
    }
    if (good) {
        struct property old = section->properties[i];
        section->properties[i] = made;
        made = old;
    }
    free(made.parent);
    free(made.key);
    text_wipe_free(made.value);
    return good;
}

/* Which sections count differs: a config file types them, a credentials file does not. */
static bool begin_section(struct reading *reading, const struct ini_event *event)
{
    static const struct {
        const char *type;
        enum section_kind kind;
    } types[] = {{"profile", SECTION_PROFILE}, {"sso-session", SECTION_SSO_SESSION}, {"services", SECTION_SERVICES}};
    size_t index = SIZE_MAX;
    reading->inside = false;
    if (reading->credentials && event->name == NULL) {
        index = open_section(reading->config, SECTION_PROFILE, event->type, false);
    } else if (!reading->credentials && event->name == NULL && strcmp(event->type, "default") == 0) {
        index = open_section(reading->config, SECTION_PROFILE, "default", true);
    } else {
        const char *name = reading->credentials ? NULL : event->name;
        size_t i = 0;
        while (name != NULL && i < sizeof(types) / sizeof(*types) && strcmp(types[i].type, event->type) != 0) {
            i++;
        }
        if (name == NULL || i == sizeof(types) / sizeof(*types)) {
            return true; /* passed over */
        }
        index = open_section(reading->config, types[i].kind, name, false);
    }
    reading->inside = index != SIZE_MAX;
    reading->section = index;
    return reading->inside;
}

static bool take_event(const struct ini_event *event, void *data)
{
    struct reading *reading = data;
    bool good = true;
    switch (event->kind) {
    case INI_SECTION:
        good = begin_section(reading, event);
        break;
    case INI_PROPERTY:
    case INI_SUB_PROPERTY:
        good = !reading->inside ||
               put_property(&reading->config->sections[reading->section], event->parent, event->key, event->value);
        break;
    case INI_INDENTED:
        break; /* these files may have such lines */
    case INI_IGNORED:
        if (event->key == NULL) {
            reading->inside = false;
        }
        break;
    case INI_ERROR:
        reading->code =
            host->error_set(reading->error, MSTR_E_CONFIG, "%s:%u: %s", reading->file, event->line, event->value);
        return false;
    }
    if (!good) {
        reading->code = host->error_set(reading->error, MSTR_E_MEMORY, "out of memory");
    }
    return good;
}

enum mstr_code shared_config_add(struct shared_config *config, bool credentials, const char *file, const char *text,
                                 size_t length, struct mstr_error *error)
{
    struct reading reading = {.config = config, .file = file, .error = error, .credentials = credentials};
    if (!ini_read(text, length, take_event, &reading) && reading.code == MSTR_OK) {
        reading.code = host->error_set(error, MSTR_E_CONFIG, "%s cannot be read", file);
    }
    return reading.code;
}

void shared_config_settle_default(struct shared_config *config)
{
    bool typed = shared_config_find(config, SECTION_PROFILE, "default") != NULL;
    for (size_t i = 0; i < config->count; i++) {
        if (!config->sections[i].plain_default) {
            continue;
        }
        if (!typed) {
            config->sections[i].plain_default = false;
            return;
        }
        free_section(&config->sections[i]);
        config->sections[i] = config->sections[--config->count];
        return;
    }
}

static enum mstr_code load_file(struct shared_config *config, bool credentials, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    bool located = credentials ? shared_config_credentials_path(&path) : shared_config_path(&path);
    if (located) {
        code = files_read(buffer_text(&path), FILE_LIMIT, &text, error);
    }
    if (code == MSTR_OK) {
        code = shared_config_add(config, credentials, buffer_text(&path), buffer_text(&text), text.length, error);
    }
    buffer_release(&path);
    buffer_release(&text);
    return code == MSTR_E_NOT_FOUND ? MSTR_OK : code;
}

enum mstr_code shared_config_load(struct shared_config *config, struct mstr_error *error)
{
    *config = (struct shared_config){NULL, 0};
    enum mstr_code code = load_file(config, false, error);
    shared_config_settle_default(config);
    return code == MSTR_OK ? load_file(config, true, error) : code;
}

void shared_config_release(struct shared_config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        free_section(&config->sections[i]);
    }
    free(config->sections);
    *config = (struct shared_config){NULL, 0};
}

const struct section *shared_config_find(const struct shared_config *config, enum section_kind kind, const char *name)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct section *at = &config->sections[i];
        if (at->kind == kind && !at->plain_default && strcmp(at->name, name) == 0) {
            return at;
        }
    }
    return NULL;
}

const char *section_get_sub(const struct section *section, const char *parent, const char *key)
{
    for (size_t i = 0; section != NULL && i < section->count; i++) {
        const struct property *at = &section->properties[i];
        if (same(at->parent, parent) && text_equal_nocase(at->key, key)) {
            return at->value[0] != '\0' ? at->value : NULL;
        }
    }
    return NULL;
}

const char *section_get(const struct section *section, const char *key)
{
    return section_get_sub(section, NULL, key);
}

const char *section_setting(const struct section *section, const char *variable, const char *key)
{
    const char *value = host->environment(variable);
    return text_empty(value) ? section_get(section, key) : value;
}

bool section_switch(const struct section *section, const char *variable, const char *key)
{
    const char *value = section_setting(section, variable, key);
    return value != NULL && text_equal_nocase(value, "true");
}
