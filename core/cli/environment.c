/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of a command out of its sources. */
#define _GNU_SOURCE /* asprintf() */
#include "environment.h"

#include "env_file.h"
#include "options.h"
#include "placeholder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* A variable, or all members of a JSON object. */
struct entry {
    char *name;         /* NULL = each member */
    const char *prefix; /* of members' names */
    char *section;      /* as in mstr_setting; NULL too for what is literal */
    char *key;          /* wiped, as it may be a literal */
    bool literal;
    bool own; /* it stands in the environment already */
};

static enum mstr_code no_memory(struct tool *tool)
{
    return mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
}

static void entry_release(struct entry *entry)
{
    if (entry->key != NULL) {
        mstr_wipe(entry->key, strlen(entry->key));
    }
    free(entry->name);
    free(entry->section);
    free(entry->key);
}

/* Takes over the entry; `whole` tells whether all of its texts found memory. */
static enum mstr_code add(struct tool *tool, struct environment *environment, struct entry entry, bool whole)
{
    struct entry *entries = realloc(environment->entries, (environment->count + 1) * sizeof *entries);
    environment->entries = entries != NULL ? entries : environment->entries;
    if (entries == NULL || !whole) {
        entry_release(&entry);
        return no_memory(tool);
    }
    entries[environment->count++] = entry;
    return MSTR_OK;
}

static enum mstr_code add_variable(struct tool *tool, struct environment *environment, struct entry entry,
                                   const char *name, size_t length, const char *key)
{
    entry.name = strndup(name, length);
    entry.key = strdup(key);
    return add(tool, environment, entry, entry.name != NULL && entry.key != NULL);
}

enum mstr_code environment_add(struct tool *tool, struct environment *environment, const char *assignment)
{
    size_t length = strcspn(assignment, "=");
    return add_variable(tool, environment, (struct entry){0}, assignment, length, assignment + length + 1);
}

enum mstr_code environment_add_members(struct tool *tool, struct environment *environment, const char *reference,
                                       const char *prefix)
{
    struct entry entry = {.prefix = prefix, .key = strdup(reference)};
    return add(tool, environment, entry, entry.key != NULL);
}

/* What a walk through a section or a file adds to. */
struct walk {
    struct tool *tool;
    struct environment *environment;
    const char *prefix;
    struct environment *parts;
    enum mstr_code code;
};

static int add_key(const mstr_config_item *item, void *data)
{
    struct walk *walk = data;
    struct entry entry = {.section = strdup(item->section), .key = strdup(item->key)};
    if (asprintf(&entry.name, "%s%s", walk->prefix, item->key) < 0) {
        entry.name = NULL;
    }
    bool whole = entry.name != NULL && entry.section != NULL && entry.key != NULL;
    walk->code = add(walk->tool, walk->environment, entry, whole);
    return walk->code != MSTR_OK;
}

enum mstr_code environment_add_set(struct tool *tool, struct environment *environment, const char *name,
                                   const char *prefix)
{
    struct walk walk = {.tool = tool, .environment = environment, .prefix = prefix};
    char section[128];
    if (snprintf(section, sizeof section, "env %s", name) >= (int)sizeof section) {
        return mstr_error_set(tool->error, MSTR_E_CONFIG, "the name of the environment set is too long");
    }
    enum mstr_code code = mstr_context_section(tool->context, section, add_key, &walk, tool->error);
    return walk.code != MSTR_OK ? no_memory(tool) : code;
}

/* Text that names no provider is meant as it is. */
static enum mstr_code add_line(const char *name, const char *value, bool literal, void *data)
{
    struct walk *walk = data;
    bool plain = literal || (strstr(value, "${") == NULL && !mstr_context_knows(walk->tool->context, value));
    return add_variable(walk->tool, walk->environment, (struct entry){.literal = plain}, name, strlen(name), value);
}

enum mstr_code environment_add_file(struct tool *tool, struct environment *environment, const char *path)
{
    struct walk walk = {.tool = tool, .environment = environment};
    return env_file_read(tool, path, add_line, &walk);
}

enum mstr_code environment_add_own(struct tool *tool, struct environment *environment)
{
    enum mstr_code code = MSTR_OK;
    for (char **text = environ; code == MSTR_OK && *text != NULL; text++) {
        size_t length = strcspn(*text, "=");
        struct octets value = {0};
        if ((*text)[length] == '=' && placeholder_keep_others(tool->context, *text + length + 1, &value)) {
            code = value.failed
                       ? no_memory(tool)
                       : add_variable(tool, environment, (struct entry){.own = true}, *text, length, value.data);
        }
        octets_release(&value);
    }
    return code;
}

bool environment_ask(const struct environment *environment, struct asked *asked)
{
    bool good = true;
    *asked = (struct asked){0};
    for (size_t i = 0; good && i < environment->count; i++) {
        const struct entry *entry = &environment->entries[i];
        good = entry->literal || asked_add(asked, entry->section, entry->key);
    }
    return good;
}

/* A variable on its way into the environment. */
struct filling {
    struct tool *tool;
    const struct environment *environment;
    const struct variables *before; /* what was set already */
    struct variables *variables;
    const struct entry *entry;
    enum mstr_code code;
};

static enum mstr_code fill_one(struct filling *filling, const char *name, const char *octets, size_t length)
{
    if (filling->environment->keep && !filling->entry->own && variables_has(filling->before, name)) {
        return MSTR_OK;
    }
    if (memchr(octets, '\0', length) != NULL) {
        return mstr_error_set(filling->tool->error, MSTR_E_UNEXPECTED,
                              "%s: the value holds a NUL, which no variable can", name);
    }
    return variables_set(filling->variables, name, octets, length) ? MSTR_OK : no_memory(filling->tool);
}

