/* SPDX-License-Identifier: Apache-2.0 */
/* Base URLs of the server in one normal form. */
#include "config/base_url.h"

#include "base/text.h"
#include "base/uri.h"

#include <string.h>

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

enum mstr_code base_url_tell_absent(mstr_error *error)
{
    error_set(error, MSTR_E_CONFIG, "base_url is not configured");
    error_set_hint(error,
                   "set base_url in the profile, or MSTR_BASE_URL, e.g. https://HOST/MicroStrategyLibrary/api/");
    return MSTR_E_CONFIG;
}

enum mstr_code base_url_read(const char *text, bool plain, struct buffer *out, mstr_error *error)
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
    bool memory = true;
    const char *fault = uri_path_fault(uri.path, uri.path_length, &memory);
    if (!memory) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
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
