/* json-c for octets that may be secret. */
#include "base/json.h"

#include "base/text.h"

#include <json-c/printbuf.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

/* A parser whose scratch memory is large enough for the whole text, so that it never moves and leaves copies behind.
 */
static struct json_tokener *new_parser(size_t length)
{
    struct json_tokener *parser = json_tokener_new_ex(DEPTH_MAX);
    if (parser == NULL) {
        return NULL;
    }
    json_tokener_set_flags(parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    if (printbuf_memset(parser->pb, (int)length, 0, 1) != 0) {
        json_tokener_free(parser);
        return NULL;
    }
    printbuf_reset(parser->pb);
    return parser;
}

static void free_parser(struct json_tokener *parser)
{
    explicit_bzero(parser->pb->buf, (size_t)parser->pb->size);
    json_tokener_free(parser);
}

static bool digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

/* What RFC 8259 forbids and json-c lets through even when strict: control characters in strings, single quotes, NaN,
 * Infinity, and a decimal point without a digit on either side. */
static bool well_formed(const char *text, size_t length)
{
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (quoted && text[i] == '\\') {
            i++;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (quoted ? (unsigned char)text[i] < 0x20
                          : strchr("\t\n\r {}[],:0123456789+-.Eaeflnrstu", text[i]) == NULL) {
            return false;
        } else if (!quoted && text[i] == '.' &&
                   (i == 0 || !digit(text[i - 1]) || i + 1 == length || !digit(text[i + 1]))) {
            return false;
        }
    }
    return true;
}

struct json_object *json_parse(const char *text, size_t length)
{
    while (length > 0 && memchr(" \t\r\n", text[length - 1], 4) != NULL) {
        length--;
    }
    if (length == 0 || length > INT32_MAX / 4 || memchr(text, '\0', length) != NULL || !well_formed(text, length)) {
        return NULL;
    }
    struct json_tokener *parser = new_parser(length);
    if (parser == NULL) {
        return NULL;
    }
    struct json_object *value = json_tokener_parse_ex(parser, text, (int)length);
    bool whole = json_tokener_get_parse_end(parser) == length;
    if (json_tokener_get_error(parser) == json_tokener_continue) {
        value = json_tokener_parse_ex(parser, "", 1); /* a number ends only where the text does */
    }
    if (!whole || json_tokener_get_error(parser) != json_tokener_success) {
        json_release(value);
        value = NULL;
    }
    free_parser(parser);
    return value;
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

/* Calls `each` for all values of a tree that hold no others. json_parse() bounds the depth. */
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
};

static void change_text(struct json_object *leaf, void *data)
{
    const struct text_change *change = data;
    struct buffer text = BUFFER_INIT;
    if (!json_object_is_type(leaf, json_type_string)) {
        return;
    }
    buffer_append(&text, json_object_get_string(leaf), (size_t)json_object_get_string_len(leaf));
    if (text.failed || change->change(&text, change->data)) {
        wipe(leaf, NULL);
        json_object_set_string_len(leaf, buffer_text(&text), (int)text.length);
    }
    buffer_release(&text);
}

void json_change_texts(struct json_object *value, bool (*change)(struct buffer *text, void *data), void *data)
{
    struct text_change with = {change, data};
    each_leaf(value, change_text, &with);
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
    }
    buffer_release(&shown);
    return found;
}

void json_show_nuls(struct json_object *value, const char *text, size_t length)
{
    static const char escape[] = "u0000";
    for (const char *at = text; (at = memchr(at, '\\', length - (size_t)(at - text))) != NULL; at++) {
        if (length - (size_t)(at - text) > strlen(escape) && memcmp(at + 1, escape, strlen(escape)) == 0) {
            json_change_texts(value, show_nuls, NULL);
            return;
        }
    }
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
