/* URLs of a session. */
#include "session/parts/url.h"

#include "base/text.h"
#include "base/uri.h"

#include <string.h>

/* Goes on with a path, its doubled slashes made single; `out` holds something before. */
static void put_path(struct buffer *out, const char *path, size_t length)
{
    const char *end = path + length;
    while (path < end && !out->failed) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        const char *stop = slash != NULL ? slash + 1 : end;
        if (*path != '/' || out->data[out->length - 1] != '/') {
            buffer_append(out, path, (size_t)(stop - path));
        }
        path = stop;
    }
}

enum mstr_code url_tell_no_base(mstr_error *error)
{
    error_set(error, MSTR_E_CONFIG, "base_url is not configured");
    error_set_hint(error,
                   "set base_url in the profile, or MSTR_BASE_URL, e.g. https://HOST/MicroStrategyLibrary/api/");
    return MSTR_E_CONFIG;
}

enum mstr_code url_base(const char *text, struct buffer *out, mstr_error *error)
{
    struct uri uri;
    if (!uri_parse(text, &uri)) {
        return error_set(error, MSTR_E_CONFIG, "base_url is not %s",
                         uri_is_international(text) ? URI_INTERNATIONAL : "an absolute http or https URL");
    }
    if (uri.user != NULL || uri.query != NULL || uri.fragment) {
        return error_set(error, MSTR_E_CONFIG, "base_url must have neither user information, query nor fragment");
    }
    if (!uri.https && !uri_is_loopback(&uri)) {
        error_set(error, MSTR_E_CONFIG, "base_url uses plain http, which would show the password on the network");
        error_set_hint(error, "use https; plain http is for loopback addresses");
        return MSTR_E_CONFIG;
    }
    uri_origin(&uri, out);
    buffer_putc(out, '/');
    put_path(out, uri.path, uri.path_length);
    if (!out->failed && out->data[out->length - 1] != '/') {
        buffer_putc(out, '/');
    }
    return out->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* Whether a path segment means "up", also when its dots are escaped. */
static bool climbs(const char *path, size_t length)
{
    size_t dots = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || path[i] == '/') {
            if (dots == 2) {
                return true;
            }
            dots = 0;
        } else if (path[i] == '.') {
            dots += dots < 3;
        } else if (length - i > 2 && path[i] == '%' && path[i + 1] == '2' && (path[i + 2] | 0x20) == 'e') {
            dots += dots < 3;
            i += 2;
        } else {
            dots = 3; /* an ordinary segment */
        }
    }
    return false;
}

static enum mstr_code check_origin(const char *base, const char *path, mstr_error *error)
{
    struct uri own;
    struct uri other;
    if (!uri_parse(path, &other) || other.user != NULL || other.fragment) {
        return error_set(error, MSTR_E_USAGE, "\"%.200s\" is not a URL that can be requested", path);
    }
    if (!uri_parse(base, &own) || !uri_same_origin(&own, &other)) {
        error_set(error, MSTR_E_USAGE, "\"%.200s\" is not on the session's server", path);
        error_set_hint(error, "the token is bound to the server that gave it; give a path instead");
        return MSTR_E_USAGE;
    }
    return MSTR_OK;
}

static void put_query(struct buffer *out, const char *given, const struct mstr_header *query, size_t count)
{
    char separator = '?';
    if (*given == '?' && given[1] != '\0') {
        buffer_puts(out, given);
        separator = '&';
    }
    for (size_t i = 0; i < count; i++) {
        struct buffer pair = BUFFER_INIT;
        uri_form_add(&pair, query[i].name, query[i].value);
        buffer_putc(out, separator);
        buffer_append(out, buffer_text(&pair), pair.length);
        out->failed |= pair.failed;
        buffer_release(&pair);
        separator = '&';
    }
}

enum mstr_code url_join(const char *base, const char *path, const struct mstr_header *query, size_t query_count,
                        struct buffer *out, mstr_error *error)
{
    bool absolute = text_starts_with(path, "http://") || text_starts_with(path, "https://");
    size_t length = strcspn(path, "?");
    if (absolute) {
        enum mstr_code code = check_origin(base, path, error);
        if (code != MSTR_OK) {
            return code;
        }
        buffer_append(out, path, length);
    } else {
        for (const char *at = path; *at != '\0'; at++) {
            if ((unsigned char)*at <= 0x20 || *at == 0x7f || *at == '\\' || *at == '#') {
                return error_set(error, MSTR_E_USAGE,
                                 "path has a blank, control character, backslash or #; encode it");
            }
        }
        buffer_puts(out, base);
        if (!out->failed) {
            put_path(out, path, length);
        }
    }
    if (climbs(path, length)) {
        return error_set(error, MSTR_E_USAGE, "path \"%.200s\" has a \"..\" segment", path);
    }
    put_query(out, path + length, query, query_count);
    return out->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}
