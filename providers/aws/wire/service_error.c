/* SPDX-License-Identifier: Apache-2.0 */
/* What an AWS service says when it refuses. */
#include "aws/wire/service_error.h"

#include "aws/wire/xml.h"
#include "base/text.h"
#include "sdk/host.h"

#include <stdlib.h>
#include <string.h>

static const struct known {
    const char *code;
    enum mstr_code class;
    const char *hint;
} known_codes[] = {
    {"ResourceNotFoundException", MSTR_E_NOT_FOUND, "check the secret's name, its region and its account"},
    {"ParameterNotFound", MSTR_E_NOT_FOUND, "check the parameter's name, its region and its account"},
    {"ParameterVersionNotFound", MSTR_E_NOT_FOUND, NULL},
    {"AccessDeniedException", MSTR_E_DENIED, NULL}, /* the hint names the action */
    {"AccessDenied", MSTR_E_DENIED, NULL},
    {"NotAuthorized", MSTR_E_DENIED, NULL},
    {"OptInRequired", MSTR_E_DENIED, "subscribe the account to the service"},
    {"RegionDisabledException", MSTR_E_DENIED, "enable the region for the account"},
    {"DecryptionFailure", MSTR_E_DENIED, "allow this identity kms:Decrypt on the secret's key"},
    {"InvalidKeyId", MSTR_E_DENIED, "check the KMS key of the parameter and kms:Decrypt on it"},
    {"UnrecognizedClientException", MSTR_E_AUTHENTICATION,
     "check the access key; new keys take some seconds to spread"},
    {"InvalidClientTokenId", MSTR_E_AUTHENTICATION, "check the access key; new keys take some seconds to spread"},
    {"InvalidAccessKeyId", MSTR_E_AUTHENTICATION, "check the access key"},
    {"MissingAuthenticationToken", MSTR_E_AUTHENTICATION, NULL},
    {"MissingAuthenticationTokenException", MSTR_E_AUTHENTICATION, NULL},
    {"IncompleteSignature", MSTR_E_AUTHENTICATION, NULL},
    {"IncompleteSignatureException", MSTR_E_AUTHENTICATION, NULL},
    {"InvalidSignatureException", MSTR_E_AUTHENTICATION, "check the secret access key and this machine's clock"},
    {"SignatureDoesNotMatch", MSTR_E_AUTHENTICATION, "check the secret access key and this machine's clock"},
    {"RequestTimeTooSkewed", MSTR_E_AUTHENTICATION, "set this machine's clock"},
    {"RequestExpired", MSTR_E_AUTHENTICATION, "set this machine's clock"},
    {"RequestInTheFuture", MSTR_E_AUTHENTICATION, "set this machine's clock"},
    {"AuthFailure", MSTR_E_AUTHENTICATION, NULL},
    {"ExpiredTokenException", MSTR_E_AUTHENTICATION, "renew the temporary credentials"},
    {"ExpiredToken", MSTR_E_AUTHENTICATION, "renew the temporary credentials"},
    {"TokenRefreshRequired", MSTR_E_AUTHENTICATION, "renew the temporary credentials"},
    {"Throttling", MSTR_E_THROTTLED, NULL},
    {"ThrottlingException", MSTR_E_THROTTLED, NULL},
    {"ThrottledException", MSTR_E_THROTTLED, NULL},
    {"RequestThrottled", MSTR_E_THROTTLED, NULL},
    {"RequestThrottledException", MSTR_E_THROTTLED, NULL},
    {"TooManyRequestsException", MSTR_E_THROTTLED, NULL},
    {"RequestLimitExceeded", MSTR_E_THROTTLED, NULL},
    {"LimitExceededException", MSTR_E_THROTTLED, NULL},
    {"ProvisionedThroughputExceededException", MSTR_E_THROTTLED, NULL},
    {"TransactionInProgressException", MSTR_E_THROTTLED, NULL},
    {"BandwidthLimitExceeded", MSTR_E_THROTTLED, NULL},
    {"PriorRequestNotComplete", MSTR_E_THROTTLED, NULL},
    {"EC2ThrottledException", MSTR_E_THROTTLED, NULL},
    {"InvalidIdentityToken", MSTR_E_AUTHENTICATION, "check issuer and audience of the web identity's token"},
    {"IDPRejectedClaim", MSTR_E_AUTHENTICATION, "check the web identity's token against the role's trust policy"},
    {"IDPCommunicationError", MSTR_E_UNAVAILABLE, "the identity provider could not be reached by AWS"},
    {"SlowDown", MSTR_E_THROTTLED, NULL},
    {"InternalServiceError", MSTR_E_UNAVAILABLE, NULL},
    {"InternalServerError", MSTR_E_UNAVAILABLE, NULL},
    {"InternalFailure", MSTR_E_UNAVAILABLE, NULL},
    {"ServiceUnavailable", MSTR_E_UNAVAILABLE, NULL},
    {"ServiceUnavailableException", MSTR_E_UNAVAILABLE, NULL},
    {"RequestTimeout", MSTR_E_UNAVAILABLE, NULL},
    {"RequestTimeoutException", MSTR_E_UNAVAILABLE, NULL},
};

