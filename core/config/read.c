/* Reads the configuration: which files, in which order, and the environment over them. */
#include "config/config.h"

#include "base/buffer.h"
#include "base/environment.h"
#include "base/ini.h"
#include "base/text.h"
#include "base/trusted_file.h"
#include "config/schema.h"
#include "config/store.h"

#include <mstr/provider.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1024 * 1024, DROP_IN_LIMIT = 1000 };

/* What the reading of one file needs to know. */
struct reading {
    struct config *config;
    const char *file; /* lives as long as the configuration */
    char *type;       /* of the present section, NULL while it is passed over */
    size_t section;   /* index of the present section */
    bool out_of_memory;
};

/* Room for one more element at the end of an array; NULL without memory. */
static void *grow(void *array, size_t *count, size_t size)
{
    char *grown = realloc(array, (*count + 1) * size);
    if (grown != NULL) {
        memset(grown + *count * size, 0, size);
        ++*count;
    }
    return grown;
}

static void problem(struct reading *reading, unsigned line, const char *section, const char *text)
{
    struct config *config = reading->config;
    size_t count = config->problem_count;
    struct config_problem *problems = grow(config->problems, &config->problem_count, sizeof(*problems));
    if (problems == NULL) {
        reading->out_of_memory = true;
        return;
    }
    config->problems = problems;
    problems[count] = (struct config_problem){reading->file, line, text_copy(section), text_copy(text)};
    reading->out_of_memory |= problems[count].text == NULL;
}

/* The index of the section, which is made if it is new; SIZE_MAX without memory. */
static size_t open_section(struct reading *reading, const char *type, const char *name)
{
    struct config *config = reading->config;
    struct buffer full = BUFFER_INIT;
    buffer_printf(&full, name != NULL ? "%s %s" : "%s", type, name);
    size_t index = 0;
    while (index < config->section_count && strcmp(config->sections[index].name, buffer_text(&full)) != 0) {
        index++;
    }
    if (index == config->section_count) {
        char *copy = full.failed ? NULL : text_copy(buffer_text(&full));
        struct config_section *sections =
            copy ? grow(config->sections, &config->section_count, sizeof(*sections)) : NULL;
        if (sections != NULL) {
            config->sections = sections;
            sections[index].name = copy;
        } else {
            free(copy);
            reading->out_of_memory = true;
            index = SIZE_MAX;
        }
    }
    buffer_release(&full);
    return index;
}

static void on_section(struct reading *reading, const struct ini_event *event)
{
    struct buffer wrong = BUFFER_INIT;
    free(reading->type);
    reading->type = NULL;
    if (!schema_check_section(event->type, event->name, &wrong)) {
        problem(reading, event->line, NULL, buffer_text(&wrong));
    } else {
        reading->section = open_section(reading, event->type, event->name);
        reading->type = reading->section != SIZE_MAX ? text_copy(event->type) : NULL;
        reading->out_of_memory |= reading->type == NULL;
    }
    buffer_release(&wrong);
}

/* Puts a value where the key stands already, or at the section's end. */
static void store(struct reading *reading, const char *key, const struct config_value *value)
{
    struct config_section *section = &reading->config->sections[reading->section];
    size_t index = 0;
    while (index < section->count && strcmp(section->settings[index].key, key) != 0) {
        index++;
    }
    if (index < section->count && section->settings[index].value.file == reading->file) {
        struct buffer wrong = BUFFER_INIT;
        buffer_printf(&wrong, "duplicate key \"%s\", first set in line %u", key, section->settings[index].value.line);
        problem(reading, value->line, section->name, buffer_text(&wrong));
        buffer_release(&wrong);
        return;
    }
    if (index == section->count) {
        struct config_setting *settings = grow(section->settings, &section->count, sizeof(*settings));
        if (settings == NULL) {
            reading->out_of_memory = true;
            return;
        }
        section->settings = settings;
        settings[index].key = text_copy(key);
        if (settings[index].key == NULL) {
            section->count--;
            reading->out_of_memory = true;
            return;
        }
    }
    struct config_setting *setting = &section->settings[index];
    text_wipe_free(setting->text);
    setting->text = text_copy(value->text);
    setting->value = *value;
    setting->value.text = setting->text != NULL ? setting->text : "";
    reading->out_of_memory |= setting->text == NULL;
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
    const struct config_value value = {event->value, reading->file, event->line, event->comment};
    if (!schema_check_setting(reading->type, key, event->value, &wrong) ||
        (schema_holds_secret(reading->type, key) && !config_check_secret(key, &value, &wrong))) {
        problem(reading, event->line, reading->config->sections[reading->section].name, buffer_text(&wrong));
    } else {
        store(reading, key, &value);
    }
    free(key);
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
        problem(reading, event->line, NULL,
                "an indented line; write a value behind its key, and each key at the start of a line");
        break;
    case INI_SUB_PROPERTY:
        break; /* these files have none */
    case INI_IGNORED:
        problem(reading, event->line, NULL, "a name with a character other than letters, digits and _-/.%@:+");
        break;
    case INI_ERROR:
        problem(reading, event->line, NULL, event->value);
        break;
    }
    return !reading->out_of_memory;
}

