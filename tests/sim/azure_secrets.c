/* SPDX-License-Identifier: Apache-2.0 */
/* Key Vault's secrets: who may read one, its versions and their attributes, and those that wait to be purged. */
#include "azure.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 127, VERSION_LENGTH = 32 };

/* /secrets/NAME[/VERSION], whatever slashes stand at its end. */
struct path {
    bool deleted;
    char name[NAME_MAX_LENGTH + 2];
    char version[VERSION_LENGTH + 2];
};

static bool copy_part(const char **at, char *out, size_t size)
{
    size_t length = strcspn(*at, "/");
    snprintf(out, size, "%.*s", (int)length, *at);
    *at += length;
    *at += strspn(*at, "/");
    return length < size;
}

static bool parse(const char *text, struct path *path)
{
    path->deleted = text_starts_with(text, "/deletedsecrets/");
    if (!path->deleted && !text_starts_with(text, "/secrets/"))
        return false;
    text = strchr(text + 1, '/') + 1;
    return copy_part(&text, path->name, sizeof(path->name)) &&
           copy_part(&text, path->version, sizeof(path->version)) && *text == '\0';
}

static struct json_object *find_secret(struct json_object *vault, const char *name)
{
    struct json_object *list = azure_seed("secrets");
    const char *holder = json_member_text(vault, "name");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *secret = json_object_array_get_idx(list, i);
        const char *where = json_member_text(secret, "vault");
        const char *called = json_member_text(secret, "name");
        if (where && holder && !strcmp(where, holder) && called && text_equal_nocase(called, name))
            return secret;
    }
    return NULL;
}

/* Roles are given on the vault or the secret; a vault with access policies refuses in other words. */
static bool may_read(struct azure_call *call, struct json_object *vault, struct json_object *secret,
                     const struct azure_token *caller)
{
    struct json_object *readers = json_member(secret, "readers");
    const char *name = json_member_text(vault, "name");
    if (!readers)
        readers = json_member(vault, "readers");
    if (!sim_flag(secret, "denied") && (!readers || sim_lists(readers, caller->client)))
        return true;
    if (sim_flag(vault, "access_policies"))
        azure_vault_error(
            call, 403, "Forbidden", "AccessDenied",
            "The user, group or application 'appid=%s;oid=%s;iss=https://sts.windows.net/%s/' does not "
            "have secrets get permission on key vault '%s;location=westeurope'. For help resolving this "
            "issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
            caller->client, caller->object, caller->tenant, name);
    else
        azure_vault_error(
            call, 403, "Forbidden", "ForbiddenByRbac",
            "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny "
            "assignments or role definitions were changed recently, please observe propagation time.\r\n"
            "Caller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nAction: 'Microsoft.KeyVault/"
            "vaults/secrets/getSecret/action'\r\nResource: '/subscriptions/0/resourcegroups/sim/"
            "providers/microsoft.keyvault/vaults/%s/secrets/%s'\r\nAssignment: (not found)\r\n"
            "DecisionReason: DeniedWithNoValidRBAC\r\nVault: %s;location=westeurope\r\n",
            caller->client, caller->object, caller->tenant, name, json_member_text(secret, "name"), name);
    return false;
}

/* https://HOST/KIND/NAME[/VERSION] */
static void put_id(struct azure_call *call, struct json_object *body, const char *member, const char *kind,
                   struct json_object *secret, const char *version)
{
    char id[1024];
    snprintf(id, sizeof(id), "%s/%s/%s%s%s", call->vault_url, kind, json_member_text(secret, "name"),
             version ? "/" : "", version ? version : "");
    sim_put(body, member, id);
}

static struct json_object *attributes_of(struct json_object *version)
{
    static const char *const members[] = {"nbf", "exp"};
    struct json_object *attributes = json_object_new_object();
    json_object_object_add(attributes, "enabled", json_object_new_boolean(!sim_flag(version, "disabled")));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        int64_t time = 0;
        if (json_member_int64(version, members[i], &time))
            json_object_object_add(attributes, members[i], json_object_new_int64(time));
    }
    json_object_object_add(attributes, "created", json_object_new_int64(1767225600));
    json_object_object_add(attributes, "updated", json_object_new_int64(1767225600));
    sim_put(attributes, "recoveryLevel", "Recoverable+Purgeable");
    json_object_object_add(attributes, "recoverableDays", json_object_new_int(90));
    return attributes;
}

static void show_version(struct azure_call *call, struct json_object *secret, struct json_object *version)
{
    static const char *const copied[] = {"contentType", "kid", "managed", "tags"};
    struct json_object *body = json_object_new_object();
    sim_put(body, "value", json_member_text(version, "value"));
    put_id(call, body, "id", "secrets", secret, json_member_text(version, "version"));
    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
        if (json_member(version, copied[i]))
            json_object_object_add(body, copied[i], json_object_get(json_member(version, copied[i])));
    json_object_object_add(body, "attributes", attributes_of(version));
    if (!json_member(body, "tags"))
        json_object_object_add(body, "tags", json_object_new_object());
    sim_reply_json(call->reply, 200, body);
}

