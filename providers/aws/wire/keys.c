/* The keys with which requests are signed. */
#include "aws/wire/keys.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

#include <openssl/crypto.h>
#include <string.h>

static char *copy(const char *text)
{
    size_t length = strlen(text) + 1;
    char *memory = host->secret_alloc(length);
    if (memory != NULL) {
        memcpy(memory, text, length);
    }
    return memory;
}

static void free_keys(struct kept *kept)
{
    struct aws_keys *keys = (struct aws_keys *)(void *)kept;
    pthread_mutex_destroy(&keys->lock);
    host->secret_free(keys->access_key);
    host->secret_free(keys->secret_key);
    host->secret_free(keys->session_token);
    host->secret_free(keys->region);
    host->secret_free(keys);
}

int64_t aws_keys_extension(void)
{
    enum { LEAST = 10 * 60000, SPREAD = 5 * 60000 };
    uint32_t chance = 0;
    host->random(&chance, sizeof(chance));
    return LEAST + (int64_t)((uint64_t)SPREAD * chance / UINT32_MAX);
}

enum mstr_code aws_keys_make(const struct aws_keys_parts *parts, struct aws_keys **out, struct mstr_error *error)
{
    *out = NULL;
    if (text_empty(parts->access_key) || text_empty(parts->secret_key)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%s: no %s in the answer", parts->identity,
                               text_empty(parts->access_key) ? "AccessKeyId" : "SecretAccessKey");
    }
    bool ended = parts->expires != 0 && parts->expires <= host->now();
    if (ended && !parts->outlives) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "%s: the credentials have expired", parts->identity);
    }
    struct aws_keys *made = host->secret_alloc(sizeof(*made));
    if (made != NULL && pthread_mutex_init(&made->lock, NULL) != 0) {
        host->secret_free(made);
        made = NULL;
    }
    bool token = !text_empty(parts->session_token);
    bool region = !text_empty(parts->region);
    if (made != NULL) {
        kept_init(&made->kept, free_keys);
        made->identity = parts->identity;
        made->expires = ended ? host->now() + aws_keys_extension() : parts->expires;
        made->outlives = parts->outlives;
        made->extended = ended;
        made->access_key = copy(parts->access_key);
        made->secret_key = copy(parts->secret_key);
        made->session_token = token ? copy(parts->session_token) : NULL;
        made->region = region ? copy(parts->region) : NULL;
    }
    if (made == NULL || made->access_key == NULL || made->secret_key == NULL ||
        (token && made->session_token == NULL) || (region && made->region == NULL)) {
        aws_keys_release(made);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = made;
    return MSTR_OK;
}

/* Works on a copy of the key, so that nobody waits for a signature. */
enum mstr_code aws_keys_sign(struct aws_keys *keys, const char *region, const char *service, int64_t time,
                             const struct sigv4_request *request, struct sigv4_signature *out)
{
    const struct sigv4_keys signer = {keys->access_key, keys->secret_key, keys->session_token};
    pthread_mutex_lock(&keys->lock);
    struct sigv4_key key = keys->key;
    pthread_mutex_unlock(&keys->lock);
    enum mstr_code code = sigv4_sign(&signer, region, service, time, request, &key, out);
    pthread_mutex_lock(&keys->lock);
    keys->key = key;
    pthread_mutex_unlock(&keys->lock);
    OPENSSL_cleanse(&key, sizeof(key));
    return code;
}

struct aws_keys *aws_keys_retain(struct aws_keys *keys)
{
    kept_retain(&keys->kept);
    return keys;
}

void aws_keys_release(struct aws_keys *keys)
{
    kept_release(keys != NULL ? &keys->kept : NULL);
}

/* The first member of one of two names, in any case; a text or NULL. */
static const char *find(struct json_object *object, const char *name, const char *other)
{
    struct json_object_iterator at = json_object_iter_begin(object);
    struct json_object_iterator end = json_object_iter_end(object);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *key = json_object_iter_peek_name(&at);
        if (text_equal_nocase(key, name) || (other != NULL && text_equal_nocase(key, other))) {
            return json_member_text(object, key);
        }
    }
    return NULL;
}

enum mstr_code aws_keys_from_json(const struct aws_keys_parts *known, const char *text, size_t length,
                                  struct aws_keys **out, struct mstr_error *error)
{
    struct json_object *answer = json_parse(text, length);
    struct aws_keys_parts parts = *known;
    const char *identity = known->identity;
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    if (!json_object_is_type(answer, json_type_object)) {
        json_release(answer);
        return host->error_set(error, MSTR_E_PROTOCOL, "%s: the answer is no JSON object", identity);
    }
    const char *outcome = find(answer, "Code", NULL);
    const char *message = find(answer, "Message", NULL);
    const char *expiration = find(answer, "Expiration", "ExpiresAt");
    if (outcome != NULL && strcmp(outcome, "Success") != 0) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION, "%s: %s%s%s", identity, outcome,
                               message != NULL ? ": " : "", message != NULL ? message : "");
        host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, outcome);
    } else if (expiration != NULL && !timestamp_parse_rfc3339(expiration, &parts.expires)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "%s: Expiration is no RFC 3339 time", identity);
    } else {
        parts.access_key = find(answer, "AccessKeyId", NULL);
        parts.secret_key = find(answer, "SecretAccessKey", NULL);
        parts.session_token = find(answer, "Token", "SessionToken");
        code = aws_keys_make(&parts, out, error);
    }
    json_release(answer);
    return code;
}
