/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of Google's APIs. */
#include "gcp/wire/service_error.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/clock_skew.h"
#include "sdk/host.h"

#include <string.h>

enum { DELAY_MAX = 600 }; /* s */

/* google/rpc/code.proto; the HTTP status stands in where an answer has no such word. */
static const struct {
    const char *status;
    int http;
    enum mstr_code code;
    bool passing;
} classes[] = {
    {"UNAVAILABLE", 503, MSTR_E_UNAVAILABLE, true},
    {"RESOURCE_EXHAUSTED", 429, MSTR_E_THROTTLED, true},
    {"DEADLINE_EXCEEDED", 504, MSTR_E_UNAVAILABLE, true},
    {"INTERNAL", 500, MSTR_E_UNAVAILABLE, true},
    {"UNKNOWN", 500, MSTR_E_UNAVAILABLE, true},
    {"NOT_FOUND", 404, MSTR_E_NOT_FOUND, false},
    {"PERMISSION_DENIED", 403, MSTR_E_DENIED, false},
    {"UNAUTHENTICATED", 401, MSTR_E_AUTHENTICATION, false},
    {"INVALID_ARGUMENT", 400, MSTR_E_REQUEST, false},
    {"FAILED_PRECONDITION", 400, MSTR_E_REQUEST, false},
    {"OUT_OF_RANGE", 400, MSTR_E_REQUEST, false},
    {"ABORTED", 409, MSTR_E_UNAVAILABLE, true},
    {"DATA_LOSS", 500, MSTR_E_UNAVAILABLE, false},
    {"UNIMPLEMENTED", 501, MSTR_E_REQUEST, false},
    {"", 408, MSTR_E_UNAVAILABLE, true},
    {"", 502, MSTR_E_UNAVAILABLE, true},
};

/* google/api/error_reason.proto */
static const struct {
    const char *reason;
    const char *hint;
} reasons[] = {
    {"SERVICE_DISABLED",
     "enable the API in the project: gcloud services enable secretmanager.googleapis.com; for user "
     "credentials also set quota_project"},
    {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "give the machine the cloud-platform scope; Compute Engine's default scopes "
                                        "lack it"},
    {"ACCESS_TOKEN_EXPIRED", "check this machine's clock"},
    {"ACCESS_TOKEN_TYPE_UNSUPPORTED", "the service does not take this kind of token: check the credential file"},
    {"ACCOUNT_STATE_INVALID", "the service account is disabled or deleted"},
    {"BILLING_DISABLED", "enable billing for the project"},
    {"CONSUMER_SUSPENDED", "the project is suspended"},
    {"CONSUMER_INVALID", "the project of the request or of quota_project does not exist"},
    {"USER_PROJECT_DENIED", "the identity needs serviceusage.services.use in the quota project"},
    {"RESOURCE_PROJECT_INVALID", "the project does not exist: check the reference"},
    {"SECURITY_POLICY_VIOLATED", "a VPC Service Controls perimeter refuses this request"},
    {"LOCATION_POLICY_VIOLATED", "a location policy refuses this request"},
    {"ORG_RESTRICTION_VIOLATION", "an organisation restriction refuses this request"},
    {"RATE_LIMIT_EXCEEDED", "the project's quota of requests is used up: cache longer, or raise the quota"},
};

static struct json_object *find_detail(struct json_object *error, const char *type)
{
    struct json_object *details = json_member(error, "details");
    size_t count = json_object_is_type(details, json_type_array) ? json_object_array_length(details) : 0;
    for (size_t i = 0; i < count; i++) {
        struct json_object *detail = json_object_array_get_idx(details, i);
        const char *name = json_member_text(detail, "@type");
        if (name != NULL && text_ends_with(name, type)) {
            return detail;
        }
    }
    return NULL;
}

static enum mstr_code classify(const char *status, int http, bool *passing)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (status != NULL ? strcmp(classes[i].status, status) == 0 : classes[i].http == http) {
            *passing = classes[i].passing;
            return classes[i].code;
        }
    }
    *passing = false;
    return http >= 500 ? MSTR_E_UNAVAILABLE : MSTR_E_PROTOCOL;
}

