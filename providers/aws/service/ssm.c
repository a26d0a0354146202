/* AWS Systems Manager Parameter Store: GetParameter, or GetParameters in tens, always decrypted. */
#include "aws/service/aws.h"
#include "aws/wire/service_error.h"
#include "base/json.h"
#include "sdk/host.h"
#include "sdk/identity_digest.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 10 };

/* One request that waits for its parameter. */
struct asked {
    struct mstr_request *request;
    struct wanted wanted; /* its id is sent with its selector */
    bool answered;
};

/* What cannot be asked is answered at once. */
static void read_request(struct mstr_request *request, struct asked *asked, struct mstr_error *error)
{
    asked->request = request;
    enum mstr_code code = wanted_read(&ssm.kind, request->reference, &asked->wanted, error);
    if (code != MSTR_OK) {
        request_fail(request, code, error);
        asked->answered = true;
    }
}

/* Whether `name` is `base` followed by `selector`. */
static bool joins(const char *name, const char *base, const char *selector)
{
    size_t length = base != NULL ? strlen(base) : 0;
    return length > 0 && strncmp(name, base, length) == 0 && strcmp(name + length, selector) == 0;
}

/* The version or label that is asked for, with its colon, or "". */
static const char *selector_of(const struct wanted *wanted)
{
    const char *name = wanted->arn.resource != NULL ? wanted->arn.resource : wanted->id;
    return name + strcspn(name, ":");
}

/* An answer names the parameter plainly, whatever it was asked by, and not always its selector; a secret of Secrets
 * Manager is named by emulators with or without its prefix. */
static bool is_answer_for(const struct asked *asked, struct json_object *parameter, const char *unless_told)
{
    static const char reference[] = "/aws/reference/secretsmanager/";
    const char *told = json_member_text(parameter, "Selector");
    const char *selector = told != NULL ? told : unless_told;
    const char *name = json_member_text(parameter, "Name");
    bool prefixed = strncmp(asked->wanted.id, reference, sizeof(reference) - 1) == 0;
    return joins(asked->wanted.id, name, selector) ||
           joins(asked->wanted.id, json_member_text(parameter, "ARN"), selector) ||
           (prefixed && joins(asked->wanted.id + sizeof(reference) - 1, name, selector));
}

static void take_parameter(struct asked *asked, struct json_object *parameter, const char *identity)
{
    int64_t version = 0;
    size_t length = 0;
    const char *value = json_member_octets(parameter, "Value", &length);
    struct buffer text = BUFFER_INIT;
    if (json_member_int64(parameter, "Version", &version) && version > 0) {
        buffer_printf(&text, "%lld", (long long)version);
    }
    const struct mstr_meta meta = {
        .size = sizeof(meta), .version = text.length > 0 ? buffer_text(&text) : NULL, .identity = identity};
    if (value != NULL) {
        host->set_value(asked->request, value, length, &meta);
    } else {
        host->set_error(asked->request, MSTR_E_PROTOCOL, "Parameter Store answered without a value");
    }
    asked->answered = true;
    buffer_release(&text);
}

static size_t length_of(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static void take_one(struct asked *asked, struct json_object *answer, const char *identity)
{
    struct json_object *parameter = json_member(answer, "Parameter");
    const char *named = json_member_text(parameter, arn_is(asked->wanted.id) ? "ARN" : "Name");
    if (named != NULL && !is_answer_for(asked, parameter, selector_of(&asked->wanted))) {
        aws_refuse_another(asked->request, "GetParameter", named);
        asked->answered = true;
    } else if (parameter != NULL) {
        take_parameter(asked, parameter, identity);
    } else {
        host->set_error(asked->request, MSTR_E_PROTOCOL, "Parameter Store answered without a parameter");
        asked->answered = true;
    }
}

static bool is_missing(const struct asked *asked, struct json_object *names)
{
    for (size_t i = 0; i < length_of(names); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(names, i));
        if (name != NULL && strcmp(name, asked->wanted.id) == 0) {
            return true;
        }
    }
    return false;
}

static void tell_missing(struct asked *asked)
{
    host->set_error(asked->request, MSTR_E_NOT_FOUND, "GetParameters: there is no such parameter");
    host->error_detail(asked->request->error, MSTR_DETAIL_HINT,
                       "check the parameter's name, its version or label, its region and its account");
    asked->answered = true;
}

/* The only parameter that fits; NULL for none, and for several. */
static struct json_object *find_answer(const struct asked *asked, struct json_object *found)
{
    struct json_object *fits = NULL;
    for (size_t i = 0; i < length_of(found); i++) {
        struct json_object *parameter = json_object_array_get_idx(found, i);
        if (is_answer_for(asked, parameter, "")) {
            if (fits != NULL) {
                return NULL;
            }
            fits = parameter;
        }
    }
    return fits;
}

/* Whether one of them asks for a version or label and found none: its selector was not repeated, so that what seems
 * to be the answer to a plain name may be that version. */
