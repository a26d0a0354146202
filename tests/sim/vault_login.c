/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: logins by every method, and AppRole with its roles' secret ids. */
#include "vault.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { FAILURES_MAX = 5, LOCKED_SECONDS = 15 * 60 };

/* auth/MOUNT/…, and what follows. */
static struct json_object *find_method(const struct vault_call *call, const char *path, const char **rest)
{
    return vault_mount_of("auth", call->namespace, path, rest);
}

bool vault_is_login(const struct vault_call *call, const char *path)
{
    const char *rest = NULL;
    return !find_method(call, path, &rest) ? text_ends_with(path, "/login") : !strcmp(rest, "login");
}

static struct json_object *role_named(struct json_object *method, const char *name)
{
    return sim_find(json_member(method, "roles"), "name", name);
}

static int64_t number_of(struct json_object *object, const char *name)
{
    int64_t number = 0;
    json_member_int64(object, name, &number);
    return number;
}

static void let_in(struct vault_call *call, struct json_object *role)
{
    struct json_object *envelope = vault_envelope(call);
    struct vault_token *token = vault_token_issue(role, call->namespace, call->path);
    vault_put_auth(envelope, token);
    if (sim_knob_bool("vault", "consistency", false)) {
        snprintf(token->index, sizeof(token->index), "djE6%.40s", token->accessor);
        sim_reply_header(call->reply, "X-Vault-Index", token->index);
    }
    struct json_object *auth = json_member(envelope, "auth");
    if (sim_flag(role, "mfa")) {
        struct json_object *requirement = json_object_new_object();
        sim_put(requirement, "mfa_request_id", "00000000-0000-4000-8000-000000000000");
        sim_put(auth, "client_token", "");
        json_object_object_add(auth, "mfa_requirement", requirement);
    }
    sim_count("vault", "logins");
    vault_send(call, 200, envelope);
}

static bool is_usable(struct json_object *secret_id)
{
    const int64_t expires = number_of(secret_id, "expires");
    return secret_id && !sim_flag(secret_id, "used_up") && (expires == 0 || expires > sim_now());
}

/* Repeated failures of one role lock it for a while, whatever is sent then. */
static bool is_locked(struct json_object *role)
{
    return number_of(role, "failures") >= FAILURES_MAX &&
           sim_now() < number_of(role, "failed_at") + LOCKED_SECONDS * 1000;
}

static void note_failure(struct json_object *role)
{
    if (!role)
        return;
    sim_put_int(role, "failures", number_of(role, "failures") + 1);
    sim_put_int(role, "failed_at", sim_now());
}

static void use_up(struct json_object *secret_id)
{
    const int64_t uses = number_of(secret_id, "num_uses");
    if (uses == 1)
        sim_put_bool(secret_id, "used_up", true);
    if (uses > 0)
        sim_put_int(secret_id, "num_uses", uses - 1);
}

static bool prove_approle(struct vault_call *call, struct json_object *method, struct json_object **found)
{
    const char *role_id = vault_input(call, "role_id");
    const char *secret_id = vault_input(call, "secret_id");
    struct json_object *role = sim_find(json_member(method, "roles"), "role_id", role_id);
    struct json_object *known = sim_find(json_member(role, "secret_ids"), "id", secret_id);
    const bool bound = !sim_flag(role, "without_secret_id");
    if (!role_id)
        vault_refuse(call, 400, "missing role_id");
    else if (is_locked(role))
        vault_refuse(call, 403, "permission denied");
    else if (role && bound && !secret_id)
        vault_refuse(call, 400, "missing secret_id");
    else if (!role || (bound && !is_usable(known)))
        vault_refuse(call, 400, "invalid role or secret ID");
    else if (sim_flag(role, "elsewhere"))
        vault_refuse(call, 400,
                     "source address \"127.0.0.1\" unauthorized through CIDR restrictions on the secret ID");
    else
        *found = role;
    if (!*found) {
        note_failure(role);
        return false;
    }
    sim_put_int(role, "failures", 0);
    use_up(known);
    return true;
}

/* A role named in the input, whose proof the function looks at. */
static bool prove_named(struct vault_call *call, struct json_object *method, struct json_object **found,
                        const char *const unknown[2],
                        bool (*proof)(struct vault_call *call, struct json_object *role))
{
    const char *name = vault_input(call, "role");
    if (!name)
        name = json_member_text(method, "default_role");
    struct json_object *role = role_named(method, name);
    if (!name)
        vault_refuse(call, 400, "missing role");
    else if (!role)
        vault_refuse(call, 400, "%s \"%s\"%s", unknown[0], name, unknown[1]);
    else if (proof(call, role))
        *found = role;
    return *found != NULL;
}

