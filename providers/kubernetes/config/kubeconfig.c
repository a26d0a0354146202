/* SPDX-License-Identifier: Apache-2.0 */
/* kubeconfig files. The rules are those of client-go's clientcmd; see mstr-provider-kubernetes(5). */
#include "kubernetes/config/kubeconfig.h"

#include "base/base64.h"
#include "base/text.h"
#include "kubernetes/config/yaml.h"
#include "sdk/file.h"
#include "sdk/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lists of a file, and what their items hold. */
enum list { CLUSTERS, USERS, CONTEXTS };
static const struct {
    const char *name;
    const char *kind;
} lists[] = {[CLUSTERS] = {"clusters", "cluster"}, [USERS] = {"users", "user"}, [CONTEXTS] = {"contexts", "context"}};

static enum mstr_code no_memory(struct mstr_error *error)
{
    return host->error_set(error, MSTR_E_MEMORY, "out of memory");
}

static enum mstr_code refuse(const struct kube_file *file, int line, const char *what, const char *why,
                             struct mstr_error *error)
{
    char place[32] = "";
    if (line > 0) {
        snprintf(place, sizeof(place), ", line %d", line);
    }
    return host->error_set(error, MSTR_E_CONFIG, "%s%s: %s%s%s", file->path, place, what, what[0] != '\0' ? " " : "",
                           why);
}

enum mstr_code kube_refuse(const struct kube_entry *entry, struct json_object *at, const char *why,
                           struct mstr_error *error)
{
    struct buffer what = BUFFER_INIT;
    int line = yaml_line(at);
    buffer_printf(&what, "%s \"%.100s\"", entry->kind, entry->name);
    enum mstr_code code = refuse(entry->file, line > 0 ? line : entry->line, buffer_text(&what), why, error);
    buffer_release(&what);
    return code;
}

/* Reading. */

/* JSON too, as kubectl reads it: its own parser would know no lines, and take the last of keys that come twice. */
static enum mstr_code parse(struct kube_file *file, const char *text, size_t length, struct mstr_error *error)
{
    struct yaml_fault fault = {.line = 0};
    enum mstr_code code = yaml_read(text, length, &file->tree, &fault);
    return code == MSTR_E_CONFIG   ? refuse(file, fault.line, "the YAML", fault.why, error)
           : code == MSTR_E_MEMORY ? no_memory(error)
                                   : code;
}

/* What a file says of itself; both words may be missing. */
static enum mstr_code check_kind(const struct kube_file *file, struct mstr_error *error)
{
    static const char *const words[][2] = {{"apiVersion", "v1"}, {"kind", "Config"}};
    if (file->tree == NULL) {
        return MSTR_OK;
    }
    if (!json_object_is_type(file->tree, json_type_object)) {
        return refuse(file, yaml_line(file->tree), "", "is no mapping, and so no kubeconfig", error);
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        struct json_object *member = json_member(file->tree, words[i][0]);
        const char *text = json_text(member);
        if (member != NULL && (text == NULL || (*text != '\0' && strcmp(text, words[i][1]) != 0))) {
            return refuse(file, yaml_line(member), words[i][0], "is not that of a kubeconfig: v1, Config", error);
        }
    }
    return MSTR_OK;
}

/* The items of a list, NULL where there are none. */
static struct json_object *list_of(const struct kube_file *file, enum list list)
{
    return json_member(file->tree, lists[list].name);
}

/* What is wrong with an item; its name joins `names`, which those before it have. */
static const char *check_item(struct json_object *item, enum list list, struct json_object *names, bool *lacking)
{
    struct json_object *value = json_member(item, lists[list].kind);
    const char *name = json_member_text(item, "name");
    if (name == NULL) {
        return "has an item without a name";
    }
    if (json_object_object_get_ex(names, name, NULL) != 0) {
        return "has the same name twice";
    }
    *lacking = json_object_object_add(names, name, NULL) != 0;
    return value != NULL && !json_object_is_type(value, json_type_object) ? "has an item that is no mapping" : NULL;
}

/* Each has a name of its own, and an object. */
static enum mstr_code check_list(const struct kube_file *file, enum list list, struct mstr_error *error)
{
    struct json_object *items = list_of(file, list);
    if (items == NULL) {
        return MSTR_OK;
    }
    if (!json_object_is_type(items, json_type_array)) {
        return refuse(file, yaml_line(items), lists[list].name, "is no list", error);
    }
    struct json_object *names = json_object_new_object();
    bool lacking = names == NULL;
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; code == MSTR_OK && !lacking && i < json_object_array_length(items); i++) {
        struct json_object *item = json_object_array_get_idx(items, i);
        const char *why = check_item(item, list, names, &lacking);
        code = why != NULL ? refuse(file, yaml_line(item), lists[list].name, why, error) : MSTR_OK;
    }
    json_object_put(names);
    return lacking ? no_memory(error) : code;
}

