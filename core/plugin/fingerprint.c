/* SPDX-License-Identifier: Apache-2.0 */
/* What the values of a scheme, or a session of a profile, depend on. */
#include "plugin/fingerprint.h"

#include "base/base64.h"
#include "base/digest.h"
#include "base/environment.h"
#include "base/json.h"
#include "base/text.h"
#include "config/schema.h"
#include "http/trust.h"
#include "plugin/manifest.h"
#include "reference/template.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    USER_OCTETS = 16 * 1024, /* what the system knows of one */
    FILE_MOST = 1024 * 1024
};

/* What of the environment decides by which way providers reach their stores (core/http/proxy.h). */
static const char *const proxy_variables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                              "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

/* Who is told the entries. */
struct walk {
    struct registry *registry;
    const char *key;
    const char *within; /* before each name: "" or "SCHEME " */
    bool across;        /* another machine has files of its own */
    void (*each)(struct walk *walk, const char *name, const char *value);
    struct text_list names;   /* of the entries so far */
    struct text_list schemes; /* that are among them, of a profile */
    bool failed;              /* memory ran out */
    mstr_error *error;
    /* of each() */
    struct buffer *out;
    struct json_object *theirs;
};

/* One entry, once. */
static void put(struct walk *walk, const char *kind, const char *name, const char *value)
{
    struct buffer whole = BUFFER_INIT;
    size_t before = walk->names.count;
    buffer_printf(&whole, "%s%s%s%s", walk->within, kind, *kind != '\0' && *name != '\0' ? " " : "", name);
    text_list_add(&walk->names, buffer_text(&whole), whole.length);
    if (walk->names.count > before) {
        walk->each(walk, buffer_text(&whole), value);
    }
    walk->failed = walk->failed || whole.failed || walk->names.failed;
    buffer_release(&whole);
}

/* The name counts too, so that equal values of two settings do not look alike. */
static void put_hidden_octets(struct walk *walk, const char *kind, const char *name, const void *value, size_t length)
{
    unsigned char digest[DIGEST_OCTETS];
    struct buffer octets = BUFFER_INIT;
    struct buffer shown = BUFFER_INIT;
    buffer_append(&octets, name, strlen(name) + 1);
    buffer_append(&octets, value, length);
    digest_keyed(walk->key, strlen(walk->key), buffer_text(&octets), octets.length, digest);
    if (!octets.failed && hex_encode(&shown, digest, sizeof(digest))) {
        put(walk, kind, name, buffer_text(&shown));
    } else {
        walk->failed = true;
    }
    buffer_release(&octets);
    buffer_release(&shown);
}

static void put_hidden(struct walk *walk, const char *kind, const char *name, const char *value)
{
    put_hidden_octets(walk, kind, name, value, strlen(value));
}

static void put_variable(struct walk *walk, const char *name)
{
    const char *value = environment_get(name);
    if (value != NULL) {
        put_hidden(walk, "environment", name, value);
    }
}

/* The environment of the references in a setting; what they come to otherwise is the same for both. */
static void put_variables_within(struct walk *walk, const char *text)
{
    struct template *template = NULL;
    enum mstr_code code = strstr(text, "${") != NULL ? template_parse(text, &template, NULL) : MSTR_OK;
    walk->failed = walk->failed || code == MSTR_E_MEMORY;
    for (size_t i = 0; template != NULL && i < template->count; i++) {
        for (size_t j = 0; j < template->pieces[i].alternative_count; j++) {
            const struct mstr_reference *parts = &template->pieces[i].alternatives[j]->parts;
            if (strcmp(parts->scheme, "env") == 0) {
                put_variable(walk, parts->body);
            }
        }
    }
    template_free(template);
}

static void put_section(struct walk *walk, const char *type, const char *name)
{
    const struct config *config = registry_config(walk->registry);
    struct buffer section = BUFFER_INIT;
    const char *key = NULL;
    walk->failed = !buffer_printf(&section, "%s %s", type, name) || walk->failed;
    for (size_t i = 0; (key = config_key_at(config, buffer_text(&section), i)) != NULL; i++) {
        const char *text = config_get(config, buffer_text(&section), key)->text;
        (schema_is_secret(type, key, text) ? put_hidden : put)(walk, type, key, text);
        put_variables_within(walk, text);
    }
    buffer_release(&section);
}

/* Whether HOME is the user's own, as the system knows it. */
static bool is_own_home(struct walk *walk, const char *home)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char *memory = malloc(USER_OCTETS);
    walk->failed = walk->failed || memory == NULL;
    bool own = memory != NULL && getpwuid_r(geteuid(), &entry, memory, USER_OCTETS, &found) == 0 && found != NULL &&
               strcmp(found->pw_dir, home) == 0;
    free(memory);
    return own;
}

/* A home that is the user's own is no difference, or an agent would serve nobody but its own user. */
static void put_home(struct walk *walk)
{
    const char *home = environment_get("HOME");
    if (!text_empty(home) && !is_own_home(walk, home)) {
        put_variable(walk, "HOME");
    }
}

