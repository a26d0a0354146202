/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON in place. */
#include "base/json_scan.h"

#include "base/text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

/* Four hexadecimal digits; false if they are none. */
static bool read_unit(const char *at, const char *end, uint32_t *unit)
{
    *unit = 0;
    if (end - at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        uint32_t value = (uint32_t)(unsigned char)at[i];
        uint32_t letter = (value | 0x20) - 'a';
        if (value - '0' > 9 && letter > 5) {
            return false;
        }
        *unit = *unit << 4 | (value - '0' <= 9 ? value - '0' : letter + 10);
    }
    return true;
}

/* What follows "\u": the character, with its second surrogate where it needs one. NULL for a lone surrogate. */
static const char *read_escaped(const char *at, const char *end, uint32_t *character)
{
    uint32_t low = 0;
    if (!read_unit(at, end, character)) {
        return NULL;
    }
    at += 4;
    if (*character < 0xd800 || *character > 0xdfff) {
        return at;
    }
    if (*character > 0xdbff || end - at < 6 || at[0] != '\\' || at[1] != 'u' || !read_unit(at + 2, end, &low) ||
        low < 0xdc00 || low > 0xdfff) {
        return NULL;
    }
    *character = 0x10000 + ((*character - 0xd800) << 10) + (low - 0xdc00);
    return at + 6;
}

size_t json_scan_put_utf8(uint32_t character, char out[4])
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(lead[length] | character);
    return length;
}

const char *json_scan_character(const char *at, const char *end, char out[4], size_t *length)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    *length = 1;
    out[0] = *at;
    if (*at != '\\') {
        return (unsigned char)*at >= 0x20 ? at + 1 : NULL;
    }
    if (++at == end) {
        return NULL;
    }
    const char *letter = *at != '\0' ? strchr(letters, *at) : NULL;
    if (letter != NULL) {
        out[0] = meanings[letter - letters];
        return at + 1;
    }
    uint32_t character = 0;
    at = *at == 'u' ? read_escaped(at + 1, end, &character) : NULL;
    if (at != NULL) {
        *length = json_scan_put_utf8(character, out);
    }
    return at;
}

/* How many of eight octets are plain before the first that is not. Of each of the three the lowest bit is right;
 * those above it, which a borrow may set, are not looked at. */
static size_t count_plain(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t eight = 0;
    memcpy(&eight, at, sizeof(eight));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    uint64_t quote = eight ^ ones * '"';
    uint64_t escape = eight ^ ones * '\\';
    uint64_t others =
        (((eight - ones * 0x20) & ~eight) | ((quote - ones) & ~quote) | ((escape - ones) & ~escape)) & tops;
    return others == 0 ? sizeof(eight) : (size_t)__builtin_ctzll(others) / 8;
}

const char *json_scan_plain(const char *at, const char *end)
{
    size_t plain = sizeof(uint64_t);
    while (plain == sizeof(uint64_t) && end - at >= (ptrdiff_t)sizeof(uint64_t)) {
        plain = count_plain(at);
        at += plain;
    }
    while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\') {
        at++;
    }
    return at;
}

/* Past the string that starts at `at`; NULL if it is malformed. The same holds for the functions below. */
static const char *skip_string(const char *at, const char *end)
{
    char character[4];
    size_t length = 0;
    if (at == end || *at != '"') {
        return NULL;
    }
    for (at++; at != NULL && at < end;) {
        at = json_scan_plain(at, end);
        if (at < end && *at == '"') {
            return at + 1;
        }
        at = at < end ? json_scan_character(at, end, character, &length) : NULL;
    }
    return NULL;
}

static const char *skip_digits(const char *at, const char *end)
{
    if (!digit(at, end)) {
        return NULL;
    }
    while (digit(at, end)) {
        at++;
    }
    return at;
}

const char *json_scan_number(const char *at, const char *end)
{
    if (at < end && *at == '-') {
        at++;
    }
    if (at < end && *at == '0') {
        at++;
    } else {
        at = skip_digits(at, end);
    }
    if (at != NULL && at < end && *at == '.') {
        at = skip_digits(at + 1, end);
    }
    if (at != NULL && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) {
            at++;
        }
        at = skip_digits(at, end);
    }
    return at;
}