static void show_deleted(struct azure_call *call, const char *name, struct json_object *secret)
{
    struct json_object *body = json_object_new_object();
    int64_t now = sim_now() / 1000;
    if (!sim_flag(secret, "deleted")) {
        json_object_put(body);
        azure_vault_error(call, 404, "SecretNotFound", NULL, "Deleted Secret not found: %s", name);
        return;
    }
    put_id(call, body, "recoveryId", "deletedsecrets", secret, NULL);
    put_id(call, body, "id", "secrets", secret, NULL);
    json_object_object_add(body, "deletedDate", json_object_new_int64(now));
    json_object_object_add(body, "scheduledPurgeDate", json_object_new_int64(now + 90 * 86400));
    sim_reply_json(call->reply, 200, body);
}

static struct json_object *find_version(struct json_object *secret, const char *version)
{
    struct json_object *list = json_member(secret, "versions");
    size_t count = list ? json_object_array_length(list) : 0;
    if (*version == '\0')
        return count > 0 ? json_object_array_get_idx(list, count - 1) : NULL;
    return sim_find(list, "version", version);
}

static void show(struct azure_call *call, const struct path *path, struct json_object *secret)
{
    struct json_object *version = sim_flag(secret, "deleted") ? NULL : find_version(secret, path->version);
    if (!version)
        azure_vault_error(
            call, 404, "SecretNotFound", NULL,
            "A secret with (name/id) %s%s%s was not found in this key vault. If you recently deleted this "
            "secret you may be able to recover it using the correct recovery command. For help resolving "
            "this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
            path->name, *path->version ? "/" : "", path->version);
    else if (sim_flag(version, "disabled"))
        azure_vault_error(call, 403, "Forbidden", "SecretDisabled",
                          "Operation get is not allowed on a disabled secret.");
    else
        show_version(call, secret, version);
}

void azure_secrets_answer(struct azure_call *call, struct json_object *vault, const char *text,
                          const struct azure_token *caller)
{
    struct path path = {0};
    if (!sim_is(call->request, "GET")) {
        azure_vault_error(call, 405, "BadParameter", NULL, "Method %s is not allowed", call->request->method);
        return;
    }
    if (!parse(text, &path) || path.name[0] == '\0' || !text_is_made_of(path.name, "-")) {
        azure_vault_error(call, 400, "BadParameter", NULL, "The request URI contains an invalid name: %s", path.name);
        return;
    }
    if (path.version[0] != '\0' && (strlen(path.version) != VERSION_LENGTH || !text_is_made_of(path.version, ""))) {
        azure_vault_error(call, 400, "BadParameter", "BadArgument",
                          "Invalid secret identifier: the version %s is malformed", path.version);
        return;
    }
    struct json_object *secret = find_secret(vault, path.name);
    if (!may_read(call, vault, secret, caller))
        return;
    if (path.deleted)
        show_deleted(call, path.name, secret);
    else
        show(call, &path, secret);
}

static struct json_object *new_secret(struct json_object *vault, const char *name)
{
    struct json_object *secret = json_object_new_object();
    sim_put(secret, "vault", json_member_text(vault, "name"));
    sim_put(secret, "name", name);
    json_object_object_add(secret, "versions", json_object_new_array());
    json_object_array_add(azure_seed("secrets"), secret);
    return secret;
}

static bool add_version(struct json_object *secret, struct json_object *arguments)
{
    static const char *const copied[] = {"contentType", "nbf", "exp", "disabled", "managed", "kid"};
    char id[VERSION_LENGTH + 1];
    const char *value = json_member_text(arguments, "string");
    struct json_object *version = json_object_new_object();
    sim_random_text(id, VERSION_LENGTH, "0123456789abcdef");
    sim_put(version, "version", id);
    sim_put(version, "value", value ? value : "");
    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
        if (json_member(arguments, copied[i]))
            json_object_object_add(version, copied[i], json_object_get(json_member(arguments, copied[i])));
    return json_object_array_add(json_member(secret, "versions"), version) == 0;
}

void azure_secrets_admin(struct json_object *arguments, struct sim_reply *reply)
{
    static const struct {
        const char *action;
        const char *member; /* of the secret, or of its newest version */
        bool of_version;
        bool value;
    } actions[] = {{"delete", "deleted", false, true},  {"recover", "deleted", false, false},
                   {"deny", "denied", false, true},     {"allow", "denied", false, false},
                   {"disable", "disabled", true, true}, {"enable", "disabled", true, false}};
    const char *name = json_member_text(arguments, "name");
    const char *action = json_member_text(arguments, "action");
    const char *where = json_member_text(arguments, "vault");
    struct json_object *vault = azure_vault_named(where ? where : "corp");
    if (!name || !vault)
        return;
    struct json_object *secret = find_secret(vault, name);
    if (!action || !strcmp(action, "put")) {
        add_version(secret ? secret : new_secret(vault, name), arguments);
        reply->status = 204;
        return;
    }
    for (size_t i = 0; secret && i < sizeof(actions) / sizeof(actions[0]); i++) {
        struct json_object *target = actions[i].of_version ? find_version(secret, "") : secret;
        if (!strcmp(actions[i].action, action) && target) {
            json_object_object_add(target, actions[i].member, json_object_new_boolean(actions[i].value));
            reply->status = 204;
        }
    }
}
