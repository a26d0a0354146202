/* Manifests of schemes. */
#include "plugin/manifest.h"

#include "base/buffer.h"
#include "base/ini.h"
#include "base/text.h"
#include "base/trusted_file.h"
#include "config/config.h"
#include "plugin/plugin_path.h"
#include "reference/reference.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".provider"

enum { OCTETS_MAX = 64 * 1024 };

void manifest_free(struct manifest *manifest)
{
    if (manifest != NULL) {
        free(manifest->scheme);
        free(manifest->plugin);
        free(manifest->object);
        free(manifest->service);
        free(manifest->summary);
        free(manifest->package);
        free(manifest->environment);
        free(manifest);
    }
}

struct reading {
    struct manifest *manifest;
    bool inside; /* the section of the scheme */
    bool memory;
    struct buffer problem;
};

static bool set(struct reading *reading, char **text, const char *value)
{
    free(*text);
    *text = *value != '\0' ? text_copy(value) : NULL;
    reading->memory = reading->memory && (*value == '\0' || *text != NULL);
    return reading->memory;
}

/* Keys that later versions may add are passed over: a manifest serves whichever library is there. */
static bool on_property(struct reading *reading, const char *key, const char *value)
{
    struct manifest *manifest = reading->manifest;
    const struct {
        const char *key;
        char **text;
    } texts[] = {{"plugin", &manifest->plugin},
                 {"service", &manifest->service},
                 {"summary", &manifest->summary},
                 {"package", &manifest->package},
                 {"environment", &manifest->environment}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (strcmp(texts[i].key, key) == 0) {
            return set(reading, texts[i].text, value);
        }
    }
    if (strcmp(key, "local") == 0 && !config_boolean(value, &manifest->local)) {
        buffer_puts(&reading->problem, "\"local\" is neither yes nor no");
        return false;
    }
    return true;
}

static bool on_event(const struct ini_event *event, void *data)
{
    struct reading *reading = data;
    switch (event->kind) {
    case INI_SECTION:
        reading->inside = strcmp(event->type, "provider") == 0 && event->name != NULL &&
                          strcmp(event->name, reading->manifest->scheme) == 0;
        return true;
    case INI_PROPERTY:
        return !reading->inside || on_property(reading, event->key, event->value);
    case INI_INDENTED:
        buffer_printf(&reading->problem, "line %u begins with a blank", event->line);
        return false;
    case INI_ERROR:
        buffer_printf(&reading->problem, "line %u: %s", event->line, event->value);
        return false;
    case INI_SUB_PROPERTY:
    case INI_IGNORED:
        return true;
    }
    return true;
}

/* What the text of a manifest says. */
static enum mstr_code parse(const char *path, const struct buffer *text, struct manifest *manifest, mstr_error *error)
{
    struct reading reading = {.manifest = manifest, .memory = true, .problem = BUFFER_INIT};
    enum mstr_code code = MSTR_OK;
    ini_read_flat(buffer_text(text), text->length, on_event, &reading);
    if (!reading.memory || text->failed) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (reading.problem.length > 0) {
        code = error_set(error, MSTR_E_PLUGIN, "%s: %s", path, buffer_text(&reading.problem));
    } else if (manifest->plugin == NULL || !text_is_made_of(manifest->plugin, "_-")) {
        code = error_set(error, MSTR_E_PLUGIN, "%s names no plugin in [provider %s]", path, manifest->scheme);
    }
    buffer_release(&reading.problem);
    return code;
}

static bool read_all(int fd, struct buffer *text)
{
    char piece[4096];
    ssize_t got = 0;
    while (text->length <= OCTETS_MAX && (got = read(fd, piece, sizeof(piece))) > 0) {
        buffer_append(text, piece, (size_t)got);
    }
    return got == 0;
}

/* Reads FOLDER/SCHEME.provider. MSTR_E_NOT_FOUND where there is none. */
static enum mstr_code read_manifest(const char *folder, const char *path, struct manifest *manifest,
                                    mstr_error *error)
{
    struct trusted_file file;
    struct buffer text = BUFFER_INIT;
    struct buffer object = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_FOUND;
    enum trusted_verdict verdict = trusted_file_open(path, TRUSTED_PLUGIN, &file);
    if (verdict == TRUSTED_GOOD && read_all(file.fd, &text)) {
        code = parse(path, &text, manifest, error);
    } else if (verdict != TRUSTED_ABSENT) {
        code = error_set(error, MSTR_E_PLUGIN, "manifest refused: %s",
                         verdict == TRUSTED_GOOD ? "it cannot be read, or is too long" : buffer_text(&file.problem));
        error_set_hint(error, "%s", buffer_text(&file.remedy));
    }
    if (code == MSTR_OK && (!buffer_printf(&object, "%s/%s.so", folder, manifest->plugin) ||
                            (manifest->object = text_copy(buffer_text(&object))) == NULL)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    trusted_file_close(&file);
    buffer_release(&object);
    buffer_release(&text);
    return code;
}

enum mstr_code manifest_find(const char *scheme, const char *path, struct manifest **out, mstr_error *error)
{
    struct buffer folder = BUFFER_INIT;
    struct buffer file = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_FOUND;
    struct manifest *manifest = calloc(1, sizeof(*manifest));
    *out = NULL;
    if (manifest == NULL || (manifest->scheme = text_copy(scheme)) == NULL) {
        manifest_free(manifest);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; code == MSTR_E_NOT_FOUND && plugin_path_at(path, i, &folder); i++) {
        buffer_clear(&file);
        buffer_printf(&file, "%s/%s" SUFFIX, buffer_text(&folder), scheme);
        code = read_manifest(buffer_text(&folder), buffer_text(&file), manifest, error);
    }
    buffer_release(&folder);
    buffer_release(&file);
    if (code == MSTR_OK) {
        *out = manifest;
        return MSTR_OK;
    }
    manifest_free(manifest);
    return code == MSTR_E_NOT_FOUND ? MSTR_OK : code;
}

static void list_folder(const char *folder, struct text_list *schemes)
{
    static const size_t suffix = sizeof(SUFFIX) - 1;
    DIR *directory = opendir(folder);
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        size_t length = strlen(entry->d_name);
        if (length > suffix && strcmp(entry->d_name + length - suffix, SUFFIX) == 0 &&
            reference_is_scheme(entry->d_name, length - suffix)) {
            text_list_add(schemes, entry->d_name, length - suffix);
        }
    }
    if (directory != NULL) {
        closedir(directory);
    }
}

void manifest_list_schemes(const char *path, struct text_list *schemes)
{
    size_t before = schemes->count;
    struct buffer folder = BUFFER_INIT;
    for (size_t i = 0; plugin_path_at(path, i, &folder); i++) {
        list_folder(buffer_text(&folder), schemes);
    }
    text_list_sort(schemes, before);
    buffer_release(&folder);
}
