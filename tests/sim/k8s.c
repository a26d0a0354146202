/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes: which resource a request is for, what clients discover before they ask, and how the server refuses. */
#include "k8s.h"
#include "services.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static struct json_object *seed;

struct json_object *k8s_seed(const char *list)
{
    return json_member(seed, list);
}

static void put_details(struct json_object *status, const struct k8s_call *call, int64_t retry_after)
{
    struct json_object *details = json_object_new_object();
    if (*call->name)
        sim_put(details, "name", call->name);
    if (*call->resource)
        sim_put(details, "kind", call->resource);
    if (retry_after > 0)
        json_object_object_add(details, "retryAfterSeconds", json_object_new_int64(retry_after));
    json_object_object_add(status, "details", details);
}

static void answer_status(struct k8s_call *call, int code, const char *reason, bool details, const char *message)
{
    int64_t retry_after = code == 429 ? sim_knob_int("k8s", "retry_after", 1) : 0;
    struct json_object *status = json_object_new_object();
    sim_put(status, "kind", "Status");
    sim_put(status, "apiVersion", "v1");
    json_object_object_add(status, "metadata", json_object_new_object());
    sim_put(status, "status", "Failure");
    sim_put(status, "message", message);
    sim_put(status, "reason", reason);
    if (details || retry_after > 0)
        put_details(status, call, retry_after);
    json_object_object_add(status, "code", json_object_new_int(code));
    if (retry_after > 0) {
        char seconds[24];
        snprintf(seconds, sizeof(seconds), "%lld", (long long)retry_after);
        sim_reply_header(call->reply, "Retry-After", seconds);
    }
    sim_reply_json(call->reply, code, status);
    sim_verdict(call->reply, "%s: %s", reason, message);
}

