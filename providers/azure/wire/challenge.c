/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges. */
#include "azure/wire/challenge.h"

#include "azure/config/cloud.h"
#include "azure/config/field.h"
#include "base/base64.h"
#include "base/text.h"
#include "base/uri.h"

#include <string.h>

static const char gaps[] = " \t,";

/* One word of a header: a scheme, or a parameter with its value. */
struct word {
    const char *name;
    size_t name_length;
    bool valued;
};

/* Appends the value at `at`, quoted or not; returns what follows. */
static const char *read_value(const char *at, struct buffer *value)
{
    if (*at != '"') {
        size_t length = strcspn(at, gaps);
        buffer_append(value, at, length);
        return at + length;
    }
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            at++;
        }
        buffer_putc(value, *at);
    }
    return *at == '"' ? at + 1 : at;
}

static const char *read_word(const char *at, struct word *word, struct buffer *value)
{
    at += strspn(at, gaps);
    *word = (struct word){at, strcspn(at, " \t,="), false};
    at += word->name_length;
    const char *equals = at + strspn(at, " \t");
    if (*equals == '=') {
        word->valued = true;
        at = read_value(equals + 1 + strspn(equals + 1, " \t"), value);
    }
    return at;
}

static bool is_word(const struct word *word, const char *name)
{
    return word->name_length == strlen(name) && text_equal_nocase_length(word->name, name, word->name_length);
}

bool challenge_parameter(const char *header, const char *scheme, const char *name, struct buffer *value)
{
    bool within = false;
    while (header != NULL && *header != '\0') {
        struct word word;
        struct buffer found = BUFFER_INIT;
        header = read_word(header, &word, &found);
        bool wanted = within && word.valued && is_word(&word, name);
        if (wanted) {
            buffer_append(value, buffer_text(&found), found.length);
        } else if (!word.valued) {
            within = is_word(&word, scheme);
        }
        buffer_release(&found);
        if (wanted) {
            return !value->failed;
        }
    }
    return false;
}

/* The resource without what makes it a scope, and without a slash at its end, which vaults do not take. */
static bool set_resource(struct demand *demand, const char *text)
{
    static const char suffix[] = "/.default";
    size_t length = strlen(text);
    if (text_ends_with(text, suffix)) {
        length -= strlen(suffix);
    }
    while (length > 0 && text[length - 1] == '/') {
        length--;
    }
    return length > 0 && field_set(demand->resource, sizeof(demand->resource), text, length);
}

static bool is_part(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(text, word, length) == 0;
}

/* The tenant is the first part of the path; of dSTS the second. ADFS has none, and common is no tenant of anybody. */
static void set_tenant(struct demand *demand, const char *authorization)
{
    static const char *const none[] = {"adfs", "common", "organizations", "consumers"};
    static const char dsts[] = "dstsv2/";
    struct uri uri;
    if (!uri_parse(authorization, &uri)) {
        return;
    }
    const char *at = uri.path + (uri.path_length > 0);
    at += text_starts_with(at, dsts) ? strlen(dsts) : 0;
    size_t length = strcspn(at, "/?#");
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        if (is_part(at, length, none[i])) {
            return;
        }
    }
    if (field_set(demand->tenant, sizeof(demand->tenant), at, length) && !text_is_made_of(demand->tenant, ".-")) {
        demand->tenant[0] = '\0';
    }
}

/* The claims come as base64 of JSON, in either alphabet, with or without padding. */
static bool set_claims(struct demand *demand, struct buffer *text)
{
    struct buffer decoded = BUFFER_INIT;
    while (text->length > 0 && text->data[text->length - 1] == '=') {
        buffer_truncate(text, text->length - 1);
    }
    for (size_t i = 0; i < text->length; i++) {
        text->data[i] = (char)(text->data[i] == '+' ? '-' : text->data[i] == '/' ? '_' : text->data[i]);
    }
    bool good = base64url_decode(&decoded, buffer_text(text), text->length) &&
                strlen(buffer_text(&decoded)) == decoded.length && buffer_text(&decoded)[0] == '{' &&
                field_set(demand->claims, sizeof(demand->claims), decoded.data, decoded.length);
    buffer_release(&decoded);
    return good;
}

bool challenge_read(const char *header, struct demand *demand)
{
    static const char bearer[] = "Bearer";
    struct buffer value = BUFFER_INIT;
    *demand = (struct demand){.resource = ""};
    bool named = challenge_parameter(header, bearer, "resource", &value) && set_resource(demand, buffer_text(&value));
    buffer_clear(&value);
    if (!named && challenge_parameter(header, bearer, "scope", &value)) {
        named = set_resource(demand, buffer_text(&value));
    }
    buffer_clear(&value);
    if (challenge_parameter(header, bearer, "authorization", &value) ||
        challenge_parameter(header, bearer, "authorization_uri", &value)) {
        set_tenant(demand, buffer_text(&value));
    }
    buffer_clear(&value);
    bool claimed = challenge_parameter(header, bearer, "claims", &value) && set_claims(demand, &value);
    buffer_release(&value);
    return named || claimed;
}

bool challenge_is_allowed(const char *resource, const char *vault_host, unsigned port, const char *allowed)
{
    struct uri uri;
    char name[RESOURCE_MAX + 1];
    if (allowed != NULL) {
        size_t length = strlen(allowed);
        length -= text_ends_with(allowed, "/");
        if (strlen(resource) == length && strncmp(resource, allowed, length) == 0) {
            return true;
        }
    }
    if (!uri_parse(resource, &uri) || !uri.https || uri.user != NULL || uri.query != NULL || uri.fragment ||
        uri.path_length > 0) {
        return false;
    }
    bool address = vault_host[strspn(vault_host, "0123456789.")] == '\0'; /* below which nothing lies */
    return !address && field_set(name, sizeof(name), uri.host, uri.host_length) && strchr(name, '.') != NULL &&
           uri.port == port && cloud_is_below(vault_host, name);
}
