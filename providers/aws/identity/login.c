/* SPDX-License-Identifier: Apache-2.0 */
/* A session of `aws login`. */
#include "aws/identity/login.h"

#include "aws/config/files.h"
#include "aws/identity/login_cache.h"
#include "aws/wire/dpop.h"
#include "aws/wire/send.h"
#include "aws/wire/service_error.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

#include <string.h>

enum { LIFETIME_MAX = 86400 }; /* s, of what a renewal may give */

/* Named by the session's ARN. */
static const struct login_kind kind = {.name = "aws login",
                                       .command = "aws login",
                                       .nowhere = "the cache cannot be found",
                                       .missing = "no session is cached",
                                       .digest = EVP_sha256,
                                       .kept = {"tokenType", "idToken", "clientId", "dpopKey"}};

/* A cache file as it was read; the texts are parts of its JSON. */
struct cache {
    struct login_cache file;
    struct json_object *keys;
    const char *refresh_token, *client, *dpop_key;
};

static bool is_whole(struct cache *cache)
{
    cache->keys = json_member(cache->file.json, "accessToken");
    cache->refresh_token = json_member_text(cache->file.json, "refreshToken");
    cache->client = json_member_text(cache->file.json, "clientId");
    cache->dpop_key = json_member_text(cache->file.json, "dpopKey");
    const char *until = json_member_text(cache->keys, "expiresAt");
    return cache->refresh_token != NULL && cache->client != NULL && cache->dpop_key != NULL && until != NULL &&
           timestamp_parse_iso8601(until, &cache->file.expires) &&
           json_member_text(cache->keys, "accessKeyId") != NULL &&
           json_member_text(cache->keys, "secretAccessKey") != NULL &&
           json_member_text(cache->keys, "sessionToken") != NULL;
}

static enum mstr_code cache_read(const struct mstr_call *call, const struct section *profile, struct cache *cache,
                                 struct mstr_error *error)
{
    const char *folder = host->environment("AWS_LOGIN_CACHE_DIRECTORY");
    enum mstr_code code = login_cache_read(&kind, call, profile, text_empty(folder) ? "~/.aws/login/cache" : folder,
                                           section_get(profile, "login_session"), &cache->file, error);
    return code == MSTR_OK && !is_whole(cache) ? login_tell(&kind, profile, "the cached session is incomplete", error)
                                               : code;
}

static enum mstr_code take_keys(struct json_object *keys, int64_t expires, struct aws_keys **out,
                                struct mstr_error *error)
{
    const struct aws_keys_parts parts = {.identity = "aws login",
                                         .access_key = json_member_text(keys, "accessKeyId"),
                                         .secret_key = json_member_text(keys, "secretAccessKey"),
                                         .session_token = json_member_text(keys, "sessionToken"),
                                         .expires = expires};
    return aws_keys_make(&parts, out, error);
}

/* The new keys and refresh token into the cache file. */
static void put_back(const struct surroundings *around, const struct cache *cache, struct json_object *answer,
                     int64_t expires)
{
    static const char *const fresh[] = {"accessKeyId", "secretAccessKey", "sessionToken"};
    struct buffer keys = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    char until[21];
    timestamp_format_rfc3339(expires, until);
    for (size_t i = 0; i < sizeof(fresh) / sizeof(*fresh); i++) {
        json_put_member(&keys, fresh[i], json_member_text(json_member(answer, "accessToken"), fresh[i]));
    }
    json_put_member(&keys, "accountId", json_member_text(cache->keys, "accountId"));
    json_put_member(&keys, "expiresAt", until);
    buffer_puts(&text, "{\"accessToken\":");
    buffer_puts(&text, buffer_text(&keys));
    buffer_putc(&text, '}');
    json_put_member(&text, "refreshToken", json_member_text(answer, "refreshToken"));
    text.failed = text.failed || keys.failed;
    login_cache_write(&cache->file, around, &text);
    buffer_release(&keys);
    buffer_release(&text);
}

static enum mstr_code take_answer(const struct surroundings *around, const struct cache *cache,
                                  struct mstr_http_response *response, struct aws_keys **out,
                                  struct mstr_error *error)
{
    struct json_object *body = service_answer(response, "CreateOAuth2Token", error);
    int64_t lifetime = 0;
    if (body == NULL) {
        return host->error_code(error);
    }
    enum mstr_code code = MSTR_OK;
    if (text_empty(json_member_text(body, "refreshToken")) || !json_member_int64(body, "expiresIn", &lifetime) ||
        lifetime <= 0 || lifetime > LIFETIME_MAX) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "aws login: the renewal gave no refreshToken with expiresIn");
    }
    int64_t expires = host->http_answer(response)->sent + lifetime * 1000;
    if (code == MSTR_OK) {
        code = take_keys(json_member(body, "accessToken"), expires, out, error);
    }
    if (code == MSTR_OK) {
        put_back(around, cache, body, expires);
    }
    json_release(body);
    return code;
}