static bool has(const struct kubeconfig *config, const char *path)
{
    for (size_t i = 0; i < config->count; i++) {
        if (strcmp(config->files[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

enum mstr_code kubeconfig_add_text(struct kubeconfig *config, const char *path, const char *text, size_t length,
                                   struct mstr_error *error)
{
    if (config->count == KUBE_FILES_MAX) {
        return host->error_set(error, MSTR_E_CONFIG, "more than %d kubeconfig files", (int)KUBE_FILES_MAX);
    }
    struct kube_file *file = &config->files[config->count];
    file->path = text_copy(path);
    if (file->path == NULL) {
        return no_memory(error);
    }
    config->count++;
    enum mstr_code code = parse(file, text, length, error);
    code = code == MSTR_OK ? check_kind(file, error) : code;
    for (enum list list = CLUSTERS; code == MSTR_OK && list <= CONTEXTS; list++) {
        code = check_list(file, list, error);
    }
    return code;
}

enum mstr_code kubeconfig_add(struct kubeconfig *config, const char *path, struct mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (!has(config, path)) {
        code = file_read(path, path, FILE_GUARDED, &text, error);
        code = code == MSTR_OK ? kubeconfig_add_text(config, path, buffer_text(&text), text.length, error) : code;
    }
    buffer_release(&text);
    return code;
}

enum mstr_code kubeconfig_add_list(struct kubeconfig *config, const char *list, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    while (code == MSTR_OK && *list != '\0') {
        size_t length = strcspn(list, ":");
        char *path = text_copy_length(list, length);
        if (path == NULL) {
            code = no_memory(error);
        } else if (length > 0) {
            code = kubeconfig_add(config, path, error);
            code = code == MSTR_E_NOT_AVAILABLE ? MSTR_OK : code;
        }
        free(path);
        list += length + (list[length] == ':');
    }
    return code != MSTR_OK || config->count > 0
               ? code
               : host->error_set(error, MSTR_E_NOT_AVAILABLE, "none of its files is there");
}

void kubeconfig_release(struct kubeconfig *config)
{
    for (size_t i = 0; i < config->count; i++) {
        free(config->files[i].path);
        json_release(config->files[i].tree);
    }
    *config = (struct kubeconfig){.count = 0};
}

/* Asking. */

/* The first of that name, also one in which nothing is set; its file is NULL where there is none. */
static struct kube_entry find(const struct kubeconfig *config, enum list list, const char *name)
{
    struct kube_entry entry = {.kind = lists[list].kind, .name = name};
    for (size_t i = 0; i < config->count && entry.file == NULL; i++) {
        struct json_object *items = list_of(&config->files[i], list);
        for (size_t j = 0; items != NULL && j < json_object_array_length(items) && entry.file == NULL; j++) {
            struct json_object *item = json_object_array_get_idx(items, j);
            if (strcmp(json_member_text(item, "name"), name) == 0) {
                entry.file = &config->files[i];
                entry.value = json_member(item, entry.kind);
                entry.line = yaml_line(entry.value != NULL ? entry.value : item);
            }
        }
    }
    return entry;
}

static const char *current_of(const struct kubeconfig *config)
{
    for (size_t i = 0; i < config->count; i++) {
        const char *name = json_member_text(config->files[i].tree, "current-context");
        if (!text_empty(name)) {
            return name;
        }
    }
    return NULL;
}

/* The entry that a context names; without a name, none. */
static enum mstr_code follow(const struct kubeconfig *config, const struct kube_context *from, enum list list,
                             struct kube_entry *out, struct mstr_error *error)
{
    const char *name = NULL;
    enum mstr_code code = kube_text(&from->context, from->context.value, lists[list].kind, &name, error);
    *out = find(config, list, name != NULL ? name : "");
    if (code == MSTR_OK && out->file == NULL && (name != NULL || list == CLUSTERS)) {
        struct buffer why = BUFFER_INIT;
        buffer_printf(&why, "names the %s \"%.100s\", which no file has", lists[list].kind, out->name);
        code =
            kube_refuse(&from->context, json_member(from->context.value, lists[list].kind), buffer_text(&why), error);
        buffer_release(&why);
    }
    return code;
}

enum mstr_code kubeconfig_select(const struct kubeconfig *config, const char *name, struct kube_context *out,
                                 struct mstr_error *error)
{
    const char *wanted = name != NULL ? name : current_of(config);
    const char *path = config->files[0].path;
    if (wanted == NULL) {
        bool empty = true;
        for (size_t i = 0; i < config->count; i++) {
            struct json_object *contexts = list_of(&config->files[i], CONTEXTS);
            empty = empty && (contexts == NULL || json_object_array_length(contexts) == 0);
        }
        host->error_set(error, empty ? MSTR_E_NOT_AVAILABLE : MSTR_E_CONFIG, "%s%s: %s", path,
                        config->count > 1 ? " and others" : "",
                        empty ? "there is no context in it" : "there is no current-context");
        return empty ? MSTR_E_NOT_AVAILABLE
                     : error_hint(error, MSTR_E_CONFIG, "set the option context, or run kubectl config use-context");
    }
    out->context = find(config, CONTEXTS, wanted);
    if (out->context.file == NULL) {
        host->error_set(error, MSTR_E_CONFIG, "%s%s: there is no context \"%.100s\"", path,
                        config->count > 1 ? " and others" : "", wanted);
        return error_hint(error, MSTR_E_CONFIG, "kubectl config get-contexts lists those that there are");
    }
    enum mstr_code code = follow(config, out, CLUSTERS, &out->cluster, error);
    return code == MSTR_OK ? follow(config, out, USERS, &out->user, error) : code;
}

enum mstr_code kube_text(const struct kube_entry *entry, struct json_object *object, const char *member,
                         const char **out, struct mstr_error *error)
{
    struct json_object *value = json_member(object, member);
    const char *text = json_text(value);
    *out = text_empty(text) ? NULL : text;
    if (value == NULL || text != NULL) {
        return MSTR_OK;
    }
    struct buffer why = BUFFER_INIT;
    buffer_printf(&why, "has a %s that is no text", member);
    enum mstr_code code = kube_refuse(entry, value, buffer_text(&why), error);
    buffer_release(&why);
    return code;
}

enum mstr_code kube_texts(const struct kube_entry *entry, struct json_object *object, const char *const *members,
                          size_t count, const char **out, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; i < count && code == MSTR_OK; i++) {
        code = kube_text(entry, object, members[i], &out[i], error);
    }
    return code;
}

bool kube_path(const struct kube_entry *entry, const char *path, struct buffer *out)
{
    const char *slash = strrchr(entry->file->path, '/');
    if (path[0] != '/' && slash != NULL) {
        buffer_append(out, entry->file->path, (size_t)(slash + 1 - entry->file->path));
    }
    return buffer_puts(out, path);
}

/* Base64 as files have it, which may be folded. */
static enum mstr_code decode(const struct kube_entry *entry, const char *member, const char *data, struct buffer *out,
                             struct mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    for (const char *at = data; *at != '\0'; at++) {
        if (strchr(" \t\r\n", *at) == NULL) {
            buffer_putc(&text, *at);
        }
    }
    bool decoded = !text.failed && base64_decode(out, buffer_text(&text), text.length);
    if (text.failed || out->failed) {
        code = no_memory(error);
    } else if (!decoded) {
        struct buffer why = BUFFER_INIT;
        buffer_printf(&why, "has a %s that is no base64", member);
        code = kube_refuse(entry, json_member(entry->value, member), buffer_text(&why), error);
        buffer_release(&why);
    }
    buffer_release(&text);
    return code;
}

static enum mstr_code read_named(const struct kube_entry *entry, const char *member, const char *path,
                                 struct buffer *out, struct mstr_error *error)
{
    struct buffer whole = BUFFER_INIT;
    struct buffer what = BUFFER_INIT;
    kube_path(entry, path, &whole);
    buffer_printf(&what, "%s, %s \"%.100s\", %s %s", entry->file->path, entry->kind, entry->name, member,
                  buffer_text(&whole));
    enum mstr_code code =
        whole.failed ? no_memory(error) : file_read(buffer_text(&whole), buffer_text(&what), 0, out, error);
    buffer_release(&whole);
    buffer_release(&what);
    return code == MSTR_E_NOT_AVAILABLE ? MSTR_E_CONFIG : code;
}

enum mstr_code kube_octets(const struct kube_entry *entry, const char *member, struct buffer *out,
                           struct mstr_error *error)
{
    struct buffer data_member = BUFFER_INIT;
    const char *data = NULL;
    const char *path = NULL;
    enum mstr_code code = buffer_printf(&data_member, "%s-data", member)
                              ? kube_text(entry, entry->value, member, &path, error)
                              : no_memory(error);
    if (code == MSTR_OK) {
        code = kube_text(entry, entry->value, buffer_text(&data_member), &data, error);
    }
    if (code == MSTR_OK && path != NULL && data != NULL) {
        struct buffer why = BUFFER_INIT;
        buffer_printf(&why, "has both %s and %s", member, buffer_text(&data_member));
        code = kube_refuse(entry, json_member(entry->value, member), buffer_text(&why), error);
        buffer_release(&why);
    } else if (code == MSTR_OK && data != NULL) {
        code = decode(entry, buffer_text(&data_member), data, out, error);
    } else if (code == MSTR_OK && path != NULL) {
        code = read_named(entry, member, path, out, error);
    }
    buffer_release(&data_member);
    return code;
}
