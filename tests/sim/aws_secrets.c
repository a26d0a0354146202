/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets Manager: values by version and stage, in batches, descriptions, and changes through the admin listener. */
#include "aws.h"

#include "base/json.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { ID_MAX = 2048, BATCH_MAX = 20, SUFFIX_LENGTH = 7 };

static const char missing_secret[] = "Secrets Manager can't find the specified secret.";

static struct json_object *refuse(struct aws_refusal *refusal, const char *code, const char *message)
{
    aws_refuse(refusal, 400, code, "%s", message);
    return NULL;
}

static size_t count_of(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* arn:PARTITION:secretsmanager:REGION:… */
static bool in_region(const char *arn, const char *region)
{
    const char *at = strstr(arn, ":secretsmanager:");
    size_t length = strlen(region);
    return at && !strncmp(at + 16, region, length) && at[16 + length] == ':';
}

/* By name, whole ARN, or ARN without its random suffix. */
static bool is_called(struct json_object *secret, const char *id)
{
    const char *name = json_member_text(secret, "name");
    const char *arn = json_member_text(secret, "arn");
    if (!name || !arn)
        return false;
    size_t length = strlen(arn);
    return !strcmp(name, id) || !strcmp(arn, id) ||
           (length > SUFFIX_LENGTH && strlen(id) == length - SUFFIX_LENGTH && !strncmp(arn, id, strlen(id)));
}

static struct json_object *find_secret(const struct aws_call *call, const char *id, struct aws_refusal *refusal)
{
    struct json_object *list = aws_seed("secrets");
    if (!id || !*id || strlen(id) > ID_MAX)
        return refuse(refusal, "ValidationException",
                      "1 validation error detected: SecretId has 1 to 2048 characters");
    for (size_t i = 0; i < count_of(list); i++) {
        struct json_object *secret = json_object_array_get_idx(list, i);
        bool denied = false;
        bool deleted = false;
        if (!is_called(secret, id) || !in_region(json_member_text(secret, "arn"), call->region))
            continue;
        json_member_bool(secret, "denied", &denied);
        json_member_bool(secret, "deleted", &deleted);
        if (denied) {
            char message[512];
            snprintf(message, sizeof(message),
                     "User: %s is not authorized to perform: secretsmanager:GetSecretValue on resource: %s",
                     call->key->arn, id);
            return refuse(refusal, "AccessDeniedException", message);
        }
        if (deleted)
            return refuse(refusal, "InvalidRequestException",
                          "You can't perform this operation on the secret because it was marked for deletion.");
        return secret;
    }
    return refuse(refusal, "ResourceNotFoundException", missing_secret);
}

static bool has_stage(struct json_object *version, const char *stage)
{
    struct json_object *stages = json_member(version, "stages");
    for (size_t i = 0; i < count_of(stages); i++)
        if (!strcmp(json_object_get_string(json_object_array_get_idx(stages, i)), stage))
            return true;
    return false;
}

static struct json_object *find_version(struct json_object *secret, const char *id, const char *stage,
                                        struct aws_refusal *refusal)
{
    struct json_object *versions = json_member(secret, "versions");
    char message[256];
    if (!id && !stage)
        stage = "AWSCURRENT";
    for (size_t i = 0; i < count_of(versions); i++) {
        struct json_object *version = json_object_array_get_idx(versions, i);
        const char *own = json_member_text(version, "id");
        if ((!id || (own && !strcmp(own, id))) && (!stage || has_stage(version, stage)))
            return version;
    }
    if (id)
        snprintf(message, sizeof(message), "Secrets Manager can't find the specified secret value for VersionId: %s",
                 id);
    else
        snprintf(message, sizeof(message),
                 "Secrets Manager can't find the specified secret value for staging label: %s", stage);
    return refuse(refusal, "ResourceNotFoundException", message);
}

static void copy_member(struct json_object *from, const char *member, struct json_object *to, const char *name)
{
    struct json_object *value = json_member(from, member);
    if (value)
        json_object_object_add(to, name, json_object_get(value));
}

static void add_created(struct json_object *from, struct json_object *to)
{
    int64_t created = 1767225600000;
    json_member_int64(from, "created_ms", &created);
    json_object_object_add(to, "CreatedDate", json_object_new_double((double)created / 1000.0));
}

struct json_object *aws_secret_value(const struct aws_call *call, const char *id, const char *version_id,
                                     const char *stage, struct aws_refusal *refusal)
{
    struct json_object *secret = find_secret(call, id, refusal);
    struct json_object *version = secret ? find_version(secret, version_id, stage, refusal) : NULL;
    if (!version)
        return NULL;
    struct json_object *result = json_object_new_object();
    copy_member(secret, "arn", result, "ARN");
    copy_member(secret, "name", result, "Name");
    copy_member(version, "id", result, "VersionId");
    copy_member(version, "string", result, "SecretString");
    copy_member(version, "binary_base64", result, "SecretBinary");
    copy_member(version, "stages", result, "VersionStages");
    add_created(version, result);
    return result;
}

static void answer(struct aws_call *call, struct json_object *result, const struct aws_refusal *refusal)
{
    if (!result) {
        aws_json_error(call->reply, refusal->status, refusal->code, refusal->message);
        return;
    }
    sim_reply_set_header(call->reply, "Content-Type", "application/x-amz-json-1.1");
    aws_add_request_id(call->reply);
    sim_reply_json(call->reply, 200, result);
}

static void get_secret_value(struct aws_call *call)
{
    struct aws_refusal refusal = {0};
    struct json_object *result =
        aws_secret_value(call, json_member_text(call->input, "SecretId"), json_member_text(call->input, "VersionId"),
                         json_member_text(call->input, "VersionStage"), &refusal);
    answer(call, result, &refusal);
}

static void batch_get_secret_value(struct aws_call *call)
{
    struct json_object *ids = json_member(call->input, "SecretIdList");
    if (count_of(ids) == 0 || count_of(ids) > BATCH_MAX) {
        aws_json_error(call->reply, 400, "InvalidParameterException", "SecretIdList takes 1 to 20 items.");
        return;
    }
    struct json_object *values = json_object_new_array();
    struct json_object *errors = json_object_new_array();
    for (size_t i = 0; i < count_of(ids); i++) {
        const char *id = json_object_get_string(json_object_array_get_idx(ids, i));
        struct aws_refusal refusal = {0};
        struct json_object *value = aws_secret_value(call, id, NULL, NULL, &refusal);
        if (value) {
            json_object_array_add(values, value);
            continue;
        }
        struct json_object *error = json_object_new_object();
        json_object_object_add(error, "SecretId", json_object_new_string(id ? id : ""));
        json_object_object_add(error, "ErrorCode", json_object_new_string(refusal.code));
        json_object_object_add(error, "Message", json_object_new_string(refusal.message));
        json_object_array_add(errors, error);
    }
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "SecretValues", values);
    json_object_object_add(result, "Errors", errors);
    answer(call, result, NULL);
}

