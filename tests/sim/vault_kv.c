/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vault's key-value engine: version 1, where the data is the secret, and version 2 with its versions, of which some
 * are deleted and some destroyed. An engine of another kind that can be read, the cubbyhole, is version 1 too.
 */
#include "vault.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>

static bool is_same(struct json_object *object, const char *name, const char *text)
{
    const char *value = json_member_text(object, name);
    return !strcmp(value ? value : "", text);
}

static const char *mount_text(struct json_object *mount, const char *name)
{
    const char *text = json_member_text(mount, name);
    return text ? text : "";
}

static struct json_object *find_secret(struct json_object *mount, const char *path)
{
    struct json_object *list = vault_seed("secrets");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *secret = json_object_array_get_idx(list, i);
        if (is_same(secret, "mount", mount_text(mount, "path")) && is_same(secret, "path", path) &&
            is_same(secret, "namespace", mount_text(mount, "namespace")))
            return secret;
    }
    return NULL;
}

static struct json_object *make_secret(struct json_object *mount, const char *path)
{
    struct json_object *secret = json_object_new_object();
    sim_put(secret, "mount", mount_text(mount, "path"));
    sim_put(secret, "namespace", mount_text(mount, "namespace"));
    sim_put(secret, "path", path);
    json_object_array_add(vault_seed("secrets"), secret);
    return secret;
}

static bool has_versions(struct json_object *mount)
{
    const char *version = json_member_text(json_member(mount, "options"), "version");
    return version && !strcmp(version, "2");
}

static struct json_object *versions_of(struct json_object *secret)
{
    struct json_object *versions = json_member(secret, "versions");
    if (secret && !versions) {
        versions = json_object_new_array();
        json_object_object_add(secret, "versions", versions);
    }
    return versions;
}

static int64_t current_of(struct json_object *secret)
{
    struct json_object *versions = json_member(secret, "versions");
    return versions ? (int64_t)json_object_array_length(versions) : 0;
}

/* 0 is the current one, which a deletion does not move back. */
static struct json_object *version_of(struct json_object *secret, int64_t *number)
{
    if (*number == 0)
        *number = current_of(secret);
    return *number > 0 && *number <= current_of(secret)
               ? json_object_array_get_idx(json_member(secret, "versions"), (size_t)*number - 1)
               : NULL;
}

static bool is_gone(struct json_object *version)
{
    int64_t time = 0;
    const char *deleted = json_member_text(version, "deletion_time");
    return sim_flag(version, "destroyed") ||
           (deleted && timestamp_parse_rfc3339(deleted, &time) && time <= sim_now());
}

static struct json_object *metadata_of(struct json_object *version, int64_t number)
{
    const char *created = json_member_text(version, "created_time");
    struct json_object *metadata = json_object_new_object();
    sim_put(metadata, "created_time", created ? created : "2026-01-01T00:00:00.000000001Z");
    sim_put(metadata, "custom_metadata", NULL);
    sim_put(metadata, "deletion_time", mount_text(version, "deletion_time"));
    sim_put_bool(metadata, "destroyed", sim_flag(version, "destroyed"));
    sim_put_int(metadata, "version", number);
    return metadata;
}

/* A version that is gone is told as 404 with all that is known of it. */
static void read_version(struct vault_call *call, struct json_object *secret)
{
    int64_t number = 0;
    const char *asked = sim_query(call->request, "version");
    if (asked && *asked && !text_to_int64(asked, &number)) {
        vault_refuse(call, 400,
                     "Field validation failed: error converting input %s for field \"version\": strconv.ParseInt: "
                     "parsing \"%s\": invalid syntax",
                     asked, asked);
        return;
    }
    struct json_object *version = version_of(secret, &number);
    if (!version) {
        vault_nothing(call);
        return;
    }
    struct json_object *data = json_object_new_object();
    struct json_object *envelope = vault_envelope(call);
    json_object_object_add(data, "data", is_gone(version) ? NULL : json_object_get(json_member(version, "data")));
    json_object_object_add(data, "metadata", metadata_of(version, number));
    json_object_object_add(envelope, "data", data);
    vault_send(call, is_gone(version) ? 404 : 200, envelope);
}

