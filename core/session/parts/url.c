/* URLs of a session. */
#include "session/parts/url.h"

#include "base/text.h"
#include "base/uri.h"

#include <string.h>

static const char no_memory[] = "out of memory";

/* What is wrong with a segment, decoded once; NULL if nothing is. A server may take such a one for another path than
 * the one that was looked at: it may drop what follows a ; before it resolves dots, decode twice, or join slashes. */
static const char *fault_of_segment(const char *segment, size_t length, bool last)
{
    struct buffer plain = BUFFER_INIT;
    const char *fault = NULL;
    bool decoded = uri_decode(&plain, segment, length);
    const char *text = buffer_text(&plain);
    if (plain.failed) {
        fault = no_memory;
    } else if (!decoded) {
        fault = "a malformed escape";
    } else if (length == 0 && !last) {
        fault = "an empty segment";
    } else if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0) {
        fault = "a \".\" or \"..\" segment";
    } else if (text[strcspn(text, ";/\\%")] != '\0') {
        fault = "a \";\", or an encoded slash, backslash or percent sign";
    }
    for (; fault == NULL && *text != '\0'; text++) {
        fault = (unsigned char)*text < 0x20 || *text == 0x7f ? "an encoded control character" : NULL;
    }
    buffer_release(&plain);
    return fault;
}

/* The same of a path, by each segment after the slash that it may begin with. */
static const char *fault_of_path(const char *path, size_t length)
{
    const char *end = path + length;
    const char *at = path + (length > 0 && *path == '/');
    const char *fault = NULL;
    for (bool last = false; fault == NULL && !last;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash != NULL ? slash : end;
        last = slash == NULL;
        fault = fault_of_segment(at, (size_t)(stop - at), last);
        at = stop + 1;
    }
    return fault;
}

static bool ends_with(const struct buffer *text, size_t from, const char *end)
{
    size_t length = strlen(end);
    return text->length >= from + length && text_equal_nocase_length(text->data + text->length - length, end, length);
}

/* Design 3: api/ is added where the application alone is named, and said once where it is said twice. All other paths
 * that pass the rule above stay as they were written. */
static void complete_base_path(struct buffer *out, size_t from)
{
    if (!ends_with(out, from, "/")) {
        buffer_putc(out, '/');
    }
    if (ends_with(out, from, "/MicroStrategyLibrary/")) {
        buffer_puts(out, "api/");
    }
    while (ends_with(out, from, "/api/api/")) {
        buffer_truncate(out, out->length - strlen("api/"));
    }
}

enum mstr_code url_tell_no_base(mstr_error *error)
{
    error_set(error, MSTR_E_CONFIG, "base_url is not configured");
    error_set_hint(error,
                   "set base_url in the profile, or MSTR_BASE_URL, e.g. https://HOST/MicroStrategyLibrary/api/");
    return MSTR_E_CONFIG;
}

enum mstr_code url_base(const char *text, bool plain, struct buffer *out, mstr_error *error)
{
    struct uri uri;
    if (!uri_parse(text, &uri)) {
        return error_set(error, MSTR_E_CONFIG, "base_url %s",
                         uri_fault(text, "is not an absolute http or https URL"));
    }
    if (uri.user != NULL || uri.query != NULL || uri.fragment) {
        return error_set(error, MSTR_E_CONFIG, "base_url must have neither user information, query nor fragment");
    }
    if (!uri.https && !uri_is_loopback(&uri) && !plain) {
        error_set(
            error, MSTR_E_CONFIG,
            "base_url uses plain http, which shows the password on the network, without allow_plain_http = yes");
        error_set_hint(error,
                       "use https; set allow_plain_http (MSTR_SESSION_ALLOW_PLAIN in a program) only for a network "
                       "that nobody else can listen to");
        return MSTR_E_CONFIG;
    }
    const char *fault = fault_of_path(uri.path, uri.path_length);
    if (fault == no_memory) {
        return error_set(error, MSTR_E_MEMORY, "%s", fault);
    }
    if (fault != NULL) {
        return error_set(error, MSTR_E_CONFIG, "base_url has %s in its path, which a server may read as another one",
                         fault);
    }
    uri_origin(&uri, out);
    size_t origin = out->length;
    buffer_append(out, uri.path, uri.path_length);
    complete_base_path(out, origin);
    return out->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

static enum mstr_code check_path(const char *path, size_t length, mstr_error *error)
{
    const char *fault = fault_of_path(path, length);
    if (fault == NULL) {
        return MSTR_OK;
    }
    if (fault == no_memory) {
        return error_set(error, MSTR_E_MEMORY, "%s", fault);
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
    buffer_puts(out, absolute ? "" : base);
    buffer_append(out, path + (!absolute && *path == '/'), length - (!absolute && *path == '/'));
    put_query(out, path + length, query, query_count);
    return out->failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}
