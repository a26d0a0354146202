/* SPDX-License-Identifier: Apache-2.0 */
/* What one file of the configuration says. */
#include "config/content.h"

#include "base/ini.h"
#include "base/text.h"
#include "config/schema.h"

#include <stdlib.h>
#include <string.h>

void content_problem(struct reading *reading, unsigned line, const char *section, const char *text)
{
    struct config *config = reading->config;
    size_t count = config->problem_count;
    struct config_problem *problems = store_grow(config->problems, &config->problem_count, sizeof(*problems));
    if (problems == NULL) {
        reading->out_of_memory = true;
        return;
    }
    config->problems = problems;
    if (section != NULL) {
        config->sections[reading->section].refused = true;
    }
    problems[count] = (struct config_problem){reading->file, line, text_copy(section), text_copy(text)};
    reading->out_of_memory |= text == NULL || problems[count].text == NULL;
}

void content_problem_of(struct reading *reading, unsigned line, const char *section, const struct buffer *text)
{
    content_problem(reading, line, section, text->failed ? NULL : buffer_text(text));
}

bool content_open_section(struct reading *reading, const char *type, const char *name)
{
    struct buffer full = BUFFER_INIT;
    buffer_printf(&full, name != NULL ? "%s %s" : "%s", type, name);
    reading->section = full.failed ? NAME_INDEX_NOWHERE : store_section(reading->config, buffer_text(&full));
    reading->out_of_memory |= reading->section == NAME_INDEX_NOWHERE;
    buffer_release(&full);
    return reading->section != NAME_INDEX_NOWHERE;
}

static void on_section(struct reading *reading, const struct ini_event *event)
{
    struct buffer wrong = BUFFER_INIT;
    free(reading->type);
    reading->type = NULL;
    if (!schema_check_section(event->type, event->name, &wrong)) {
        content_problem_of(reading, event->line, NULL, &wrong);
    } else {
        reading->type = content_open_section(reading, event->type, event->name) ? text_copy(event->type) : NULL;
        reading->out_of_memory |= reading->type == NULL;
    }
    buffer_release(&wrong);
}

void content_store(struct reading *reading, const char *key, const struct config_value *value)
{
    struct config_setting *setting = store_setting(reading->config, reading->section, key);
    if (setting != NULL && setting->text != NULL && setting->value.file == reading->file) {
        struct buffer wrong = BUFFER_INIT;
        buffer_printf(&wrong, "duplicate key \"%s\", first set in line %u", key, setting->value.line);
        content_problem_of(reading, value->line, reading->config->sections[reading->section].name, &wrong);
        buffer_release(&wrong);
        return;
    }
    if (setting != NULL) {
        text_wipe_free(setting->text);
        setting->text = text_copy(value->text);
        setting->value = *value;
        setting->value.text = setting->text != NULL ? setting->text : "";
    }
    reading->out_of_memory |= setting == NULL || setting->text == NULL;
}

static void on_property(struct reading *reading, const struct ini_event *event)
{
    if (reading->type == NULL) {
        return; /* the section was told about already */
    }
    struct buffer wrong = BUFFER_INIT;
    char *key = text_copy(event->key);
    if (key == NULL) {
        reading->out_of_memory = true;
        return;
    }
    if (!schema_keeps_case(reading->type)) {
        text_lower(key);
    }
    const struct config_value value = {event->value, reading->file, event->line, event->comment, event->tight};
    if (!schema_check_setting(reading->type, key, event->value, &wrong) ||
        (schema_holds_secret(reading->type, key) && !config_check_secret(key, &value, &wrong))) {
        content_problem_of(reading, event->line, reading->config->sections[reading->section].name, &wrong);
    } else {
        content_store(reading, key, &value);
    }
    free(key);
    buffer_release(&wrong);
}

static void on_ignored(struct reading *reading, const struct ini_event *event)
{
    struct buffer wrong = BUFFER_INIT;
    const char *name = event->key != NULL ? event->key : event->type;
    bool quoted = strpbrk(name, "\"'") != NULL || (event->name != NULL && strpbrk(event->name, "\"'") != NULL);
    buffer_printf(&wrong, "a name with a character other than letters, digits and _-/.%%@:+%s",
                  quoted ? "; names are written without quotes" : "");
    content_problem_of(reading, event->line, NULL, &wrong);
    buffer_release(&wrong);
}

static bool on_event(const struct ini_event *event, void *data)
{
    struct reading *reading = data;
    switch (event->kind) {
    case INI_SECTION:
        on_section(reading, event);
        break;
    case INI_PROPERTY:
        on_property(reading, event);
        break;
    case INI_INDENTED:
        content_problem(reading, event->line, NULL,
                        "an indented line; write a value behind its key, and each key at the start of a line");
        break;
    case INI_SUB_PROPERTY:
        break; /* these files have none */
    case INI_IGNORED:
        on_ignored(reading, event);
        break;
    case INI_ERROR:
        reading->broken = true;
        content_problem(reading, event->line, NULL, event->value);
        break;
    }
    return !reading->out_of_memory;
}

void content_read(struct reading *reading, const char *text, size_t length)
{
    reading->broken = false;
    bool whole = ini_read_flat(text, length, on_event, reading);
    reading->out_of_memory |= !whole && !reading->broken;
    free(reading->type);
    reading->type = NULL;
}