static const struct known *find(const char *code)
{
    for (size_t i = 0; i < sizeof(known_codes) / sizeof(*known_codes); i++) {
        if (strcmp(known_codes[i].code, code) == 0) {
            return &known_codes[i];
        }
    }
    return NULL;
}

static const struct {
    const char *code;
    enum code_trait trait;
} traits[] = {
    {"AccessDeniedException", OF_THE_CLOCK},
    {"AuthFailure", OF_THE_CLOCK},
    {"InvalidSignatureException", OF_THE_CLOCK},
    {"RequestExpired", OF_THE_CLOCK},
    {"RequestInTheFuture", OF_THE_CLOCK},
    {"RequestTimeTooSkewed", OF_THE_CLOCK},
    {"SignatureDoesNotMatch", OF_THE_CLOCK},
    {"ExpiredToken", OF_OLD_KEYS},
    {"ExpiredTokenException", OF_OLD_KEYS},
    {"TokenRefreshRequired", OF_OLD_KEYS},
    {"AccessDeniedException", OF_SEVERAL},
    {"AccessDenied", OF_SEVERAL},
    {"NotAuthorized", OF_SEVERAL},
    {"DecryptionFailure", OF_SEVERAL},
    {"InvalidKeyId", OF_SEVERAL},
    {"UnknownOperationException", OF_SEVERAL},
    {"InvalidAction", OF_SEVERAL},
    {"NotImplemented", OF_SEVERAL},
    {"InternalFailure", OF_SEVERAL}, /* by emulators, with the status 501 */
};

