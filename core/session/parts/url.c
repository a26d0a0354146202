/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of a session. */
#include "session/parts/url.h"

#include "base/text.h"
#include "base/uri.h"

#include <string.h>

static enum mstr_code check_path(const char *path, size_t length, mstr_error *error)
{
    bool memory = true;
    const char *fault = uri_path_fault(path, length, &memory);
    if (fault == NULL) {
        return memory ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    error_set(error, MSTR_E_USAGE, "path \"%.200s\" has %s", path, fault);
    error_set_hint(error, "a server may read such a path as another one; put values that may hold such characters "
                          "into the query");
    return MSTR_E_USAGE;
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

enum mstr_code url_foreign(const char *url, const struct mstr_header *query, size_t query_count, struct buffer *out,
                           mstr_error *error)
{
    struct uri uri;
    if (!uri_parse(url, &uri) || uri.user != NULL || uri.fragment) {
        return error_set(error, MSTR_E_USAGE, "\"%.200s\" is not a URL that can be requested", url);
    }
    size_t length = strcspn(url, "?");
    buffer_append(out, url, length);
    put_query(out, url + length, query, query_count);
    return out->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* The path of a URL of the base's origin. */
static enum mstr_code find_path(const char *base, const char *url, const char **path, size_t *length,
                                mstr_error *error)
{
    struct uri own;
    struct uri other;
    if (!uri_parse(url, &other) || other.user != NULL || other.fragment) {
        return error_set(error, MSTR_E_USAGE, "\"%.200s\" is not a URL that can be requested", url);
    }
    if (!uri_parse(base, &own) || !uri_same_origin(&own, &other)) {
        error_set(error, MSTR_E_USAGE, "\"%.200s\" is not on the session's server", url);
        error_set_hint(error, "the token is bound to the server that gave it; give a path instead");
        return MSTR_E_USAGE;
    }
    *path = other.path;
    *length = other.path_length;
    return MSTR_OK;
}

bool url_is_absolute(const char *path)
{
    return text_starts_with(path, "http://") || text_starts_with(path, "https://");
}

enum mstr_code url_join(const char *base, const char *path, const struct mstr_header *query, size_t query_count,
                        struct buffer *out, mstr_error *error)
{
    bool absolute = url_is_absolute(path);
    const char *segments = path;
    size_t length = strcspn(path, "?");
    size_t segments_length = length;
    enum mstr_code code = MSTR_OK;
    if (absolute) {
        code = find_path(base, path, &segments, &segments_length, error);
    }
    for (const char *at = absolute ? "" : path; *at != '\0'; at++) {
        if ((unsigned char)*at <= 0x20 || *at == 0x7f || *at == '\\' || *at == '#') {
            return error_set(error, MSTR_E_USAGE, "path has a blank, control character, backslash or #; encode it");
        }
    }
    code = code == MSTR_OK ? check_path(segments, segments_length, error) : code;
    if (code != MSTR_OK) {
        return code;
    }
    if (!absolute) {
        buffer_puts(out, base);
    } else if (segments_length > 0) {
        buffer_append(out, path, (size_t)(segments - path) + 1);
    } else {
        buffer_append(out, path, length);
    }
    uri_path_put(out, segments, segments_length);
    put_query(out, path + length, query, query_count);
    return out->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}