static struct json_object *add_version(struct json_object *secret, struct json_object *data)
{
    char now[40];
    struct json_object *version = json_object_new_object();
    vault_time(sim_now(), now);
    sim_put(version, "created_time", now);
    json_object_object_add(version, "data", json_object_get(data));
    json_object_array_add(versions_of(secret), version);
    return version;
}

static void write_version(struct vault_call *call, struct json_object *secret, const char *path)
{
    int64_t expected = current_of(secret);
    struct json_object *data = json_member(call->input, "data");
    json_member_int64(json_member(call->input, "options"), "cas", &expected);
    if (!data) {
        vault_refuse(call, 400, "no data provided");
    } else if (expected != current_of(secret)) {
        vault_refuse(call, 400, "check-and-set parameter did not match the current version");
    } else {
        if (!secret)
            secret = make_secret(call->mount, path);
        struct json_object *version = add_version(secret, data);
        vault_send_data(call, metadata_of(version, current_of(secret)));
    }
}

static void set_gone(struct json_object *version, const char *how)
{
    char now[40];
    vault_time(sim_now(), now);
    if (!strcmp(how, "destroy"))
        json_object_object_add(version, "destroyed", json_object_new_boolean(true));
    else
        sim_put(version, "deletion_time", !strcmp(how, "undelete") ? "" : now);
}

/* DELETE data/PATH, and POST delete/PATH, undelete/PATH and destroy/PATH with numbers. */
static void change_versions(struct vault_call *call, struct json_object *secret, const char *how)
{
    struct json_object *numbers = json_member(call->input, "versions");
    int64_t number = 0;
    if (!strcmp(how, "data") && version_of(secret, &number))
        set_gone(version_of(secret, &number), "delete");
    for (size_t i = 0; numbers && i < json_object_array_length(numbers); i++) {
        number = json_object_get_int64(json_object_array_get_idx(numbers, i));
        struct json_object *version = number > 0 ? version_of(secret, &number) : NULL;
        if (version)
            set_gone(version, how);
    }
    vault_done(call);
}

static void read_metadata(struct vault_call *call, struct json_object *secret)
{
    struct json_object *data = json_object_new_object();
    struct json_object *versions = json_object_new_object();
    for (int64_t number = 1; number <= current_of(secret); number++) {
        char key[24];
        snprintf(key, sizeof(key), "%lld", (long long)number);
        json_object_object_add(versions, key, metadata_of(version_of(secret, &number), number));
    }
    sim_put_bool(data, "cas_required", false);
    sim_put_int(data, "current_version", current_of(secret));
    sim_put_int(data, "max_versions", 0);
    json_object_object_add(data, "versions", versions);
    vault_send_data(call, data);
}

/* What stands in the folder, each name once. */
static void list(struct vault_call *call, const char *folder)
{
    struct json_object *secrets = vault_seed("secrets");
    struct json_object *names = json_object_new_object();
    struct json_object *keys = json_object_new_array();
    struct json_object *data = json_object_new_object();
    for (size_t i = 0; i < json_object_array_length(secrets); i++) {
        struct json_object *secret = json_object_array_get_idx(secrets, i);
        const char *path = mount_text(secret, "path");
        char name[VAULT_TEXT_MAX];
        if (!text_starts_with(path, folder) || find_secret(call->mount, path) != secret)
            continue;
        path += strlen(folder);
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(path, "/") + (strchr(path, '/') != NULL), path);
        sim_put_bool(names, name, true);
    }
    json_object_object_foreach(names, key, ignored)
    {
        (void)ignored;
        json_object_array_add(keys, json_object_new_string(key));
    }
    json_object_put(names);
    json_object_object_add(data, "keys", keys);
    if (json_object_array_length(keys) > 0) {
        vault_send_data(call, data);
    } else {
        json_object_put(data);
        vault_nothing(call);
    }
}

