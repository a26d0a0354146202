/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: namespaces, what is mounted in them, and the look-up that clients of the key-value engine begin with. */
#include "vault.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool is_namespace(const char *name)
{
    return *name == '\0' || sim_lists(vault_seed("namespaces"), name);
}

bool vault_enter_namespace(char namespace[VAULT_TEXT_MAX], const char **path)
{
    for (const char *slash = strchr(*path, '/'); slash; slash = strchr(*path, '/')) {
        char longer[2 * VAULT_TEXT_MAX];
        snprintf(longer, sizeof(longer), "%s%s%.*s", namespace, *namespace ? "/" : "", (int)(slash - *path), *path);
        if (!is_namespace(longer))
            break;
        snprintf(namespace, VAULT_TEXT_MAX, "%.*s", VAULT_TEXT_MAX - 1, longer);
        *path = slash + 1;
    }
    return is_namespace(namespace);
}

static const char *text_of(struct json_object *object, const char *name)
{
    const char *text = json_member_text(object, name);
    return text ? text : "";
}

/* What follows the mount in the path, which may leave the mount's last slash out; NULL if it is another one's. */
static const char *after_mount(const char *path, const char *mount)
{
    size_t length = strlen(mount);
    if (text_starts_with(path, mount))
        return path + length;
    return length > 0 && strlen(path) == length - 1 && !strncmp(path, mount, length - 1) ? path + length - 1 : NULL;
}

struct json_object *vault_mount_of(const char *list, const char *namespace, const char *path, const char **rest)
{
    struct json_object *mounts = vault_seed(list);
    for (size_t i = 0; mounts && i < json_object_array_length(mounts); i++) {
        struct json_object *mount = json_object_array_get_idx(mounts, i);
        *rest = after_mount(path, text_of(mount, "path"));
        if (*rest && !strcmp(text_of(mount, "namespace"), namespace))
            return mount;
    }
    return NULL;
}

/* As the server describes it; the path of a mount in a child namespace begins with that. */
static struct json_object *describe(struct json_object *mount, const char *prefix)
{
    char path[2 * VAULT_TEXT_MAX];
    struct json_object *data = json_object_new_object();
    struct json_object *config = json_object_new_object();
    struct json_object *options = json_member(mount, "options");
    snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "/" : "", text_of(mount, "path"));
    sim_put(data, "path", path);
    sim_put(data, "type", text_of(mount, "type"));
    sim_put(data, "description", "");
    sim_put(data, "accessor", "kv_00000000");
    sim_put_bool(data, "local", false);
    sim_put_bool(data, "seal_wrap", false);
    sim_put_bool(data, "external_entropy_access", false);
    json_object_object_add(data, "options", json_object_get(options));
    sim_put(data, "plugin_version", "");
    sim_put(data, "running_plugin_version", "v0.24.0+builtin");
    sim_put_int(config, "default_lease_ttl", 0);
    sim_put_int(config, "max_lease_ttl", 0);
    sim_put_bool(config, "force_no_cache", false);
    json_object_object_add(data, "config", config);
    sim_put(data, "deprecation_status", "supported");
    return data;
}

/* No policy that touches the mount and no mount are told in the same words, on purpose. The path needs no token to
 * come through, so none of its uses is spent. */
void vault_preflight(struct vault_call *call, const char *path)
{
    char how[16];
    char namespace[VAULT_TEXT_MAX];
    const char *rest = NULL;
    const char *preflight = sim_knob_text("vault", "preflight", "yes", how, sizeof(how));
    sim_count("vault", "preflights");
    snprintf(namespace, sizeof(namespace), "%s", call->namespace);
    if (!strcmp(preflight, "missing")) {
        vault_nothing(call);
        return;
    }
    call->token = vault_token_of(call);
    if (!call->token)
        return;
    vault_enter_namespace(namespace, &path);
    struct json_object *mount = vault_mount_of("mounts", namespace, path, &rest);
    if (!strcmp(preflight, "blocked") || !mount || !vault_touches(call, namespace, text_of(mount, "path"))) {
        vault_refuse(call, 403,
                     "preflight capability check returned 403, please ensure client's policies grant access to path "
                     "\"%s/\"",
                     path);
        return;
    }
    const char *child = namespace + strlen(call->namespace);
    vault_send_data(call, describe(mount, child + (*child == '/')));
}
