/* SPDX-License-Identifier: Apache-2.0 */
/* The keys with which requests are signed. */
#include "aws/wire/keys.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"
#include "sdk/printed.h"

#include <openssl/crypto.h>
#include <string.h>

/* A part without the white space at its ends. */
struct part {
    const char *text;
    size_t length;
};

static struct part trim(const char *text)
{
    static const char blank[] = " \t\r\n";
    struct part part = {text, 0};
    if (text != NULL) {
        part.text += strspn(text, blank);
        part.length = strlen(part.text);
    }
    while (part.length > 0 && strchr(blank, part.text[part.length - 1]) != NULL) {
        part.length--;
    }
    return part;
}

/* NULL for nothing, and without memory. */
static char *copy(const struct part *part)
{
    char *memory = part->length > 0 ? host->secret_alloc(part->length + 1) : NULL;
    if (memory != NULL) {
        memcpy(memory, part->text, part->length);
        memory[part->length] = '\0';
    }
    return memory;
}

/* Keys go into headers; ids stand between commas and slashes there. */
static bool can_be_key(const struct part *part, bool id)
{
    for (size_t i = 0; i < part->length; i++) {
        char octet = part->text[i];
        if (octet <= ' ' || octet > '~' || strchr(id ? "\"',/" : "\"'", octet) != NULL) {
            return false;
        }
    }
    return true;
}

static void free_keys(struct kept *kept)
{
    struct aws_keys *keys = (struct aws_keys *)(void *)kept;
    pthread_mutex_destroy(&keys->lock);
    host->secret_free(keys->access_key);
    host->secret_free(keys->secret_key);
    host->secret_free(keys->session_token);
    host->secret_free(keys->principal);
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

enum { ACCESS_KEY, SECRET_KEY, SESSION_TOKEN, PARTS };

static enum mstr_code check(const struct aws_keys_parts *given, const struct part parts[PARTS],
                            struct mstr_error *error)
{
    static const char *const answered[PARTS] = {"AccessKeyId", "SecretAccessKey", "SessionToken"};
    const char *const *names = given->names != NULL ? given->names : answered;
    enum mstr_code fault = given->names != NULL ? MSTR_E_CONFIG : MSTR_E_PROTOCOL;
    for (size_t i = 0; i < PARTS; i++) {
        if (parts[i].length == 0 && i != SESSION_TOKEN) {
            return host->error_set(error, fault, "%s: no %s in the answer", given->identity, names[i]);
        }
        if (!can_be_key(&parts[i], i == ACCESS_KEY)) {
            host->error_set(error, fault, "%s%s%.100s%s: %s holds a character that no key has", given->identity,
                            given->profile != NULL ? " \"" : "", given->profile != NULL ? given->profile : "",
                            given->profile != NULL ? "\"" : "", names[i]);
            host->error_detail(given->names != NULL ? error : NULL, MSTR_DETAIL_HINT,
                               "write it without quotes, and without blanks in it");
            return fault;
        }
    }
    return MSTR_OK;
}

enum mstr_code aws_keys_make(const struct aws_keys_parts *parts, struct aws_keys **out, struct mstr_error *error)
{
    const struct part given[PARTS] = {trim(parts->access_key), trim(parts->secret_key), trim(parts->session_token)};
    const struct part principal = trim(parts->principal);
    const struct part region = trim(parts->region);
    *out = NULL;
    enum mstr_code code = check(parts, given, error);
    if (code != MSTR_OK) {
        return code;
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
    if (made != NULL) {
        kept_init(&made->kept, free_keys);
        made->identity = parts->identity;
        made->expires = ended ? host->now() + aws_keys_extension() : parts->expires;
        made->outlives = parts->outlives;
        made->extended = ended;
        made->access_key = copy(&given[ACCESS_KEY]);
        made->secret_key = copy(&given[SECRET_KEY]);
        made->session_token = copy(&given[SESSION_TOKEN]);
        made->principal = copy(&principal);
        made->region = copy(&region);
    }
    if (made == NULL || made->access_key == NULL || made->secret_key == NULL ||
        (given[SESSION_TOKEN].length > 0 && made->session_token == NULL) ||
        (principal.length > 0 && made->principal == NULL) || (region.length > 0 && made->region == NULL)) {
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

const char *aws_keys_proof(const struct aws_keys *keys)
{
    return keys->principal != NULL ? keys->principal : keys->access_key;
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

/* Why there are no keys, in the words of whoever was asked: a program, or what answers as a metadata service. */
static enum mstr_code tell_outcome(const char *identity, const char *outcome, const char *message,
                                   struct mstr_error *error)
{
    struct buffer quoted_outcome = BUFFER_INIT;
    struct buffer quoted = BUFFER_INIT;
    printed_quote(outcome, &quoted_outcome);
    printed_quote(message != NULL ? message : "", &quoted);
    enum mstr_code code =
        host->error_set(error, MSTR_E_AUTHENTICATION, "%s: %s%s%s", identity, buffer_text(&quoted_outcome),
                        quoted.length > 0 ? ": " : "", buffer_text(&quoted));
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, buffer_text(&quoted_outcome));
    buffer_release(&quoted_outcome);
    buffer_release(&quoted);
    return code;
}

enum mstr_code aws_keys_from_json(const struct aws_keys_parts *known, const char *text, size_t length,
                                  struct aws_keys **out, struct mstr_error *error)
{
    struct json_object *answer = NULL;
    enum mstr_code parsed = json_read(text, length, &answer);
    struct aws_keys_parts parts = *known;
    const char *identity = known->identity;
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    if (!json_object_is_type(answer, json_type_object)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "%s: the answer is no JSON object", identity);
        return json_done(answer, parsed, code, error);
    }
    const char *outcome = find(answer, "Code", NULL);
    const char *expiration = find(answer, "Expiration", "ExpiresAt");
    if (outcome != NULL && strcmp(outcome, "Success") != 0) {
        code = tell_outcome(identity, outcome, find(answer, "Message", NULL), error);
    } else if (!text_empty(expiration) && !timestamp_parse_iso8601(expiration, &parts.expires)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "%s: Expiration is no RFC 3339 time", identity);
    } else {
        parts.access_key = find(answer, "AccessKeyId", NULL);
        parts.secret_key = find(answer, "SecretAccessKey", NULL);
        parts.session_token = find(answer, "Token", "SessionToken");
        code = aws_keys_make(&parts, out, error);
    }
    return json_done(answer, parsed, code, error);
}
