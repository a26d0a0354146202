/* SPDX-License-Identifier: Apache-2.0 */
/* AWS's shared config and credentials files. */
#define _GNU_SOURCE /* tdestroy() */
#include "aws/config/shared_config.h"

#include "base/buffer.h"
#include "base/ini.h"
#include "base/text.h"
#include "sdk/host.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Where a file's reading has got to. */
struct reading {
    struct shared_config *config;
    const char *file;
    struct mstr_error *error;
    enum mstr_code code;
    bool credentials;
    struct section *section; /* that is open; NULL = none that counts */
};

static int compare_properties(const void *a, const void *b)
{
    const struct property *left = a;
    const struct property *right = b;
    if (left->parent == NULL || right->parent == NULL) {
        int order = (left->parent != NULL) - (right->parent != NULL);
        return order != 0 ? order : text_compare_nocase(left->key, right->key);
    }
    int order = text_compare_nocase(left->parent, right->parent);
    return order != 0 ? order : text_compare_nocase(left->key, right->key);
}

static int compare_sections(const void *a, const void *b)
{
    const struct section *left = a;
    const struct section *right = b;
    int order = (int)left->kind - (int)right->kind;
    order = order != 0 ? order : left->plain_default - right->plain_default;
    return order != 0 ? order : strcmp(left->name, right->name);
}

/* Kept as long as the files stay as they are, so in memory that no core dump shows. */
static bool is_secret(const char *key)
{
    return text_equal_nocase(key, "aws_secret_access_key") || text_equal_nocase(key, "aws_session_token") ||
           text_equal_nocase(key, "aws_security_token");
}

static char *copy_value(const char *key, const char *value)
{
    size_t size = strlen(value) + 1;
    char *copy = is_secret(key) ? host->secret_alloc(size) : malloc(size);
    return copy != NULL ? memcpy(copy, value, size) : NULL;
}

static void free_property(void *node)
{
    struct property *property = node;
    if (property->key != NULL && is_secret(property->key)) {
        host->secret_free(property->value);
    } else {
        text_wipe_free(property->value);
    }
    free(property->parent);
    free(property->key);
    free(property);
}

static void free_section(void *node)
{
    struct section *section = node;
    tdestroy(section->properties, free_property);
    free(section->name);
    free(section);
}

static void free_config(struct kept *kept)
{
    struct shared_config *config = (struct shared_config *)(void *)kept;
    tdestroy(config->sections, free_section);
    free(config);
}

struct shared_config *shared_config_new(void)
{
    struct shared_config *config = calloc(1, sizeof(*config));
    if (config != NULL) {
        kept_init(&config->kept, free_config);
    }
    return config;
}

struct shared_config *shared_config_retain(struct shared_config *config)
{
    kept_retain(&config->kept);
    return config;
}

void shared_config_release(struct shared_config *config)
{
    kept_release(config != NULL ? &config->kept : NULL);
}

/* The section, made if need be; NULL without memory. */
static struct section *open_section(struct shared_config *config, enum section_kind kind, const char *name,
                                    bool plain)
{
    struct section *made = malloc(sizeof(*made));
    if (made == NULL) {
        return NULL;
    }
    *made = (struct section){.kind = kind, .plain_default = plain, .name = text_copy(name)};
    struct section **node = made->name != NULL ? tsearch(made, &config->sections, compare_sections) : NULL;
    struct section *found = node != NULL ? *node : NULL;
    if (found != made) {
        free_section(made);
    }
    return found;
}

/* The last value of a key is the one that counts. */
static bool put_property(struct section *section, const char *parent, const char *key, const char *value)
{
    struct property *made = malloc(sizeof(*made));
    if (made == NULL) {
        return false;
    }
    *made = (struct property){text_copy(parent), text_copy(key), NULL};
    made->value = made->key != NULL ? copy_value(key, value) : NULL;
    bool good = made->value != NULL && (parent == NULL || made->parent != NULL);
    struct property **node = good ? tsearch(made, &section->properties, compare_properties) : NULL;
    struct property *found = node != NULL ? *node : NULL;
    if (found != NULL && found != made) {
        char *old = found->value;
        found->value = made->value;
        made->value = old;
    }
    if (found != made) {
        free_property(made);
    }
    return found != NULL;
}

