/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks the API server: bearer tokens, certificates of the authority, impersonation; and what RBAC lets him do. */
#include "k8s.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct token {
    struct token *next;
    char text[K8S_TEXT_MAX];
    char user[K8S_TEXT_MAX];
    char audience[K8S_TEXT_MAX]; /* "" is the API server */
    int64_t expires;             /* 0: never */
} * tokens;

void k8s_accounts_unload(void)
{
    while (tokens) {
        struct token *next = tokens->next;
        free(tokens);
        tokens = next;
    }
}

static struct token *add_token(const char *user, int64_t seconds)
{
    struct token *token = calloc(1, sizeof(*token));
    if (!token)
        abort();
    snprintf(token->user, sizeof(token->user), "%s", user);
    token->expires = seconds > 0 ? sim_now() + seconds * 1000 : 0;
    token->next = tokens;
    tokens = token;
    return token;
}

void k8s_accounts_load(void)
{
    struct json_object *accounts = k8s_seed("accounts");
    k8s_accounts_unload();
    for (size_t i = 0; accounts && i < json_object_array_length(accounts); i++) {
        struct json_object *account = json_object_array_get_idx(accounts, i);
        const char *text = json_member_text(account, "token");
        const char *user = json_member_text(account, "user");
        if (text && user)
            snprintf(add_token(user, 0)->text, K8S_TEXT_MAX, "%s", text);
    }
}

const char *k8s_token_user(const char *text, const char *audience)
{
    const struct token *token = tokens;
    while (token && strcmp(token->text, text) != 0)
        token = token->next;
    const bool good =
        token && *text && !strcmp(token->audience, audience) && (!token->expires || token->expires > sim_now());
    return good ? token->user : NULL;
}

static struct json_object *account_of(const char *user)
{
    return sim_find(k8s_seed("accounts"), "user", user);
}

/* The user that a credential stands for; NULL if one that was shown is refused. Other schemes than Bearer, Basic
 * among them, say nothing to the server. */
static const char *credential_user(const struct sim_request *request)
{
    static const char bearer[] = "Bearer ";
    const char *header = sim_header(request, "Authorization");
    if (request->peer)
        return request->peer;
    if (header && text_equal_nocase_length(header, bearer, strlen(bearer)))
        return k8s_token_user(header + strlen(bearer), "");
    return request->foreign_peer || !sim_knob_bool("k8s", "anonymous", true) ? NULL : "system:anonymous";
}

static bool impersonate(struct k8s_call *call)
{
    const char *other = sim_header(call->request, "Impersonate-User");
    if (!other)
        return true;
    if (!sim_lists(json_member(account_of(call->user), "impersonates"), other)) {
        k8s_refuse(
            call, 403, "Forbidden", true,
            "users \"%s\" is forbidden: User \"%s\" cannot impersonate resource \"users\" in API group \"\" at "
            "the cluster scope",
            other, call->user);
        return false;
    }
    snprintf(call->user, sizeof(call->user), "%s", other);
    return true;
}

bool k8s_authenticate(struct k8s_call *call)
{
    const char *user = credential_user(call->request);
    if (!user) {
        k8s_refuse(call, 401, "Unauthorized", false, "Unauthorized");
        return false;
    }
    snprintf(call->user, sizeof(call->user), "%s", user);
    return impersonate(call);
}

/* A rule of a Role: verbs and, where they are restricted, resourceNames. */
static bool rule_allows(struct json_object *rule, const struct k8s_call *call)
{
    const char *namespace = json_member_text(rule, "namespace");
    struct json_object *names = json_member(rule, "resourceNames");
    return namespace && !strcmp(namespace, call->namespace) &&
           sim_lists(json_member(rule, "resources"), call->resource) &&
           sim_lists(json_member(rule, "verbs"), call->verb) && (!names || sim_lists(names, call->name));
}

bool k8s_authorize(struct k8s_call *call, struct json_object *secret)
{
    struct json_object *rules = json_member(account_of(call->user), "rules");
    bool allowed = false;
    for (size_t i = 0; rules && !allowed && i < json_object_array_length(rules); i++)
        allowed = rule_allows(json_object_array_get_idx(rules, i), call);
    if (allowed && !sim_flag(secret, "denied"))
        return true;
    k8s_refuse(
        call, 403, "Forbidden", true,
        "%s%s%s%s is forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"\" in the namespace \"%s\"",
        call->resource, *call->name ? " \"" : "", call->name, *call->name ? "\"" : "", call->user, call->verb,
        call->resource, call->namespace);
    return false;
}

static void revoke(const char *user)
{
    for (struct token *token = tokens; token; token = token->next)
        if (!strcmp(token->user, user))
            token->text[0] = '\0';
}

void k8s_tokens_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *user = json_member_text(arguments, "user");
    const char *action = json_member_text(arguments, "action");
    int64_t seconds = 0;
    if (!user)
        return;
    json_member_int64(arguments, "lifetime", &seconds);
    if (action && (!strcmp(action, "revoke") || !strcmp(action, "rotate")))
        revoke(user);
    reply->status = 204;
    if (action && !strcmp(action, "revoke"))
        return;
    struct token *token = add_token(user, seconds);
    const char *audience = json_member_text(arguments, "audience");
    snprintf(token->audience, sizeof(token->audience), "%s", audience ? audience : "");
    snprintf(token->text, sizeof(token->text), "sim-k8s-");
    sim_random_text(token->text + strlen(token->text), 32, "abcdefghijklmnopqrstuvwxyz0123456789");
    struct json_object *answer = json_object_new_object();
    sim_put(answer, "token", token->text);
    sim_reply_json(reply, 200, answer);
}