/* The whole file, or false with errno set. */
static bool slurp(int fd, struct buffer *content)
{
    content->limit = FILE_LIMIT;
    ssize_t length = 1;
    bool good = true;
    while (good && length > 0) {
        char piece[4096];
        do {
            length = read(fd, piece, sizeof(piece));
        } while (length < 0 && errno == EINTR); /* a shell's pipe may wait */
        good = length >= 0 && buffer_append(content, piece, (size_t)length);
        if (!good && length >= 0) {
            errno = content->length + (size_t)length > FILE_LIMIT ? EFBIG : ENOMEM;
        }
        explicit_bzero(piece, sizeof(piece));
    }
    return good;
}

/* A further file, or folder, that is looked into; what follows is told of it. NULL without memory. */
static struct config_file *begin_file(struct reading *reading, const char *path)
{
    struct config *config = reading->config;
    size_t count = config->file_count;
    char *copy = text_copy(path);
    struct config_file *files = copy != NULL ? grow(config->files, &config->file_count, sizeof(*files)) : NULL;
    if (files == NULL) {
        free(copy);
        reading->out_of_memory = true;
        return NULL;
    }
    config->files = files;
    files[count].path = copy;
    reading->file = copy;
    return &files[count];
}

static void tell_unreadable(struct reading *reading, struct config_file *file, const char *why)
{
    if (file != NULL) {
        file->problem = text_copy(why);
        problem(reading, 0, NULL, why);
    }
}

/* Whether it is HOME itself that does not let this user in, as after su: what lies below it is another's. */
static bool is_beyond_home(const char *path)
{
    const char *home = environment_get("HOME");
    struct buffer inside = BUFFER_INIT;
    struct stat status;
    bool beyond = !text_empty(home) && text_starts_with(path, home) && buffer_printf(&inside, "%s/.", home) &&
                  stat(buffer_text(&inside), &status) != 0 && errno == EACCES;
    buffer_release(&inside);
    return beyond;
}

/* The file is told beside the problem, which therefore need not begin with it. */
static void tell_untrusted(struct reading *reading, struct config_file *file, const struct trusted_file *checked)
{
    struct buffer why = BUFFER_INIT;
    const char *told = buffer_text(&checked->problem);
    size_t length = strlen(reading->file);
    told += strncmp(told, reading->file, length) == 0 && told[length] == ' ' ? length + 1 : 0;
    buffer_printf(&why, "%s%s%s", told, checked->remedy.length > 0 ? "; " : "", buffer_text(&checked->remedy));
    tell_unreadable(reading, file, buffer_text(&why));
    buffer_release(&why);
}

static void read_checked(struct reading *reading, struct config_file *file, const struct trusted_file *checked)
{
    struct buffer content = BUFFER_INIT;
    if (slurp(checked->fd, &content)) {
        free(reading->type);
        reading->type = NULL;
        ini_read_flat(buffer_text(&content), content.length, on_event, reading);
    } else {
        tell_unreadable(reading, file, strerror(errno));
    }
    buffer_release(&content);
}

/* A link that leads nowhere is there, and what it should lead to is missed. */
static bool is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

/* Reads one file. Absence is a problem only where the user named it, or a link to it. */
static void read_file(struct reading *reading, const char *path, bool required)
{
    struct trusted_file checked;
    struct config_file *file = begin_file(reading, path);
    if (file == NULL) {
        return;
    }
    enum trusted_verdict verdict = trusted_file_open(path, TRUSTED_CONFIGURATION, &checked);
    if (verdict == TRUSTED_GOOD) {
        read_checked(reading, file, &checked);
    } else if (!required && ((verdict == TRUSTED_ABSENT && !is_link(path)) ||
                             (checked.failure == EACCES && is_beyond_home(path)))) {
        file->problem = text_copy("absent");
    } else {
        tell_untrusted(reading, file, &checked);
    }
    trusted_file_close(&checked);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_drop_in(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".conf");
}

static void read_drop_in(struct reading *reading, const char *folder, const char *name)
{
    struct buffer path = BUFFER_INIT;
    buffer_printf(&path, "%s/%s", folder, name);
    read_file(reading, buffer_text(&path), true);
    buffer_release(&path);
}

