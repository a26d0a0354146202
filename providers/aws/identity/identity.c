/* The keys with which requests are signed. */
#include "aws/identity/identity.h"

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

int64_t identity_extension(void)
{
    enum { LEAST = 10 * 60000, SPREAD = 5 * 60000 };
    uint32_t chance = 0;
    host->random(&chance, sizeof(chance));
    return LEAST + (int64_t)((uint64_t)SPREAD * chance / UINT32_MAX);
}

enum mstr_code identity_make(const struct identity_parts *parts, struct identity **out, struct mstr_error *error)
{
    *out = NULL;
    if (text_empty(parts->access_key) || text_empty(parts->secret_key)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%s: no %s in the answer", parts->source,
                               text_empty(parts->access_key) ? "AccessKeyId" : "SecretAccessKey");
    }
    bool ended = parts->expires != 0 && parts->expires <= host->now();
    if (ended && !parts->outlives) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "%s: the credentials have expired", parts->source);
    }
    struct identity *made = host->secret_alloc(sizeof(*made));
    if (made != NULL && pthread_mutex_init(&made->lock, NULL) != 0) {
        host->secret_free(made);
        made = NULL;
    }
    bool token = !text_empty(parts->session_token);
    if (made != NULL) {
        made->owners = 1;
        made->source = parts->source;
        made->expires = ended ? host->now() + identity_extension() : parts->expires;
        made->outlives = parts->outlives;
        made->extended = ended;
        made->access_key = copy(parts->access_key);
        made->secret_key = copy(parts->secret_key);
        made->session_token = token ? copy(parts->session_token) : NULL;
    }
    if (made == NULL || made->access_key == NULL || made->secret_key == NULL ||
        (token && made->session_token == NULL)) {
        identity_release(made);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *out = made;
    return MSTR_OK;
}

/* Works on a copy of the key, so that nobody waits for a signature. */
enum mstr_code identity_sign(struct identity *identity, const char *region, const char *service, int64_t time,
                             const struct sigv4_request *request, struct sigv4_signature *out)
{
    const struct sigv4_keys keys = {identity->access_key, identity->secret_key, identity->session_token};
    pthread_mutex_lock(&identity->lock);
    struct sigv4_key key = identity->key;
    pthread_mutex_unlock(&identity->lock);
    enum mstr_code code = sigv4_sign(&keys, region, service, time, request, &key, out);
    pthread_mutex_lock(&identity->lock);
    identity->key = key;
    pthread_mutex_unlock(&identity->lock);
    OPENSSL_cleanse(&key, sizeof(key));
    return code;
}

struct identity *identity_retain(struct identity *identity)
{
    __atomic_add_fetch(&identity->owners, 1, __ATOMIC_RELAXED);
    return identity;
}

void identity_release(struct identity *identity)
{
    if (identity != NULL && __atomic_sub_fetch(&identity->owners, 1, __ATOMIC_ACQ_REL) <= 0) {
        pthread_mutex_destroy(&identity->lock);
        host->secret_free(identity->access_key);
        host->secret_free(identity->secret_key);
        host->secret_free(identity->session_token);
        host->secret_free(identity);
    }
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

enum mstr_code identity_from_json(const struct identity_parts *known, const char *text, size_t length,
                                  struct identity **out, struct mstr_error *error)
{
    struct json_object *answer = json_parse(text, length);
    struct identity_parts parts = *known;
    const char *source = known->source;
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    if (!json_object_is_type(answer, json_type_object)) {
        json_release(answer);
        return host->error_set(error, MSTR_E_PROTOCOL, "%s: the answer is no JSON object", source);
    }
    const char *outcome = find(answer, "Code", NULL);
    const char *message = find(answer, "Message", NULL);
    const char *expiration = find(answer, "Expiration", "ExpiresAt");
    if (outcome != NULL && strcmp(outcome, "Success") != 0) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION, "%s: %s%s%s", source, outcome,
                               message != NULL ? ": " : "", message != NULL ? message : "");
        host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, outcome);
    } else if (expiration != NULL && !timestamp_parse_rfc3339(expiration, &parts.expires)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "%s: Expiration is no RFC 3339 time", source);
    } else {
        parts.access_key = find(answer, "AccessKeyId", NULL);
        parts.secret_key = find(answer, "SecretAccessKey", NULL);
        parts.session_token = find(answer, "Token", "SessionToken");
        code = identity_make(&parts, out, error);
    }
    json_release(answer);
    return code;
}