static void describe_secret(struct aws_call *call)
{
    struct aws_refusal refusal = {0};
    struct json_object *secret = find_secret(call, json_member_text(call->input, "SecretId"), &refusal);
    struct json_object *result = NULL;
    if (secret) {
        struct json_object *versions = json_member(secret, "versions");
        struct json_object *stages = json_object_new_object();
        for (size_t i = 0; i < count_of(versions); i++) {
            struct json_object *version = json_object_array_get_idx(versions, i);
            copy_member(version, "stages", stages, json_member_text(version, "id"));
        }
        result = json_object_new_object();
        copy_member(secret, "arn", result, "ARN");
        copy_member(secret, "name", result, "Name");
        json_object_object_add(result, "VersionIdsToStages", stages);
        add_created(secret, result);
    }
    answer(call, result, &refusal);
}

const struct aws_operation aws_secrets_operations[] = {{"GetSecretValue", get_secret_value},
                                                       {"BatchGetSecretValue", batch_get_secret_value},
                                                       {"DescribeSecret", describe_secret},
                                                       {NULL, NULL}};

static struct json_object *new_secret(const char *name, const char *region)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char suffix[SUFFIX_LENGTH];
    char arn[1024];
    struct json_object *secret = json_object_new_object();
    sim_random_text(suffix, SUFFIX_LENGTH - 1, letters);
    snprintf(arn, sizeof(arn), "arn:aws:secretsmanager:%s:123456789012:secret:%s-%s", region, name, suffix);
    json_object_object_add(secret, "name", json_object_new_string(name));
    json_object_object_add(secret, "arn", json_object_new_string(arn));
    json_object_object_add(secret, "versions", json_object_new_array());
    json_object_array_add(aws_seed("secrets"), secret);
    return secret;
}

/* AWSCURRENT goes to the new version; the one that had it becomes AWSPREVIOUS, others lose their labels. */
static void add_version(struct json_object *secret, struct json_object *arguments)
{
    struct json_object *versions = json_member(secret, "versions");
    char id[37];
    for (size_t i = 0; i < count_of(versions); i++) {
        struct json_object *version = json_object_array_get_idx(versions, i);
        struct json_object *stages = json_object_new_array();
        if (has_stage(version, "AWSCURRENT"))
            json_object_array_add(stages, json_object_new_string("AWSPREVIOUS"));
        json_object_object_add(version, "stages", stages);
    }
    struct json_object *version = json_object_new_object();
    struct json_object *stages = json_object_new_array();
    sim_uuid(id);
    json_object_array_add(stages, json_object_new_string("AWSCURRENT"));
    json_object_object_add(version, "id", json_object_new_string(id));
    json_object_object_add(version, "stages", stages);
    json_object_object_add(version, "created_ms", json_object_new_int64(sim_now()));
    copy_member(arguments, "string", version, "string");
    copy_member(arguments, "binary_base64", version, "binary_base64");
    json_object_array_add(versions, version);
}

void aws_secrets_admin(struct json_object *arguments, struct sim_reply *reply)
{
    const char *name = json_member_text(arguments, "name");
    const char *action = json_member_text(arguments, "action");
    const char *region = json_member_text(arguments, "region");
    struct json_object *secret = aws_find("secrets", "name", name);
    if (!name || !json_object_is_type(aws_seed("secrets"), json_type_array))
        return;
    if (!action || !strcmp(action, "put")) {
        add_version(secret ? secret : new_secret(name, region ? region : "us-east-1"), arguments);
        reply->status = 204;
    } else if (secret && (!strcmp(action, "delete") || !strcmp(action, "restore"))) {
        json_object_object_add(secret, "deleted", json_object_new_boolean(action[0] == 'd'));
        reply->status = 204;
    } else if (secret && (!strcmp(action, "deny") || !strcmp(action, "allow"))) {
        json_object_object_add(secret, "denied", json_object_new_boolean(action[0] == 'd'));
        reply->status = 204;
    }
}
