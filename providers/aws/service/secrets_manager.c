/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Secrets Manager: secrets by name, ARN or partial ARN, several in one BatchGetSecretValue. */
#include "aws/service/aws.h"
#include "aws/wire/service_error.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"

#include <string.h>

/* The secret out of an answer. */
static void take_value(struct asked *asked, struct json_object *value, const char *identity)
{
    size_t length = 0;
    struct buffer binary = BUFFER_INIT;
    const struct mstr_meta meta = {
        .size = sizeof(meta), .version = json_member_text(value, "VersionId"), .identity = identity};
    const char *text = json_member_octets(value, "SecretString", &length);
    const char *encoded = text == NULL ? json_member_octets(value, "SecretBinary", &length) : NULL;
    if (text != NULL) {
        batch_answer(&asked->item, text, length, &meta);
    } else if (encoded != NULL && base64_decode(&binary, encoded, length)) {
        batch_answer(&asked->item, buffer_text(&binary), binary.length, &meta);
    } else if (binary.failed) {
        asked->item.code = host->error_set(asked->item.error, MSTR_E_MEMORY, "out of memory");
    } else if (encoded != NULL) {
        asked->item.code = host->error_set(asked->item.error, MSTR_E_PROTOCOL,
                                           "the SecretBinary of %.200s is no base64", asked->wanted.id);
    } else {
        asked->item.code = host->error_set(asked->item.error, MSTR_E_PROTOCOL,
                                           "GetSecretValue answered with neither SecretString nor SecretBinary");
    }
    buffer_release(&binary);
}

/* A hyphen and six characters. */
enum { RANDOM_END = 7 };

static bool has_random_end(const char *arn)
{
    size_t length = strlen(arn);
    return length > RANDOM_END && arn[length - RANDOM_END] == '-' &&
           text_is_made_of(arn + length - RANDOM_END + 1, "");
}

/* Whether the secret that an answer describes is the one asked for: by name, ARN, or ARN without its random end. One
 * that has what looks like such an end is complete: else "NAME-abcdef" would be the secret NAME to whoever decides
 * what may be asked for, and another one of that longer name here. */
static bool is_secret(const char *id, struct json_object *value)
{
    const char *name = json_member_text(value, "Name");
    const char *arn = json_member_text(value, "ARN");
    size_t length = arn != NULL ? strlen(arn) : 0;
    return (name != NULL && strcmp(id, name) == 0) || (arn != NULL && strcmp(id, arn) == 0) ||
           (length > RANDOM_END && strlen(id) == length - RANDOM_END && strncmp(id, arn, length - RANDOM_END) == 0 &&
            !has_random_end(id));
}

static void take_answer(struct asked *asked, const struct aws_answer *answer)
{
    const struct wanted *wanted = &asked->wanted;
    const char *named = json_member_text(answer->body, arn_is(wanted->id) ? "ARN" : "Name");
    const char *version = json_member_text(answer->body, "VersionId");
    if (named != NULL && !is_secret(wanted->id, answer->body)) {
        aws_refuse_another(asked, "GetSecretValue", named);
    } else if (version != NULL && wanted->version != NULL && strcmp(version, wanted->version) != 0) {
        asked->item.code = host->error_set(asked->item.error, MSTR_E_PROTOCOL,
                                           "GetSecretValue answered with another version, \"%.200s\"", version);
    } else {
        take_value(asked, answer->body, answer->identity);
    }
}

static void fetch_one(const struct inquiry *inquiry, struct asked *asked)
{
    struct aws_answer answer;
    struct buffer body = BUFFER_INIT;
    json_put_member(&body, "SecretId", asked->wanted.id);
    json_put_member(&body, "VersionId", asked->wanted.version);
    json_put_member(&body, "VersionStage", asked->wanted.stage);
    buffer_putc(&body, '}');
    asked->item.code = aws_ask(inquiry, "GetSecretValue", asked->wanted.region, &body, &answer, asked->item.error);
    if (asked->item.code == MSTR_OK) {
        take_answer(asked, &answer);
    }
    json_release(answer.body);
    buffer_release(&body);
}

static enum mstr_code read_failure(struct json_object *failure, struct mstr_error *error)
{
    const char *told = json_member_text(failure, "ErrorCode");
    return service_error_set(told != NULL ? told : "unknown", json_member_text(failure, "Message"), 400,
                             "BatchGetSecretValue", error);
}

static bool is_passing(enum mstr_code code)
{
    return code == MSTR_E_THROTTLED || code == MSTR_E_UNAVAILABLE;
}

static void take_failure(struct asked *asked, struct json_object *failure, bool more)
{
    enum mstr_code code = read_failure(failure, asked->item.error);
    asked->again = more && is_passing(code);
    if (!asked->again) {
        service_error_hint_permission(secrets_manager.service.name, "GetSecretValue", true, asked->item.error);
        asked->item.code = code;
    }
}

