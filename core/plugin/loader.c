/* SPDX-License-Identifier: Apache-2.0 */
/* Finds plugin files and opens those that are trusted. */
#include "plugin/loader.h"

#include "base/buffer.h"
#include "base/text.h"
#include "base/trusted_file.h"
#include "plugin/plugin_path.h"

#include <dlfcn.h>
#include <errno.h>
#include <ltdl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t ltdl_mutex = PTHREAD_MUTEX_INITIALIZER;

/* An entry point of either kind. */
typedef void (*plugin_entry)(void);

/* Entry points that were called, as long as the process lives. */
struct known {
    const struct known *next;
    plugin_entry entry;
    const void *table;
};
static pthread_mutex_t known_mutex = PTHREAD_MUTEX_INITIALIZER;
static const struct known *known_entries;

/* True once `file` is there. */
static bool find_in(const char *path, const char *name, struct buffer *file, struct buffer *looked)
{
    struct buffer folder = BUFFER_INIT;
    bool found = false;
    for (size_t i = 0; !found && !file->failed && plugin_path_at(path, i, &folder); i++) {
        buffer_clear(file);
        buffer_printf(looked, "%s%s", i > 0 ? ", " : "", buffer_text(&folder));
        found = buffer_printf(file, "%s/%s.so", buffer_text(&folder), name) && access(buffer_text(file), F_OK) == 0;
    }
    file->failed = file->failed || folder.failed;
    buffer_release(&folder);
    return found;
}

static enum mstr_code find_by_name(const char *name, const char *path, struct buffer *file, mstr_error *error)
{
    struct buffer looked = BUFFER_INIT;
    bool found = find_in(path, name, file, &looked);
    enum mstr_code code = MSTR_OK;
    if (looked.failed || file->failed) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (!found) {
        code = error_set(error, MSTR_E_PLUGIN, "plugin \"%s\" was not found; looked in %s", name,
                         looked.length > 0 ? buffer_text(&looked) : "no folder");
        error_set_hint(error, "install %s.so there, or add its folder to [plugins] path or MSTR_PLUGIN_PATH", name);
    }
    buffer_release(&looked);
    return code;
}

enum mstr_code loader_find(const char *name, const char *path, char **file, mstr_error *error)
{
    struct buffer found = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    *file = NULL;
    if (name[0] == '/') {
        buffer_puts(&found, name);
    } else if (!text_is_made_of(name, "_-")) {
        code = error_set(error, MSTR_E_CONFIG,
                         "\"%s\" is no plugin name: letters, digits, _ and -, or an absolute path", name);
    } else {
        code = find_by_name(name, path, &found, error);
    }
    if (code == MSTR_OK && (found.failed || (*file = text_copy(buffer_text(&found))) == NULL)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&found);
    return code;
}

static enum mstr_code refuse(const char *file, enum trusted_verdict verdict, const struct trusted_file *checked,
                             mstr_error *error)
{
    if (verdict != TRUSTED_REFUSED) {
        return error_set(error, trusted_file_class(checked, MSTR_E_PLUGIN), "plugin %s cannot be opened: %s", file,
                         checked->problem.failed ? "out of memory" : buffer_text(&checked->problem));
    }
    error_set(error, MSTR_E_PLUGIN, "plugin refused: %s", buffer_text(&checked->problem));
    error_set_hint(error, "%s", buffer_text(&checked->remedy));
    return MSTR_E_PLUGIN;
}

/* What a failure of the loader is, of which it tells but a text: no plugin's fault where memory ran out under it. */
static enum mstr_code cannot_load(const char *file, int number, const char *why, mstr_error *error)
{
    return error_set(error, number == ENOMEM ? MSTR_E_MEMORY : MSTR_E_PLUGIN, "plugin %s cannot be loaded: %s", file,
                     number == ENOMEM ? "out of memory"
                     : why != NULL    ? why
                                      : "unknown reason");
}

/* libltdl binds lazily, so that a missing symbol would end the process at its first call. Opening the object with
 * RTLD_NOW first makes that an error here; libltdl then gets the object which is already bound, and whose symbols
 * are its own. */
