/* IAM Identity Center. */
#include "aws/identity/sso.h"

#include "aws/identity/sso_token.h"
#include "aws/wire/endpoint.h"
#include "aws/wire/service_error.h"
#include "base/json.h"
#include "base/uri.h"
#include "sdk/host.h"

enum { TIMEOUT = 15000 }; /* ms */

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
        from = shared_config_find(&around->config->files, SECTION_SSO_SESSION, session);
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
    struct json_object *body = json_parse(answer->body, answer->body_length);
    struct json_object *found = json_member(body, "roleCredentials");
    struct aws_keys_parts parts = {.identity = "SSO",
                                   .access_key = json_member_text(found, "accessKeyId"),
                                   .secret_key = json_member_text(found, "secretAccessKey"),
                                   .session_token = json_member_text(found, "sessionToken")};
    json_member_int64(found, "expiration", &parts.expires);
    enum mstr_code code = aws_keys_make(&parts, out, error);
    json_release(body);
    return code;
}

static enum mstr_code fetch(const struct surroundings *around, const struct section *profile, const struct sso *sso,
                            const char *token, struct aws_keys **out, struct mstr_error *error)
{
    static const struct aws_service portal = {.name = "sso", .endpoint = "SSO", .host = "portal.sso"};
    struct buffer url = BUFFER_INIT;
    struct buffer form = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    const struct mstr_header header = {"x-amz-sso_bearer_token", token};
    enum mstr_code code = endpoint_find(&portal, sso->region, NULL, around->config, &url, error);
    uri_form_add(&form, "role_name", sso->role);
    uri_form_add(&form, "account_id", sso->account);
    buffer_printf(&url, "/federation/credentials?%s", buffer_text(&form));
    const struct mstr_http_request request = {.size = sizeof(request),
                                              .flags = MSTR_HTTP_ALLOW_PLAIN,
                                              .method = "GET",
                                              .url = buffer_text(&url),
                                              .headers = &header,
                                              .header_count = 1,
                                              .timeout = TIMEOUT};
    if (code == MSTR_OK) {
        code = host->http(around->call, &request, &response, error);
    }
    if (code == MSTR_OK) {
        const struct mstr_http_answer *answer = host->http_answer(response);
        code = answer->status == 200   ? read_answer(answer, out, error)
               : answer->status == 401 ? sso_tell_login(profile, "the login is no longer valid", error)
                                       : service_error_tell(response, "GetRoleCredentials", error);
    }
    host->http_free(response);
    buffer_release(&form);
    buffer_release(&url);
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
        code = fetch(around, profile, &sso, buffer_text(&token), out, error);
    }
    buffer_release(&token);
    return code;
}
