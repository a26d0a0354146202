/* SPDX-License-Identifier: Apache-2.0 */
/* The cookies of a session. */
#include "session/parts/cookies.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "session/parts/header.h"

#include <stdlib.h>
#include <string.h>

static void cookie_free(struct cookie *cookie)
{
    free(cookie->name);
    text_wipe_free(cookie->value);
    free(cookie->path);
    *cookie = (struct cookie){NULL, NULL, NULL, false, 0};
}

static void remove_at(struct cookies *cookies, size_t index)
{
    cookie_free(&cookies->items[index]);
    cookies->items[index] = cookies->items[--cookies->count];
}

void cookies_clear(struct cookies *cookies)
{
    while (cookies->count > 0) {
        remove_at(cookies, cookies->count - 1);
    }
}

static void forget_expired(struct cookies *cookies, int64_t now)
{
    for (size_t i = cookies->count; i-- > 0;) {
        if (cookies->items[i].expires != 0 && cookies->items[i].expires <= now) {
            remove_at(cookies, i);
        }
    }
}

/* RFC 6265 5.1.4: the request's path up to its last slash. */
static char *default_path(const struct uri *url)
{
    size_t length = url->path_length;
    while (length > 0 && url->path[length - 1] != '/') {
        length--;
    }
    return length > 1 ? text_copy_length(url->path, length - 1) : text_copy("/");
}

/* RFC 6265 5.1.4: `path` covers the request's path. */
static bool covers(const char *path, const struct uri *url)
{
    size_t length = strlen(path);
    if (url->path_length == 0) {
        return strcmp(path, "/") == 0;
    }
    return url->path_length >= length && strncmp(url->path, path, length) == 0 &&
           (url->path_length == length || path[length - 1] == '/' || url->path[length] == '/');
}

/* Whether the host is of the domain that a cookie names. Names with no inner dot are top-level domains. */
static bool is_of_domain(const struct uri *url, const char *domain)
{
    domain += *domain == '.';
    size_t length = strlen(domain);
    if (length > url->host_length) {
        return false;
    }
    const char *end = url->host + (url->host_length - length);
    return text_equal_nocase_length(end, domain, length) &&
           (end == url->host || (strchr(domain, '.') != NULL && end[-1] == '.'));
}

/* One attribute of a Set-Cookie. False if it makes the cookie unacceptable. */
static bool take_attribute(struct cookie *cookie, const struct uri *url, char *name, char *value, int64_t now)
{
    int64_t seconds = 0;
    int64_t date = 0;
    if (text_equal_nocase(name, "domain")) {
        return *value == '\0' || is_of_domain(url, value);
    }
    if (text_equal_nocase(name, "path") && *value == '/') {
        free(cookie->path);
        cookie->path = text_copy(value); /* NULL is looked for at the end */
    } else if (text_equal_nocase(name, "secure")) {
        cookie->secure = true;
    } else if (text_equal_nocase(name, "max-age") && text_to_int64(value, &seconds)) {
        cookie->expires = seconds < 1 ? 1 : seconds < INT64_MAX / 2000 ? now + seconds * 1000 : INT64_MAX;
    } else if (text_equal_nocase(name, "expires") && cookie->expires == 0 && timestamp_parse_http(value, &date)) {
        cookie->expires = date > 0 ? date : 1;
    }
    return true;
}

/* Cuts `text` at the separator; the rest, or NULL. */
static char *cut(char *text, char separator)
{
    char *at = strchr(text, separator);
    if (at != NULL) {
        *at++ = '\0';
    }
    return at;
}

static bool parse(char *text, const struct uri *url, int64_t now, struct cookie *cookie)
{
    char *attributes = cut(text, ';');
    char *value = cut(text, '=');
    char *name = text_trim(text);
    if (value == NULL || *name == '\0') {
        return false;
    }
    cookie->name = text_copy(name);
    cookie->value = text_copy(text_trim(value));
    cookie->path = default_path(url);
    bool good = true;
    while (attributes != NULL && good) {
        char *attribute = attributes;
        attributes = cut(attribute, ';');
        char *of = cut(attribute, '=');
        good = take_attribute(cookie, url, text_trim(attribute),
                              of != NULL ? text_trim(of) : attribute + strlen(attribute), now);
    }
    return good;
}

/* False where memory ran out for one of its texts. */
static bool is_whole(const struct cookie *cookie)
{
    return cookie->name != NULL && cookie->value != NULL && cookie->path != NULL;
}

bool cookies_set(struct cookies *cookies, const struct uri *url, const char *text, int64_t now)
{
    struct cookie cookie = {NULL, NULL, NULL, false, 0};
    if (strlen(text) > COOKIE_LENGTH_MAX) {
        cookies->refused++;
        return true;
    }
    char *copy = text_copy(text);
    bool good = copy != NULL && parse(copy, url, now, &cookie);
    bool memory = copy != NULL && (!good || is_whole(&cookie));
    text_wipe_free(copy);
    if (!good || !memory) {
        cookie_free(&cookie);
        return memory;
    }
    for (size_t i = 0; i < cookies->count; i++) {
        if (strcmp(cookies->items[i].name, cookie.name) == 0 && strcmp(cookies->items[i].path, cookie.path) == 0) {
            remove_at(cookies, i);
            break;
        }
    }
    bool gone = (cookie.expires != 0 && cookie.expires <= now) || (cookie.secure && !url->https);
    forget_expired(cookies, now);
    if (gone || cookies->count == COOKIES_MAX) {
        cookies->refused += !gone;
        cookie_free(&cookie);
    } else {
        cookies->items[cookies->count++] = cookie;
    }
    return true;
}

void cookies_put(const struct cookies *cookies, const struct uri *url, int64_t now, struct buffer *out)
{
    for (size_t i = 0; i < cookies->count; i++) {
        const struct cookie *cookie = &cookies->items[i];
        bool live = cookie->expires == 0 || cookie->expires > now;
        if (live && covers(cookie->path, url) && (!cookie->secure || url->https)) {
            buffer_puts(out, out->length > 0 ? "; " : "");
            buffer_puts(out, cookie->name);
            buffer_putc(out, '=');
            buffer_puts(out, cookie->value);
        }
    }
}

bool cookies_is_pair(const char *name, const char *value)
{
    return !text_empty(name) && value != NULL && name[strcspn(name, "=; \t")] == '\0' && header_is_value(name) &&
           value[strcspn(value, ";")] == '\0' && header_is_value(value);
}

bool cookies_restore(struct cookies *cookies, const char *name, const char *value, const char *path, bool secure,
                     int64_t expires)
{
    struct cookie cookie = {text_copy(name), text_copy(value), text_copy(path), secure, expires};
    bool memory = is_whole(&cookie);
    if (cookies->count == COOKIES_MAX || !memory) {
        cookie_free(&cookie);
    } else {
        cookies->items[cookies->count++] = cookie;
    }
    return memory;
}