static bool prove_kubernetes(struct vault_call *call, struct json_object *method, struct json_object **found)
{
    static const char *const unknown[2] = {"invalid role name", ""};
    return prove_named(call, method, found, unknown, vault_proof_kubernetes);
}

static bool prove_jwt(struct vault_call *call, struct json_object *method, struct json_object **found)
{
    static const char *const unknown[2] = {"role", " could not be found"};
    return prove_named(call, method, found, unknown, vault_proof_jwt);
}

/* Without a name every role is tried. */
static bool prove_certificate(struct vault_call *call, struct json_object *method, struct json_object **found)
{
    struct json_object *roles = json_member(method, "roles");
    const char *name = vault_input(call, "name");
    for (size_t i = 0; i < json_object_array_length(roles) && !*found; i++) {
        struct json_object *role = json_object_array_get_idx(roles, i);
        const char *called = json_member_text(role, "name");
        if ((!name || (called && !strcmp(name, called))) && vault_proof_certificate(call, role))
            *found = role;
    }
    if (!*found && !call->request->peer)
        vault_refuse(call, 400, "invalid certificate or no client certificate supplied");
    else if (!*found)
        vault_refuse(call, 400, "no chain matching all constraints could be found for this login certificate");
    return *found != NULL;
}

static const struct {
    const char *type;
    bool (*prove)(struct vault_call *call, struct json_object *method, struct json_object **role);
} methods[] = {
    {"approle", prove_approle},  {"kubernetes", prove_kubernetes}, {"jwt", prove_jwt},
    {"cert", prove_certificate}, {"aws", vault_proof_aws},
};

static void log_in(struct vault_call *call, struct json_object *method)
{
    struct json_object *role = NULL;
    const char *type = json_member_text(method, "type");
    for (size_t i = 0; type && i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i].type, type) != 0)
            continue;
        if (methods[i].prove(call, method, &role))
            let_in(call, role);
        else
            sim_count("vault", "refused_logins");
    }
}

/* POST auth/approle/role/NAME/secret-id, which administrators call, mostly for a wrapped answer. */
static void make_secret_id(struct vault_call *call, struct json_object *role)
{
    char id[37];
    struct json_object *secret_id = json_object_new_object();
    struct json_object *data = json_object_new_object();
    struct json_object *list = json_member(role, "secret_ids");
    const int64_t seconds = vault_seconds(json_member(call->input, "ttl"), 0);
    const int64_t uses = vault_seconds(json_member(call->input, "num_uses"), number_of(role, "secret_id_num_uses"));
    sim_uuid(id);
    sim_put(secret_id, "id", id);
    sim_put_int(secret_id, "num_uses", uses);
    sim_put_int(secret_id, "expires", seconds ? sim_now() + seconds * 1000 : 0);
    json_object_array_add(list, secret_id);
    sim_put(data, "secret_id", id);
    sim_uuid(id);
    sim_put(data, "secret_id_accessor", id);
    sim_put_int(data, "secret_id_ttl", seconds);
    sim_put_int(data, "secret_id_num_uses", uses);
    vault_send_data(call, data);
}

static void show_role_id(struct vault_call *call, struct json_object *role)
{
    struct json_object *data = json_object_new_object();
    sim_put(data, "role_id", json_member_text(role, "role_id"));
    vault_send_data(call, data);
}

/* role/NAME/secret-id and role/NAME/role-id of AppRole. */
static void administer(struct vault_call *call, struct json_object *method, const char *path)
{
    char name[VAULT_TEXT_MAX];
    const char *at = path + strlen("role/");
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "/"), at);
    struct json_object *role = role_named(method, name);
    if (!role)
        vault_nothing(call);
    else if (text_ends_with(path, "/secret-id") && vault_is(call, "update"))
        make_secret_id(call, role);
    else if (text_ends_with(path, "/role-id") && vault_is(call, "read"))
        show_role_id(call, role);
    else
        vault_unsupported(call);
}

void vault_auth(struct vault_call *call, const char *path)
{
    const char *rest = NULL;
    struct json_object *method = find_method(call, path, &rest);
    const char *type = json_member_text(method, "type");
    if (!method)
        vault_refuse(call, 403, "permission denied");
    else if (!strcmp(rest, "login") && !vault_is(call, "update"))
        vault_unsupported(call);
    else if (!strcmp(rest, "login"))
        log_in(call, method);
    else if (type && !strcmp(type, "approle") && text_starts_with(rest, "role/"))
        administer(call, method, rest);
    else
        vault_refuse(call, 404, "no handler for route \"%s\". route entry not found.", call->path);
}
