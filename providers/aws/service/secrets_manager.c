/* AWS Secrets Manager: secrets by name, ARN or partial ARN, several in one BatchGetSecretValue. */
#include "aws/service/aws.h"
#include "aws/wire/service_error.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/parallel.h"
#include "sdk/host.h"
#include "sdk/identity_digest.h"

#include <stdlib.h>
#include <string.h>

/* The secret out of an answer, into the request. */
static void take_value(struct mstr_request *request, struct json_object *answer, const char *identity)
{
    size_t length = 0;
    const struct mstr_meta meta = {
        .size = sizeof(meta), .version = json_member_text(answer, "VersionId"), .identity = identity};
    const char *text = json_member_octets(answer, "SecretString", &length);
    if (text != NULL) {
        host->set_value(request, text, length, &meta);
        return;
    }
    struct buffer binary = BUFFER_INIT;
    text = json_member_octets(answer, "SecretBinary", &length);
    if (text != NULL && base64_decode(&binary, text, length)) {
        host->set_value(request, buffer_text(&binary), binary.length, &meta);
    } else if (binary.failed) {
        host->set_error(request, MSTR_E_MEMORY, "out of memory");
    } else if (text != NULL) {
        host->set_error(request, MSTR_E_PROTOCOL, "the SecretBinary of %.200s is no base64",
                        request->reference->body);
    } else {
        host->set_error(request, MSTR_E_PROTOCOL,
                        "GetSecretValue answered with neither SecretString nor SecretBinary");
    }
    buffer_release(&binary);
}

/* Whether the secret that an answer describes is the one asked for: by name, ARN, or ARN without its random end. */
static bool is_secret(const char *id, struct json_object *value)
{
    enum { RANDOM_END = 7 };
    const char *name = json_member_text(value, "Name");
    const char *arn = json_member_text(value, "ARN");
    size_t length = arn != NULL ? strlen(arn) : 0;
    return (name != NULL && strcmp(id, name) == 0) || (arn != NULL && strcmp(id, arn) == 0) ||
           (length > RANDOM_END && strlen(id) == length - RANDOM_END && strncmp(id, arn, length - RANDOM_END) == 0);
}

static void take_answer(struct mstr_request *request, const struct wanted *wanted, struct json_object *answer,
                        const char *identity)
{
    const char *named = json_member_text(answer, arn_is(wanted->id) ? "ARN" : "Name");
    const char *version = json_member_text(answer, "VersionId");
    if (named != NULL && !is_secret(wanted->id, answer)) {
        aws_refuse_another(request, "GetSecretValue", named);
    } else if (version != NULL && wanted->version != NULL && strcmp(version, wanted->version) != 0) {
        host->set_error(request, MSTR_E_PROTOCOL, "GetSecretValue answered with another version, \"%.200s\"",
                        version);
    } else {
        take_value(request, answer, identity);
    }
}

static enum mstr_code send(const struct inquiry *inquiry, const char *action, const char *region,
                           const struct buffer *body, char identity[IDENTITY_SIZE],
                           struct mstr_http_response **answer, struct mstr_error *error)
{
    if (body->failed) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct aws_call request = {.action = action,
                               .prefix = "secretsmanager.",
                               .region = region,
                               .body = buffer_text(body),
                               .body_length = body->length};
    request.identity = identity;
    return aws_send_as(inquiry, &request, answer, error);
}

static enum mstr_code fetch(const struct inquiry *inquiry, const struct wanted *wanted, char identity[IDENTITY_SIZE],
                            struct mstr_http_response **answer, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    json_put_member(&body, "SecretId", wanted->id);
    json_put_member(&body, "VersionId", wanted->version);
    json_put_member(&body, "VersionStage", wanted->stage);
    buffer_putc(&body, '}');
    enum mstr_code code = send(inquiry, "GetSecretValue", wanted->region, &body, identity, answer, error);
    buffer_release(&body);
    return code;
}

static void answer_one(const struct inquiry *inquiry, struct mstr_request *request)
{
    struct wanted wanted;
    char identity[IDENTITY_SIZE];
    struct mstr_http_response *response = NULL;
    struct mstr_error *error = host->error_new();
    enum mstr_code code = wanted_read(&secrets_manager.kind, request->reference, &wanted, error);
    if (code == MSTR_OK) {
        code = fetch(inquiry, &wanted, identity, &response, error);
    }
    struct json_object *answer = code == MSTR_OK ? service_answer(response, "GetSecretValue", error) : NULL;
    if (answer != NULL) {
        take_answer(request, &wanted, answer, identity);
    } else {
        request_fail(request, code != MSTR_OK ? code : host->error_code(error), error);
    }
    json_release(answer);
    host->http_free(response);
    host->error_free(error);
}

/* One secret of a batch. */
struct entry {
    struct mstr_request *request;
    struct wanted wanted;
    bool plain; /* asked for without version or stage, as a batch can be */
    bool answered;
    bool again; /* failed in passing: the next batch asks for it once more */
};

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

static void take_failure(struct entry *entry, struct json_object *failure, bool more)
{
    struct mstr_error *error = host->error_new();
    enum mstr_code code = read_failure(failure, error);
    entry->again = more && is_passing(code);
    entry->answered = !entry->again;
    if (entry->answered) {
        service_error_hint_permission(secrets_manager.service.name, "GetSecretValue", true, error);
        request_fail(entry->request, code, error);
    }
    host->error_free(error);
}

static struct json_object *item(struct json_object *list, size_t index)
{
    bool has = json_object_is_type(list, json_type_array) && index < json_object_array_length(list);
    return has ? json_object_array_get_idx(list, index) : NULL;
}

/* What the answer does not speak of stays unanswered, to be asked for by itself; what failed in passing, if there is
 * to be one more batch. */
