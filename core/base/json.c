/* SPDX-License-Identifier: Apache-2.0 */
/* json-c for octets that may be secret: members, texts, and what is written. Reading is json_read.c. */
#include "base/json.h"

#include "base/text.h"

#include <string.h>

static bool digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

/* Overwrites what `value` itself holds. The strings are json-c's own memory, which it hands out as const. */
static void wipe(struct json_object *value, void *data)
{
    (void)data;
    switch (json_object_get_type(value)) {
    case json_type_string:
        explicit_bzero((char *)(uintptr_t)json_object_get_string(value), (size_t)json_object_get_string_len(value));
        break;
    case json_type_double: {
        char *digits = json_object_get_userdata(value); /* as they were in the text */
        if (digits != NULL) {
            explicit_bzero(digits, strlen(digits));
        }
        break;
    }
    case json_type_int:
        json_object_set_int64(value, 0);
        break;
    default:
        break;
    }
}

/* Calls `each` for all values of a tree that hold no others. json_read() bounds the depth. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void each_leaf(struct json_object *value, void (*each)(struct json_object *leaf, void *data), void *data)
{
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            each_leaf(member, each, data);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            each_leaf(json_object_array_get_idx(value, i), each, data);
        }
    } else {
        each(value, data);
    }
}

void json_release(struct json_object *value)
{
    if (value != NULL) {
        each_leaf(value, wipe, NULL);
        json_object_put(value);
    }
}

struct text_change {
    bool (*change)(struct buffer *text, void *data);
    void *data;
    bool no_memory;
};

static void change_text(struct json_object *leaf, void *data)
{
    struct text_change *change = data;
    struct buffer text = BUFFER_INIT;
    if (!json_object_is_type(leaf, json_type_string)) {
        return;
    }
    buffer_append(&text, json_object_get_string(leaf), (size_t)json_object_get_string_len(leaf));
    if (text.failed || change->change(&text, change->data)) {
        wipe(leaf, NULL);
        bool set = json_object_set_string_len(leaf, buffer_text(&text), (int)text.length) != 0;
        change->no_memory = change->no_memory || text.failed || !set;
    }
    buffer_release(&text);
}

bool json_change_texts(struct json_object *value, bool (*change)(struct buffer *text, void *data), void *data)
{
    struct text_change with = {change, data, false};
    each_leaf(value, change_text, &with);
    return !with.no_memory;
}

static bool show_nuls(struct buffer *text, void *data)
{
    struct buffer shown = BUFFER_INIT;
    bool found = false;
    (void)data;
    for (size_t i = 0; i < text->length; i++) {
        found |= text->data[i] == '\0';
        if (text->data[i] == '\0') {
            buffer_puts(&shown, "\xEF\xBF\xBD");
        } else {
            buffer_putc(&shown, text->data[i]);
        }
    }
    if (found) {
        buffer_clear(text);
        buffer_append(text, buffer_text(&shown), shown.failed ? 0 : shown.length);
        text->failed |= shown.failed;
    }
    buffer_release(&shown);
    return found;
}

bool json_show_nuls(struct json_object *value, const char *text, size_t length)
{
    static const char escape[] = "u0000";
    for (const char *at = text; (at = memchr(at, '\\', length - (size_t)(at - text))) != NULL; at++) {
        if (length - (size_t)(at - text) > strlen(escape) && memcmp(at + 1, escape, strlen(escape)) == 0) {
            return json_change_texts(value, show_nuls, NULL);
        }
    }
    return true;
}

struct json_object *json_member(struct json_object *object, const char *name)
{
    struct json_object *member = NULL;
    return json_object_object_get_ex(object, name, &member) ? member : NULL;
}

const char *json_member_octets(struct json_object *object, const char *name, size_t *length)
{
    struct json_object *member = json_member(object, name);
    if (!json_object_is_type(member, json_type_string)) {
        return NULL;
    }
    *length = (size_t)json_object_get_string_len(member);
    return json_object_get_string(member);
}

const char *json_text(struct json_object *value)
{
    const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
    return text != NULL && strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

const char *json_member_text(struct json_object *object, const char *name)
{
    return json_text(json_member(object, name));
}

static bool whole_number(double number, int64_t *out)
{
    static const double exact = 9007199254740992.0; /* 2^53 */
    if (!(number >= -exact && number <= exact)) {
        return false;
    }
    *out = (int64_t)number;
    return (double)*out == number;
}

