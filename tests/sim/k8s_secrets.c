/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of Kubernetes: read one by one, as the only thing that the roles of the seed allow. */
#include "k8s.h"

#include "base/base64.h"
#include "base/json.h"

#include <stdio.h>
#include <string.h>

/* Its place in the list; past the end if there is none. */
static size_t place_of(const char *namespace, const char *name)
{
    struct json_object *list = k8s_seed("secrets");
    size_t count = list ? json_object_array_length(list) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *secret = json_object_array_get_idx(list, i);
        const char *where = json_member_text(secret, "namespace");
        const char *called = json_member_text(secret, "name");
        if (where && called && !strcmp(where, namespace) && !strcmp(called, name))
            return i;
    }
    return count;
}

static struct json_object *find_secret(const char *namespace, const char *name)
{
    struct json_object *list = k8s_seed("secrets");
    return list ? json_object_array_get_idx(list, place_of(namespace, name)) : NULL;
}

static struct json_object *managed_fields(void)
{
    static const char text[] =
        "[{\"manager\":\"kubectl-create\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
        "\"time\":\"2026-01-01T00:00:00Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:data\":"
        "{\".\":{}},\"f:type\":{}}}]";
    return json_tokener_parse(text);
}

/* The names by which a secret is known: an id and a version that change as it is made anew and as it is written. */
static struct json_object *metadata_of(struct json_object *secret)
{
    char uid[64];
    char version[24];
    int64_t written = 0;
    struct json_object *metadata = json_object_new_object();
    json_member_int64(secret, "written", &written);
    snprintf(uid, sizeof(uid), "00000000-0000-4000-8000-%012zx", strlen(json_member_text(secret, "name")));
    snprintf(version, sizeof(version), "%lld", (long long)(12345 + written));
    sim_put(metadata, "name", json_member_text(secret, "name"));
    sim_put(metadata, "namespace", json_member_text(secret, "namespace"));
    sim_put(metadata, "uid", uid);
    sim_put(metadata, "resourceVersion", version);
    sim_put(metadata, "creationTimestamp", "2026-01-01T00:00:00Z");
    json_object_object_add(metadata, "managedFields", managed_fields());
    return metadata;
}

/* The seed has texts under stringData, as manifests do; they are never shown so. */
static struct json_object *data_of(struct json_object *secret)
{
    struct json_object *data = json_object_new_object();
    struct json_object *encoded = json_member(secret, "data");
    struct json_object *texts = json_member(secret, "stringData");
    if (encoded) {
        json_object_object_foreach(encoded, key, value)
        {
            json_object_object_add(data, key, json_object_get(value));
        }
    }
    if (texts) {
        json_object_object_foreach(texts, name, text)
        {
            struct buffer base64 = BUFFER_INIT;
            base64_encode(&base64, json_object_get_string(text), (size_t)json_object_get_string_len(text));
            sim_put(data, name, buffer_text(&base64));
            buffer_release(&base64);
        }
    }
    return data;
}

static void show(struct k8s_call *call, struct json_object *secret)
{
    const char *type = json_member_text(secret, "type");
    struct json_object *data = data_of(secret);
    struct json_object *body = json_object_new_object();
    sim_put(body, "kind", "Secret");
    sim_put(body, "apiVersion", "v1");
    json_object_object_add(body, "metadata", metadata_of(secret));
    if (sim_flag(secret, "immutable"))
        json_object_object_add(body, "immutable", json_object_new_boolean(true));
    if (json_object_object_length(data) > 0)
        json_object_object_add(body, "data", data);
    else
        json_object_put(data);
    sim_put(body, "type", type ? type : "Opaque");
    sim_reply_json(call->reply, 200, body);
}

static bool accepts_json(const struct sim_request *request)
{
    const char *accept = sim_header(request, "Accept");
    return !accept || strstr(accept, "application/json") || strstr(accept, "*/*") || strstr(accept, "application/*");
}

void k8s_secrets(struct k8s_call *call)
{
    struct json_object *secret = find_secret(call->namespace, call->name);
    if (!k8s_authorize(call, secret))
        return;
    if (strcmp(call->verb, "get") != 0)
        k8s_refuse(call, 405, "MethodNotAllowed", true,
                   "the server does not allow this method on the requested resource");
    else if (!accepts_json(call->request))
        k8s_refuse(call, 406, "NotAcceptable", false,
                   "only the following media types are accepted: application/json, application/yaml, "
                   "application/vnd.kubernetes.protobuf");
    else if (!secret)
        k8s_refuse(call, 404, "NotFound", true, "secrets \"%s\" not found", call->name);
    else
        show(call, secret);
}

static struct json_object *new_secret(const char *namespace, const char *name)
{
    struct json_object *secret = json_object_new_object();
    sim_put(secret, "namespace", namespace);
    sim_put(secret, "name", name);
    json_object_array_add(k8s_seed("secrets"), secret);
    return secret;
}

/* What the arguments have in place of what the secret had. */
static void write_secret(struct json_object *secret, struct json_object *arguments)
{
    static const char *const members[] = {"data", "stringData", "type", "immutable"};
    int64_t written = 0;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_object_object_del(secret, members[i]);
        if (json_member(arguments, members[i]))
            json_object_object_add(secret, members[i], json_object_get(json_member(arguments, members[i])));
    }
    json_member_int64(secret, "written", &written);
    json_object_object_add(secret, "written", json_object_new_int64(written + 1));
}

void k8s_secrets_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *namespace = json_member_text(arguments, "namespace");
    const char *name = json_member_text(arguments, "name");
    const char *action = json_member_text(arguments, "action");
    if (!namespace)
    namespace = "default";
    struct json_object *secret = name ? find_secret(namespace, name) : NULL;
    if (!name || (action && strcmp(action, "put") != 0 && !secret))
        return;
    reply->status = 204;
    if (!action || !strcmp(action, "put"))
        write_secret(secret ? secret : new_secret(namespace, name), arguments);
    else if (!strcmp(action, "deny") || !strcmp(action, "allow"))
        json_object_object_add(secret, "denied", json_object_new_boolean(action[0] == 'd'));
    else if (!strcmp(action, "delete"))
        json_object_array_del_idx(k8s_seed("secrets"), place_of(namespace, name), 1);
    else
        reply->status = 404;
}
