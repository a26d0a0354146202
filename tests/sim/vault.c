/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vault: what a request is for, and what befalls all of them: a server that is sealed, stands by, has enough of
 * requests, or is an agent that demands a header.
 */
#include "vault.h"
#include "services.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static struct json_object *seed;

struct json_object *vault_seed(const char *list)
{
    return json_member(seed, list);
}

bool vault_is(const struct vault_call *call, const char *operation)
{
    return !strcmp(call->operation, operation);
}

const char *vault_input(const struct vault_call *call, const char *name)
{
    return json_member_text(call->input, name);
}

/* sys/health and sys/seal-status, which a sealed server answers too. */
static void tell_health(struct vault_call *call, const char *what)
{
    const bool sealed = sim_knob_bool("vault", "sealed", false);
    struct json_object *body = json_object_new_object();
    sim_put_bool(body, "initialized", true);
    sim_put_bool(body, "sealed", sealed);
    sim_put_bool(body, "standby", false);
    sim_put(body, "version", "1.20.4");
    sim_put(body, "cluster_name", "mstr-sim");
    sim_reply_json(call->reply, sealed && !strcmp(what, "health") ? 503 : 200, body);
}

/* What is below sys and auth; the rest of the path goes to the function. */
static const struct route {
    const char *path;
    const char *operation;
    bool open; /* without a token, or with one that the function looks at itself */
    void (*run)(struct vault_call *call, const char *rest);
    const char *rest; /* NULL: what follows in the path */
} routes[] = {
    {"sys/health", "read", true, tell_health, "health"},
    {"sys/seal-status", "read", true, tell_health, "seal-status"},
    {"sys/internal/ui/mounts/", "read", true, vault_preflight, NULL},
    {"sys/wrapping/lookup", "update", true, vault_wrapping, "lookup"},
    {"sys/wrapping/unwrap", "update", true, vault_wrapping, "unwrap"},
    {"sys/leases/renew", "update", false, vault_lease, "renew"},
    {"sys/leases/revoke", "update", false, vault_lease, "revoke"},
    {"auth/token/lookup-self", "read", false, vault_token_self, "lookup"},
    {"auth/token/renew-self", "update", false, vault_token_self, "renew"},
    {"auth/token/revoke-self", "update", false, vault_token_self, "revoke"},
};

static const struct route *find_route(const char *path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (routes[i].rest ? !strcmp(routes[i].path, path) : text_starts_with(path, routes[i].path))
            return &routes[i];
    return NULL;
}

static const char *operation_of(const struct sim_request *request)
{
    static const char *const operations[][2] = {
        {"GET", "read"}, {"LIST", "list"}, {"POST", "update"}, {"PUT", "update"}, {"DELETE", "delete"}};
    const char *list = sim_query(request, "list");
    if (sim_is(request, "GET") && list && !strcmp(list, "true"))
        return "list";
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (sim_is(request, operations[i][0]))
            return operations[i][1];
    return NULL;
}

static void ask_engine(struct vault_call *call)
{
    const char *rest = NULL;
    call->mount = vault_mount_of("mounts", call->namespace, call->path, &rest);
    const char *type = json_member_text(call->mount, "type");
    if (!type)
        vault_refuse(call, 404, "no handler for route \"%s\". route entry not found.", call->path);
    else if (!strcmp(type, "kv") || !strcmp(type, "cubbyhole"))
        vault_kv(call, rest);
    else
        vault_dynamic(call, rest);
}

/* One use of the token is gone, whatever becomes of the request; the last one revokes it once it is answered. */
static void ask_with_token(struct vault_call *call, const struct route *route)
{
    call->token = vault_token_of(call);
    if (!call->token)
        return;
    sim_count("vault", "uses");
    const bool last = call->token->uses == 1;
    if (call->token->uses > 0)
        call->token->uses--;
    if (!vault_allows(call, call->path))
        vault_denied(call);
    else if (route)
        route->run(call, route->rest);
    else if (text_starts_with(call->path, "auth/"))
        vault_auth(call, call->path + strlen("auth/"));
    else
        ask_engine(call);
    call->token->revoked = call->token->revoked || last;
}

static void dispatch(struct vault_call *call)
{
    const struct route *route = find_route(call->path);
    const char *below = text_starts_with(call->path, "auth/") ? call->path + strlen("auth/") : NULL;
    if (route && !vault_is(call, route->operation))
        vault_unsupported(call);
    else if (route && route->open)
        route->run(call, route->rest ? route->rest : call->path + strlen(route->path));
    else if (!route && below && vault_is_login(call, below))
        vault_auth(call, below);
    else
        ask_with_token(call, route);
    vault_wrap(call);
}

