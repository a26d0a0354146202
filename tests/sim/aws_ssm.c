/* SPDX-License-Identifier: Apache-2.0 */
/* Systems Manager Parameter Store: one parameter or ten, by name, ARN and selector. */
#include "aws.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 10, NAME_MAX_LENGTH = 2048 };

static const char reference_prefix[] = "/aws/reference/secretsmanager/";

/* A name as it was sent, in parts. */
struct asked {
    char name[NAME_MAX_LENGTH + 1];
    char selector[128]; /* with its colon, or "" */
};

static struct json_object *refuse(struct aws_refusal *refusal, const char *code, const char *message)
{
    aws_refuse(refusal, 400, code, "%s", message);
    return NULL;
}

/* arn:PARTITION:ssm:REGION:ACCOUNT:parameter/path: the path keeps its slash only where it has further ones. */
static const char *strip_arn(const char *text)
{
    for (size_t colons = 0; colons < 5; colons++) {
        text = strchr(text, ':');
        if (!text)
            return NULL;
        text++;
    }
    if (!text_starts_with(text, "parameter/"))
        return NULL;
    text += strlen("parameter");
    return strchr(text + 1, '/') ? text : text + 1;
}

static bool take_apart(const char *text, struct asked *asked)
{
    if (!text || !*text || strlen(text) > NAME_MAX_LENGTH)
        return false;
    const char *name = text_starts_with(text, "arn:") ? strip_arn(text) : text;
    const char *colon = name ? strrchr(name, ':') : NULL;
    if (!name)
        return false;
    size_t length = colon ? (size_t)(colon - name) : strlen(name);
    snprintf(asked->name, sizeof(asked->name), "%.*s", (int)length, name);
    snprintf(asked->selector, sizeof(asked->selector), "%s", colon ? colon : "");
    return true;
}

/* The index of the asked version in "values", or -1: versions count from 1, the last is the newest. */
static int64_t pick_version(struct json_object *parameter, const char *selector)
{
    struct json_object *values = json_member(parameter, "values");
    const int64_t count = values ? (int64_t)json_object_array_length(values) : 0;
    int64_t version = count;
    if (*selector && !text_to_int64(selector + 1, &version) &&
        !json_member_int64(json_member(parameter, "labels"), selector + 1, &version))
        return -1;
    return version >= 1 && version <= count ? version - 1 : -1;
}

static struct json_object *describe(const struct aws_call *call, struct json_object *parameter,
                                    const struct asked *asked, int64_t index, bool decrypt)
{
    char arn[NAME_MAX_LENGTH + 128];
    const char *type = json_member_text(parameter, "type");
    const char *value =
        json_object_get_string(json_object_array_get_idx(json_member(parameter, "values"), (size_t)index));
    const bool hidden = type && !strcmp(type, "SecureString") && !decrypt;
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "Name", json_object_new_string(asked->name));
    json_object_object_add(result, "Type", json_object_new_string(type ? type : "String"));
    json_object_object_add(result, "Value", json_object_new_string(hidden ? "AQICAHsimulatedCipherText==" : value));
    json_object_object_add(result, "Version", json_object_new_int64(index + 1));
    if (*asked->selector)
        json_object_object_add(result, "Selector", json_object_new_string(asked->selector));
    json_object_object_add(result, "LastModifiedDate", json_object_new_double(1767225600.0));
    snprintf(arn, sizeof(arn), "arn:aws:ssm:%s:%s:parameter%s%s", call->region, call->key->account,
             asked->name[0] == '/' ? "" : "/", asked->name);
    json_object_object_add(result, "ARN", json_object_new_string(arn));
    json_object_object_add(result, "DataType", json_object_new_string("text"));
    return result;
}