/* A google.protobuf.Duration such as "1.5s" in ms; RETRY_NOT_ASKED for anything else. */
static int64_t duration(const char *text)
{
    int64_t milliseconds = 0;
    int64_t unit = 1000;
    for (; *text >= '0' && *text <= '9' && milliseconds <= DELAY_MAX * 1000; text++) {
        milliseconds = milliseconds * 10 + (*text - '0') * unit;
    }
    if (*text == '.') {
        while (*++text >= '0' && *text <= '9') {
            unit /= 10;
            milliseconds += (*text - '0') * unit;
        }
    }
    return strcmp(text, "s") == 0 && milliseconds <= DELAY_MAX * 1000 ? milliseconds : RETRY_NOT_ASKED;
}

/* RetryInfo asks where no header does. */
static void read_pause(struct attempt *attempt, struct json_object *error)
{
    const char *delay = json_member_text(find_detail(error, "google.rpc.RetryInfo"), "retryDelay");
    if (attempt->asked == RETRY_NOT_ASKED && delay != NULL) {
        attempt->asked = duration(delay);
    }
}

static const char *hint_of(const char *reason, const char *message)
{
    for (size_t i = 0; reason != NULL && i < sizeof(reasons) / sizeof(*reasons); i++) {
        if (strcmp(reasons[i].reason, reason) == 0) {
            return reasons[i].hint;
        }
    }
    if (message != NULL && strstr(message, "DISABLED state") != NULL) {
        return "enable the version or name another one; latest is the newest version, whatever its state";
    }
    if (message != NULL && strstr(message, "DESTROYED state") != NULL) {
        return "the version is gone for good: add a new one, or name another; latest is the newest version, whatever "
               "its state";
    }
    return NULL;
}

static void add_hint(const char *reason, const char *message, enum mstr_code code, const char *principal,
                     struct mstr_error *error)
{
    const char *hint = hint_of(reason, message);
    struct buffer text = BUFFER_INIT;
    if (hint == NULL && code == MSTR_E_DENIED) {
        buffer_printf(&text,
                      "grant roles/secretmanager.secretAccessor to %s, or check project and name: Google says "
                      "the same of a secret that does not exist",
                      principal != NULL ? principal : "the identity");
        hint = buffer_text(&text);
    }
    if (hint == NULL && code == MSTR_E_NOT_FOUND) {
        hint = "check the name, and that the project is told by its id or number, not by its display name";
    }
    host->error_detail(error, MSTR_DETAIL_HINT, hint);
    buffer_release(&text);
}

enum mstr_code service_error_read(struct mstr_http_response *response, const char *api, const char *principal,
                                  struct attempt *attempt, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    struct json_object *told = json_member(body, "error");
    const char *status = json_member_text(told, "status");
    const char *message = json_member_text(told, "message");
    const char *reason = json_member_text(find_detail(told, "google.rpc.ErrorInfo"), "reason");
    bool passing = false;
    enum mstr_code code = classify(status, answer->status, &passing);
    if (told == NULL && !passing) {
        code = MSTR_E_PROTOCOL; /* a proxy's page, or a path that the service does not know */
    }
    bool gone = message != NULL && (strstr(message, "DISABLED state") || strstr(message, "DESTROYED state"));
    if (code == MSTR_E_REQUEST && gone) {
        code = MSTR_E_NOT_FOUND;
    }
    host->error_set(error, code, "%s answered %d%s%.32s: %.500s", api, (int)answer->status, status != NULL ? " " : "",
                    status != NULL ? status : "",
                    message != NULL ? message : "no error that Google's APIs would give");
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, reason != NULL ? reason : status);
    add_hint(reason, message, code, principal, error);
    read_pause(attempt, told);
    attempt->again = passing ? AGAIN_LATER : AGAIN_NEVER;
    if (answer->status == 401) {
        clock_skew_tell(response, error);
    }
    return json_done(body, parsed, code, error);
}