static struct json_object *item(struct json_object *list, size_t index)
{
    bool has = json_object_is_type(list, json_type_array) && index < json_object_array_length(list);
    return has ? json_object_array_get_idx(list, index) : NULL;
}

/* What the answer does not speak of stays unanswered, to be asked for by itself; what failed in passing, if there is
 * to be one more batch. */
static void take_several(struct asked *const *asked, size_t count, const struct aws_answer *answer, bool more)
{
    struct json_object *values = json_member(answer->body, "SecretValues");
    struct json_object *failures = json_member(answer->body, "Errors");
    for (size_t i = 0; i < count; i++) {
        struct json_object *at = NULL;
        asked[i]->again = false;
        for (size_t j = 0; batch_waits(&asked[i]->item) && (at = item(values, j)) != NULL; j++) {
            if (is_secret(asked[i]->wanted.id, at)) {
                take_value(asked[i], at, answer->identity);
            }
        }
        for (size_t j = 0; batch_waits(&asked[i]->item) && (at = item(failures, j)) != NULL; j++) {
            const char *id = json_member_text(at, "SecretId");
            if (id != NULL && strcmp(id, asked[i]->wanted.id) == 0) {
                take_failure(asked[i], at, more);
            }
        }
    }
}

/* ms to wait before one more batch asks for the entries of this one that failed in passing; RETRY_NEVER when there
 * are none, or when they have been asked for often enough. */
static int64_t pause_after(const struct inquiry *inquiry, struct attempt *attempt, struct json_object *body)
{
    struct aws_retry_policy *policy = &inquiry->aws->keys.retry_policy;
    const struct traffic traffic = aws_retry_traffic(policy);
    struct json_object *failures = json_member(body, "Errors");
    struct json_object *at = NULL;
    attempt_begin(attempt, &traffic.retry, NULL);
    attempt->again = AGAIN_LATER;
    for (size_t i = 0; !is_passing(attempt->code) && (at = item(failures, i)) != NULL; i++) {
        attempt->code = read_failure(at, NULL);
    }
    int64_t pause = is_passing(attempt->code) ? attempt_judge(attempt, &policy->quota, NULL) : RETRY_NEVER;
    return pause < host->remaining(inquiry->call) ? pause : RETRY_NEVER;
}

static enum mstr_code ask_batch(const struct inquiry *inquiry, struct asked *const *asked, size_t count,
                                struct aws_answer *answer, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    buffer_puts(&body, "{\"SecretIdList\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_puts(&body, i > 0 ? "," : "");
        json_put_string(&body, asked[i]->wanted.id, strlen(asked[i]->wanted.id));
    }
    buffer_puts(&body, "]}");
    enum mstr_code code = aws_ask(inquiry, "BatchGetSecretValue", asked[0]->wanted.region, &body, answer, error);
    buffer_release(&body);
    return code;
}

/* Moves those that are to be asked for again to the front, and tells how many they are. */
static size_t keep_again(struct asked **asked, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (asked[i]->again) {
            asked[kept++] = asked[i];
        }
    }
    return kept;
}

static void fetch_several(const struct inquiry *inquiry, struct asked **asked, size_t count)
{
    struct mstr_error *error = host->error_new();
    struct attempt attempt = {.count = 0};
    for (int64_t pause = 0; pause != RETRY_NEVER && count > 0; count = keep_again(asked, count)) {
        struct aws_answer answer = {.body = NULL};
        enum mstr_code code = pause > 0 ? host->sleep(inquiry->call, pause) : MSTR_OK;
        code = code == MSTR_OK ? ask_batch(inquiry, asked, count, &answer, error)
                               : host->error_set(error, code, "no time was left to ask for throttled secrets again");
        pause = code == MSTR_OK ? pause_after(inquiry, &attempt, answer.body) : RETRY_NEVER;
        if (code == MSTR_OK) {
            take_several(asked, count, &answer, pause != RETRY_NEVER);
        } else {
            aws_fail_several(inquiry, asked, count, code, error);
        }
        json_release(answer.body);
    }
    host->error_free(error);
}

const struct secret_service secrets_manager = {
    .service = {.name = "secretsmanager", .endpoint = "SECRETS_MANAGER", .host = "secretsmanager"},
    .kind = {.service = "secretsmanager",
             .resource = "",
             .arn_of = "a Secrets Manager secret",
             .owner = "a secret's",
             .versions = true},
    .prefix = "secretsmanager.",
    .id_octets = "-/_+=.@!",
    .together = 20,
    .side_by_side = 16, /* of the few thousand a second that an account has */
    .fetch_several = fetch_several,
    .fetch_one = fetch_one,
};
