/* SPDX-License-Identifier: Apache-2.0 */
/* Vault: tokens with their lifetimes and uses, what policies let them do, and the calls about themselves. */
#include "vault.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct vault_token *tokens;

void vault_tokens_unload(void)
{
    while (tokens) {
        struct vault_token *next = tokens->next;
        json_object_put(tokens->policies);
        free(tokens);
        tokens = next;
    }
}

bool vault_token_is_live(const struct vault_token *token)
{
    return !token->revoked && (token->expires == 0 || token->expires > sim_now());
}

int64_t vault_tokens_count(void)
{
    int64_t count = 0;
    for (const struct vault_token *token = tokens; token; token = token->next)
        count += vault_token_is_live(token);
    return count;
}

/* Every token but root's has the policy "default" too. */
static struct json_object *policies_of(struct json_object *settings)
{
    struct json_object *list = json_object_new_array();
    struct json_object *named = json_member(settings, "policies");
    if (!sim_lists(named, "root"))
        json_object_array_add(list, json_object_new_string("default"));
    for (size_t i = 0; named && i < json_object_array_length(named); i++)
        json_object_array_add(list, json_object_get(json_object_array_get_idx(named, i)));
    return list;
}

static void name_token(struct vault_token *token, const char *id)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const bool bao = sim_knob_bool("vault", "openbao", false);
    const char *prefix = token->batch ? (bao ? "b." : "hvb.") : bao ? "s." : "hvs.";
    char random[25];
    sim_random_text(random, sizeof(random) - 1, letters);
    snprintf(token->text, sizeof(token->text), "%s%s", id ? "" : prefix, id ? id : random);
    if (!token->batch)
        sim_random_text(token->accessor, 24, letters);
}

/* How long a period or a role's ttl lets it live, and how long its maximum. */
static void time_token(struct vault_token *token, struct json_object *settings)
{
    token->period = vault_seconds(json_member(settings, "period"), 0);
    token->ttl = token->period ? token->period : vault_seconds(json_member(settings, "ttl"), VAULT_MAX_TTL);
    const int64_t explicit_max = vault_seconds(json_member(settings, "explicit_max_ttl"), 0);
    const int64_t max = vault_seconds(json_member(settings, "max_ttl"), VAULT_MAX_TTL);
    token->created = sim_now();
    token->expires = token->ttl ? token->created + token->ttl * 1000 : 0;
    token->latest = explicit_max        ? token->created + explicit_max * 1000
                    : token->period > 0 ? INT64_MAX
                                        : token->created + max * 1000;
}

struct vault_token *vault_token_issue(struct json_object *settings, const char *namespace, const char *path)
{
    struct vault_token *token = calloc(1, sizeof(*token));
    const char *type = json_member_text(settings, "token_type");
    if (!token)
        abort();
    token->batch = type && !strcmp(type, "batch");
    token->renewable = !token->batch;
    json_member_bool(settings, "renewable", &token->renewable);
    json_member_int64(settings, "num_uses", &token->uses);
    token->policies = policies_of(settings);
    snprintf(token->namespace, sizeof(token->namespace), "%s", namespace);
    snprintf(token->path, sizeof(token->path), "%s", path);
    name_token(token, json_member_text(settings, "id"));
    time_token(token, settings);
    token->next = tokens;
    tokens = token;
    return token;
}

void vault_tokens_load(void)
{
    struct json_object *list = vault_seed("tokens");
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *namespace = json_member_text(item, "namespace");
        vault_token_issue(item, namespace ? namespace : "", "auth/token/create");
    }
}

static struct vault_token *find_token(const char *text)
{
    struct vault_token *token = tokens;
    while (token && (strcmp(token->text, text) != 0 || !vault_token_is_live(token)))
        token = token->next;
    return token;
}

/* Whether the namespace is that of the token or below it; `relative` is the part below. */
static bool is_within(const char *namespace, const struct vault_token *token, const char **relative)
{
    const size_t length = strlen(token->namespace);
    const char *rest = text_starts_with(namespace, token->namespace) ? namespace + length : NULL;
    if (!rest || (length > 0 && *rest != '\0' && *rest != '/'))
        return false;
    *relative = rest + (*rest == '/');
    return true;
}