static void take_batch(struct entry *const *entries, size_t count, struct json_object *body, const char *identity,
                       bool more)
{
    struct json_object *values = json_member(body, "SecretValues");
    struct json_object *failures = json_member(body, "Errors");
    for (size_t i = 0; i < count; i++) {
        struct json_object *at = NULL;
        entries[i]->again = false;
        for (size_t j = 0; !entries[i]->answered && (at = item(values, j)) != NULL; j++) {
            if (is_secret(entries[i]->wanted.id, at)) {
                take_value(entries[i]->request, at, identity);
                entries[i]->answered = true;
            }
        }
        for (size_t j = 0; !entries[i]->answered && (at = item(failures, j)) != NULL; j++) {
            const char *id = json_member_text(at, "SecretId");
            if (id != NULL && strcmp(id, entries[i]->wanted.id) == 0) {
                take_failure(entries[i], at, more);
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

static enum mstr_code ask_batch(const struct inquiry *inquiry, struct entry *const *entries, size_t count,
                                char identity[IDENTITY_SIZE], struct json_object **answer, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    buffer_puts(&body, "{\"SecretIdList\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_puts(&body, i > 0 ? "," : "");
        json_put_string(&body, entries[i]->wanted.id, strlen(entries[i]->wanted.id));
    }
    buffer_puts(&body, "]}");
    enum mstr_code code =
        send(inquiry, "BatchGetSecretValue", entries[0]->wanted.region, &body, identity, &response, error);
    *answer = code == MSTR_OK ? service_answer(response, "BatchGetSecretValue", error) : NULL;
    host->http_free(response);
    buffer_release(&body);
    return code == MSTR_OK && *answer == NULL ? host->error_code(error) : code;
}

static void fail_all(struct entry *const *entries, size_t count, enum mstr_code code, const struct mstr_error *error)
{
    for (size_t i = 0; i < count; i++) {
        request_fail(entries[i]->request, code, error);
        entries[i]->answered = true;
    }
}

/* Moves those that are to be asked for again to the front, and tells how many they are. */
static size_t keep_again(struct entry **entries, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i]->again) {
            entries[kept++] = entries[i];
        }
    }
    return kept;
}

/* Asks for up to 20 secrets of one region. Whoever may not ask for batches asks for each by itself. */
static void fetch_batch(const struct inquiry *inquiry, struct entry **entries, size_t count)
{
    struct mstr_error *error = host->error_new();
    struct attempt attempt = {.count = 0};
    for (int64_t pause = 0; pause != RETRY_NEVER && count > 0; count = keep_again(entries, count)) {
        struct json_object *answer = NULL;
        char identity[IDENTITY_SIZE];
        enum mstr_code code = pause > 0 ? host->sleep(inquiry->call, pause) : MSTR_OK;
        code = code == MSTR_OK ? ask_batch(inquiry, entries, count, identity, &answer, error)
                               : host->error_set(error, code, "no time was left to ask for throttled secrets again");
        pause = code == MSTR_OK ? pause_after(inquiry, &attempt, answer) : RETRY_NEVER;
        if (code == MSTR_OK) {
            take_batch(entries, count, answer, identity, pause != RETRY_NEVER);
        } else if (!aws_ask_singly(inquiry, count, code, error)) {
            fail_all(entries, count, code, error);
        }
        json_release(answer);
    }
    host->error_free(error);
}

static void fetch_batches(const struct inquiry *inquiry, struct entry *entries, size_t count)
{
    enum { BATCH_MAX = 20 };
    for (size_t i = 0; i < count; i++) {
        struct entry *group[BATCH_MAX];
        size_t size = 0;
        for (size_t j = i; j < count && entries[i].plain && size < BATCH_MAX; j++) {
            if (entries[j].plain && aws_same_region(inquiry, entries[j].wanted.region, entries[i].wanted.region)) {
                group[size++] = &entries[j];
            }
        }
        if (size > 1) {
            fetch_batch(inquiry, group, size);
        }
        for (size_t j = 0; j < size; j++) {
            group[j]->plain = false;
        }
    }
}

/* What no batch answered. */
struct rest {
    const struct inquiry *inquiry;
    struct mstr_request *const *requests;
    const struct entry *entries; /* NULL = there was no batch */
};

static void answer_rest(void *data, size_t index)
{
    const struct rest *rest = data;
    if (rest->entries == NULL || !rest->entries[index].answered) {
        answer_one(rest->inquiry, rest->requests[index]);
    }
}

static void resolve(const struct inquiry *inquiry, struct mstr_request *const *requests, size_t count)
{
    enum { CALLS_MAX = 16 }; /* at once, of the few thousand a second that an account has */
    struct entry *entries = count > 1 ? calloc(count, sizeof(*entries)) : NULL;
    for (size_t i = 0; entries != NULL && i < count; i++) {
        struct entry *entry = &entries[i];
        entry->request = requests[i];
        entry->plain = wanted_read(&secrets_manager.kind, requests[i]->reference, &entry->wanted, NULL) == MSTR_OK &&
                       entry->wanted.version == NULL && entry->wanted.stage == NULL;
    }
    if (entries != NULL) {
        fetch_batches(inquiry, entries, count);
    }
    struct rest rest = {inquiry, requests, entries};
    parallel_run(count, CALLS_MAX, answer_rest, &rest);
    free(entries);
}

const struct secret_service secrets_manager = {
    .service = {.name = "secretsmanager", .endpoint = "SECRETS_MANAGER", .host = "secretsmanager"},
    .kind = {.service = "secretsmanager",
             .resource = "",
             .arn_of = "a Secrets Manager secret",
             .owner = "a secret's",
             .versions = true},
    .resolve = resolve,
};
