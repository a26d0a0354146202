/* SPDX-License-Identifier: Apache-2.0 */
/* IAM Identity Center. */
#include "aws/identity/sso.h"

#include "aws/identity/sso_token.h"
#include "aws/wire/send.h"
#include "aws/wire/service_error.h"
#include "base/json.h"
#include "base/uri.h"
#include "sdk/host.h"

/* What the profile and its session say. */
struct sso {
    const char *cache_key;
    const char *region;
    const char *account;
    const char *role;
};

bool sso_is_configured(const struct section *profile)
{
    return section_get(profile, "sso_session") != NULL || section_get(profile, "sso_account_id") != NULL ||
           section_get(profile, "sso_start_url") != NULL;
}

static enum mstr_code read_settings(const struct surroundings *around, const struct section *profile, struct sso *sso,
                                    struct mstr_error *error)
{
    const char *session = section_get(profile, "sso_session");
    const struct section *from = profile;
    if (session != NULL) {
        from = shared_config_find(around->config->files, SECTION_SSO_SESSION, session);
        if (from == NULL) {
            return host->error_set(error, MSTR_E_CONFIG,
                                   "sso-session named `%.100s` (referenced by profile `%.100s`) was not found",
                                   session, profile->name);
        }
    }
    const char *start = section_get(from, "sso_start_url");
    sso->region = section_get(from, "sso_region");
    sso->account = section_get(profile, "sso_account_id");
    sso->role = section_get(profile, "sso_role_name");
    sso->cache_key = session != NULL ? session : start;
    if ((sso->account == NULL) != (sso->role == NULL)) {
        bool account = sso->account != NULL;
        return host->error_set(error, MSTR_E_CONFIG, "if `%s` is set, then `%s` must also be set",
                               account ? "sso_account_id" : "sso_role_name",
                               account ? "sso_role_name" : "sso_account_id");
    }
    if (sso->account == NULL || sso->region == NULL || start == NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "profile \"%.100s\" uses SSO, but has no %s", profile->name,
                               sso->region == NULL ? "sso_region"
                               : start == NULL     ? "sso_start_url"
                                                   : "sso_account_id");
    }
    return MSTR_OK;
}

static enum mstr_code read_answer(const struct mstr_http_answer *answer, struct aws_keys **out,
                                  struct mstr_error *error)
{
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    struct json_object *found = json_member(body, "roleCredentials");
    struct aws_keys_parts parts = {.identity = "SSO",
                                   .access_key = json_member_text(found, "accessKeyId"),
                                   .secret_key = json_member_text(found, "secretAccessKey"),
                                   .session_token = json_member_text(found, "sessionToken")};
    json_member_int64(found, "expiration", &parts.expires);
    enum mstr_code code = aws_keys_make(&parts, out, error);
    return json_done(body, parsed, code, error);
}

/* What the portal is shown, and who it is that must log in again where it is not enough. */
struct login {
    const struct section *profile;
    const char *token;
};

static enum mstr_code show_token(const void *data, const char *url, int64_t now, struct buffer *proof,
                                 struct mstr_error *error)
{
    const struct login *login = data;
    (void)url;
    (void)now;
    (void)error;
    buffer_puts(proof, login->token);
    return MSTR_OK;
}

static enum mstr_code tell_refusal(const void *data, const struct mstr_http_response *response,
                                   struct mstr_error *error)
{
    const struct login *login = data;
    return host->http_answer(response)->status == 401
               ? sso_tell_login(login->profile, "the login is no longer valid", error)
               : service_error_tell(response, "GetRoleCredentials", error);
}

static enum mstr_code fetch(const struct surroundings *around, const struct sso *sso, const struct login *login,
                            struct aws_keys **out, struct mstr_error *error)
{
    static const struct aws_service portal = {.name = "sso", .endpoint = "SSO", .host = "portal.sso"};
    struct buffer path = BUFFER_INIT;
    struct buffer form = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    uri_form_add(&form, "role_name", sso->role);
    uri_form_add(&form, "account_id", sso->account);
    buffer_printf(&path, "/federation/credentials?%s", buffer_text(&form));
    const struct aws_call get = {.config = around->config,
                                 .retry_policy = around->retry_policy,
                                 .service = &portal,
                                 .region = sso->region,
                                 .action = "GetRoleCredentials",
                                 .path = buffer_text(&path),
                                 .proof_header = "x-amz-sso_bearer_token",
                                 .prove = show_token,
                                 .tell = tell_refusal,
                                 .data = login};
    enum mstr_code code = form.failed || path.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                                     : aws_send(&get, NULL, around->call, &response, error);
    if (code == MSTR_OK) {
        code = read_answer(host->http_answer(response), out, error);
    }
    host->http_free(response);
    buffer_release(&form);
    buffer_release(&path);
    return code;
}

enum mstr_code sso_keys(const struct surroundings *around, const struct section *profile, struct aws_keys **out,
                        struct mstr_error *error)
{
    struct sso sso = {NULL, NULL, NULL, NULL};
    struct buffer token = BUFFER_INIT;
    enum mstr_code code = read_settings(around, profile, &sso, error);
    if (code == MSTR_OK) {
        const struct sso_login login = {
            .key = sso.cache_key, .region = sso.region, .renewable = section_get(profile, "sso_session") != NULL};
        code = sso_token(around, profile, &login, &token, error);
    }
    if (code == MSTR_OK) {
        const struct login login = {.profile = profile, .token = buffer_text(&token)};
        code = fetch(around, &sso, &login, out, error);
    }
    buffer_release(&token);
    return code;
}
