/* SPDX-License-Identifier: Apache-2.0 */
/* Selects a field of a JSON secret. */
#include "secret/field.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "secret/memory.h"
#include "secret/secret.h"

#include <string.h>

/* Field names in messages are cut to this. */
#define SHOWN "%.100s"

/* An array index of RFC 6901, section 4: "0", or digits without a leading zero. */
static bool parse_index(const struct buffer *token, size_t *index)
{
    const char *text = buffer_text(token);
    *index = 0;
    if (token->length == 0 || token->length > 9 || (text[0] == '0' && token->length > 1)) {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        *index = *index * 10 + (size_t)(*text - '0');
    }
    return true;
}

enum mstr_code field_check(const char *field, mstr_error *error)
{
    for (const char *at = field[0] == '/' ? strchr(field, '~') : NULL; at != NULL; at = strchr(at + 1, '~')) {
        if (at[1] != '0' && at[1] != '1') {
            return error_set(error, MSTR_E_CONFIG,
                             "field \"" SHOWN "\" is no JSON Pointer: '~' must be followed by 0 or 1", field);
        }
    }
    return MSTR_OK;
}

/* Reads one token of a pointer that was checked, "~1" standing for '/' and "~0" for '~', up to the next '/' or the
 * end. NULL without memory. */
static const char *read_token(const char *at, struct buffer *token)
{
    buffer_clear(token);
    for (; *at != '\0' && *at != '/'; at++) {
        char octet = *at;
        if (octet == '~') {
            octet = *++at == '0' ? '~' : '/';
        }
        if (!buffer_putc(token, octet)) {
            return NULL;
        }
    }
    return at;
}

static bool descend(struct json_span *value, const struct buffer *token)
{
    size_t index = 0;
    if (*value->at == '[') {
        return parse_index(token, &index) && json_scan_element(*value, index, value);
    }
    return json_scan_member(*value, buffer_text(token), token->length, value);
}

/* Follows a JSON Pointer. */
static enum mstr_code follow(const char *pointer, struct json_span *value, mstr_error *error)
{
    struct buffer token = BUFFER_INIT;
    enum mstr_code code = field_check(pointer, error);
    const char *at = pointer;
    while (code == MSTR_OK && *at == '/') {
        at = read_token(at + 1, &token);
        if (at == NULL) {
            code = error_set(error, MSTR_E_MEMORY, "out of memory");
            break;
        }
        if (!descend(value, &token)) {
            code = error_set(error, MSTR_E_NOT_FOUND, "the secret has no field \"" SHOWN "\"", pointer);
        }
    }
    buffer_release(&token);
    return code;
}

static enum mstr_code locate(const char *field, struct json_span *value, mstr_error *error)
{
    if (field[0] == '/') {
        return follow(field, value, error);
    }
    if (*value->at != '{') {
        return error_set(error, MSTR_E_NOT_FOUND, "field \"" SHOWN "\" is wanted of a secret that is no JSON object",
                         field);
    }
    if (!json_scan_member(*value, field, strlen(field), value)) {
        return error_set(error, MSTR_E_NOT_FOUND, "the secret has no field \"" SHOWN "\"", field);
    }
    return MSTR_OK;
}

/* `null_hint` tells what to do where it is null; NULL = nothing is known. */
static enum mstr_code copy_text(struct json_span document, const char *field, const char *null_hint, char **text,
                                size_t *length, mstr_error *error)
{
    struct json_span value = document;
    enum mstr_code code = locate(field, &value, error);
    *text = NULL;
    if (code == MSTR_E_NOT_FOUND && strchr("\"'", field[0]) != NULL) {
        error_set_hint(error, "a field is written without quotes");
    }
    if (code == MSTR_OK && *value.at == 'n') {
        code = error_set(error, MSTR_E_NOT_FOUND, "field \"" SHOWN "\" of the secret is null", field);
        if (null_hint != NULL) {
            error_set_hint(error, "%s", null_hint);
        }
    }
    if (code == MSTR_OK && (*text = secure_alloc((size_t)(value.end - value.at) + 1)) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code == MSTR_OK) {
        *length = *value.at == '"' ? json_scan_text(value, *text) : json_scan_compact(value, *text);
    }
    return code;
}

enum mstr_code field_text(struct json_span document, const char *field, char **text, size_t *length,
                          mstr_error *error)
{
    return copy_text(document, field, NULL, text, length, error);
}

enum mstr_code field_select(mstr_secret *document, const char *field, mstr_secret **out, mstr_error *error)
{
    struct json_span whole;
    char *text = NULL;
    size_t length = 0;
    *out = NULL;
    if (!json_scan_check(mstr_secret_octets(document), mstr_secret_length(document), &whole)) {
        char fault[JSON_SCAN_FAULT_MAX];
        json_scan_fault(mstr_secret_octets(document), mstr_secret_length(document), fault);
        return error_set(error, MSTR_E_NOT_FOUND, "field \"" SHOWN "\" is wanted of a secret that is not JSON: %s",
                         field, fault);
    }
    enum mstr_code code = copy_text(whole, field, secret_null_hint(document), &text, &length, error);
    if (code == MSTR_OK && (*out = secret_part(document, text, length)) == NULL) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    secure_free(text);
    return code;
}
