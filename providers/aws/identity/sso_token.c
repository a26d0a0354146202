/* SPDX-License-Identifier: Apache-2.0 */
/* Logins of IAM Identity Center. */
#include "aws/identity/sso_token.h"

#include "aws/config/files.h"
#include "aws/identity/login_cache.h"
#include "aws/wire/send.h"
#include "aws/wire/service_error.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

#include <string.h>

/* Named by the session or the start URL. */
static const struct login_kind kind = {
    .name = "SSO",
    .command = "aws sso login",
    .nowhere = "the token cache cannot be found",
    .missing = "no login is cached",
    .digest = EVP_sha1,
    .kept = {"startUrl", "region", "clientId", "clientSecret", "registrationExpiresAt", "registrationScopes"}};

/* A cache file as it was read. */
struct cache {
    struct login_cache file;
    struct buffer access;
};

static void cache_release(struct cache *cache)
{
    login_cache_release(&cache->file);
    buffer_release(&cache->access);
}

enum mstr_code sso_tell_login(const struct section *profile, const char *why, struct mstr_error *error)
{
    return login_tell(&kind, profile, why, error);
}

static enum mstr_code cache_take(const struct section *profile, struct cache *cache, struct mstr_error *error)
{
    size_t length = 0;
    const char *access = json_member_octets(cache->file.json, "accessToken", &length);
    const char *until = json_member_text(cache->file.json, "expiresAt");
    if (access == NULL || until == NULL || !timestamp_parse_iso8601(until, &cache->file.expires)) {
        return sso_tell_login(profile, "the cached login is incomplete", error);
    }
    buffer_append(&cache->access, access, length);
    return files_header_value(&cache->access, "SSO: the cached accessToken", buffer_text(&cache->file.path), error);
}

static enum mstr_code cache_read(const struct mstr_call *call, const struct section *profile, const char *key,
                                 struct cache *cache, struct mstr_error *error)
{
    cache->access = (struct buffer)BUFFER_INIT;
    enum mstr_code code = login_cache_read(&kind, call, profile, "~/.aws/sso/cache", key, &cache->file, error);
    return code == MSTR_OK ? cache_take(profile, cache, error) : code;
}

/* What a renewal needs is there, and the client's registration holds. */
static bool can_renew(const struct sso_login *login, const struct cache *cache)
{
    const char *until = json_member_text(cache->file.json, "registrationExpiresAt");
    int64_t registered = 0;
    return login->renewable && json_member_text(cache->file.json, "refreshToken") != NULL &&
           json_member_text(cache->file.json, "clientId") != NULL &&
           json_member_text(cache->file.json, "clientSecret") != NULL && until != NULL &&
           timestamp_parse_iso8601(until, &registered) && registered > host->now();
}

/* The new token into the cache file. Without a new refresh token the old one goes on. */
static void put_back(const struct surroundings *around, const struct cache *cache, struct json_object *answer,
                     int64_t expires)
{
    struct buffer text = BUFFER_INIT;
    char until[21];
    const char *refresh = json_member_text(answer, "refreshToken");
    timestamp_format_rfc3339(expires, until);
    json_put_member(&text, "accessToken", json_member_text(answer, "accessToken"));
    json_put_member(&text, "expiresAt", until);
    json_put_member(&text, "refreshToken",
                    refresh != NULL ? refresh : json_member_text(cache->file.json, "refreshToken"));
    login_cache_write(&cache->file, around, &text);
    buffer_release(&text);
}

static enum mstr_code take_answer(const struct surroundings *around, const struct cache *cache,
                                  const struct mstr_http_answer *answer, struct buffer *token,
                                  struct mstr_error *error)
{
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *access = json_member_text(body, "accessToken");
    int64_t lifetime = 0;
    enum mstr_code code = MSTR_OK;
    if (text_empty(access) || !json_member_int64(body, "expiresIn", &lifetime) || lifetime <= 0) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "SSO: the renewal gave no accessToken with expiresIn");
    } else if (!buffer_puts(token, access)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    } else {
        put_back(around, cache, body, answer->sent + lifetime * 1000);
    }
    return json_done(body, parsed, code, error);
}