static const struct type {
    const char *word;
    enum section_kind kind;
} types[] = {{"profile", SECTION_PROFILE}, {"sso-session", SECTION_SSO_SESSION}, {"services", SECTION_SERVICES}};

static const struct type *find_type(const char *word)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (strcmp(types[i].word, word) == 0) {
            return &types[i];
        }
    }
    return NULL;
}

/* A name of a config file, which needs quotes where it has several words: [profile "foo bar"]. False for one that
 * has them otherwise. */
static bool put_unquoted(const char *name, struct buffer *out)
{
    size_t length = strlen(name);
    bool quoted = length > 2 && strchr("\"'", name[0]) != NULL && name[length - 1] == name[0];
    buffer_append(out, name + quoted, length - (quoted ? 2 : 0));
    return buffer_text(out)[strcspn(buffer_text(out), quoted ? "\"'" : "\"' \t")] == '\0';
}

/* A name of a credentials file, which has no types and needs no quotes: [foo bar]. */
static bool put_words(const struct ini_event *event, struct buffer *out)
{
    buffer_puts(out, event->type);
    buffer_puts(out, event->name != NULL ? " " : "");
    buffer_puts(out, event->name != NULL ? event->name : "");
    return event->name == NULL || (find_type(event->type) == NULL && strpbrk(event->name, "\"'") == NULL);
}

/* Which sections count differs between the files. The [default] of credentials goes on with the one there is. */
static bool begin_section(struct reading *reading, const struct ini_event *event)
{
    const struct type *type = find_type(event->type);
    enum section_kind kind = SECTION_PROFILE;
    struct buffer name = BUFFER_INIT;
    bool plain = false;
    bool counts = false;
    if (reading->credentials) {
        counts = put_words(event, &name);
        const struct section *known = shared_config_find(reading->config, kind, buffer_text(&name));
        plain = known != NULL && known->plain_default;
    } else if (event->name == NULL) {
        plain = true;
        counts = strcmp(event->type, "default") == 0;
        buffer_puts(&name, event->type);
    } else if (type != NULL) {
        kind = type->kind;
        counts = put_unquoted(event->name, &name);
    }
    bool failed = name.failed;
    reading->section = counts && !failed ? open_section(reading->config, kind, buffer_text(&name), plain) : NULL;
    buffer_release(&name);
    return !failed && (!counts || reading->section != NULL);
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
        good = reading->section == NULL || put_property(reading->section, event->parent, event->key, event->value);
        break;
    case INI_INDENTED:
        break; /* these files may have such lines */
    case INI_IGNORED:
        if (event->key == NULL) {
            reading->section = NULL;
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

const struct section *shared_config_find(const struct shared_config *config, enum section_kind kind, const char *name)
{
    const struct section typed = {.kind = kind, .name = (char *)(uintptr_t)name};
    const struct section plain = {.kind = kind, .name = (char *)(uintptr_t)name, .plain_default = true};
    struct section *const *node = tfind(&typed, &config->sections, compare_sections);
    if (node == NULL) { /* [profile default] replaces [default] wholly, whichever comes first */
        node = tfind(&plain, &config->sections, compare_sections);
    }
    return node != NULL ? *node : NULL;
}

const char *section_get_sub(const struct section *section, const char *parent, const char *key)
{
    const struct property asked = {(char *)(uintptr_t)parent, (char *)(uintptr_t)key, NULL};
    struct property *const *node = section != NULL ? tfind(&asked, &section->properties, compare_properties) : NULL;
    return node != NULL && (*node)->value[0] != '\0' ? (*node)->value : NULL;
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