/* A secret of Secrets Manager by way of Parameter Store. */
static struct json_object *reference(const struct aws_call *call, const struct asked *asked, bool decrypt,
                                     struct aws_refusal *refusal)
{
    if (!decrypt)
        return refuse(refusal, "ValidationException",
                      "WithDecryption flag must be True for retrieving a Secret Manager secret.");
    const char *selector = *asked->selector ? asked->selector + 1 : NULL;
    const bool staged = selector && text_starts_with(selector, "AWS");
    struct json_object *secret = aws_secret_value(call, asked->name + strlen(reference_prefix),
                                                  staged ? NULL : selector, staged ? selector : NULL, refusal);
    if (!secret)
        return refuse(refusal, "ParameterNotFound",
                      "An error occurred (ParameterNotFound) when referencing Secrets Manager.");
    struct json_object *value = json_member(secret, "SecretString"); /* as it is: it may hold NULs */
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "Name", json_object_new_string(asked->name));
    json_object_object_add(result, "Type", json_object_new_string("SecureString"));
    json_object_object_add(result, "Value", value ? json_object_get(value) : json_object_new_string(""));
    json_object_object_add(result, "Version", json_object_new_int(0));
    json_object_object_add(result, "SourceResult",
                           json_object_new_string(json_object_to_json_string_ext(secret, JSON_C_TO_STRING_PLAIN)));
    json_object_put(secret);
    return result;
}

static struct json_object *find(const struct aws_call *call, const char *name, bool decrypt,
                                struct aws_refusal *refusal)
{
    struct asked asked;
    bool denied = false;
    if (!take_apart(name, &asked))
        return refuse(refusal, "ValidationException", "Parameter name: can't be empty, malformed or too long.");
    if (text_starts_with(asked.name, reference_prefix))
        return reference(call, &asked, decrypt, refusal);
    struct json_object *parameter = aws_find("parameters", "name", asked.name);
    if (!parameter)
        return refuse(refusal, "ParameterNotFound", "");
    if (json_member_bool(parameter, "denied", &denied) && denied) {
        aws_refuse(refusal, 400, "AccessDeniedException",
                   "User: %s is not authorized to perform: ssm:GetParameter on resource: %s", call->key->arn,
                   asked.name);
        return NULL;
    }
    const int64_t index = pick_version(parameter, asked.selector);
    if (index < 0)
        return refuse(refusal, "ParameterVersionNotFound",
                      "Systems Manager could not find the version or label of the parameter.");
    return describe(call, parameter, &asked, index, decrypt);
}

static bool wants_decryption(const struct aws_call *call)
{
    bool decrypt = false;
    json_member_bool(call->input, "WithDecryption", &decrypt);
    return decrypt;
}

static void answer(struct aws_call *call, struct json_object *result)
{
    sim_reply_set_header(call->reply, "Content-Type", "application/x-amz-json-1.1");
    aws_add_request_id(call->reply);
    sim_reply_json(call->reply, 200, result);
}

static void get_parameter(struct aws_call *call)
{
    struct aws_refusal refusal = {0};
    struct json_object *parameter =
        find(call, json_member_text(call->input, "Name"), wants_decryption(call), &refusal);
    if (!parameter) {
        aws_json_error(call->reply, refusal.status, refusal.code, refusal.message);
        return;
    }
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "Parameter", parameter);
    answer(call, result);
}

static int by_name(const void *a, const void *b)
{
    struct json_object *const *left = a;
    struct json_object *const *right = b;
    return strcmp(json_member_text(*left, "Name"), json_member_text(*right, "Name"));
}

static void get_parameters(struct aws_call *call)
{
    struct json_object *names = json_member(call->input, "Names");
    const size_t count = json_object_is_type(names, json_type_array) ? json_object_array_length(names) : 0;
    if (count == 0 || count > NAMES_MAX) {
        aws_json_error(call->reply, 400, "ValidationException", "Names takes 1 to 10 items.");
        return;
    }
    struct aws_refusal refusal = {0};
    struct json_object *found = json_object_new_array();
    struct json_object *invalid = json_object_new_array();
    for (size_t i = 0; i < count; i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(names, i));
        struct json_object *parameter = find(call, name, wants_decryption(call), &refusal);
        if (parameter)
            json_object_array_add(found, parameter);
        else
            json_object_array_add(invalid, json_object_new_string(name ? name : ""));
        if (!parameter && !strcmp(refusal.code, "AccessDeniedException"))
            break;
    }
    if (refusal.code && !strcmp(refusal.code, "AccessDeniedException")) {
        json_object_put(found);
        json_object_put(invalid);
        aws_json_error(call->reply, 400, refusal.code, refusal.message);
        return;
    }
    json_object_array_sort(found, by_name);
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "Parameters", found);
    json_object_object_add(result, "InvalidParameters", invalid);
    answer(call, result);
}

const struct aws_operation aws_ssm_operations[] = {
    {"GetParameter", get_parameter}, {"GetParameters", get_parameters}, {NULL, NULL}};