/* What stands in a file below the home, "~/…"; nothing where there is none, or where it is no file. */
static void put_content(struct walk *walk, const char *name)
{
    const char *home = environment_get("HOME");
    struct buffer path = BUFFER_INIT;
    struct buffer content = BUFFER_INIT;
    char piece[4096];
    size_t got = 0;
    buffer_printf(&path, "%s%s", home != NULL ? home : "", name + 1);
    errno = 0;
    FILE *file = text_empty(home) || path.failed ? NULL : fopen(buffer_text(&path), "re");
    walk->failed = walk->failed || errno == ENOMEM;
    while (file != NULL && content.length < FILE_MOST && (got = fread(piece, 1, sizeof(piece), file)) > 0) {
        buffer_append(&content, piece, got);
    }
    if (file != NULL) {
        put_hidden_octets(walk, "content", name, buffer_text(&content), content.length);
        fclose(file);
    }
    mstr_wipe(piece, sizeof(piece));
    walk->failed = walk->failed || path.failed || content.failed;
    buffer_release(&content);
    buffer_release(&path);
}

/* What a manifest lists: variables, and files, of which those below "~" depend on whose home it is. */
static void put_manifest(struct walk *walk, const struct manifest *manifest)
{
    char *list = text_copy(manifest->environment);
    char *rest = NULL;
    bool home = false;
    walk->failed = walk->failed || (list == NULL && manifest->environment != NULL);
    for (char *word = list != NULL ? strtok_r(list, " \t", &rest) : NULL; word != NULL;
         word = strtok_r(NULL, " \t", &rest)) {
        if (*word == '~' && walk->across) {
            put_content(walk, word);
        }
        home = home || (*word == '~' && !walk->across);
        if (*word != '~' && *word != '/') {
            put_variable(walk, word);
        }
    }
    if (home) {
        put_home(walk);
    }
    free(list);
}

/* A section that names a plugin has no manifest, but its identity is that of the plugin's others. */
static enum mstr_code put_manifests_of(struct walk *walk, const char *file)
{
    const char *path = registry_services(walk->registry)->plugin_path;
    struct text_list schemes = TEXT_LIST_INIT;
    manifest_list_schemes(path, &schemes);
    walk->failed = walk->failed || schemes.failed;
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; code == MSTR_OK && i < schemes.count; i++) {
        struct manifest *manifest = NULL;
        code = manifest_find(schemes.items[i], path, &manifest, walk->error);
        if (code == MSTR_OK && manifest != NULL && strcmp(manifest->object, file) == 0) {
            put_manifest(walk, manifest);
        }
        manifest_free(manifest);
    }
    text_list_release(&schemes);
    return code;
}

static enum mstr_code put_plugin(struct walk *walk, const struct instance *instance)
{
    char *file = NULL;
    enum mstr_code code = MSTR_OK;
    put(walk, "plugin", "", instance->plugin);
    if (instance->manifest != NULL) {
        put(walk, "plugin", "file", instance->manifest->object);
        put_manifest(walk, instance->manifest);
    } else if (instance_origin(instance) == NULL || strcmp(instance_origin(instance), "built in") != 0) {
        code = loader_find(instance->plugin, registry_services(walk->registry)->plugin_path, &file, walk->error);
        if (code == MSTR_OK) {
            put(walk, "plugin", "file", file);
            code = put_manifests_of(walk, file);
        }
        free(file);
    }
    return code;
}

/* Whom TLS trusts, and by which way a store is reached. */
static void put_network(struct walk *walk)
{
    const struct http_client_options *options = &registry_services(walk->registry)->http->options;
    const struct trust trust = trust_find(NULL, options->ca_file, options->trust_environment);
    const struct trust_place *const places[] = {&trust.file, &trust.folder, &trust.added};
    static const char *const names[] = {"file", "folder", "added"};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (places[i]->path != NULL) {
            put(walk, "trust", names[i], places[i]->path);
        }
    }
    for (size_t i = 0; options->trust_environment && i < sizeof(proxy_variables) / sizeof(*proxy_variables); i++) {
        put_variable(walk, proxy_variables[i]);
    }
}

static enum mstr_code walk_scheme(struct walk *walk, const char *scheme)
{
    struct instance *instance = NULL;
    enum mstr_code code = registry_find(walk->registry, scheme, &instance, walk->error);
    if (code == MSTR_OK) {
        code = put_plugin(walk, instance);
    }
    if (code == MSTR_OK) {
        put_section(walk, "provider", scheme);
        put_network(walk);
    }
    return code;
}

/* A scheme that a profile refers to, once. */
static enum mstr_code walk_scheme_within(struct walk *walk, const char *scheme)
{
    struct buffer within = BUFFER_INIT;
    size_t before = walk->schemes.count;
    enum mstr_code code = MSTR_OK;
    text_list_add(&walk->schemes, scheme, strlen(scheme));
    if (walk->schemes.count > before) {
        walk->failed = !buffer_printf(&within, "%s ", scheme) || walk->failed;
        walk->within = buffer_text(&within);
        code = walk_scheme(walk, scheme);
        walk->within = "";
    }
    walk->failed = walk->failed || walk->schemes.failed;
    buffer_release(&within);
    return code;
}