static bool is_unclear(struct asked *const *asked, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!asked[i]->answered && *selector_of(&asked[i]->wanted) != '\0') {
            return true;
        }
    }
    return false;
}

/* Versions and labels first. What the answer does not speak of, or not clearly, stays unanswered, to be asked for by
 * itself. */
static void take_several(struct asked *const *asked, size_t count, struct json_object *answer, const char *identity)
{
    struct json_object *found = json_member(answer, "Parameters");
    struct json_object *missing = json_member(answer, "InvalidParameters");
    for (size_t i = 0; i < count; i++) {
        struct json_object *parameter = find_answer(asked[i], found);
        if (is_missing(asked[i], missing)) {
            tell_missing(asked[i]);
        } else if (json_member_text(parameter, "Selector") != NULL) {
            take_parameter(asked[i], parameter, identity);
        }
    }
    for (size_t i = 0; i < count && !is_unclear(asked, count); i++) {
        struct json_object *parameter = asked[i]->answered ? NULL : find_answer(asked[i], found);
        if (parameter != NULL) {
            take_parameter(asked[i], parameter, identity);
        }
    }
}

/* One name by itself, several in a list: the two are different permissions. */
static void put_names(struct asked *const *asked, size_t count, struct buffer *body)
{
    buffer_puts(body, count == 1 ? "{\"Name\":" : "{\"Names\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_puts(body, i > 0 ? "," : "");
        json_put_string(body, asked[i]->wanted.id, strlen(asked[i]->wanted.id));
    }
    buffer_puts(body, count == 1 ? ",\"WithDecryption\":true}" : "],\"WithDecryption\":true}");
}

static enum mstr_code send(const struct inquiry *inquiry, struct asked *const *asked, size_t count,
                           char identity[IDENTITY_SIZE], struct json_object **answer, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    enum mstr_code code = MSTR_E_MEMORY;
    put_names(asked, count, &body);
    struct aws_call get = {.action = count == 1 ? "GetParameter" : "GetParameters",
                           .prefix = "AmazonSSM.",
                           .region = asked[0]->wanted.region,
                           .body = buffer_text(&body),
                           .body_length = body.length};
    get.identity = identity;
    if (body.failed) {
        host->error_set(error, code, "out of memory");
    } else {
        code = aws_send_as(inquiry, &get, &response, error);
    }
    *answer = code == MSTR_OK ? service_answer(response, get.action, error) : NULL;
    if (code == MSTR_OK && *answer == NULL) {
        code = host->error_code(error);
    }
    host->http_free(response);
    buffer_release(&body);
    return code;
}

/* Asks for up to ten parameters of one region in one call. A call that is refused for what it asks is refused for all
 * of them: they are asked for one by one, and each tells its own failure. */
static void fetch(const struct inquiry *inquiry, struct asked *const *asked, size_t count)
{
    struct json_object *answer = NULL;
    char identity[IDENTITY_SIZE];
    struct mstr_error *error = host->error_new();
    enum mstr_code code = send(inquiry, asked, count, identity, &answer, error);
    if (code == MSTR_OK && count == 1) {
        take_one(asked[0], answer, identity);
    } else if (code == MSTR_OK) {
        take_several(asked, count, answer, identity);
    }
    bool singly = count > 1 && (code == MSTR_OK || aws_ask_singly(inquiry, count, code, error));
    for (size_t i = 0; i < count; i++) {
        if (!asked[i]->answered && singly) {
            fetch(inquiry, &asked[i], 1);
        } else if (!asked[i]->answered) {
            request_fail(asked[i]->request, code, error);
            asked[i]->answered = true;
        }
    }
    json_release(answer);
    host->error_free(error);
}

static void resolve(const struct inquiry *inquiry, struct mstr_request *const *requests, size_t count)
{
    struct asked *asked = calloc(count, sizeof(*asked));
    struct mstr_error *error = host->error_new();
    for (size_t i = 0; i < count; i++) {
        if (asked == NULL) {
            host->set_error(requests[i], MSTR_E_MEMORY, "out of memory");
        } else {
            read_request(requests[i], &asked[i], error);
        }
    }
    for (size_t i = 0; asked != NULL && i < count; i++) {
        struct asked *group[NAMES_MAX];
        size_t size = 0;
        for (size_t j = i; j < count && !asked[i].answered && size < NAMES_MAX; j++) {
            if (!asked[j].answered && aws_same_region(inquiry, asked[j].wanted.region, asked[i].wanted.region)) {
                group[size++] = &asked[j];
            }
        }
        if (size > 0) {
            fetch(inquiry, group, size);
        }
    }
    host->error_free(error);
    free(asked);
}

const struct secret_service ssm = {
    .service = {.name = "ssm", .endpoint = "SSM", .host = "ssm"},
    .kind = {.service = "ssm", .resource = "parameter", .arn_of = "a parameter", .owner = "a parameter's"},
    .resolve = resolve,
};