void k8s_refuse(struct k8s_call *call, int code, const char *reason, bool details, const char *format, ...)
{
    char message[4 * K8S_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    answer_status(call, code, reason, details, message);
}

/* What clients ask for before they know which resources there are. */
static const struct {
    const char *path;
    const char *answer;
} documents[] = {
    {"/api", "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\"serverAddressByClientCIDRs\":[{\"clientCIDR\":"
             "\"0.0.0.0/0\",\"serverAddress\":\"127.0.0.1:6443\"}]}"},
    {"/apis", "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[]}"},
    {"/api/v1", "{\"kind\":\"APIResourceList\",\"groupVersion\":\"v1\",\"resources\":[{\"name\":\"secrets\","
                "\"singularName\":\"\",\"namespaced\":true,\"kind\":\"Secret\",\"verbs\":[\"create\",\"delete\","
                "\"deletecollection\",\"get\",\"list\",\"patch\",\"update\",\"watch\"]}]}"},
    {"/version", "{\"major\":\"1\",\"minor\":\"33\",\"gitVersion\":\"v1.33.1\",\"platform\":\"linux/amd64\"}"},
};

/* Discovery is for everybody who has a name (the role system:discovery); true if that is what was asked. */
static bool discover(struct k8s_call *call, const char *path)
{
    size_t i = 0;
    const size_t count = sizeof(documents) / sizeof(documents[0]);
    while (i < count && strcmp(documents[i].path, path) != 0)
        i++;
    if (i == count)
        return false;
    if (!strcmp(call->user, "system:anonymous"))
        k8s_refuse(call, 403, "Forbidden", true, "forbidden: User \"%s\" cannot get path \"%s\"", call->user, path);
    else if (sim_is(call->request, "GET"))
        sim_reply_text(call->reply, 200, "application/json", documents[i].answer);
    else
        k8s_refuse(call, 405, "MethodNotAllowed", true,
                   "the server does not allow this method on the requested resource");
    return true;
}

/* Who one is to the server, which everybody may ask since 1.28. */
static bool review_self(struct k8s_call *call, const char *path)
{
    if (strcmp(path, "/apis/authentication.k8s.io/v1/selfsubjectreviews") != 0 || !sim_is(call->request, "POST"))
        return false;
    struct json_object *review = json_object_new_object();
    struct json_object *status = json_object_new_object();
    struct json_object *user = json_object_new_object();
    sim_put(review, "kind", "SelfSubjectReview");
    sim_put(review, "apiVersion", "authentication.k8s.io/v1");
    json_object_object_add(review, "metadata", json_object_new_object());
    sim_put(user, "username", call->user);
    json_object_object_add(status, "userInfo", user);
    json_object_object_add(review, "status", status);
    sim_reply_json(call->reply, 201, review);
    return true;
}

static bool take_segment(const char **at, char *out, size_t size)
{
    size_t length = strcspn(*at, "/");
    snprintf(out, size, "%.*s", (int)length, *at);
    *at += length;
    *at += **at == '/';
    return length > 0 && length < size;
}

static const char *verb_of(const struct k8s_call *call)
{
    static const char *const verbs[][3] = {{"GET", "get", "list"},
                                           {"POST", "create", "create"},
                                           {"PUT", "update", "update"},
                                           {"PATCH", "patch", "patch"},
                                           {"DELETE", "delete", "deletecollection"}};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (sim_is(call->request, verbs[i][0]))
            return verbs[i][*call->name ? 1 : 2];
    return NULL;
}

/* /api/v1/namespaces/NAMESPACE/RESOURCE[/NAME]; the server too goes by the decoded path. */
static bool parse(struct k8s_call *call, const char *path)
{
    static const char prefix[] = "/api/v1/namespaces/";
    if (!text_starts_with(path, prefix))
        return false;
    const char *at = path + strlen(prefix);
    bool whole = take_segment(&at, call->namespace, sizeof(call->namespace)) &&
                 take_segment(&at, call->resource, sizeof(call->resource)) &&
                 (*at == '\0' || take_segment(&at, call->name, sizeof(call->name))) && *at == '\0';
    call->verb = verb_of(call);
    return whole && call->verb;
}

static void route(struct k8s_call *call, const char *path)
{
    if (!k8s_authenticate(call) || discover(call, path) || review_self(call, path))
        return;
    if (!parse(call, path))
        sim_reply_text(call->reply, 404, "text/plain; charset=utf-8", "404 page not found\n");
    else if (!strcmp(call->resource, "secrets"))
        k8s_secrets(call);
    else if (k8s_authorize(call, NULL))
        k8s_refuse(call, 404, "NotFound", true, "the server could not find the requested resource");
}

static void handle(const struct sim_request *request, struct sim_reply *reply)
{
    struct k8s_call call = {.request = request, .reply = reply};
    char prefix[K8S_TEXT_MAX];
    char audit_id[37];
    const char *path = sim_path_after(request, sim_knob_text("k8s", "prefix", "", prefix, sizeof(prefix)));
    sim_uuid(audit_id);
    sim_reply_header(reply, "Audit-Id", audit_id);
    sim_reply_header(reply, "Cache-Control", "no-cache, private");
    if (!path)
        sim_reply_text(reply, 404, "text/plain; charset=utf-8", "404 page not found\n");
    else if (sim_knob_bool("k8s", "throttled", false))
        k8s_refuse(&call, 429, "TooManyRequests", false, "too many requests, please try again later.");
    else
        route(&call, path);
}

static bool load(struct json_object *section, struct buffer *why)
{
    if (section && !json_object_is_type(section, json_type_object)) {
        buffer_puts(why, "k8s is no object");
        return false;
    }
    seed = section;
    k8s_accounts_load();
    return true;
}

static void admin(const char *verb, struct json_object *arguments, struct sim_reply *reply)
{
    if (!strcmp(verb, "secrets"))
        k8s_secrets_admin(arguments, reply);
    else if (!strcmp(verb, "tokens"))
        k8s_tokens_admin(arguments, reply);
}

static void unload(void)
{
    k8s_accounts_unload();
    seed = NULL;
}

const struct sim_service sim_k8s = {"k8s", "", load, handle, admin, NULL, unload};