/* What the token endpoint refuses with is an OAuth error. */
static enum mstr_code tell_refusal(const void *data, const struct mstr_http_response *response,
                                   struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *word = json_member_text(body, "error");
    (void)data;
    enum mstr_code code = word != NULL ? service_error_set(word, json_member_text(body, "error_description"),
                                                           answer->status, "CreateToken", error)
                                       : service_error_tell(response, "CreateToken", error);
    return json_done(body, parsed, code, error);
}

static enum mstr_code renew(const struct surroundings *around, const struct sso_login *login,
                            const struct cache *cache, struct buffer *token, struct mstr_error *error)
{
    static const struct aws_service oidc = {.name = "sso-oidc", .endpoint = "SSO_OIDC", .host = "oidc"};
    struct mstr_http_response *response = NULL;
    struct buffer body = BUFFER_INIT;
    json_put_member(&body, "clientId", json_member_text(cache->file.json, "clientId"));
    json_put_member(&body, "clientSecret", json_member_text(cache->file.json, "clientSecret"));
    json_put_member(&body, "grantType", "refresh_token");
    json_put_member(&body, "refreshToken", json_member_text(cache->file.json, "refreshToken"));
    buffer_putc(&body, '}');
    const struct aws_call create = {.config = around->config,
                                    .retry_policy = around->retry_policy,
                                    .service = &oidc,
                                    .region = login->region,
                                    .action = "CreateToken",
                                    .path = "/token",
                                    .body = buffer_text(&body),
                                    .body_length = body.length,
                                    .tell = tell_refusal};
    enum mstr_code code = body.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                      : aws_send(&create, NULL, around->call, &response, error);
    if (code == MSTR_OK) {
        code = take_answer(around, cache, host->http_answer(response), token, error);
    }
    host->http_free(response);
    buffer_release(&body);
    return code;
}

/* The service looked at the login and does not take it, which is another matter than that it cannot be asked. */
static bool is_refusal(enum mstr_code code)
{
    return code == MSTR_E_AUTHENTICATION || code == MSTR_E_DENIED || code == MSTR_E_REQUEST;
}

/* With the folder locked, so that programs of the user do not spend one refresh token twice: whoever comes second
 * finds the new token in the file. A renewal that fails is borne while the old token holds. */
static enum mstr_code renew_or_bear(const struct surroundings *around, const struct section *profile,
                                    const struct sso_login *login, struct buffer *token, struct mstr_error *error)
{
    struct cache cache;
    struct buffer why = BUFFER_INIT;
    enum mstr_code code = cache_read(around->call, profile, login->key, &cache, error);
    if (code == MSTR_OK && login_cache_lasts(&cache.file)) {
        code = buffer_puts(token, buffer_text(&cache.access))
                   ? MSTR_OK
                   : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (code == MSTR_OK) {
        code = renew(around, login, &cache, token, error);
        if (code != MSTR_OK && login_cache_bears(&cache.file, around, error)) {
            buffer_clear(token);
            code = buffer_puts(token, buffer_text(&cache.access)) ? MSTR_OK : MSTR_E_MEMORY;
        } else if (is_refusal(code)) {
            buffer_printf(&why, "the login has expired and could not be renewed: %s", host->error_message(error));
            code = sso_tell_login(profile, buffer_text(&why), error);
        }
    }
    buffer_release(&why);
    cache_release(&cache);
    return code;
}

enum mstr_code sso_token(const struct surroundings *around, const struct section *profile,
                         const struct sso_login *login, struct buffer *token, struct mstr_error *error)
{
    struct cache cache;
    enum mstr_code code = cache_read(around->call, profile, login->key, &cache, error);
    bool lasts = code == MSTR_OK && login_cache_lasts(&cache.file);
    if (code == MSTR_OK && !lasts && can_renew(login, &cache)) {
        int lock = files_lock(buffer_text(&cache.file.path), around->call);
        code = renew_or_bear(around, profile, login, token, error);
        files_unlock(lock);
    } else if (code == MSTR_OK && cache.file.expires <= host->now()) {
        code = sso_tell_login(profile, "the login has expired", error);
    } else if (code == MSTR_OK && !buffer_puts(token, buffer_text(&cache.access))) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    cache_release(&cache);
    return code;
}
