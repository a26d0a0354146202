/* SPDX-License-Identifier: Apache-2.0 */
/* One escape of a text. */
#include "secret/escape.h"

#include "base/json_scan.h"

#include <stdint.h>
#include <string.h>

static int digit_value(char digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
           : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                          : 16;
}

/* As in a URL or a form. NULL if it is none; the same holds for the functions below. */
static const char *read_percent(const char *at, const char *end, char out[4], size_t *length)
{
    if (end - at < 3 || digit_value(at[1]) > 15 || digit_value(at[2]) > 15) {
        return NULL;
    }
    out[0] = (char)(digit_value(at[1]) * 16 + digit_value(at[2]));
    *length = 1;
    return at + 3;
}

/* "&#99;", "&#x63;". */
static const char *read_number(const char *at, const char *end, char out[4], size_t *length)
{
    int base = end - at > 2 && (at[2] == 'x' || at[2] == 'X') ? 16 : 10;
    const char *first = at + (base == 16 ? 3 : 2);
    uint32_t character = 0;
    for (at = first; at < end && digit_value(*at) < base && character <= 0x10ffff; at++) {
        character = character * (uint32_t)base + (uint32_t)digit_value(*at);
    }
    if (at == first || at == end || *at != ';' || character > 0x10ffff) {
        return NULL;
    }
    *length = json_scan_put_utf8(character, out);
    return at + 1;
}

/* As the escaping functions of common languages write HTML and XML. */
static const char *read_entity(const char *at, const char *end, char out[4], size_t *length)
{
    static const struct {
        char octet;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&apos;"}, {' ', "&nbsp;"}};
    if (end - at > 1 && at[1] == '#') {
        return read_number(at, end, out, length);
    }
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        size_t size = strlen(entities[i].entity);
        if ((size_t)(end - at) >= size && memcmp(at, entities[i].entity, size) == 0) {
            out[0] = entities[i].octet;
            *length = 1;
            return at + size;
        }
    }
    return NULL;
}

/* As in JSON, and in languages where any character may have a backslash before it. */
static const char *read_backslash(const char *at, const char *end, char out[4], size_t *length)
{
    const char *next = json_scan_character(at, end, out, length);
    if (next == NULL && end - at > 1 && at[1] != 'u') {
        out[0] = at[1];
        *length = 1;
        next = at + 2;
    }
    return next;
}

const char *escape_read(const char *at, const char *end, char out[4], size_t *length)
{
    const char *next = *at == '%'    ? read_percent(at, end, out, length)
                       : *at == '&'  ? read_entity(at, end, out, length)
                       : *at == '\\' ? read_backslash(at, end, out, length)
                                     : NULL;
    if (next == NULL) {
        out[0] = *at;
        *length = 1;
        next = at + 1;
    }
    return next;
}