/* A node that is behind knows a new token by the index alone, and has the active one answer. */
static bool is_known_here(const struct vault_call *call, const struct vault_token *token)
{
    const char *index = sim_header(call->request, "X-Vault-Index");
    const char *inconsistent = sim_header(call->request, "X-Vault-Inconsistent");
    return !*token->index ||
           (index && !strcmp(index, token->index) && inconsistent && !strcmp(inconsistent, "forward-active-node"));
}

struct vault_token *vault_token_of(struct vault_call *call)
{
    const char *relative = NULL;
    const char *bearer = sim_header(call->request, "Authorization");
    const char *text = sim_header(call->request, "X-Vault-Token");
    if (!text && bearer && text_starts_with(bearer, "Bearer "))
        text = bearer + strlen("Bearer ");
    struct vault_token *token = text ? find_token(text) : NULL;
    if (token && is_within(call->namespace, token, &relative) && is_known_here(call, token))
        return token;
    if (text && !token && sim_knob_bool("vault", "invalid_token_text", true))
        vault_refuse(call, 403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n");
    else
        vault_refuse(call, 403, "permission denied");
    return NULL;
}

/* How well a pattern fits the path: the longest does, and an exact one more than one that ends in a star; 0: not. */
static size_t fit_of(const char *pattern, const char *path)
{
    const bool glob = text_ends_with(pattern, "*");
    const size_t length = strlen(pattern) - glob;
    const bool fits = glob ? !strncmp(pattern, path, length) : !strcmp(pattern, path);
    return fits ? 2 * length + 1 + !glob : 0;
}

/* Calls for each path that the token's policies name. */
static void each_rule(const struct vault_token *token,
                      void (*visit)(const char *pattern, const char *capabilities, void *data), void *data)
{
    for (size_t i = 0; i < json_object_array_length(token->policies); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(token->policies, i));
        struct json_object *paths = json_member(sim_find(vault_seed("policies"), "name", name), "paths");
        if (!paths)
            continue;
        json_object_object_foreach(paths, pattern, capabilities)
        {
            visit(pattern, json_object_get_string(capabilities), data);
        }
    }
}

struct decision {
    char path[2 * VAULT_TEXT_MAX];
    const char *operation;
    size_t best;
    bool allowed;
};

static void weigh(const char *pattern, const char *capabilities, void *data)
{
    struct decision *decision = data;
    const size_t fit = fit_of(pattern, decision->path);
    if (fit > decision->best) {
        decision->best = fit;
        decision->allowed = strstr(capabilities, decision->operation) != NULL;
    }
}

bool vault_allows(const struct vault_call *call, const char *path)
{
    const char *relative = "";
    struct decision decision = {.operation = call->operation};
    if (sim_lists(call->token->policies, "root"))
        return true;
    is_within(call->namespace, call->token, &relative);
    snprintf(decision.path, sizeof(decision.path), "%s%s%s", relative, *relative ? "/" : "", path);
    each_rule(call->token, weigh, &decision);
    return decision.allowed;
}

struct touch {
    char mount[2 * VAULT_TEXT_MAX];
    bool touched;
};

static void touch(const char *pattern, const char *capabilities, void *data)
{
    struct touch *question = data;
    const size_t length = strlen(pattern) - text_ends_with(pattern, "*");
    const bool below = text_starts_with(pattern, question->mount);
    const bool above = pattern[length] == '*' && !strncmp(pattern, question->mount, length);
    if ((below || above) && strcmp(capabilities, "deny") != 0)
        question->touched = true;
}

bool vault_touches(const struct vault_call *call, const char *namespace, const char *mount)
{
    const char *relative = "";
    struct touch question = {.touched = sim_lists(call->token->policies, "root")};
    is_within(namespace, call->token, &relative);
    snprintf(question.mount, sizeof(question.mount), "%s%s%s", relative, *relative ? "/" : "", mount);
    each_rule(call->token, touch, &question);
    return question.touched;
}

static int64_t seconds_left(const struct vault_token *token)
{
    return token->expires ? (token->expires - sim_now() + 500) / 1000 : 0;
}

