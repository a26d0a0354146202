/* AWS Secrets Manager: GetSecretValue for each secret, named by name, ARN or partial ARN. */
#include "aws/arn.h"
#include "aws/aws.h"
#include "aws/endpoint.h"
#include "common/sigv4.h"
#include "util/base64.h"
#include "util/json.h"

#include <string.h>

/* What a reference asks for. */
struct wanted {
    const char *id;
    const char *version;
    const char *stage;
    const char *region;
    struct arn arn;
};

static enum mstr_code read_query(const struct mstr_reference *reference, struct wanted *wanted,
                                 struct mstr_error *error)
{
    const struct {
        const char *key;
        const char **value;
    } keys[] = {{"version-id", &wanted->version}, {"version-stage", &wanted->stage}, {"region", &wanted->region}};
    for (uint32_t i = 0; i < reference->query_count; i++) {
        bool known = false;
        for (size_t j = 0; j < sizeof(keys) / sizeof(*keys); j++) {
            if (strcmp(reference->query[i].key, keys[j].key) == 0) {
                *keys[j].value = reference->query[i].value;
                known = true;
            }
        }
        if (!known) {
            return host->error_set(error, MSTR_E_CONFIG,
                                   "unknown query key \"%s\": there are version-id, version-stage and region",
                                   reference->query[i].key);
        }
    }
    return MSTR_OK;
}

/* An ARN names its region, and asking any other would end in "not found". */
static enum mstr_code read_arn(struct wanted *wanted, struct mstr_error *error)
{
    if (!arn_parse(wanted->id, &wanted->arn) || strcmp(wanted->arn.service, "secretsmanager") != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "\"%.200s\" is no ARN of a Secrets Manager secret", wanted->id);
    }
    if (wanted->region != NULL && strcmp(wanted->region, wanted->arn.region) != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "the ARN is of region %s, but the reference asks for %s",
                               wanted->arn.region, wanted->region);
    }
    if (strcmp(endpoint_partition(wanted->arn.region), wanted->arn.partition) != 0) {
        return host->error_set(error, MSTR_E_CONFIG, "region %s is not of partition %s", wanted->arn.region,
                               wanted->arn.partition);
    }
    wanted->region = wanted->arn.region;
    return MSTR_OK;
}

static enum mstr_code read_reference(const struct mstr_reference *reference, struct wanted *wanted,
                                     struct mstr_error *error)
{
    *wanted = (struct wanted){.id = reference->body};
    enum mstr_code code = read_query(reference, wanted, error);
    if (code == MSTR_OK && strlen(wanted->id) > 2048) {
        code = host->error_set(error, MSTR_E_CONFIG, "a secret's name has at most 2048 characters");
    }
    return code == MSTR_OK && arn_is(wanted->id) ? read_arn(wanted, error) : code;
}

static bool put_member(struct buffer *body, const char *name, const char *value)
{
    if (value == NULL) {
        return true;
    }
    buffer_puts(body, body->length > 1 ? "," : "");
    json_put_string(body, name, strlen(name));
    buffer_putc(body, ':');
    return json_put_string(body, value, strlen(value));
}

/* The secret out of an answer, into the request. */
static void take_value(struct mstr_request *request, struct json_object *answer)
{
    size_t length = 0;
    const struct mstr_meta meta = {.size = sizeof(meta), .version = json_member_text(answer, "VersionId")};
    const char *text = json_member_octets(answer, "SecretString", &length);
    if (text != NULL) {
        host->set_value(request, text, length, &meta);
        return;
    }
    struct buffer binary = BUFFER_INIT;
    text = json_member_octets(answer, "SecretBinary", &length);
    if (text != NULL && base64_decode(&binary, text, length)) {
        host->set_value(request, buffer_text(&binary), binary.length, &meta);
    } else {
        host->set_error(request, MSTR_E_PROTOCOL,
                        "GetSecretValue answered with neither SecretString nor SecretBinary");
    }
    buffer_release(&binary);
}

static enum mstr_code fetch(struct aws *aws, const struct wanted *wanted, const struct mstr_call *call,
                            struct mstr_http_response **answer, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct buffer region = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (wanted->region != NULL) {
        buffer_puts(&region, wanted->region);
    } else {
        code = chain_region(aws->instance, &region, error);
    }
    if (code == MSTR_OK && !sigv4_region_is_valid(buffer_text(&region))) {
        code = host->error_set(error, MSTR_E_CONFIG, "\"%.64s\" is no AWS region", buffer_text(&region));
    }
    buffer_putc(&body, '{');
    put_member(&body, "SecretId", wanted->id);
    put_member(&body, "VersionId", wanted->version);
    put_member(&body, "VersionStage", wanted->stage);
    buffer_putc(&body, '}');
    if (code == MSTR_OK && (body.failed || region.failed)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        const struct aws_call get = {.instance = aws->instance,
                                     .service = &secrets_manager,
                                     .action = "GetSecretValue",
                                     .prefix = "secretsmanager.",
                                     .region = buffer_text(&region),
                                     .body = buffer_text(&body),
                                     .body_length = body.length};
        code = aws_send_as(aws, &get, call, answer, error);
    }
    buffer_release(&region);
    buffer_release(&body);
    return code;
}

static void answer_one(struct aws *aws, struct mstr_request *request, const struct mstr_call *call)
{
    struct wanted wanted;
    struct mstr_http_response *response = NULL;
    struct mstr_error *error = host->error_new();
    enum mstr_code code = read_reference(request->reference, &wanted, error);
    if (code == MSTR_OK) {
        code = fetch(aws, &wanted, call, &response, error);
    }
    if (code == MSTR_OK) {
        const struct mstr_http_answer *parts = host->http_answer(response);
        struct json_object *answer = json_parse(parts->body, parts->body_length);
        if (answer != NULL) {
            take_value(request, answer);
        } else {
            host->set_error(request, MSTR_E_PROTOCOL, "GetSecretValue answered with something other than JSON");
        }
        json_release(answer);
    } else {
        request_fail(request, code, error);
    }
    host->http_free(response);
    host->error_free(error);
}

static void resolve(struct aws *aws, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    for (size_t i = 0; i < count; i++) {
        answer_one(aws, requests[i], call);
    }
}

const struct service secrets_manager = {
    .name = "secretsmanager",
    .endpoint = "SECRETS_MANAGER",
    .host = "secretsmanager",
    .resolve = resolve,
};