/* Each scheme that the text refers to. */
static enum mstr_code walk_references(struct walk *walk, const char *text)
{
    struct template *template = NULL;
    enum mstr_code code = template_parse(text, &template, walk->error);
    for (size_t i = 0; code == MSTR_OK && i < template->count; i++) {
        for (size_t j = 0; code == MSTR_OK && j < template->pieces[i].alternative_count; j++) {
            code = walk_scheme_within(walk, template->pieces[i].alternatives[j]->parts.scheme);
        }
    }
    template_free(template);
    return code;
}

static enum mstr_code walk_profile(struct walk *walk, const char *profile)
{
    const struct config *config = registry_config(walk->registry);
    struct buffer section = BUFFER_INIT;
    const char *key = NULL;
    enum mstr_code code = MSTR_OK;
    put_section(walk, "profile", profile);
    put_network(walk);
    walk->failed = !buffer_printf(&section, "profile %s", profile) || walk->failed;
    for (size_t i = 0; code == MSTR_OK && (key = config_key_at(config, buffer_text(&section), i)) != NULL; i++) {
        code = walk_references(walk, config_get(config, buffer_text(&section), key)->text);
    }
    buffer_release(&section);
    return code;
}

typedef enum mstr_code (*walker)(struct walk *walk, const char *name);

static void write_entry(struct walk *walk, const char *name, const char *value)
{
    buffer_puts(walk->out, walk->names.count > 1 ? "," : "{");
    json_put_string(walk->out, name, strlen(name));
    buffer_putc(walk->out, ':');
    json_put_string(walk->out, value, strlen(value));
}

static void compare_entry(struct walk *walk, const char *name, const char *value)
{
    const char *other = json_member_text(walk->theirs, name);
    if (walk->out->length == 0 && (other == NULL || strcmp(other, value) != 0)) {
        buffer_puts(walk->out, name);
    }
}

static enum mstr_code finish(struct walk *walk, enum mstr_code code)
{
    text_list_release(&walk->names);
    text_list_release(&walk->schemes);
    if (walk->failed || walk->out->failed) {
        code = error_set(walk->error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

static enum mstr_code write_all(walker run, struct registry *registry, const char *name, const char *key, bool across,
                                struct buffer *json, mstr_error *error)
{
    struct walk walk = {.registry = registry,
                        .key = key,
                        .within = "",
                        .across = across,
                        .each = write_entry,
                        .names = TEXT_LIST_INIT,
                        .schemes = TEXT_LIST_INIT,
                        .error = error,
                        .out = json};
    enum mstr_code code = run(&walk, name);
    buffer_puts(json, walk.names.count > 0 ? "}" : "{}");
    return finish(&walk, code);
}

/* What only they have. */
static void compare_rest(struct walk *walk)
{
    if (!json_object_is_type(walk->theirs, json_type_object)) {
        return;
    }
    json_object_object_foreach(walk->theirs, name, value)
    {
        size_t known = walk->names.count;
        (void)value;
        text_list_add(&walk->names, name, strlen(name));
        if (walk->names.count > known && walk->out->length == 0) {
            buffer_puts(walk->out, name);
        }
    }
}

static enum mstr_code compare_all(walker run, struct registry *registry, const char *name, const char *key,
                                  struct json_object *theirs, struct buffer *out, mstr_error *error)
{
    struct walk walk = {.registry = registry,
                        .key = key,
                        .within = "",
                        .each = compare_entry,
                        .names = TEXT_LIST_INIT,
                        .schemes = TEXT_LIST_INIT,
                        .error = error,
                        .out = out,
                        .theirs = theirs};
    enum mstr_code code = run(&walk, name);
    compare_rest(&walk);
    if (code != MSTR_OK && code != MSTR_E_MEMORY) { /* whoever made theirs can use it */
        buffer_puts(out, out->length == 0 ? "plugin" : "");
        mstr_error_clear(error);
        code = MSTR_OK;
    }
    return finish(&walk, code);
}

enum mstr_code fingerprint_of_scheme(struct registry *registry, const char *scheme, const char *key,
                                     struct buffer *json, mstr_error *error)
{
    return write_all(walk_scheme, registry, scheme, key, false, json, error);
}

enum mstr_code fingerprint_across(struct registry *registry, const char *scheme, const char *key, struct buffer *json,
                                  mstr_error *error)
{
    return write_all(walk_scheme, registry, scheme, key, true, json, error);
}

enum mstr_code fingerprint_of_profile(struct registry *registry, const char *profile, const char *key,
                                      struct buffer *json, mstr_error *error)
{
    return write_all(walk_profile, registry, profile, key, false, json, error);
}

enum mstr_code fingerprint_compare_scheme(struct registry *registry, const char *scheme, const char *key,
                                          struct json_object *theirs, struct buffer *name, mstr_error *error)
{
    return compare_all(walk_scheme, registry, scheme, key, theirs, name, error);
}

enum mstr_code fingerprint_compare_profile(struct registry *registry, const char *profile, const char *key,
                                           struct json_object *theirs, struct buffer *name, mstr_error *error)
{
    return compare_all(walk_profile, registry, profile, key, theirs, name, error);
}
