/* SPDX-License-Identifier: Apache-2.0 */
/* AWS Systems Manager Parameter Store: GetParameter, or GetParameters in tens, always decrypted. */
#include "aws/service/aws.h"
#include "base/json.h"
#include "sdk/host.h"

#include <string.h>

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
        batch_answer(&asked->item, value, length, &meta);
    } else {
        asked->item.code =
            host->error_set(asked->item.error, MSTR_E_PROTOCOL, "Parameter Store answered without a value");
    }
    buffer_release(&text);
}

static size_t length_of(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static void take_one(struct asked *asked, const struct aws_answer *answer)
{
    struct json_object *parameter = json_member(answer->body, "Parameter");
    const char *named = json_member_text(parameter, arn_is(asked->wanted.id) ? "ARN" : "Name");
    if (named != NULL && !is_answer_for(asked, parameter, selector_of(&asked->wanted))) {
        aws_refuse_another(asked, "GetParameter", named);
    } else if (parameter != NULL) {
        take_parameter(asked, parameter, answer->identity);
    } else {
        asked->item.code =
            host->error_set(asked->item.error, MSTR_E_PROTOCOL, "Parameter Store answered without a parameter");
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
    asked->item.code =
        error_hint(asked->item.error,
                   host->error_set(asked->item.error, MSTR_E_NOT_FOUND, "GetParameters: there is no such parameter"),
                   "check the parameter's name, its version or label, its region and its account");
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
        if (batch_waits(&asked[i]->item) && *selector_of(&asked[i]->wanted) != '\0') {
            return true;
        }
    }
    return false;
}

/* Versions and labels first. What the answer does not speak of, or not clearly, stays unanswered, to be asked for by
 * itself. */
static void take_several(struct asked *const *asked, size_t count, const struct aws_answer *answer)
{
    struct json_object *found = json_member(answer->body, "Parameters");
    struct json_object *missing = json_member(answer->body, "InvalidParameters");
    for (size_t i = 0; i < count; i++) {
        struct json_object *parameter = find_answer(asked[i], found);
        if (is_missing(asked[i], missing)) {
            tell_missing(asked[i]);
        } else if (json_member_text(parameter, "Selector") != NULL) {
            take_parameter(asked[i], parameter, answer->identity);
        }
    }
    for (size_t i = 0; i < count && !is_unclear(asked, count); i++) {
        struct json_object *parameter = batch_waits(&asked[i]->item) ? find_answer(asked[i], found) : NULL;
        if (parameter != NULL) {
            take_parameter(asked[i], parameter, answer->identity);
        }
    }
}

/* One name by itself, several in a list: the two are different permissions. */
static enum mstr_code ask(const struct inquiry *inquiry, struct asked *const *asked, size_t count,
                          struct aws_answer *answer, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    buffer_puts(&body, count == 1 ? "{\"Name\":" : "{\"Names\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_puts(&body, i > 0 ? "," : "");
        json_put_string(&body, asked[i]->wanted.id, strlen(asked[i]->wanted.id));
    }
    buffer_puts(&body, count == 1 ? ",\"WithDecryption\":true}" : "],\"WithDecryption\":true}");
    enum mstr_code code = aws_ask(inquiry, count == 1 ? "GetParameter" : "GetParameters", asked[0]->wanted.region,
                                  &body, answer, error);
    buffer_release(&body);
    return code;
}

static void fetch_one(const struct inquiry *inquiry, struct asked *asked)
{
    struct aws_answer answer;
    asked->item.code = ask(inquiry, &asked, 1, &answer, asked->item.error);
    if (asked->item.code == MSTR_OK) {
        take_one(asked, &answer);
    }
    json_release(answer.body);
}

static void fetch_several(const struct inquiry *inquiry, struct asked **asked, size_t count)
{
    struct aws_answer answer;
    struct mstr_error *error = host->error_new();
    enum mstr_code code = ask(inquiry, asked, count, &answer, error);
    if (code == MSTR_OK) {
        take_several(asked, count, &answer);
    } else {
        aws_fail_several(inquiry, asked, count, code, error);
    }
    json_release(answer.body);
    host->error_free(error);
}

const struct secret_service ssm = {
    .service = {.name = "ssm", .endpoint = "SSM", .host = "ssm"},
    .kind = {.service = "ssm", .resource = "parameter/", .arn_of = "a parameter", .owner = "a parameter's"},
    .prefix = "AmazonSSM.",
    .id_octets = "-/_.:+=@!", /* with those of secrets, which it refers to */
    .together = 10,
    .side_by_side = 1, /* of the forty a second that an account has */
    .fetch_several = fetch_several,
    .fetch_one = fetch_one,
};