void vault_put_auth(struct json_object *envelope, const struct vault_token *token)
{
    struct json_object *auth = json_object_new_object();
    sim_put(auth, "client_token", token->text);
    sim_put(auth, "accessor", token->accessor);
    json_object_object_add(auth, "policies", json_object_get(token->policies));
    json_object_object_add(auth, "token_policies", json_object_get(token->policies));
    sim_put(auth, "metadata", NULL);
    sim_put_int(auth, "lease_duration", seconds_left(token));
    sim_put_bool(auth, "renewable", token->renewable);
    sim_put(auth, "entity_id", "");
    sim_put(auth, "token_type", token->batch ? "batch" : "service");
    sim_put_bool(auth, "orphan", true);
    sim_put(auth, "mfa_requirement", NULL);
    sim_put_int(auth, "num_uses", token->uses);
    json_object_object_add(envelope, "auth", auth);
}

static void look_up(struct vault_call *call, const struct vault_token *token)
{
    char time[40];
    struct json_object *data = json_object_new_object();
    sim_put(data, "id", token->text);
    sim_put(data, "accessor", token->accessor);
    sim_put(data, "path", token->path);
    sim_put(data, "display_name", "token");
    json_object_object_add(data, "policies", json_object_get(token->policies));
    sim_put_int(data, "creation_time", token->created / 1000);
    sim_put_int(data, "creation_ttl", token->ttl);
    sim_put_int(data, "explicit_max_ttl", 0);
    vault_time(token->created, time);
    sim_put(data, "issue_time", time);
    vault_time(token->expires, time);
    sim_put(data, "expire_time", token->expires ? time : NULL);
    sim_put_int(data, "ttl", seconds_left(token));
    sim_put_bool(data, "renewable", token->renewable);
    sim_put_int(data, "num_uses", token->uses);
    sim_put(data, "entity_id", "");
    sim_put(data, "meta", NULL);
    sim_put_bool(data, "orphan", true);
    sim_put(data, "type", token->batch ? "batch" : "service");
    if (token->period)
        sim_put_int(data, "period", token->period);
    if (*token->namespace)
        sim_put(data, "namespace_path", token->namespace);
    vault_send_data(call, data);
}

/* The new life is as long as was asked for, also if that is shorter; it ends with the longest that there may be. */
static void renew(struct vault_call *call, struct vault_token *token)
{
    const int64_t asked = vault_seconds(json_member(call->input, "increment"), 0);
    const int64_t seconds = token->period ? token->period : asked > 0 ? asked : token->ttl;
    if (token->batch || !token->renewable || token->expires == 0) {
        vault_refuse(call, 400, token->batch ? "batch tokens cannot be renewed" : "lease is not renewable");
        return;
    }
    if (token->latest <= sim_now() + 1000) {
        vault_refuse(call, 500, "past the max TTL, cannot renew");
        return;
    }
    struct json_object *envelope = vault_envelope(call);
    token->expires = sim_now() + seconds * 1000;
    if (token->expires > token->latest) {
        struct json_object *warnings = json_object_new_array();
        token->expires = token->latest;
        json_object_array_add(warnings,
                              json_object_new_string("TTL exceeded the effective max_ttl; the TTL was capped"));
        json_object_object_add(envelope, "warnings", warnings);
    }
    sim_count("vault", "renewals");
    vault_put_auth(envelope, token);
    vault_send(call, 200, envelope);
}

void vault_token_self(struct vault_call *call, const char *what)
{
    if (!strcmp(what, "lookup")) {
        look_up(call, call->token);
    } else if (!strcmp(what, "renew")) {
        renew(call, call->token);
    } else if (call->token->batch) {
        vault_refuse(call, 400, "batch tokens cannot be revoked");
    } else {
        call->token->revoked = true;
        vault_done(call);
    }
}

void vault_tokens_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *action = json_member_text(arguments, "action");
    const char *text = json_member_text(arguments, "token");
    const char *namespace = json_member_text(arguments, "namespace");
    struct vault_token *token = text ? find_token(text) : NULL;
    if (action && !strcmp(action, "revoke")) {
        if (token)
            token->revoked = true;
        reply->status = token ? 204 : 404;
        return;
    }
    token = vault_token_issue(arguments, namespace ? namespace : "", "auth/token/create");
    struct json_object *answer = json_object_new_object();
    sim_put(answer, "token", token->text);
    sim_reply_json(reply, 200, answer);
}
