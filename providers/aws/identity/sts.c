/* SPDX-License-Identifier: Apache-2.0 */
/* AWS's Security Token Service. */
#include "aws/identity/sts.h"

#include "aws/config/files.h"
#include "aws/identity/mfa.h"
#include "aws/wire/send.h"
#include "aws/wire/xml.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "base/uri.h"
#include "sdk/host.h"

#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

enum { TOKEN_LIMIT = 20000, NAME_LIMIT = 64 };

static const struct aws_service sts = {.name = "sts", .endpoint = "STS", .host = "sts"};

static enum mstr_code put_token(const struct mstr_call *call, const struct role *role, struct buffer *body,
                                struct mstr_error *error)
{
    struct buffer token = BUFFER_INIT;
    enum mstr_code code = files_read(call, role->token_file, TOKEN_LIMIT, &token, error);
    if (code == MSTR_OK) {
        buffer_truncate(&token, strcspn(buffer_text(&token), " \t\r\n"));
        uri_form_add(body, "WebIdentityToken", buffer_text(&token));
    }
    if (code == MSTR_OK && token.length == 0) {
        code = host->error_set(error, MSTR_E_CONFIG, "%s holds no token", role->token_file);
    }
    buffer_release(&token);
    return code == MSTR_E_NOT_FOUND ? MSTR_E_CONFIG : code;
}

static enum mstr_code put_body(const struct mstr_call *call, const struct role *role, struct buffer *body,
                               struct mstr_error *error)
{
    char own_name[NAME_LIMIT];
    struct buffer name = {.limit = sizeof(own_name) - 1};
    enum mstr_code code = MSTR_OK;
    buffer_printf(&name, "mstr-cred-%ld-%lld", (long)getpid(), (long long)(host->now() / 1000));
    uri_form_add(body, "Action", role->token_file != NULL ? "AssumeRoleWithWebIdentity" : "AssumeRole");
    uri_form_add(body, "Version", "2011-06-15");
    uri_form_add(body, "RoleArn", role->arn);
    uri_form_add(body, "RoleSessionName", role->session_name != NULL ? role->session_name : buffer_text(&name));
    if (role->external_id != NULL) {
        uri_form_add(body, "ExternalId", role->external_id);
    }
    if (role->duration != NULL) {
        uri_form_add(body, "DurationSeconds", role->duration);
    }
    if (role->token_file != NULL) {
        code = put_token(call, role, body, error);
    }
    buffer_release(&name);
    return code == MSTR_OK && body->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : code;
}

static enum mstr_code read_answer(struct aws_keys_parts parts, const char *xml, struct aws_keys **out,
                                  struct mstr_error *error)
{
    struct buffer access = BUFFER_INIT;
    struct buffer secret = BUFFER_INIT;
    struct buffer token = BUFFER_INIT;
    struct buffer until = BUFFER_INIT;
    struct buffer arn = BUFFER_INIT;
    enum mstr_code code = MSTR_OK;
    if (!xml_element(xml, "AccessKeyId", &access) || !xml_element(xml, "SecretAccessKey", &secret) ||
        !xml_element(xml, "SessionToken", &token) || !xml_element(xml, "Expiration", &until) ||
        !timestamp_parse_iso8601(buffer_text(&until), &parts.expires)) {
        code = MSTR_E_PROTOCOL;
        host->error_set(error, MSTR_E_PROTOCOL, "STS answered without complete credentials");
        host->error_detail(error, MSTR_DETAIL_HINT, "check the endpoint, and whether a proxy stands between");
    } else {
        parts.access_key = buffer_text(&access);
        parts.secret_key = buffer_text(&secret);
        parts.session_token = buffer_text(&token);
        parts.principal = xml_element(xml, "Arn", &arn) ? buffer_text(&arn) : NULL;
        code = aws_keys_make(&parts, out, error);
    }
    buffer_release(&access);
    buffer_release(&secret);
    buffer_release(&token);
    buffer_release(&until);
    buffer_release(&arn);
    return code;
}

