/* SPDX-License-Identifier: Apache-2.0 */
/* A session's state as JSON. */
#include "session/saved/snapshot.h"

#include "base/json.h"
#include "base/text.h"
#include "config/base_url.h"

#include <stdlib.h>
#include <string.h>

static const char token_header[] = "X-MSTR-AuthToken";

void snapshot_release(struct snapshot *snapshot)
{
    free(snapshot->base);
    mstr_secret_release(snapshot->token);
    cookies_clear(&snapshot->cookies);
    snapshot->base = NULL;
    snapshot->token = NULL;
}

static bool put_text(struct buffer *out, const char *text)
{
    return json_put_string(out, text, strlen(text));
}

static void put_token(struct buffer *out, const struct snapshot *snapshot)
{
    json_put_string(out, mstr_secret_octets(snapshot->token), mstr_secret_length(snapshot->token));
}

bool snapshot_put_plain(const struct snapshot *snapshot, struct buffer *out)
{
    buffer_puts(out, "{\"base_url\": ");
    put_text(out, snapshot->base);
    buffer_puts(out, ", \"cookies\": {");
    for (size_t i = 0; i < snapshot->cookies.count; i++) {
        buffer_puts(out, i > 0 ? ", " : "");
        put_text(out, snapshot->cookies.items[i].name);
        buffer_puts(out, ": ");
        put_text(out, snapshot->cookies.items[i].value);
    }
    buffer_puts(out, "}, \"headers\": {");
    if (snapshot->token != NULL) {
        buffer_printf(out, "\"%s\": ", token_header);
        put_token(out, snapshot);
    }
    return buffer_puts(out, "}}");
}

bool snapshot_put_full(const struct snapshot *snapshot, struct buffer *out)
{
    buffer_puts(out, "{\"base_url\":");
    put_text(out, snapshot->base);
    buffer_printf(out, ",\"delegated\":%s,\"token\":", snapshot->delegated ? "true" : "false");
    put_token(out, snapshot);
    buffer_puts(out, ",\"cookies\":[");
    for (size_t i = 0; i < snapshot->cookies.count; i++) {
        const struct cookie *cookie = &snapshot->cookies.items[i];
        buffer_puts(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        put_text(out, cookie->name);
        buffer_puts(out, ",\"value\":");
        put_text(out, cookie->value);
        buffer_puts(out, ",\"path\":");
        put_text(out, cookie->path);
        buffer_printf(out, ",\"secure\":%s,\"expires\":%lld}", cookie->secure ? "true" : "false",
                      (long long)cookie->expires);
    }
    return buffer_puts(out, "]}");
}

/* Base and token, which both forms have. A token may hold nothing that would break out of its header. */
static enum mstr_code take_base(const char *base, const char *token, bool plain_http, struct snapshot *snapshot,
                                mstr_error *error)
{
    struct buffer normal = BUFFER_INIT;
    enum mstr_code code = base_url_read(base, plain_http, &normal, error);
    if (code == MSTR_OK && token != NULL && (*token == '\0' || !text_is_made_of(token, "-._~+/="))) {
        code = error_set(error, MSTR_E_USAGE, "the token of the saved session is malformed");
    }
    if (code == MSTR_OK) {
        snapshot->base = text_copy(buffer_text(&normal));
        snapshot->token = token != NULL ? mstr_secret_new(token, strlen(token)) : NULL;
        bool good = snapshot->base != NULL && (token == NULL || snapshot->token != NULL);
        code = good ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    buffer_release(&normal);
    return code;
}

/* "" for one that is no text, or has a NUL: no token is that. */
static const char *find_token(struct json_object *headers)
{
    struct json_object_iterator at = json_object_iter_begin(headers);
    struct json_object_iterator end = json_object_iter_end(headers);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        if (text_equal_nocase(json_object_iter_peek_name(&at), token_header)) {
            const char *token = json_text(json_object_iter_peek_value(&at));
            return token != NULL ? token : "";
        }
    }
    return NULL;
}

/* One that is null is none; one that would break out of its header is refused, as such a token is. */
static enum mstr_code take_named_cookies(struct json_object *cookies, bool secure, struct snapshot *snapshot,
                                         mstr_error *error)
{
    struct json_object_iterator at = json_object_iter_begin(cookies);
    struct json_object_iterator end = json_object_iter_end(cookies);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        const char *value = json_text(json_object_iter_peek_value(&at));
        if (json_object_iter_peek_value(&at) == NULL) {
            continue;
        }
        if (!cookies_is_pair(name, value)) {
            return error_set(error, MSTR_E_USAGE, "a cookie of the saved session is malformed");
        }
        if (snapshot->cookies.count == COOKIES_MAX) {
            return error_set(error, MSTR_E_USAGE, "the saved session has more than %d cookies", COOKIES_MAX);
        }
        if (!cookies_restore(&snapshot->cookies, name, value, "/", secure, 0)) {
            return error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    return MSTR_OK;
}

enum mstr_code snapshot_read_plain(const char *text, size_t length, bool plain_http, struct snapshot *snapshot,
                                   mstr_error *error)
{
    static const char *const keys[] = {"base_url", "cookies", "headers"};
    struct json_object *json = NULL;
    if (json_read(text, length, &json) == MSTR_E_MEMORY) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    const char *base = json_member_text(json, "base_url");
    struct json_object *cookies = json_member(json, "cookies");
    struct json_object *headers = json_member(json, "headers");
    const bool good[] = {base != NULL, json_object_is_type(cookies, json_type_object),
                         json_object_is_type(headers, json_type_object)};
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && code == MSTR_OK; i++) {
        if (!good[i]) {
            code = error_set(error, MSTR_E_USAGE, "the saved session has no usable \"%s\"", keys[i]);
        }
    }
    if (code == MSTR_OK) {
        code = take_base(base, find_token(headers), plain_http, snapshot, error);
    }
    if (code == MSTR_OK) {
        code = take_named_cookies(cookies, text_starts_with(snapshot->base, "https:"), snapshot, error);
    }
    json_release(json);
    return code;
}

static bool take_whole_cookies(struct json_object *list, struct snapshot *snapshot)
{
    bool memory = true;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *item = json_object_array_get_idx(list, i);
        const char *name = json_member_text(item, "name");
        const char *value = json_member_text(item, "value");
        const char *path = json_member_text(item, "path");
        int64_t expires = 0;
        bool secure = true;
        json_member_bool(item, "secure", &secure);
        json_member_int64(item, "expires", &expires);
        if (cookies_is_pair(name, value) && path != NULL && *path == '/') {
            memory = cookies_restore(&snapshot->cookies, name, value, path, secure, expires) && memory;
        }
    }
    return memory;
}

enum mstr_code snapshot_read_full(const char *text, size_t length, bool plain_http, struct snapshot *snapshot,
                                  mstr_error *error)
{
    struct json_object *json = NULL;
    if (json_read(text, length, &json) == MSTR_E_MEMORY) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct json_object *cookies = json_member(json, "cookies");
    const char *base = json_member_text(json, "base_url");
    const char *token = json_member_text(json, "token");
    enum mstr_code code = MSTR_OK;
    if (base == NULL || token == NULL || !json_object_is_type(cookies, json_type_array)) {
        code = error_set(error, MSTR_E_USAGE, "the saved session is incomplete");
    } else {
        code = take_base(base, token, plain_http, snapshot, error);
    }
    if (code == MSTR_OK) {
        json_member_bool(json, "delegated", &snapshot->delegated);
        code = take_whole_cookies(cookies, snapshot) ? code : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    json_release(json);
    return code;
}
