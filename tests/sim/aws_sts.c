/* SPDX-License-Identifier: Apache-2.0 */
/* STS in its query protocol: roles assumed with a signature or a web identity, and who the caller is. */
#include "aws.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DURATION_DEFAULT = 3600, DURATION_MIN = 900, DURATION_MAX = 43200 };

static const char namespace[] = "https://sts.amazonaws.com/doc/2011-06-15/";

static void put_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            buffer_puts(out, "&lt;");
            break;
        case '&':
            buffer_puts(out, "&amp;");
            break;
        default:
            buffer_putc(out, *text);
        }
    }
}

void aws_xml_error(struct sim_reply *reply, int status, const char *code, const char *message)
{
    char id[37];
    sim_uuid(id);
    reply->status = status;
    sim_reply_set_header(reply, "Content-Type", "text/xml");
    sim_reply_set_header(reply, "x-amzn-RequestId", id);
    buffer_clear(&reply->body);
    buffer_printf(&reply->body, "<ErrorResponse xmlns=\"%s\">\n  <Error>\n    <Type>Sender</Type>\n", namespace);
    buffer_printf(&reply->body, "    <Code>%s</Code>\n    <Message>", code);
    put_escaped(&reply->body, message);
    buffer_printf(&reply->body, "</Message>\n  </Error>\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n", id);
    sim_verdict(reply, "%s: %s", code, message);
}

static void finish(struct sim_reply *reply, const char *action, const struct buffer *result)
{
    char id[37];
    sim_uuid(id);
    reply->status = 200;
    sim_reply_set_header(reply, "Content-Type", "text/xml");
    sim_reply_set_header(reply, "x-amzn-RequestId", id);
    buffer_printf(&reply->body, "<%sResponse xmlns=\"%s\">\n  <%sResult>\n%s  </%sResult>\n", action, namespace,
                  action, buffer_text(result), action);
    buffer_printf(&reply->body, "  <ResponseMetadata>\n    <RequestId>%s</RequestId>\n  </ResponseMetadata>\n", id);
    buffer_printf(&reply->body, "</%sResponse>\n", action);
}

const char *aws_query_code(const char *code)
{
    static const char *const codes[][2] = {{"InvalidSignatureException", "SignatureDoesNotMatch"},
                                           {"UnrecognizedClientException", "InvalidClientTokenId"},
                                           {"ExpiredTokenException", "ExpiredToken"},
                                           {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
                                           {"IncompleteSignatureException", "IncompleteSignature"}};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (!strcmp(codes[i][0], code))
            return codes[i][1];
    return code;
}

/* Who signed; NULL with the error. */
static const struct aws_key *verify(struct aws_call *call)
{
    struct aws_refusal refusal = {0};
    call->key = aws_verify(call->request, "sts", call->region, &refusal);
    if (!call->key)
        aws_xml_error(call->reply, 403, aws_query_code(refusal.code), refusal.message);
    return call->key;
}

static bool valid_session_name(const char *name)
{
    const size_t length = name ? strlen(name) : 0;
    return length >= 2 && length <= 64 && text_is_made_of(name, "_+=,.@-");
}

/* The lifetime asked for, -1 if it is out of range. */
static int64_t duration(const struct sim_pairs *form)
{
    const char *text = sim_pairs_get(form, "DurationSeconds");
    int64_t seconds = DURATION_DEFAULT;
    if (text && (!text_to_int64(text, &seconds) || seconds < DURATION_MIN || seconds > DURATION_MAX))
        return -1;
    return seconds;
}

/* arn:aws:iam::ACCOUNT:role/NAME → arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION */
static void issue(struct aws_call *call, const char *action, const char *role, const char *session, int64_t seconds,
                  const char *more)
{
    char account[13] = "";
    char arn[256];
    char expiration[21];
    const char *name = strrchr(role, '/');
    if (sscanf(role, "arn:aws:iam::%12[0-9]:role/", account) != 1 || !name) {
        aws_xml_error(call->reply, 400, "ValidationError", "RoleArn is malformed.");
        return;
    }
    snprintf(arn, sizeof(arn), "arn:aws:sts::%s:assumed-role%s/%s", account, name, session);
    const struct aws_key *key = aws_key_issue(account, arn, seconds);
    struct buffer result = BUFFER_INIT;
    timestamp_format_rfc3339(key->expires, expiration);
    buffer_puts(&result, more);
    buffer_printf(&result, "    <AssumedRoleUser>\n      <Arn>%s</Arn>\n", key->arn);
    buffer_printf(&result, "      <AssumedRoleId>AROASIMULATOR:%s</AssumedRoleId>\n    </AssumedRoleUser>\n",
                  session);
    buffer_printf(&result, "    <Credentials>\n      <AccessKeyId>%s</AccessKeyId>\n", key->id);
    buffer_printf(&result, "      <SecretAccessKey>%s</SecretAccessKey>\n", key->secret);
    buffer_printf(&result, "      <SessionToken>%s</SessionToken>\n", key->token);
    buffer_printf(&result, "      <Expiration>%s</Expiration>\n    </Credentials>\n", expiration);
    finish(call->reply, action, &result);
    buffer_release(&result);
}

static bool lists(struct json_object *list, const char *text)
{
    for (size_t i = 0; list && text && i < json_object_array_length(list); i++)
        if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), text))
            return true;
    return false;
}