static void refuse_plain_path(struct vault_call *call)
{
    struct json_object *envelope = vault_envelope(call);
    struct json_object *warnings = json_object_new_array();
    json_object_array_add(
        warnings,
        json_object_new_string("Invalid path for a versioned K/V secrets engine. See the API docs for the "
                               "appropriate API endpoints to use. If using the Vault CLI, use 'vault kv get' "
                               "for this operation."));
    json_object_object_add(envelope, "warnings", warnings);
    vault_send(call, 404, envelope);
}

static void version_2(struct vault_call *call, const char *path)
{
    char kind[16];
    const char *slash = strchr(path, '/');
    snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(path, "/"), path);
    const char *name = slash ? slash + 1 : "";
    struct json_object *secret = find_secret(call->mount, name);
    const bool changes = !strcmp(kind, "delete") || !strcmp(kind, "undelete") || !strcmp(kind, "destroy");
    if (!strcmp(kind, "data") && vault_is(call, "read"))
        read_version(call, secret);
    else if (!strcmp(kind, "data") && vault_is(call, "update"))
        write_version(call, secret, name);
    else if ((!strcmp(kind, "data") && vault_is(call, "delete")) || (changes && vault_is(call, "update")))
        change_versions(call, secret, kind);
    else if (!strcmp(kind, "metadata") && vault_is(call, "list"))
        list(call, name);
    else if (!strcmp(kind, "metadata") && vault_is(call, "read") && secret)
        read_metadata(call, secret);
    else if (!strcmp(kind, "metadata") && vault_is(call, "read"))
        vault_nothing(call);
    else if (!strcmp(kind, "data") || !strcmp(kind, "metadata") || changes)
        vault_unsupported(call);
    else
        refuse_plain_path(call);
}

static void read_plain(struct vault_call *call, struct json_object *secret)
{
    struct json_object *data = json_member(secret, "data");
    struct json_object *hint = json_member(data, "ttl");
    if (!data) {
        vault_nothing(call);
        return;
    }
    struct json_object *envelope = vault_envelope(call);
    sim_put_int(envelope, "lease_duration", vault_seconds(hint ? hint : json_member(data, "lease"), VAULT_MAX_TTL));
    json_object_object_add(envelope, "data", json_object_get(data));
    vault_send(call, 200, envelope);
}

static void version_1(struct vault_call *call, const char *path)
{
    struct json_object *secret = find_secret(call->mount, path);
    if (vault_is(call, "read")) {
        read_plain(call, secret);
    } else if (vault_is(call, "list")) {
        list(call, path);
    } else if (vault_is(call, "update") && !call->input) {
        vault_refuse(call, 400, "missing data fields");
    } else {
        if (!secret)
            secret = make_secret(call->mount, path);
        json_object_object_add(secret, "data", vault_is(call, "update") ? json_object_get(call->input) : NULL);
        vault_done(call);
    }
}

void vault_kv(struct vault_call *call, const char *path)
{
    sim_count("vault", "reads");
    if (has_versions(call->mount))
        version_2(call, path);
    else
        version_1(call, path);
}

/* {"name": MOUNT/PATH, "data": …}, another version where there are some. */
void vault_kv_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *name = json_member_text(arguments, "name");
    const char *namespace = json_member_text(arguments, "namespace");
    struct json_object *data = json_member(arguments, "data");
    const char *path = NULL;
    struct json_object *mount = name ? vault_mount_of("mounts", namespace ? namespace : "", name, &path) : NULL;
    if (!mount || !data)
        return;
    struct json_object *secret = find_secret(mount, path);
    if (!secret)
        secret = make_secret(mount, path);
    if (has_versions(mount))
        add_version(secret, data);
    else
        json_object_object_add(secret, "data", json_object_get(data));
    reply->status = 204;
}
