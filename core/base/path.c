/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of requests, made of names that stay one segment each. */
#include "base/error.h"
#include "base/uri.h"

#include <mstr/uri.h>
#include <string.h>

#define PLACE "{}"

/* What keeps a value from being a segment; NULL = nothing. */
static const char *fault_of(const char *value)
{
    if (value == NULL) {
        return "NULL";
    }
    if (*value == '\0') {
        return "empty";
    }
    if (strcmp(value, ".") == 0 || strcmp(value, "..") == 0) {
        return "a step to another folder";
    }
    for (; *value != '\0'; value++) {
        unsigned char octet = (unsigned char)*value;
        if (octet < 0x20 || octet == 0x7f) {
            return "text with a control character";
        }
    }
    return NULL;
}

static enum mstr_code put(struct buffer *path, const char *pattern, const char *const *values, size_t count,
                          mstr_error *error)
{
    const char *at = pattern;
    const char *place = NULL;
    size_t used = 0;
    for (; (place = strstr(at, PLACE)) != NULL && used < count; used++) {
        const char *fault = fault_of(values[used]);
        if (fault != NULL) {
            return error_set(error, MSTR_E_USAGE, "value %zu of the path %s is %s", used + 1, pattern, fault);
        }
        buffer_append(path, at, (size_t)(place - at));
        uri_encode(path, values[used], strlen(values[used]));
        at = place + strlen(PLACE);
    }
    if (place != NULL || used < count) {
        return error_set(error, MSTR_E_USAGE, "the path %s has %s places than the %zu values given", pattern,
                         place != NULL ? "more" : "fewer", count);
    }
    return buffer_puts(path, at) ? MSTR_OK : error_set(error, MSTR_E_MEMORY, "out of memory");
}

enum mstr_code mstr_path(char *into, size_t capacity, const char *pattern, const char *const *values, size_t count,
                         mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    into[0] = '\0';
    enum mstr_code code = put(&path, pattern, values, count, error);
    if (code == MSTR_OK && path.length >= capacity) {
        code = error_set(error, MSTR_E_USAGE, "the path is %zu octets long, which %zu have no room for", path.length,
                         capacity);
    }
    if (code == MSTR_OK) {
        memcpy(into, buffer_text(&path), path.length + 1);
    }
    buffer_release(&path);
    return code;
}

size_t mstr_uri_encode(const void *octets, size_t length, char *into, size_t capacity)
{
    const char *const from = octets;
    size_t needed = 0;
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        char encoded[3];
        const size_t added = uri_encode_octet(from[i], encoded);
        if (written == needed && needed + added < capacity) {
            memcpy(into + written, encoded, added);
            written += added;
        }
        needed += added;
    }
    if (capacity > 0) {
        into[written] = '\0';
    }
    return needed;
}