/* Whether the device's code holds. Each does once: the latest that was used is remembered with the role. */
static bool mfa_holds(struct json_object *role, const struct sim_pairs *form)
{
    const char *serial = sim_pairs_get(form, "SerialNumber");
    const char *code = sim_pairs_get(form, "TokenCode");
    const char *used = json_member_text(role, "mfa_used");
    if (!serial || !code || strcmp(serial, json_member_text(role, "mfa_serial")) != 0 ||
        !lists(json_member(role, "mfa_codes"), code) || (used && !strcmp(used, code)))
        return false;
    json_object_object_add(role, "mfa_used", json_object_new_string(code));
    return true;
}

static void assume_role(struct aws_call *call, const struct sim_pairs *form)
{
    const char *role_arn = sim_pairs_get(form, "RoleArn");
    const char *session = sim_pairs_get(form, "RoleSessionName");
    const char *external_id = sim_pairs_get(form, "ExternalId");
    struct json_object *role = aws_find("roles", "arn", role_arn);
    const char *wanted = json_member_text(role, "external_id");
    const bool guarded = json_member(role, "mfa_serial") != NULL;
    if (!verify(call))
        return;
    if (!valid_session_name(session) || duration(form) < 0) {
        aws_xml_error(call->reply, 400, "ValidationError", "RoleSessionName or DurationSeconds is not valid.");
    } else if (!role || call->key->denied || json_member(role, "web_identity_tokens") ||
               (wanted && (!external_id || strcmp(wanted, external_id) != 0)) ||
               (guarded && !sim_pairs_get(form, "TokenCode"))) {
        char message[1024];
        snprintf(message, sizeof(message), "User: %s is not authorized to perform: sts:AssumeRole on resource: %s",
                 call->key->arn, role_arn ? role_arn : "");
        aws_xml_error(call->reply, 403, "AccessDenied", message);
    } else if (guarded && !mfa_holds(role, form)) {
        aws_xml_error(call->reply, 403, "AccessDenied",
                      "MultiFactorAuthentication failed with invalid MFA one time pass code. ");
    } else {
        issue(call, "AssumeRole", role_arn, session, duration(form), "");
    }
}

static void assume_role_with_web_identity(struct aws_call *call, const struct sim_pairs *form)
{
    const char *role_arn = sim_pairs_get(form, "RoleArn");
    const char *session = sim_pairs_get(form, "RoleSessionName");
    const char *token = sim_pairs_get(form, "WebIdentityToken");
    struct json_object *role = aws_find("roles", "arn", role_arn);
    struct json_object *tokens = json_member(role, "web_identity_tokens");
    if (sim_header(call->request, "Authorization"))
        aws_xml_error(call->reply, 400, "ValidationError", "This action is not signed.");
    else if (!valid_session_name(session) || duration(form) < 0)
        aws_xml_error(call->reply, 400, "ValidationError", "RoleSessionName or DurationSeconds is not valid.");
    else if (lists(json_member(role, "expired_tokens"), token))
        aws_xml_error(call->reply, 400, "ExpiredTokenException", "Token expired");
    else if (!tokens)
        aws_xml_error(call->reply, 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    else if (!lists(tokens, token))
        aws_xml_error(call->reply, 400, "InvalidIdentityToken", "The web identity token could not be validated.");
    else
        issue(call, "AssumeRoleWithWebIdentity", role_arn, session, duration(form),
              "    <SubjectFromWebIdentityToken>simulator</SubjectFromWebIdentityToken>\n"
              "    <Provider>simulator</Provider>\n    <Audience>sts.amazonaws.com</Audience>\n");
}

static void get_caller_identity(struct aws_call *call, const struct sim_pairs *form)
{
    struct buffer result = BUFFER_INIT;
    (void)form;
    if (!verify(call))
        return;
    buffer_printf(&result, "    <Arn>%s</Arn>\n    <UserId>%s</UserId>\n    <Account>%s</Account>\n", call->key->arn,
                  call->key->id, call->key->account);
    finish(call->reply, "GetCallerIdentity", &result);
    buffer_release(&result);
}

bool aws_is_sts(const struct sim_request *request)
{
    return sim_has_type(request, "application/x-www-form-urlencoded") &&
           text_starts_with(buffer_text(&request->body), "Action=");
}

void aws_sts(struct aws_call *call)
{
    static const struct {
        const char *name;
        void (*run)(struct aws_call *call, const struct sim_pairs *form);
    } actions[] = {{"AssumeRole", assume_role},
                   {"AssumeRoleWithWebIdentity", assume_role_with_web_identity},
                   {"GetCallerIdentity", get_caller_identity}};
    struct sim_pairs form = {0};
    sim_body_form(call->request, &form);
    const char *action = sim_pairs_get(&form, "Action");
    const char *version = sim_pairs_get(&form, "Version");
    for (size_t i = 0; action && version && i < sizeof(actions) / sizeof(actions[0]); i++)
        if (!strcmp(actions[i].name, action) && !strcmp(version, "2011-06-15") && sim_is(call->request, "POST"))
            actions[i].run(call, &form);
    if (call->reply->status == 0)
        aws_xml_error(call->reply, 400, "InvalidAction", "Could not find operation for version 2011-06-15");
    sim_pairs_release(&form);
}