/* An endpoint on loopback is a simulator, which stands for all services, and whose keys are nobody's outside. */
static const char *simulator(const struct aws_settings *settings)
{
    struct uri uri;
    bool simulated = settings->endpoint != NULL && uri_parse(settings->endpoint, &uri) && uri_is_loopback(&uri);
    return simulated ? settings->endpoint : NULL;
}

enum mstr_code sts_caller(const struct surroundings *around, struct aws_keys *keys, struct buffer *arn,
                          struct mstr_error *error)
{
    static const char body[] = "Action=GetCallerIdentity&Version=2011-06-15";
    struct mstr_http_response *response = NULL;
    const struct aws_call ask = {.config = around->config,
                                 .retry_policy = around->retry_policy,
                                 .service = &sts,
                                 .action = "GetCallerIdentity",
                                 .region = surroundings_region(around, keys),
                                 .body = body,
                                 .body_length = sizeof(body) - 1,
                                 .endpoint = simulator(around->config->settings)};
    enum mstr_code code = aws_send(&ask, keys, around->call, &response, error);
    if (code == MSTR_OK && !xml_element(host->http_answer(response)->body, "Arn", arn)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "STS answered without an Arn");
    }
    host->http_free(response);
    return code;
}

static enum mstr_code put_mfa(const struct role *role, const struct mstr_call *call, struct buffer *body,
                              struct mstr_error *error)
{
    char answer[MFA_ANSWER] = "";
    enum mstr_code code = mfa_ask(role->mfa_serial, role->arn, call, answer, error);
    if (code == MSTR_OK) {
        uri_form_add(body, "SerialNumber", role->mfa_serial);
        uri_form_add(body, "TokenCode", answer);
        code = body->failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
    }
    OPENSSL_cleanse(answer, sizeof(answer));
    return code;
}

static enum mstr_code send_assume(const struct surroundings *around, const struct role *role, struct aws_keys *keys,
                                  const struct buffer *body, struct aws_keys **out, struct mstr_error *error)
{
    bool web = role->token_file != NULL;
    struct mstr_http_response *response = NULL;
    const struct aws_call assume = {.config = around->config,
                                    .retry_policy = around->retry_policy,
                                    .service = &sts,
                                    .action = web ? "AssumeRoleWithWebIdentity" : "AssumeRole",
                                    .region = surroundings_region(around, keys),
                                    .body = buffer_text(body),
                                    .body_length = body->length,
                                    .once = role->mfa_serial != NULL};
    enum mstr_code code = aws_send(&assume, keys, around->call, &response, error);
    if (code == MSTR_OK) {
        const struct aws_keys_parts known = {.identity = web ? "web identity" : "assumed role",
                                             .region = keys != NULL ? keys->region : NULL};
        code = read_answer(known, host->http_answer(response)->body, out, error);
    } else if (role->mfa_serial != NULL) {
        mfa_explain(error);
    }
    host->http_free(response);
    return code;
}

enum mstr_code sts_assume(const struct surroundings *around, const struct role *role, struct aws_keys *keys,
                          struct aws_keys **out, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    *out = NULL;
    if (surroundings_region(around, keys) == NULL) {
        host->error_set(error, MSTR_E_CONFIG, "no region is known in which to assume %.200s", role->arn);
        host->error_detail(error, MSTR_DETAIL_HINT, "set AWS_REGION, or region in the profile");
        return MSTR_E_CONFIG;
    }
    enum mstr_code code = put_body(around->call, role, &body, error);
    if (code == MSTR_OK && role->mfa_serial != NULL) {
        code = put_mfa(role, around->call, &body, error);
    }
    if (code == MSTR_OK) {
        code = send_assume(around, role, keys, &body, out, error);
    }
    if (code == MSTR_OK) {
        (*out)->attended = role->mfa_serial != NULL || (keys != NULL && keys->attended);
    }
    buffer_release(&body);
    return code;
}