bool json_member_int64(struct json_object *object, const char *name, int64_t *number)
{
    struct json_object *member = json_member(object, name);
    switch (json_object_get_type(member)) {
    case json_type_int:
        *number = json_object_get_int64(member);
        return json_object_get_uint64(member) <= INT64_MAX && *number != INT64_MIN; /* json-c clamps */
    case json_type_double:
        return whole_number(json_object_get_double(member), number);
    case json_type_string:
        return text_to_int64(json_object_get_string(member), number);
    default:
        return false;
    }
}

bool json_member_bool(struct json_object *object, const char *name, bool *value)
{
    struct json_object *member = json_member(object, name);
    if (!json_object_is_type(member, json_type_boolean)) {
        return false;
    }
    *value = json_object_get_boolean(member);
    return true;
}

/* Whether a reference token of a pointer, "~1" in it standing for '/' and "~0" for '~', reads `name`. */
static bool is_named(const char *token, size_t length, const char *name)
{
    const char *end = token + length;
    for (; token < end && *name != '\0'; token++, name++) {
        char octet = *token;
        if (octet == '~') {
            octet = ++token < end && *token == '0' ? '~' : token < end && *token == '1' ? '/' : '\0';
        }
        if (octet != *name) {
            return false;
        }
    }
    return token == end && *name == '\0';
}

static struct json_object *member_named(struct json_object *object, const char *token, size_t length)
{
    json_object_object_foreach(object, name, member)
    {
        if (is_named(token, length, name)) {
            return member;
        }
    }
    return NULL;
}

/* An index is "0", or digits without a leading zero. */
static struct json_object *element_at(struct json_object *array, const char *token, size_t length)
{
    size_t index = 0;
    bool good = length > 0 && length < 10 && (token[0] != '0' || length == 1);
    for (size_t i = 0; i < length && good; i++) {
        good = digit(token[i]);
        index = index * 10 + (size_t)(token[i] - '0');
    }
    return good && index < json_object_array_length(array) ? json_object_array_get_idx(array, index) : NULL;
}

struct json_object *json_at(struct json_object *value, const char *pointer)
{
    while (value != NULL && *pointer == '/') {
        size_t length = strcspn(++pointer, "/");
        value = json_object_is_type(value, json_type_object)  ? member_named(value, pointer, length)
                : json_object_is_type(value, json_type_array) ? element_at(value, pointer, length)
                                                              : NULL;
        pointer += length;
    }
    return *pointer == '\0' ? value : NULL;
}

bool json_put_string(struct buffer *out, const char *octets, size_t length)
{
    static const char special[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    buffer_putc(out, '"');
    for (size_t i = 0; i < length; i++) {
        const char *found = octets[i] != '\0' ? strchr(special, octets[i]) : NULL;
        if (found != NULL) {
            const char escape[2] = {'\\', letters[found - special]};
            buffer_append(out, escape, sizeof(escape));
        } else if ((unsigned char)octets[i] < 0x20) {
            buffer_printf(out, "\\u%04x", (unsigned)(unsigned char)octets[i]);
        } else {
            buffer_putc(out, octets[i]);
        }
    }
    return buffer_putc(out, '"');
}

bool json_put_member(struct buffer *out, const char *name, const char *value)
{
    if (value == NULL) {
        return !out->failed;
    }
    buffer_putc(out, out->length == 0 ? '{' : ',');
    json_put_string(out, name, strlen(name));
    buffer_putc(out, ':');
    return json_put_string(out, value, strlen(value));
}
