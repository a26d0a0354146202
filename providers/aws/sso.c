/* IAM Identity Center. */
#include "aws/sso.h"

#include "aws/aws.h"
#include "aws/endpoint.h"
#include "aws/files.h"
#include "aws/service_error.h"
#include "common/common.h"
#include "util/base64.h"
#include "util/json.h"
#include "util/timestamp.h"
#include "util/uri.h"

#include <openssl/evp.h>
#include <string.h>

enum { CACHE_LIMIT = 65536, TIMEOUT = 15000 };

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
        from = shared_config_find(around->config, SECTION_SSO_SESSION, session);
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

static bool cache_path(const char *key, struct buffer *path)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    return files_expand("~/.aws/sso/cache/", path) &&
           EVP_Digest(key, strlen(key), digest, &length, EVP_sha1(), NULL) == 1 && hex_encode(path, digest, length) &&
           buffer_puts(path, ".json");
}

static enum mstr_code tell_login(const struct section *profile, const char *why, struct mstr_error *error)
{
    struct buffer hint = BUFFER_INIT;
    host->error_set(error, MSTR_E_AUTHENTICATION, "SSO: %s", why);
    buffer_printf(&hint, "run: aws sso login --profile %s", profile->name);
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    return MSTR_E_AUTHENTICATION;
}

/* The cached token, if it holds a minute longer. */
static enum mstr_code read_token(const struct section *profile, const struct sso *sso, struct buffer *token,
                                 struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    struct json_object *cache = NULL;
    int64_t expires = 0;
    enum mstr_code code = MSTR_OK;
    if (!cache_path(sso->cache_key, &path)) {
        code = host->error_set(error, MSTR_E_CONFIG, "SSO: the token cache cannot be found: HOME is not set");
        goto cleanup;
    }
    code = files_read(buffer_text(&path), CACHE_LIMIT, &text, error);
    if (code != MSTR_OK) {
        code = code == MSTR_E_NOT_FOUND ? tell_login(profile, "no login is cached", error) : code;
        goto cleanup;
    }
    cache = json_parse(buffer_text(&text), text.length);
    const char *value = json_member_text(cache, "accessToken");
    const char *until = json_member_text(cache, "expiresAt");
    if (value == NULL || until == NULL || !timestamp_parse_rfc3339(until, &expires)) {
        code = tell_login(profile, "the cached login is incomplete", error);
    } else if (expires <= host->now()) {
        code = tell_login(profile, "the login has expired", error);
    } else if (!buffer_puts(token, value)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }

cleanup:
    json_release(cache);
    buffer_release(&text);
    buffer_release(&path);
    return code;
}

static enum mstr_code read_answer(const struct mstr_http_answer *answer, struct identity **out,
                                  struct mstr_error *error)
{
    struct json_object *body = json_parse(answer->body, answer->body_length);
    struct json_object *found = json_member(body, "roleCredentials");
    struct identity_parts parts = {.source = "SSO",
                                   .access_key = json_member_text(found, "accessKeyId"),
                                   .secret_key = json_member_text(found, "secretAccessKey"),
                                   .session_token = json_member_text(found, "sessionToken")};
    json_member_int64(found, "expiration", &parts.expires);
    enum mstr_code code = identity_make(&parts, out, error);
    json_release(body);
    return code;
}

static enum mstr_code fetch(const struct surroundings *around, const struct section *profile, const struct sso *sso,
                            const char *token, struct identity **out, struct mstr_error *error)
{
    static const struct service portal = {.name = "sso", .endpoint = "SSO", .host = "portal.sso"};
    const struct aws_call where = {
        .service = &portal, .region = sso->region, .config = around->config, .profile = around->profile};
    struct buffer url = BUFFER_INIT;
    struct buffer form = BUFFER_INIT;
    struct mstr_http_response *response = NULL;
    const struct mstr_header header = {"x-amz-sso_bearer_token", token};
    enum mstr_code code = aws_endpoint(&where, NULL, &url, error);
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
               : answer->status == 401 ? tell_login(profile, "the login is no longer valid", error)
                                       : service_error_tell(response, "GetRoleCredentials", error);
    }
    host->http_free(response);
    buffer_release(&form);
    buffer_release(&url);
    return code;
}

enum mstr_code sso_identity(const struct surroundings *around, const struct section *profile, struct identity **out,
                            struct mstr_error *error)
{
    struct sso sso = {NULL, NULL, NULL, NULL};
    struct buffer token = BUFFER_INIT;
    enum mstr_code code = read_settings(around, profile, &sso, error);
    if (code == MSTR_OK) {
        code = read_token(profile, &sso, &token, error);
    }
    if (code == MSTR_OK) {
        code = fetch(around, profile, &sso, buffer_text(&token), out, error);
    }
    buffer_release(&token);
    return code;
}
