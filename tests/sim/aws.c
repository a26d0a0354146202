/* SPDX-License-Identifier: Apache-2.0 */
/* AWS: which API a request is for, and what the JSON 1.1 services have in common. */
#include "aws.h"
#include "services.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static struct json_object *seed;

static const struct {
    const char *prefix; /* of X-Amz-Target */
    const char *scope;
    const struct aws_operation *operations;
} targets[] = {
    {"secretsmanager.", "secretsmanager", aws_secrets_operations},
    {"AmazonSSM.", "ssm", aws_ssm_operations},
};

static bool (*const by_path[])(struct aws_call *call) = {aws_imds, aws_container, aws_oidc, aws_portal, aws_login};

struct json_object *aws_seed(const char *name)
{
    return json_member(seed, name);
}

struct json_object *aws_find(const char *list, const char *member, const char *value)
{
    return sim_find(aws_seed(list), member, value);
}

void aws_add_request_id(struct sim_reply *reply)
{
    char id[37];
    sim_uuid(id);
    sim_reply_set_header(reply, "x-amzn-RequestId", id);
}

void aws_json_error(struct sim_reply *reply, int status, const char *code, const char *message)
{
    struct json_object *error = json_object_new_object();
    json_object_object_add(error, "__type", json_object_new_string(code));
    json_object_object_add(error, "message", json_object_new_string(message));
    sim_reply_set_header(reply, "Content-Type", "application/x-amz-json-1.1");
    aws_add_request_id(reply);
    sim_reply_json(reply, status, error);
    sim_verdict(reply, "%s: %s", code, message);
}

void aws_refuse(struct aws_refusal *refusal, int status, const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    refusal->status = status;
    refusal->code = code;
    vsnprintf(refusal->message, sizeof(refusal->message), format, arguments);
    va_end(arguments);
}

static void deny(struct aws_call *call, const char *scope, const char *operation)
{
    char message[512];
    snprintf(message, sizeof(message),
             "User: %s is not authorized to perform: %s:%s because no identity-based policy allows the %s:%s action",
             call->key->arn, scope, operation, scope, operation);
    aws_json_error(call->reply, 400, "AccessDeniedException", message);
}

static const struct aws_operation *find_operation(const struct aws_operation *list, const char *name)
{
    for (; list->name; list++)
        if (!strcmp(list->name, name))
            return list;
    return NULL;
}

/* POST / with X-Amz-Target. */
static void handle_target(struct aws_call *call, size_t i, const char *name)
{
    const struct aws_operation *operation = find_operation(targets[i].operations, name);
    struct aws_refusal refusal = {0};
    if (!operation) {
        aws_json_error(call->reply, 400, "UnknownOperationException", "");
        return;
    }
    if (!sim_is(call->request, "POST") || !sim_has_type(call->request, "application/x-amz-json-1.1")) {
        aws_json_error(call->reply, 400, "SerializationException", "POST application/x-amz-json-1.1 is expected");
        return;
    }
    call->key = aws_verify(call->request, targets[i].scope, call->region, &refusal);
    if (!call->key) {
        aws_json_error(call->reply, refusal.status, refusal.code, refusal.message);
        return;
    }
    call->input = sim_body_json(call->request);
    if (!json_object_is_type(call->input, json_type_object))
        aws_json_error(call->reply, 400, "SerializationException", "the body is no JSON object");
    else if (call->key->denied)
        deny(call, targets[i].scope, name);
    else
        operation->run(call);
    json_object_put(call->input);
}

static void handle(const struct sim_request *request, struct sim_reply *reply)
{
    struct aws_call call = {.request = request, .reply = reply};
    const char *target = sim_header(request, "X-Amz-Target");
    for (size_t i = 0; target && i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (text_starts_with(target, targets[i].prefix)) {
            handle_target(&call, i, target + strlen(targets[i].prefix));
            return;
        }
    }
    if (aws_is_sts(request)) {
        aws_sts(&call);
        return;
    }
    for (size_t i = 0; i < sizeof(by_path) / sizeof(by_path[0]); i++)
        if (by_path[i](&call))
            return;
    aws_json_error(reply, 404, "UnknownOperationException", "no API of the simulator has this path or target");
}

static bool load(struct json_object *section, struct buffer *why)
{
    if (section && !json_object_is_type(section, json_type_object)) {
        buffer_puts(why, "aws is no object");
        return false;
    }
    seed = section;
    aws_keys_load(section);
    aws_metadata_load();
    return true;
}

static void admin(const char *verb, struct json_object *arguments, struct sim_reply *reply)
{
    if (!strcmp(verb, "secrets"))
        aws_secrets_admin(arguments, reply);
}

static void unload(void)
{
    aws_keys_unload();
    seed = NULL;
}

const struct sim_service sim_aws = {"aws", "", load, handle, admin, NULL, unload};