/* A session that is renewed, whose key proves that it is ours. */
struct renewal {
    const struct section *profile;
    const struct cache *cache;
};

static enum mstr_code prove(const void *data, const char *url, int64_t now, struct buffer *proof,
                            struct mstr_error *error)
{
    const struct renewal *renewal = data;
    return dpop_prove(renewal->cache->dpop_key, url, now, proof, error);
}

/* What the sign-in service says with AccessDeniedException. */
static enum mstr_code tell_refusal(const void *data, const struct mstr_http_response *response,
                                   struct mstr_error *error)
{
    const struct renewal *renewal = data;
    enum mstr_code code = service_error_tell(response, "CreateOAuth2Token", error);
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *reason = json_member_text(body, "error");
    if (reason != NULL && strcmp(reason, "TOKEN_EXPIRED") == 0) {
        code = login_tell(&kind, renewal->profile, "the session has ended", error);
    } else if (reason != NULL && strcmp(reason, "USER_CREDENTIALS_CHANGED") == 0) {
        code = login_tell(&kind, renewal->profile, "the user's password has changed since the login", error);
    } else if (reason != NULL && strcmp(reason, "INSUFFICIENT_PERMISSIONS") == 0) {
        host->error_detail(error, MSTR_DETAIL_HINT, "allow this user signin:CreateOAuth2Token");
    }
    return json_done(body, parsed, code, error);
}

static enum mstr_code renew(const struct surroundings *around, const struct section *profile,
                            const struct cache *cache, struct aws_keys **out, struct mstr_error *error)
{
    static const struct aws_service signin = {.name = "signin", .endpoint = "SIGNIN", .host = "signin"};
    const struct renewal renewal = {.profile = profile, .cache = cache};
    struct mstr_http_response *response = NULL;
    struct buffer body = BUFFER_INIT;
    json_put_member(&body, "clientId", cache->client);
    json_put_member(&body, "grantType", "refresh_token");
    json_put_member(&body, "refreshToken", cache->refresh_token);
    buffer_putc(&body, '}');
    const struct aws_call create = {.config = around->config,
                                    .retry_policy = around->retry_policy,
                                    .service = &signin,
                                    .region = surroundings_region(around, NULL),
                                    .action = "CreateOAuth2Token",
                                    .path = "/v1/token",
                                    .body = buffer_text(&body),
                                    .body_length = body.length,
                                    .proof_header = "DPoP",
                                    .prove = prove,
                                    .proves_now = true,
                                    .tell = tell_refusal,
                                    .data = &renewal};
    enum mstr_code code = body.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                      : aws_send(&create, NULL, around->call, &response, error);
    if (code == MSTR_OK) {
        code = take_answer(around, cache, response, out, error);
    }
    host->http_free(response);
    buffer_release(&body);
    return code;
}

/* With the folder locked, so that programs of the user do not spend one refresh token twice: whoever comes second
 * finds the new keys in the file. A renewal that fails is borne while the old ones hold. */
static enum mstr_code renew_or_bear(const struct surroundings *around, const struct section *profile,
                                    struct aws_keys **out, struct mstr_error *error)
{
    struct cache cache;
    enum mstr_code code = cache_read(around->call, profile, &cache, error);
    bool renewed_by_another = code == MSTR_OK && login_cache_lasts(&cache.file);
    bool serves = renewed_by_another;
    if (code == MSTR_OK && !renewed_by_another) {
        code = renew(around, profile, &cache, out, error);
        serves = code != MSTR_OK && login_cache_bears(&cache.file, around, error);
    }
    if (serves) {
        code = take_keys(cache.keys, cache.file.expires, out, error);
    }
    login_cache_release(&cache.file);
    return code;
}

enum mstr_code login_keys(const struct surroundings *around, const struct section *profile, struct aws_keys **out,
                          struct mstr_error *error)
{
    struct cache cache;
    *out = NULL;
    enum mstr_code code = cache_read(around->call, profile, &cache, error);
    if (code == MSTR_OK && login_cache_lasts(&cache.file)) {
        code = take_keys(cache.keys, cache.file.expires, out, error);
    } else if (code == MSTR_OK) {
        int lock = files_lock(buffer_text(&cache.file.path), around->call);
        code = renew_or_bear(around, profile, out, error);
        files_unlock(lock);
    }
    login_cache_release(&cache.file);
    return code;
}