static const char *skip_word(const char *at, const char *end)
{
    const char *word = *at == 't' ? "true" : *at == 'f' ? "false" : "null";
    size_t length = *at == 'f' ? 5 : 4;
    return (size_t)(end - at) >= length && memcmp(at, word, length) == 0 ? at + length : NULL;
}

static const char *skip_value(const char *at, const char *end, unsigned depth);

/* The name and colon of a member; the value's start. */
static const char *skip_name(const char *at, const char *end)
{
    at = skip_string(at, end);
    at = at != NULL ? json_scan_blank(at, end) : NULL;
    return at != NULL && at < end && *at == ':' ? json_scan_blank(at + 1, end) : NULL;
}

static const char *skip_container(const char *at, const char *end, unsigned depth)
{
    bool object = *at == '{';
    char close = object ? '}' : ']';
    if (depth == JSON_SCAN_DEPTH_MAX) {
        return NULL;
    }
    at = json_scan_blank(at + 1, end);
    if (at < end && *at == close) {
        return at + 1;
    }
    while (at != NULL && at < end) {
        at = object ? skip_name(at, end) : at;
        at = at != NULL ? skip_value(at, end, depth + 1) : NULL;
        at = at != NULL ? json_scan_blank(at, end) : NULL;
        if (at == NULL || at == end || (*at != ',' && *at != close)) {
            return NULL;
        }
        if (*at++ == close) {
            return at;
        }
        at = json_scan_blank(at, end);
    }
    return NULL;
}

static const char *skip_value(const char *at, const char *end, unsigned depth)
{
    if (at == end) {
        return NULL;
    }
    switch (*at) {
    case '{':
    case '[':
        return skip_container(at, end, depth);
    case '"':
        return skip_string(at, end);
    case 't':
    case 'f':
    case 'n':
        return skip_word(at, end);
    default:
        return json_scan_number(at, end);
    }
}

const char *json_scan_value(const char *at, const char *end)
{
    return skip_value(at, end, 0);
}

bool json_scan_check(const char *text, size_t length, struct json_span *value)
{
    const char *end = text + length;
    if (!text_is_utf8(text, length)) {
        return false;
    }
    value->at = json_scan_blank(text, end);
    value->end = skip_value(value->at, end, 0);
    return value->end != NULL && json_scan_blank(value->end, end) == end;
}

/* Where the value that starts at `at`, and is none, is at fault; *reason says why. */
static const char *find_fault(const char *at, const char *end, unsigned depth, const char **reason)
{
    bool object = at < end && *at == '{';
    if (at == end || (!object && *at != '[')) {
        *reason = at == end    ? "it ends too early"
                  : *at == '"' ? "a string does not end, or holds what none may"
                               : "there is no value, or one that is not whole";
        return at;
    }
    if (depth == JSON_SCAN_DEPTH_MAX) {
        *reason = "it is nested too deep";
        return at;
    }
    for (at = json_scan_blank(at + 1, end);; at = json_scan_blank(at + 1, end)) {
        const char *value = object ? skip_name(at, end) : at;
        if (value == NULL) {
            *reason = at == end ? "it ends too early" : "there is no name in quotes with a colon behind it";
            return at;
        }
        at = skip_value(value, end, depth + 1);
        if (at == NULL) {
            return find_fault(value, end, depth + 1, reason);
        }
        at = json_scan_blank(at, end);
        if (at == end || *at != ',') {
            *reason = at == end ? "it ends too early" : "a comma or a bracket is missing";
            return at;
        }
    }
}

void json_scan_fault(const char *text, size_t length, char fault[JSON_SCAN_FAULT_MAX])
{
    const char *end = text + length;
    const char *at = json_scan_blank(text, end);
    const char *reason = "more follows the value";
    if (at == end || !text_is_utf8(text, length)) {
        snprintf(fault, JSON_SCAN_FAULT_MAX, "%s", at == end ? "it is empty" : "it is not UTF-8");
        return;
    }
    const char *after = skip_value(at, end, 0);
    at = after != NULL ? json_scan_blank(after, end) : find_fault(at, end, 0, &reason);
    snprintf(fault, JSON_SCAN_FAULT_MAX, "%s, at octet %zu", reason, (size_t)(at - text) + 1);
}