static bool has_dots(const char *path)
{
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");
        if ((length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.'))
            return true;
        at += length;
        at += strspn(at, "/");
    }
    return false;
}

/* The namespace of the header and of the path, and the body. */
static void prepare(struct vault_call *call)
{
    const char *header = sim_header(call->request, "X-Vault-Namespace");
    call->operation = operation_of(call->request);
    if (header)
        snprintf(call->namespace, sizeof(call->namespace), "%s", header + strspn(header, "/"));
    for (size_t length = strlen(call->namespace); length > 0 && call->namespace[length - 1] == '/'; length--)
        call->namespace[length - 1] = '\0';
    if (call->request->body.length > 0)
        call->input = sim_body_json(call->request);
    if (!call->operation)
        vault_unsupported(call);
    else if (has_dots(call->path))
        vault_refuse(call, 400, "relative paths not supported");
    else if (call->request->body.length > 0 && !json_object_is_type(call->input, json_type_object))
        vault_refuse(call, 400, "failed to parse JSON input: invalid character");
    else if (!vault_enter_namespace(call->namespace, &call->path))
        vault_refuse(call, 404, "namespace not found");
    else
        dispatch(call);
    json_object_put(call->input);
}

/* A node that stands by, known by its Host, and does not forward. */
static bool is_redirected(const struct sim_request *request, struct sim_reply *reply)
{
    char standby[VAULT_TEXT_MAX];
    char active[VAULT_TEXT_MAX];
    char location[4096];
    const char *host = sim_header(request, "Host");
    const char *node = sim_knob_text("vault", "standby", NULL, standby, sizeof(standby));
    if (!node || !host || strcmp(node, host) != 0)
        return false;
    snprintf(location, sizeof(location), "%s%s", sim_knob_text("vault", "active", "", active, sizeof(active)),
             request->target);
    reply->status = 307;
    sim_reply_header(reply, "Location", location);
    sim_verdict(reply, "this node stands by");
    return true;
}

static void throttle(struct vault_call *call)
{
    char seconds[24];
    int64_t retry_after = sim_knob_int("vault", "retry_after", -1);
    if (retry_after >= 0) {
        snprintf(seconds, sizeof(seconds), "%lld", (long long)retry_after);
        sim_reply_header(call->reply, "Retry-After", seconds);
        sim_reply_header(call->reply, "X-Ratelimit-Limit", "1");
        sim_reply_header(call->reply, "X-Ratelimit-Remaining", "0");
        sim_reply_header(call->reply, "X-Ratelimit-Reset", seconds);
    }
    vault_refuse(call, 429, "request path \"%s\": rate limit quota exceeded", call->path);
}

static void handle(const struct sim_request *request, struct sim_reply *reply)
{
    struct vault_call call = {.request = request, .reply = reply, .path = sim_path_after(request, "/v1/")};
    const char *demanded = sim_header(request, "X-Vault-Request");
    sim_reply_header(reply, "Cache-Control", "no-store");
    if (is_redirected(request, reply))
        return;
    if (!call.path)
        sim_reply_text(reply, 404, "text/plain; charset=utf-8", "404 page not found\n");
    else if (sim_knob_bool("vault", "require_request_header", false) && (!demanded || strcmp(demanded, "true") != 0))
        vault_refuse(&call, 412, "missing \"X-Vault-Request\" header");
    else if (sim_knob_bool("vault", "throttled", false))
        throttle(&call);
    else if (sim_knob_bool("vault", "sealed", false) && strcmp(call.path, "sys/health") != 0 &&
             strcmp(call.path, "sys/seal-status") != 0)
        vault_refuse(&call, 503, "Vault is sealed");
    else
        prepare(&call);
}

static void unload(void)
{
    vault_tokens_unload();
    vault_leases_unload();
    vault_wrapping_unload();
    seed = NULL;
}

static bool load(struct json_object *section, struct buffer *why)
{
    if (section && !json_object_is_type(section, json_type_object)) {
        buffer_puts(why, "vault is no object");
        return false;
    }
    unload();
    seed = section;
    vault_tokens_load();
    return true;
}

static void admin(const char *verb, struct json_object *arguments, struct sim_reply *reply)
{
    if (!strcmp(verb, "secrets"))
        vault_kv_admin(arguments, reply);
    else if (!strcmp(verb, "tokens"))
        vault_tokens_admin(arguments, reply);
}

static struct json_object *state(void)
{
    struct json_object *shown = json_object_new_object();
    sim_put_int(shown, "tokens", vault_tokens_count());
    sim_put_int(shown, "leases", vault_leases_count());
    return shown;
}

const struct sim_service sim_vault = {"vault", "", load, handle, admin, state, unload};
