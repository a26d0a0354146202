/* SPDX-License-Identifier: Apache-2.0 */
/* JSON texts as json-c's trees, read without json-c's own parser. */
#include "base/json.h"

#include "base/json_scan.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

/* Reading on in a text. json-c's own parser is passed over: without memory it crashes, or gives a tree in which
 * members are missing (0.16). */
struct reader {
    const char *at;
    const char *end;
    struct buffer text; /* of the latest string or number */
    bool no_memory;
};

static bool kept(struct reader *reader, bool made)
{
    reader->no_memory = reader->no_memory || !made;
    return made;
}

static bool skip(struct reader *reader, char octet)
{
    bool there = reader->at < reader->end && *reader->at == octet;
    reader->at += there ? 1 : 0;
    return there;
}

static void skip_blank(struct reader *reader)
{
    reader->at = json_scan_blank(reader->at, reader->end);
}

/* Half of a pair, as where a server cut a text, is the one escape with four digits that json_scan_character()
 * refuses. */
static bool is_lone_surrogate(const char *at, const char *end)
{
    bool escape = end - at >= 6 && at[0] == '\\' && at[1] == 'u';
    for (int i = 2; escape && i < 6; i++) {
        escape = isxdigit((unsigned char)at[i]) != 0;
    }
    return escape;
}

/* How many octets stand for themselves: the text is known to be UTF-8. */
static size_t plain_length(const char *at, const char *end)
{
    size_t length = 0;
    while (at + length < end && (unsigned char)at[length] >= 0x20 && at[length] != '"' && at[length] != '\\') {
        length++;
    }
    return length;
}

/* The string's text becomes reader->text, with U+FFFD in place of a lone surrogate. */
static bool read_text(struct reader *reader)
{
    buffer_clear(&reader->text);
    if (!skip(reader, '"')) {
        return false;
    }
    while (reader->at < reader->end && *reader->at != '"') {
        char octets[4];
        size_t length = plain_length(reader->at, reader->end);
        const char *from = length > 0 ? reader->at : octets;
        const char *next =
            length > 0 ? reader->at + length : json_scan_character(reader->at, reader->end, octets, &length);
        if (next == NULL && is_lone_surrogate(reader->at, reader->end)) {
            memcpy(octets, "\xef\xbf\xbd", 3);
            length = 3;
            next = reader->at + 6;
        }
        if (next == NULL || !kept(reader, buffer_append(&reader->text, from, length))) {
            return false;
        }
        reader->at = next;
    }
    return skip(reader, '"');
}

static struct json_object *new_number(const char *digits)
{
    int64_t below = 0;
    uint64_t above = 0;
    double real = 0;
    if (strpbrk(digits, ".eE") != NULL) {
        return json_parse_double(digits, &real) == 0 ? json_object_new_double_s(real, digits) : NULL;
    }
    if (*digits == '-') {
        return json_parse_int64(digits, &below) == 0 ? json_object_new_int64(below) : NULL;
    }
    bool good = json_parse_uint64(digits, &above) == 0;
    return !good ? NULL : above <= INT64_MAX ? json_object_new_int64((int64_t)above) : json_object_new_uint64(above);
}

static bool read_number(struct reader *reader, struct json_object **value)
{
    const char *end = json_scan_number(reader->at, reader->end);
    buffer_clear(&reader->text);
    if (end == NULL || !kept(reader, buffer_append(&reader->text, reader->at, (size_t)(end - reader->at)))) {
        return false;
    }
    reader->at = end;
    *value = new_number(buffer_text(&reader->text));
    return kept(reader, *value != NULL);
}

static bool read_word(struct reader *reader, struct json_object **value)
{
    static const char *const words[] = {"null", "false", "true"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i]);
        if ((size_t)(reader->end - reader->at) >= length && memcmp(reader->at, words[i], length) == 0) {
            reader->at += length;
            *value = i > 0 ? json_object_new_boolean(i > 1) : NULL;
            return i == 0 || kept(reader, *value != NULL);
        }
    }
    return false;
}

/* All but read_text() leave in *value what there is of the value, which may be null: true if that is the whole. */
static bool read_value(struct reader *reader, unsigned depth, struct json_object **value);

/* A name that holds U+0000 is refused: json-c would cut it. */
static bool read_member(struct reader *reader, unsigned depth, struct json_object *object)
{
    struct json_object *member = NULL;
    bool good = read_text(reader) && memchr(buffer_text(&reader->text), '\0', reader->text.length) == NULL;
    char *name = good ? buffer_take(&reader->text) : NULL;
    good = good && kept(reader, name != NULL);
    if (good) {
        skip_blank(reader);
        good = skip(reader, ':') && read_value(reader, depth, &member) &&
               kept(reader, json_object_object_add(object, name, member) == 0);
    }
    if (!good) {
        json_release(member);
    }
    buffer_free_text(name);
    return good;
}

static bool read_element(struct reader *reader, unsigned depth, struct json_object *array)
{
    struct json_object *element = NULL;
    if (!read_value(reader, depth, &element) || !kept(reader, json_object_array_add(array, element) == 0)) {
        json_release(element);
        return false;
    }
    return true;
}

static bool read_container(struct reader *reader, unsigned depth, struct json_object **value)
{
    bool object = *reader->at++ == '{';
    char close = object ? '}' : ']';
    *value = object ? json_object_new_object() : json_object_new_array();
    if (!kept(reader, *value != NULL) || depth == DEPTH_MAX) {
        return false;
    }
    skip_blank(reader);
    if (skip(reader, close)) {
        return true;
    }
    do {
        skip_blank(reader);
        if (!(object ? read_member : read_element)(reader, depth + 1, *value)) {
            return false;
        }
        skip_blank(reader);
    } while (skip(reader, ','));
    return skip(reader, close);
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static bool read_value(struct reader *reader, unsigned depth, struct json_object **value)
{
    skip_blank(reader);
    switch (reader->at < reader->end ? *reader->at : '\0') {
    case '{':
    case '[':
        return read_container(reader, depth, value);
    case '"':
        if (!read_text(reader)) {
            return false;
        }
        *value = json_object_new_string_len(buffer_text(&reader->text), (int)reader->text.length);
        return kept(reader, *value != NULL);
    case 't':
    case 'f':
    case 'n':
        return read_word(reader, value);
    default:
        return read_number(reader, value);
    }
}

enum mstr_code json_read(const char *text, size_t length, struct json_object **value)
{
    struct reader reader = {.at = text, .end = text + length, .text = BUFFER_INIT};
    *value = NULL;
    bool good = length <= INT32_MAX / 4 && text_is_utf8(text, length) && read_value(&reader, 0, value);
    skip_blank(&reader);
    if (!good || reader.at != reader.end || *value == NULL) {
        json_release(*value);
        *value = NULL;
    }
    buffer_release(&reader.text);
    return *value != NULL ? MSTR_OK : reader.no_memory ? MSTR_E_MEMORY : MSTR_E_PROTOCOL;
}
