/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON that exec: exchanges with a program. */
#include "builtin/exec_answer.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "sdk/printed.h"

#include <stdio.h>
#include <string.h>

/* What a program may say went wrong; the names are those that `mstr` itself prints. */
static const struct {
    const char *name;
    enum mstr_code code;
} classes[] = {
    {"not-found", MSTR_E_NOT_FOUND}, {"not-available", MSTR_E_NOT_AVAILABLE},
    {"denied", MSTR_E_DENIED},       {"authentication", MSTR_E_AUTHENTICATION},
    {"network", MSTR_E_NETWORK},     {"timeout", MSTR_E_TIMEOUT},
    {"throttled", MSTR_E_THROTTLED}, {"unavailable", MSTR_E_UNAVAILABLE},
    {"config", MSTR_E_CONFIG},       {"request", MSTR_E_REQUEST},
};

static void write_reference(const struct mstr_request *request, bool stays, struct buffer *out)
{
    const struct mstr_reference *reference = request->reference;
    buffer_puts(out, "{\"body\":");
    json_put_string(out, reference->body, strlen(reference->body));
    buffer_puts(out, ",\"query\":{");
    for (uint32_t i = 0; i < reference->query_count; i++) {
        buffer_puts(out, i > 0 ? "," : "");
        json_put_string(out, reference->query[i].key, strlen(reference->query[i].key));
        buffer_putc(out, ':');
        json_put_string(out, reference->query[i].value, strlen(reference->query[i].value));
    }
    buffer_puts(out, stays && (request->flags & MSTR_REQUEST_REFRESH) != 0 ? "},\"refresh\":true}" : "}}");
}

static bool write_references(struct mstr_request *const *requests, size_t count, bool stays, struct buffer *out)
{
    buffer_puts(out, "\"references\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_puts(out, i > 0 ? "," : "");
        write_reference(requests[i], stays, out);
    }
    return buffer_puts(out, "]}\n");
}

bool exec_write_question(struct mstr_request *const *requests, size_t count, struct buffer *out)
{
    buffer_puts(out, "{\"version\":1,");
    return write_references(requests, count, false, out);
}

bool exec_write_line(struct mstr_request *const *requests, size_t count, int64_t id, int64_t timeout,
                     struct buffer *out)
{
    char head[80];
    snprintf(head, sizeof(head), "{\"version\":1,\"id\":%lld,\"timeout\":%lld,", (long long)id, (long long)timeout);
    buffer_puts(out, head);
    return write_references(requests, count, true, out);
}

/* Any answer. False with what is wrong with it. */
static bool read_answer(const char *text, size_t length, struct json_object **answer, const char **fault)
{
    int64_t version = 0;
    enum mstr_code parsed = printed_json(text, length, answer);
    if (parsed != MSTR_OK) {
        *fault = parsed == MSTR_E_MEMORY ? NULL : "is not one JSON value";
        return false;
    }
    if (!json_member_int64(*answer, "version", &version) || version != 1) {
        *fault = "lacks \"version\": 1";
        return false;
    }
    return true;
}

struct json_object *exec_read_results(struct json_object *answer, size_t count, const char **fault)
{
    struct json_object *results = json_member(answer, "results");
    if (!json_object_is_type(results, json_type_array) || json_object_array_length(results) != count) {
        *fault = "has not one result for each reference";
        return NULL;
    }
    return results;
}

struct json_object *exec_read_answer(const char *text, size_t length, size_t count, struct json_object **answer,
                                     const char **fault)
{
    return read_answer(text, length, answer, fault) ? exec_read_results(*answer, count, fault) : NULL;
}

struct json_object *exec_read_line(const char *text, size_t length, int64_t *id, const char **fault)
{
    struct json_object *answer = NULL;
    if (read_answer(text, length, &answer, fault)) {
        if (json_object_is_type(json_member(answer, "id"), json_type_int) && json_member_int64(answer, "id", id)) {
            return answer;
        }
        *fault = "lacks the \"id\" of its request";
    }
    json_release(answer);
    return NULL;
}

static const char one_of[] = "has not exactly one of \"value\", \"value_base64\" and \"error\"";

static const char *read_failure(struct json_object *failure, struct exec_result *result)
{
    const char *name = json_member_text(failure, "class");
    result->message = json_member_text(failure, "message");
    for (size_t i = 0; name != NULL && i < sizeof(classes) / sizeof(*classes); i++) {
        if (strcmp(classes[i].name, name) == 0) {
            result->code = classes[i].code;
            return NULL;
        }
    }
    return "has an error without a known class";
}

static const char *read_value(struct json_object *element, struct exec_result *result)
{
    size_t length = 0;
    const char *value = json_member_octets(element, "value", &length);
    const char *encoded = json_member_text(element, "value_base64");
    if ((value == NULL) == (encoded == NULL)) {
        return one_of;
    }
    if (value != NULL) {
        buffer_append(&result->value, value, length);
    } else if (!base64_decode(&result->value, encoded, strlen(encoded))) {
        return "has a malformed \"value_base64\"";
    }
    const char *expires = json_member_text(element, "expires");
    if (json_member(element, "expires") != NULL &&
        (expires == NULL || !timestamp_parse_rfc3339(expires, &result->expires))) {
        return "has an \"expires\" that is no RFC 3339 time";
    }
    result->version = json_member_text(element, "version");
    return NULL;
}

const char *exec_read_result(struct json_object *results, size_t index, struct exec_result *result)
{
    struct json_object *element = json_object_array_get_idx(results, index);
    struct json_object *failure = json_member(element, "error");
    *result = (struct exec_result){.code = MSTR_OK};
    if (failure != NULL && (json_member(element, "value") != NULL || json_member(element, "value_base64") != NULL)) {
        return one_of;
    }
    return failure != NULL ? read_failure(failure, result) : read_value(element, result);
}