static int fill_member(const char *name, mstr_secret *value, void *data)
{
    struct filling *filling = data;
    char *assignment = NULL;
    if (asprintf(&assignment, "%s%s=", filling->entry->prefix, name) < 0) {
        filling->code = no_memory(filling->tool);
        return 1;
    }
    size_t length = strlen(assignment) - 1;
    if (assignment_name(assignment) != (int)length) {
        filling->code =
            mstr_error_set(filling->tool->error, MSTR_E_CONFIG,
                           "%s: the member \"%.100s\" makes no name of a variable", filling->entry->key, name);
    } else {
        assignment[length] = '\0';
        filling->code = fill_one(filling, assignment, mstr_secret_octets(value), mstr_secret_length(value));
    }
    free(assignment);
    return filling->code != MSTR_OK;
}

static enum mstr_code fill_members(struct filling *filling, mstr_secret *object)
{
    mstr_error *error = mstr_error_new();
    enum mstr_code code = mstr_secret_members(object, fill_member, filling, error);
    if (filling->code != MSTR_OK) {
        code = filling->code;
    } else if (code != MSTR_OK) {
        mstr_error_set(filling->tool->error, code, "%s: %s", filling->entry->key, mstr_error_message(error));
    }
    mstr_error_free(error);
    return code;
}

static enum mstr_code fill_entry(struct filling *filling, mstr_secret *value)
{
    const struct entry *entry = filling->entry;
    if (entry->literal) {
        return fill_one(filling, entry->name, entry->key, strlen(entry->key));
    }
    return entry->name != NULL ? fill_one(filling, entry->name, mstr_secret_octets(value), mstr_secret_length(value))
                               : fill_members(filling, value);
}

enum mstr_code environment_fill(struct tool *tool, const struct environment *environment, const struct asked *asked,
                                struct variables *variables)
{
    struct variables before = {0};
    bool memory =
        variables_inherit(&before, environment->pristine) && variables_inherit(variables, environment->pristine);
    enum mstr_code code = memory ? MSTR_OK : no_memory(tool);
    const mstr_setting *next = asked->settings;
    for (size_t i = 0; code == MSTR_OK && i < environment->count; i++) {
        struct filling filling = {tool, environment, &before, variables, &environment->entries[i], MSTR_OK};
        code = fill_entry(&filling, filling.entry->literal ? NULL : next++->value);
    }
    variables_release(&before);
    return code;
}

/* One entry for each reference of a text; what text: stands for is no value of a store. */
static enum mstr_code add_parts(struct tool *tool, struct environment *parts, const char *text)
{
    enum mstr_code code = MSTR_OK;
    const char *end = text + strlen(text);
    struct placeholder found;
    for (; code == MSTR_OK && placeholder_next(tool->context, &placeholder_marks, text, end, &found);
         text = found.end) {
        if (found.known && !found.quoted && strncmp(found.reference, "text:", 5) != 0) {
            struct entry entry = {.key = strndup(found.start, (size_t)(found.end - found.start))};
            code = add(tool, parts, entry, entry.key != NULL);
        }
    }
    return code;
}

/* A setting as it may be shown: its references are whole. */
static int add_parts_of(const mstr_config_item *item, void *data)
{
    struct walk *walk = data;
    for (size_t i = 0; item->value != NULL && walk->code == MSTR_OK && i < walk->environment->count; i++) {
        const struct entry *entry = &walk->environment->entries[i];
        if (entry->section != NULL && strcmp(entry->section, item->section) == 0 &&
            strcmp(entry->key, item->key) == 0) {
            walk->code = add_parts(walk->tool, walk->parts, item->value);
        }
    }
    return walk->code != MSTR_OK;
}

enum mstr_code environment_parts(struct tool *tool, const struct environment *environment, struct environment *parts)
{
    struct walk walk = {.tool = tool, .environment = (struct environment *)environment, .parts = parts};
    bool sets = false;
    *parts = (struct environment){0};
    for (size_t i = 0; walk.code == MSTR_OK && i < environment->count; i++) {
        const struct entry *entry = &environment->entries[i];
        sets |= entry->section != NULL;
        if (entry->section == NULL && !entry->literal) {
            walk.code = add_parts(tool, parts, entry->key);
        }
    }
    if (walk.code == MSTR_OK && sets) {
        enum mstr_code code =
            mstr_config_visit(&tool->options, MSTR_CONFIG_SETTINGS, add_parts_of, &walk, tool->error);
        walk.code = walk.code == MSTR_OK ? code : walk.code;
    }
    return walk.code;
}

/* Members one by one: an object that is shown as JSON is masked in its parts. */
struct telling {
    bool (*each)(const mstr_secret *value, void *data);
    void *data;
    bool good;
};

static int tell_member(const char *name, mstr_secret *value, void *data)
{
    struct telling *telling = data;
    (void)name;
    telling->good = telling->each(value, telling->data);
    return !telling->good;
}

bool environment_values(const struct environment *environment, const struct asked *asked,
                        bool (*each)(const mstr_secret *value, void *data), void *data)
{
    struct telling telling = {each, data, true};
    const mstr_setting *next = asked->settings;
    for (size_t i = 0; telling.good && i < environment->count; i++) {
        const struct entry *entry = &environment->entries[i];
        if (!entry->literal && entry->name == NULL) {
            mstr_secret_members(next++->value, tell_member, &telling, NULL);
        } else if (!entry->literal) {
            telling.good = each(next++->value, data);
        }
    }
    return telling.good;
}

void environment_release(struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++) {
        entry_release(&environment->entries[i]);
    }
    free(environment->entries);
    *environment = (struct environment){0};
}