static bool is_absent(const char *path)
{
    struct stat status;
    return stat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* In byte order. A folder that is there must be readable. */
static void read_drop_ins(struct reading *reading, const char *folder)
{
    struct dirent **entries = NULL;
    int count = is_absent(folder) ? 0 : scandir(folder, &entries, is_drop_in, by_name);
    if (count > DROP_IN_LIMIT || count < 0) {
        const char *why = count > 0 ? "holds more files than are read" : strerror(errno);
        tell_unreadable(reading, begin_file(reading, folder), why);
    }
    for (int i = 0; i < count; i++) {
        if (i < DROP_IN_LIMIT) {
            read_drop_in(reading, folder, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
}

/* The system's, then the user's. */
static void read_usual_files(struct reading *reading, const char *folder)
{
    const char *base = environment_get("XDG_CONFIG_HOME");
    const char *home = environment_get("HOME");
    struct buffer path = BUFFER_INIT;
    buffer_printf(&path, "%s/config", folder);
    read_file(reading, buffer_text(&path), false);
    buffer_puts(&path, ".d");
    read_drop_ins(reading, buffer_text(&path));
    buffer_clear(&path);
    if (base != NULL && base[0] == '/') {
        buffer_printf(&path, "%s/mstr/config", base);
    } else if (home != NULL && home[0] == '/') {
        buffer_printf(&path, "%s/.config/mstr/config", home);
    }
    if (path.length > 0) {
        read_file(reading, buffer_text(&path), false);
    }
    buffer_release(&path);
}

/* MSTR_… variables stand over the selected profile; an empty one is unset. */
static void read_environment(struct reading *reading, const char *profile)
{
    reading->file = "environment";
    free(reading->type);
    reading->type = text_copy("profile");
    reading->section = SIZE_MAX;
    for (const struct schema_variable *variable = schema_variables; variable->variable != NULL; variable++) {
        const char *value = environment_get(variable->variable);
        if (text_empty(value)) {
            continue;
        }
        if (reading->section == SIZE_MAX) {
            reading->section = open_section(reading, "profile", profile);
            if (reading->section == SIZE_MAX) {
                return;
            }
        }
        struct buffer wrong = BUFFER_INIT;
        if (!schema_check_setting("profile", variable->key, value, &wrong)) {
            buffer_printf(&wrong, " (from %s)", variable->variable);
            problem(reading, 0, NULL, buffer_text(&wrong));
        } else {
            store(reading, variable->key, &(struct config_value){value, reading->file, 0, false});
        }
        buffer_release(&wrong);
    }
}

static enum mstr_code tell_first(const struct config *config, mstr_error *error)
{
    const struct config_problem *first = config_problem_at(config, 0);
    if (first == NULL) {
        return MSTR_OK;
    }
    if (first->line != 0) {
        error_set(error, MSTR_E_CONFIG, "%s:%u: %s", first->file, first->line, first->text);
    } else {
        error_set(error, MSTR_E_CONFIG, "%s: %s", first->file, first->text);
    }
    if (config->problem_count > 1) {
        error_set_hint(error, "there are %zu more problems; \"mstr config check\" shows all",
                       config->problem_count - 1);
    }
    return MSTR_E_CONFIG;
}

enum mstr_code config_read(const mstr_context_options *options, struct config **out, mstr_error *error)
{
    return config_read_below("/etc/mstr", options, out, error);
}

enum mstr_code config_read_below(const char *folder, const mstr_context_options *options, struct config **out,
                                 mstr_error *error)
{
    static const mstr_context_options defaults = MSTR_CONTEXT_OPTIONS_INIT;
    options = options != NULL ? options : &defaults;
    *out = NULL;
    struct config *config = calloc(1, sizeof(*config));
    if (config == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct reading reading = {.config = config, .section = SIZE_MAX};
    bool environment = (options->flags & MSTR_CONTEXT_NO_ENVIRONMENT) == 0;
    const char *named = options->config_file;
    if (named == NULL && environment) {
        named = environment_get("MSTR_CONFIG");
    }
    if (!text_empty(named)) {
        read_file(&reading, named, true);
    } else if ((options->flags & MSTR_CONTEXT_NO_CONFIG) == 0) {
        read_usual_files(&reading, folder);
    }
    const char *profile = MSTR_HAS(options, mstr_context_options, profile) ? options->profile : NULL;
    if (profile == NULL && environment) {
        profile = environment_get("MSTR_PROFILE");
    }
    if (!text_empty(profile) && (config->profile = text_copy(profile)) == NULL) {
        reading.out_of_memory = true;
    }
    if (environment) {
        read_environment(&reading, config_default_profile(config));
    }
    free(reading.type);
    if (reading.out_of_memory) {
        config_free(config);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = config;
    return tell_first(config, error);
}
