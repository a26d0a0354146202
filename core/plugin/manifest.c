/* SPDX-License-Identifier: Apache-2.0 */
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
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".provider"

enum { OCTETS_MAX = 64 * 1024 };

static const char *const keys[] = {"plugin", "service", "summary", "package", "environment", "local"};
enum { KEYS = sizeof(keys) / sizeof(*keys) };

void manifest_free(struct manifest *manifest)
{
    if (manifest != NULL) {
        free(manifest->scheme);
        free(manifest->path);
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
    unsigned lines[KEYS]; /* where each key was set, 0 = nowhere */
    struct buffer problem;
};

static bool set(struct reading *reading, char **text, const char *value)
{
    *text = *value != '\0' ? text_copy(value) : NULL;
    reading->memory = reading->memory && (*value == '\0' || *text != NULL);
    return reading->memory;
}

/* Keys that later versions may add are passed over: a manifest serves whichever library is there. */
static bool on_property(struct reading *reading, const char *key, const char *value, unsigned line)
{
    struct manifest *manifest = reading->manifest;
    char **const texts[KEYS] = {&manifest->plugin, &manifest->service, &manifest->summary, &manifest->package,
                                &manifest->environment};
    size_t index = 0;
    while (index < KEYS && strcmp(keys[index], key) != 0) {
        index++;
    }
    if (index == KEYS) {
        return true;
    }
    if (reading->lines[index] != 0) {
        buffer_printf(&reading->problem, "line %u: duplicate key \"%s\", first set in line %u", line, key,
                      reading->lines[index]);
        return false;
    }
    reading->lines[index] = line;
    if (texts[index] != NULL) {
        return set(reading, texts[index], value);
    }
    if (!config_boolean(value, &manifest->local)) {
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
        return !reading->inside || on_property(reading, event->key, event->value, event->line);
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
static enum mstr_code parse(const struct buffer *text, struct manifest *manifest, mstr_error *error)
{
    const char *path = manifest->path;
    struct reading reading = {.manifest = manifest, .memory = true, .problem = BUFFER_INIT};
    enum mstr_code code = MSTR_OK;
    bool whole = ini_read_flat(buffer_text(text), text->length, on_event, &reading);
    if (!reading.memory || text->failed || reading.problem.failed || (!whole && reading.problem.length == 0)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (reading.problem.length > 0) {
        code = error_set(error, MSTR_E_PLUGIN, "%s: %s", path, buffer_text(&reading.problem));
    } else if (manifest->plugin == NULL) {
        code = error_set(error, MSTR_E_PLUGIN, "%s names no plugin in [provider %s]", path, manifest->scheme);
    } else if (!text_is_made_of(manifest->plugin, "_-")) {
        code = error_set(error, MSTR_E_PLUGIN, "%s: \"%s\" is no plugin name: letters, digits, _ and -", path,
                         manifest->plugin);
    }
    buffer_release(&reading.problem);
    return code;
}

/* The text of an open manifest. 0, or why it cannot be had, as errno. */
static int read_all(int fd, struct buffer *text)
{
    char piece[4096];
    ssize_t got = 0;
    while (text->length <= OCTETS_MAX &&
           ((got = read(fd, piece, sizeof(piece))) > 0 || (got < 0 && errno == EINTR))) {
        buffer_append(text, piece, got > 0 ? (size_t)got : 0);
    }
    return got < 0 ? errno : got > 0 ? EFBIG : 0;
}

/* A folder that does not let this user in has no manifests for them, as it has no plugins, and no folder has one
 * whose name is longer than names can be. */
static bool is_out_of_reach(const char *path)
{
    struct stat status;
    return lstat(path, &status) != 0 && (errno == EACCES || errno == ENAMETOOLONG);
}

/* A refusal names the file itself, or the folder or link on its way that is at fault. */
static enum mstr_code refuse(const char *path, const struct trusted_file *file, mstr_error *error)
{
    if (file->failure != 0) {
        return error_set(error, trusted_file_class(file, MSTR_E_PLUGIN), "manifest %s cannot be read: %s", path,
                         file->problem.failed ? "out of memory" : buffer_text(&file->problem));
    }
    error_set(error, MSTR_E_PLUGIN, "manifest refused: %s", buffer_text(&file->problem));
    error_set_hint(error, "%s", buffer_text(&file->remedy));
    return MSTR_E_PLUGIN;
}

/* Reads the manifest at its path. MSTR_E_NOT_FOUND where there is none. */
static enum mstr_code read_manifest(struct manifest *manifest, mstr_error *error)
{
    struct trusted_file file;
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_FOUND;
    enum trusted_verdict verdict = trusted_file_open(manifest->path, TRUSTED_PLUGIN, &file);
    if (verdict == TRUSTED_GOOD) {
        int failure = read_all(file.fd, &text);
        code = failure == 0 ? parse(&text, manifest, error)
                            : error_set(error, MSTR_E_PLUGIN, "manifest %s cannot be read: %s", manifest->path,
                                        strerror(failure));
    } else if (verdict != TRUSTED_ABSENT && !is_out_of_reach(manifest->path)) {
        code = refuse(manifest->path, &file, error);
    }
    trusted_file_close(&file);
    buffer_release(&text);
    return code;
}

/* FOLDER/NAMEending into *out, in the place of what is there. */
static bool put_path(char **out, const char *folder, const char *name, const char *ending)
{
    struct buffer path = BUFFER_INIT;
    free(*out);
    *out = buffer_printf(&path, "%s/%s%s", folder, name, ending) ? text_copy(buffer_text(&path)) : NULL;
    buffer_release(&path);
    return *out != NULL;
}

/* FOLDER/SCHEME.provider. MSTR_E_NOT_FOUND where there is none. */
static enum mstr_code look_in(const char *folder, struct manifest *manifest, mstr_error *error)
{
    enum mstr_code code =
        put_path(&manifest->path, folder, manifest->scheme, SUFFIX) ? read_manifest(manifest, error) : MSTR_E_MEMORY;
    if (code == MSTR_E_MEMORY || (code == MSTR_OK && !put_path(&manifest->object, folder, manifest->plugin, ".so"))) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

enum mstr_code manifest_find(const char *scheme, const char *path, struct manifest **out, mstr_error *error)
{
    struct buffer folder = BUFFER_INIT;
    enum mstr_code code = MSTR_E_NOT_FOUND;
    struct manifest *manifest = calloc(1, sizeof(*manifest));
    *out = NULL;
    if (manifest == NULL || (manifest->scheme = text_copy(scheme)) == NULL) {
        manifest_free(manifest);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    for (size_t i = 0; code == MSTR_E_NOT_FOUND && plugin_path_at(path, i, &folder); i++) {
        code = look_in(buffer_text(&folder), manifest, error);
    }
    if (folder.failed) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&folder);
    if (code == MSTR_OK) {
        *out = manifest;
        return MSTR_OK;
    }
    manifest_free(manifest);
    return code == MSTR_E_NOT_FOUND ? MSTR_OK : code;
}

enum mstr_code manifest_read(const char *scheme, const char *text, struct manifest **out, mstr_error *error)
{
    struct buffer octets = BUFFER_INIT;
    struct manifest *manifest = calloc(1, sizeof(*manifest));
    bool good = manifest != NULL && (manifest->scheme = text_copy(scheme)) != NULL &&
                put_path(&manifest->path, "built in", scheme, SUFFIX) && buffer_puts(&octets, text);
    enum mstr_code code = good ? parse(&octets, manifest, error) : error_set(error, MSTR_E_MEMORY, "out of memory");
    buffer_release(&octets);
    if (code != MSTR_OK) {
        manifest_free(manifest);
        manifest = NULL;
    }
    *out = manifest;
    return code;
}

static void list_folder(const char *folder, struct text_list *schemes)
{
    static const size_t suffix = sizeof(SUFFIX) - 1;
    DIR *directory = opendir(folder);
    schemes->failed = schemes->failed || (directory == NULL && errno == ENOMEM);
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        size_t length = strlen(entry->d_name);
        if (length > suffix && strcmp(entry->d_name + length - suffix, SUFFIX) == 0 &&
            reference_is_scheme(entry->d_name, length - suffix) &&
            faccessat(dirfd(directory), entry->d_name, F_OK, 0) == 0) { /* no link to nowhere */
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
    schemes->failed = schemes->failed || folder.failed;
    text_list_sort(schemes, before);
    buffer_release(&folder);
}