bool service_error_is(const struct mstr_error *error, enum code_trait trait)
{
    const char *code = host->error_text(error, MSTR_DETAIL_SERVICE_CODE);
    for (size_t i = 0; code != NULL && i < sizeof(traits) / sizeof(*traits); i++) {
        if (traits[i].trait == trait && strcmp(traits[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

static enum mstr_code class_of_status(int status)
{
    switch (status) {
    case 401:
        return MSTR_E_AUTHENTICATION;
    case 403:
        return MSTR_E_DENIED;
    case 404:
        return MSTR_E_NOT_FOUND;
    case 429:
        return MSTR_E_THROTTLED;
    case 501: /* which emulators say of calls that they do not know */
        return MSTR_E_REQUEST;
    default:
        return status >= 500 ? MSTR_E_UNAVAILABLE : status < 400 ? MSTR_E_PROTOCOL : MSTR_E_REQUEST;
    }
}

/* Secrets that are to be deleted count as gone, in one of the words that services have for it; their code says no
 * more than that they are in the wrong state. */
static bool is_deleted(const char *code, const char *message)
{
    static const char *const words[] = {"marked for deletion", "scheduled for deletion", "was deleted"};
    bool deleted = false;
    for (size_t i = 0; message != NULL && i < sizeof(words) / sizeof(*words); i++) {
        deleted = deleted || strstr(message, words[i]) != NULL;
    }
    return deleted && strcmp(code, "InvalidRequestException") == 0;
}

/* What a code means that services give without a message. */
static const char *silent_reason(const char *code)
{
    return strcmp(code, "ParameterNotFound") == 0          ? "there is no such parameter"
           : strcmp(code, "ParameterVersionNotFound") == 0 ? "the parameter has no such version or label"
                                                           : "no reason given";
}

enum mstr_code service_error_set(const char *code, const char *message, int status, const char *what,
                                 struct mstr_error *error)
{
    static const struct known deleted = {
        NULL, MSTR_E_NOT_FOUND, "until it is gone for good: aws secretsmanager restore-secret --secret-id SECRET"};
    const struct known *known = is_deleted(code, message) ? &deleted : find(code);
    enum mstr_code class = known != NULL && status != 501 ? known->class : class_of_status(status);
    host->error_set(error, class, "%s: %s (%s)", what, text_empty(message) ? silent_reason(code) : message, code);
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, code);
    host->error_detail(error, MSTR_DETAIL_HINT, known != NULL ? known->hint : NULL);
    return class;
}

void service_error_hint_permission(const char *service, const char *action, bool decrypts, struct mstr_error *error)
{
    const char *told = host->error_text(error, MSTR_DETAIL_SERVICE_CODE);
    struct buffer hint = BUFFER_INIT;
    if (told != NULL && text_starts_with(told, "AccessDenied")) {
        buffer_printf(&hint, "allow this identity %s:%s on the resource%s", service, action,
                      decrypts ? ", and kms:Decrypt on its key" : "");
        host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    }
    buffer_release(&hint);
}

/* The code alone, out of "namespace#Code:http://…"; for free(). */
static char *bare_code(const char *text)
{
    size_t length = strcspn(text, ":");
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '#') {
            return text_copy_length(text + i + 1, length - i - 1);
        }
    }
    return text_copy_length(text, length);
}

/* An answer that is not of the service's protocol: a proxy or a wrong endpoint answered, and its statuses say nothing
 * of the secret. What is no error may hold one, and is not quoted. */
static enum mstr_code tell_foreign(const struct mstr_http_answer *answer, const char *what, struct mstr_error *error)
{
    enum mstr_code class = answer->status == 429   ? MSTR_E_THROTTLED
                           : answer->status >= 500 ? MSTR_E_UNAVAILABLE
                                                   : MSTR_E_PROTOCOL;
    if (answer->status >= 400) {
        host->error_set(error, class, "%s: HTTP status %d with an answer that no AWS service gives: \"%.80s\"", what,
                        (int)answer->status, answer->body);
    } else {
        host->error_set(error, class, "%s: HTTP status %d with an answer that is no JSON object", what,
                        (int)answer->status);
    }
    host->error_detail(error, MSTR_DETAIL_HINT, "check the endpoint, and whether a proxy stands between");
    return class;
}

enum mstr_code service_error_tell(const struct mstr_http_response *response, const char *what,
                                  struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *text = host->http_header(response, "x-amzn-errortype");
    text = text != NULL ? text : json_member_text(body, "__type");
    text = text != NULL ? text : json_member_text(body, "code");
    const char *message = json_member_text(body, "message");
    message = message != NULL ? message : json_member_text(body, "Message");
    struct buffer xml_code = BUFFER_INIT;
    struct buffer xml_message = BUFFER_INIT;
    if (text == NULL && xml_element(answer->body, "Code", &xml_code)) {
        text = buffer_text(&xml_code);
        message = xml_element(answer->body, "Message", &xml_message) ? buffer_text(&xml_message) : NULL;
    }
    char *code = text != NULL ? bare_code(text) : NULL;
    enum mstr_code class = code != NULL ? service_error_set(code, message, answer->status, what, error)
                                        : tell_foreign(answer, what, error);
    host->error_detail(error, MSTR_DETAIL_REQUEST_ID, host->http_header(response, "x-amzn-requestid"));
    free(code);
    buffer_release(&xml_code);
    buffer_release(&xml_message);
    return json_done(body, parsed, class, error);
}

struct json_object *service_answer(const struct mstr_http_response *response, const char *what,
                                   struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    bool refusal =
        json_member_text(body, "__type") != NULL || host->http_header(response, "x-amzn-errortype") != NULL;
    if (refusal) {
        service_error_tell(response, what, error);
    } else if (!json_object_is_type(body, json_type_object)) {
        tell_foreign(answer, what, error);
    } else {
        return body;
    }
    json_done(body, parsed, MSTR_E_PROTOCOL, error);
    return NULL;
}