/* True if the string at `at` reads `name`. */
static bool is_named(const char *at, const char *end, const char *name, size_t length)
{
    for (at++; *at != '"';) {
        char character[4];
        size_t octets = 0;
        at = json_scan_character(at, end, character, &octets);
        if (octets > length || memcmp(character, name, octets) != 0) {
            return false;
        }
        name += octets;
        length -= octets;
    }
    return length == 0;
}

bool json_scan_next_member(struct json_span object, struct json_span *name, struct json_span *value)
{
    const char *at = value->end != NULL ? json_scan_blank(value->end, object.end) : object.at;
    if (at >= object.end || *at != (value->end != NULL ? ',' : '{')) {
        return false;
    }
    at = json_scan_blank(at + 1, object.end);
    if (*at != '"') {
        return false;
    }
    name->at = at;
    name->end = object.end;
    value->at = skip_name(at, object.end);
    value->end = skip_value(value->at, object.end, 0);
    return true;
}

bool json_scan_member(struct json_span object, const char *name, size_t length, struct json_span *value)
{
    bool found = false;
    struct json_span key;
    struct json_span each = {NULL, NULL};
    while (json_scan_next_member(object, &key, &each)) {
        if (is_named(key.at, key.end, name, length)) {
            *value = each;
            found = true;
        }
    }
    return found;
}

bool json_scan_element(struct json_span array, size_t index, struct json_span *value)
{
    const char *at = array.at < array.end && *array.at == '[' ? json_scan_blank(array.at + 1, array.end) : NULL;
    while (at != NULL && *at != ']') {
        value->at = at;
        value->end = skip_value(at, array.end, 0);
        if (index-- == 0) {
            return true;
        }
        at = json_scan_blank(value->end, array.end);
        at = *at == ',' ? json_scan_blank(at + 1, array.end) : NULL;
    }
    return false;
}

bool json_scan_next(struct json_span array, struct json_span *value)
{
    if (value->end == NULL) {
        return json_scan_element(array, 0, value);
    }
    const char *at = json_scan_blank(value->end, array.end);
    if (*at != ',') {
        return false;
    }
    value->at = json_scan_blank(at + 1, array.end);
    value->end = skip_value(value->at, array.end, 0);
    return true;
}

bool json_scan_first_array(struct json_span object, struct json_span *value)
{
    const char *at = object.at < object.end && *object.at == '{' ? json_scan_blank(object.at + 1, object.end) : NULL;
    while (at != NULL && *at == '"') {
        value->at = skip_name(at, object.end);
        value->end = skip_value(value->at, object.end, 0);
        if (*value->at == '[') {
            return true;
        }
        at = json_scan_blank(value->end, object.end);
        at = *at == ',' ? json_scan_blank(at + 1, object.end) : NULL;
    }
    return false;
}

size_t json_scan_text(struct json_span string, char *out)
{
    char *to = out;
    for (const char *at = string.at + 1; *at != '"';) {
        char character[4];
        const char *plain = json_scan_plain(at, string.end);
        size_t length = (size_t)(plain - at);
        if (length > 0) {
            memcpy(to, at, length);
            at = plain;
        } else {
            at = json_scan_character(at, string.end, character, &length);
            memcpy(to, character, length);
        }
        to += length;
    }
    return (size_t)(to - out);
}

size_t json_scan_compact(struct json_span value, char *out)
{
    char *to = out;
    for (const char *at = value.at; at < value.end;) {
        const char *next = at + 1;
        if (*at == '"') {
            next = skip_string(at, value.end);
        } else if (json_scan_blank(at, next) == next) {
            at = next;
            continue;
        }
        memcpy(to, at, (size_t)(next - at));
        to += next - at;
        at = next;
    }
    return (size_t)(to - out);
}
