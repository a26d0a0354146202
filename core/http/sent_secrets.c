/* SPDX-License-Identifier: Apache-2.0 */
/* What of a request is secret, and answers that do not repeat it. */
#include "http/sent_secrets.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uri.h"
#include "http/proxy.h"
#include "http/response.h"

#include <stdlib.h>
#include <string.h>

/* Ends of the names under which secrets travel, with '_' for '-' and without regard to case. "SecretId" is the public
 * name of one. */
static const char *const secret_ends[] = {
    "token",     "secret",  "password", "passwd", "passphrase", "assertion",       "jwt",       "authorization",
    "signature", "api_key", "apikey",   "_key",   "verifier",   "identity_header", "secret_id", "dpop",
};
static const char *const secret_names[] = {"code", "sig", "pwd", "response"};

static bool equal_name(const char *name, const char *known)
{
    for (; *known != '\0'; name++, known++) {
        char octet = *name == '-' ? '_' : *name;
        octet = octet >= 'A' && octet <= 'Z' ? (char)(octet - 'A' + 'a') : octet;
        if (octet != *known) {
            return false;
        }
    }
    return *name == '\0';
}

static bool is_secret(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof(secret_ends) / sizeof(secret_ends[0]); i++) {
        size_t end = strlen(secret_ends[i]);
        if (length >= end && equal_name(name + length - end, secret_ends[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(secret_names) / sizeof(secret_names[0]); i++) {
        if (equal_name(name, secret_names[i])) {
            return true;
        }
    }
    return false;
}

static void add_text(struct secret_filter *filter, const char *text)
{
    secret_filter_add(filter, text, strlen(text));
}

/* Calls `each` for the name and value of every NAME=VALUE in the text, without blanks around them and without quotes
 * around the value. Both are the callee's to change. */
static void each_pair(const char *text, size_t length, const char *separators,
                      void (*each)(struct secret_filter *filter, const char *name, char *value),
                      struct secret_filter *filter)
{
    struct buffer copy = BUFFER_INIT;
    char *rest = NULL;
    buffer_append(&copy, text, length);
    filter->records.failed |= copy.failed;
    for (char *pair = copy.failed ? NULL : strtok_r(copy.data, separators, &rest); pair != NULL;
         pair = strtok_r(NULL, separators, &rest)) {
        char *value = strchr(pair, '=');
        if (value != NULL) {
            *value++ = '\0';
            value = text_trim(value);
            size_t quoted = strlen(value);
            if (value[0] == '"' && value[quoted - 1] == '"') {
                value[quoted - 1] = '\0';
                value++;
            }
            each(filter, text_trim(pair), value);
        }
    }
    buffer_release(&copy);
}

/* Shorter ones are settings, such as a language, which may stand in any path. */
enum { COOKIE_SECRET_MIN = 8 };

static void add_cookie(struct secret_filter *filter, const char *name, char *value)
{
    (void)name;
    if (strlen(value) >= COOKIE_SECRET_MIN) {
        add_text(filter, value);
    }
}

static void add_named(struct secret_filter *filter, const char *name, char *value)
{
    if (is_secret(name)) {
        add_text(filter, value);
    }
}

/* Of a form or a query, where a blank is written '+'. */
static void add_field(struct secret_filter *filter, const char *name, char *value)
{
    struct buffer plain = BUFFER_INIT;
    if (is_secret(name)) {
        add_text(filter, value); /* as it was sent, should that be encoded once more */
        for (char *plus = strchr(value, '+'); plus != NULL; plus = strchr(plus, '+')) {
            *plus = ' ';
        }
        if (uri_decode(&plain, value, strlen(value))) {
            secret_filter_add(filter, plain.data, plain.length);
        }
        filter->records.failed |= plain.failed;
    }
    buffer_release(&plain);
}

/* "Bearer TOKEN", "Basic BASE64", or parameters such as those of a signature (RFC 9110 11.4). */
static void add_authorization(struct secret_filter *filter, const char *value)
{
    const char *blank = strchr(value, ' ');
    const char *rest = blank != NULL ? blank + strspn(blank, " ") : value;
    struct buffer plain = BUFFER_INIT;
    if (strpbrk(rest, ", ") != NULL) {
        each_pair(rest, strlen(rest), ",", add_named, filter);
        return;
    }
    add_text(filter, rest);
    if (text_starts_with(value, "Basic ") && base64_decode(&plain, rest, strlen(rest))) {
        const char *colon = memchr(plain.data, ':', plain.length);
        if (colon != NULL) {
            secret_filter_add(filter, colon + 1, plain.length - (size_t)(colon + 1 - plain.data));
        }
    }
    buffer_release(&plain);
}

static void add_header(struct secret_filter *filter, const struct mstr_header *header)
{
    if (header->name == NULL || text_empty(header->value)) {
        return;
    }
    if (text_equal_nocase(header->name, "Cookie")) {
        each_pair(header->value, strlen(header->value), ";", add_cookie, filter);
    } else if (text_equal_nocase(header->name, "Authorization") ||
               text_equal_nocase(header->name, "Proxy-Authorization")) {
        add_authorization(filter, header->value);
    } else if (is_secret(header->name)) {
        add_text(filter, header->value);
    }
}

/* json_read() bounds the depth. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void add_member(struct secret_filter *filter, const char *name, struct json_object *value)
{
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, inner, member)
        {
            add_member(filter, inner, member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            add_member(filter, name, json_object_array_get_idx(value, i));
        }
    } else if (json_object_is_type(value, json_type_string) && is_secret(name)) {
        secret_filter_add(filter, json_object_get_string(value), (size_t)json_object_get_string_len(value));
    }
}

static void add_body(struct secret_filter *filter, const char *body, size_t length)
{
    struct json_object *json = NULL;
    if (length == 0) {
        return;
    }
    bool likely = body[0] == '{' || body[0] == '[';
    if (likely && json_read(body, length, &json) == MSTR_E_MEMORY) {
        filter->records.failed = true;
    } else if (json != NULL) {
        add_member(filter, "", json);
        json_release(json);
    } else if (memchr(body, '\0', length) == NULL) {
        each_pair(body, length, "&\r\n", add_field, filter);
    }
}

/* The password in the URL of a proxy. */
static void add_proxy(struct secret_filter *filter, const char *proxy)
{
    struct proxy read;
    struct buffer password = BUFFER_INIT;
    proxy_read(proxy, &read); /* what is none has no user either */
    const char *colon = read.user != NULL ? memchr(read.user, ':', read.user_length) : NULL;
    if (colon != NULL && uri_decode(&password, colon + 1, read.user_length - (size_t)(colon + 1 - read.user))) {
        secret_filter_add(filter, buffer_text(&password), password.length);
    }
    buffer_release(&password);
}

static void add_extras(struct secret_filter *filter, const struct http_extras *extras)
{
    const char *const texts[] = {extras->proxy_password, extras->key_passphrase};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        add_text(filter, texts[i] != NULL ? texts[i] : "");
    }
    for (const char *const *secret = extras->secrets; secret != NULL && *secret != NULL; secret++) {
        add_text(filter, *secret);
    }
    if (extras->proxy != NULL) {
        add_proxy(filter, extras->proxy);
    }
}

void sent_secrets_add(const struct mstr_http_request *request, const struct http_extras *extras,
                      struct secret_filter *filter)
{
    const char *query = request->url != NULL ? strchr(request->url, '?') : NULL;
    for (size_t i = 0; i < request->header_count; i++) {
        add_header(filter, &request->headers[i]);
    }
    if (query != NULL) {
        each_pair(query + 1, strlen(query + 1), "&", add_field, filter);
    }
    add_body(filter, request->body, request->body_length);
    if (MSTR_HAS(request, struct mstr_http_request, proxy) && request->proxy != NULL) {
        add_proxy(filter, request->proxy);
    }
    if (extras != NULL) {
        add_extras(filter, extras);
    }
}

bool sent_secrets_hide(const struct mstr_http_request *request, const struct http_extras *extras,
                       struct mstr_http_response *response, mstr_error *error)
{
    struct secret_filter own = SECRET_FILTER_INIT;
    bool refused = response != NULL && response->answer.status >= 400;
    struct secret_filter *filter = refused ? &response->sent : &own;
    sent_secrets_add(request, extras, filter);
    secret_filter_hide_in_error(filter, error);
    if (refused) {
        response_hide(response);
    }
    bool memory = !filter->no_memory;
    secret_filter_release(&own);
    return memory;
}