static enum mstr_code bind_now(const char *file, mstr_error *error)
{
    errno = 0;
    if (dlopen(file, RTLD_NOW | RTLD_LOCAL) == NULL) {
        int number = errno;
        return cannot_load(file, number, dlerror(), error);
    }
    return MSTR_OK;
}

/* What a kind of plugin exports, and is. */
struct kind {
    const char *symbol;
    const char *noun;
};

static enum mstr_code open_locked(const char *file, const struct kind *kind, plugin_entry *entry, mstr_error *error)
{
    if (lt_dlinit() != 0) { /* it counts as begun nevertheless, and would be used without what it lacks */
        lt_dlexit();
        return cannot_load(file, ENOMEM, NULL, error);
    }
    enum mstr_code code = bind_now(file, error);
    if (code != MSTR_OK) {
        return code;
    }
    lt_dlhandle handle = lt_dlopen(file); /* nobody closes it: what is loaded stays */
    if (handle == NULL) { /* of an object that is bound, only memory can be what libltdl lacks, whatever it says */
        return cannot_load(file, ENOMEM, NULL, error);
    }
    *(void **)entry = lt_dlsym(handle, kind->symbol);
    if (*entry == NULL) {
        return error_set(error, MSTR_E_PLUGIN, "%s is no %s: it does not export %s", file, kind->noun, kind->symbol);
    }
    return MSTR_OK;
}

/* libltdl opens files by their path: by the one that was checked, with no link left in it that could lead elsewhere
 * by now. Only those who are trusted could still exchange the file, and they need not. */
static enum mstr_code open_file(const char *file, const struct kind *kind, plugin_entry *entry, mstr_error *error)
{
    struct trusted_file checked;
    enum trusted_verdict verdict = trusted_file_open(file, TRUSTED_PLUGIN, &checked);
    enum mstr_code code = MSTR_OK;
    *entry = NULL;
    if (verdict != TRUSTED_GOOD) {
        code = refuse(file, verdict, &checked, error);
    } else {
        pthread_mutex_lock(&ltdl_mutex);
        code = open_locked(buffer_text(&checked.path), kind, entry, error);
        pthread_mutex_unlock(&ltdl_mutex);
    }
    trusted_file_close(&checked);
    return code;
}

enum mstr_code loader_open(const char *file, provider_entry *entry, mstr_error *error)
{
    static const struct kind kind = {"mstr_provider_entry", "provider plugin"};
    plugin_entry found = NULL;
    enum mstr_code code = open_file(file, &kind, &found, error);
    *entry = (provider_entry)found;
    return code;
}

enum mstr_code loader_open_store(const char *file, store_entry *entry, mstr_error *error)
{
    static const struct kind kind = {"mstr_store_entry", "store module"};
    plugin_entry found = NULL;
    enum mstr_code code = open_file(file, &kind, &found, error);
    *entry = (store_entry)found;
    return code;
}

/* Under the mutex, as the next. NULL where the entry point was not called yet. */
static const struct known *find_known(plugin_entry entry)
{
    const struct known *known = known_entries;
    while (known != NULL && known->entry != entry) {
        known = known->next;
    }
    return known;
}

static const void *remember(plugin_entry entry, const void *table)
{
    struct known *fresh = malloc(sizeof(*fresh));
    if (fresh != NULL) {
        *fresh = (struct known){known_entries, entry, table};
        known_entries = fresh;
    }
    return table;
}

const struct mstr_provider *loader_table(provider_entry entry, const struct mstr_host *host)
{
    pthread_mutex_lock(&known_mutex);
    const struct known *known = find_known((plugin_entry)entry);
    const void *table = known != NULL ? known->table : remember((plugin_entry)entry, entry(host));
    pthread_mutex_unlock(&known_mutex);
    return table;
}

const struct mstr_store *loader_store_table(store_entry entry, const struct mstr_host *host)
{
    pthread_mutex_lock(&known_mutex);
    const struct known *known = find_known((plugin_entry)entry);
    const void *table = known != NULL ? known->table : remember((plugin_entry)entry, entry(host));
    pthread_mutex_unlock(&known_mutex);
    return table;
}
