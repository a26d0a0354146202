/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as kubeconfig files are written in it, over libyaml's events. */
#include "kubernetes/config/yaml.h"

#include "base/json_scan.h"
#include "base/text.h"
#include "kubernetes/config/veil.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

enum { DEPTH_MAX = 32, ANCHORS_MAX = 64, FROM_ALIASES_MAX = 1000 };

struct anchor {
    char *name;
    struct json_object *value; /* part of the tree; NULL for a null */
};

struct reader {
    yaml_parser_t parser;
    struct veil veil;
    struct anchor anchors[ANCHORS_MAX];
    size_t anchor_count;
    size_t from_aliases;
    enum mstr_code code;
    struct yaml_fault *fault;
};

static bool refuse(struct reader *reader, const yaml_mark_t *mark, const char *why)
{
    reader->code = MSTR_E_CONFIG;
    reader->fault->line = (int)mark->line + 1;
    snprintf(reader->fault->why, sizeof(reader->fault->why), "%s", why);
    return false;
}

static bool lack_memory(struct reader *reader)
{
    reader->code = MSTR_E_MEMORY;
    return false;
}

/* The event is for release_event(). */
static bool next_event(struct reader *reader, yaml_event_t *event)
{
    const yaml_parser_t *parser = &reader->parser;
    if (yaml_parser_parse(&reader->parser, event)) {
        return true;
    }
    event->type = YAML_NO_EVENT;
    return parser->error == YAML_MEMORY_ERROR
               ? lack_memory(reader)
               : refuse(reader, &parser->problem_mark, parser->problem != NULL ? parser->problem : "is no YAML");
}

static void release_event(yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT) {
        explicit_bzero(event->data.scalar.value, event->data.scalar.length);
    }
    yaml_event_delete(event);
}

static bool remember(struct reader *reader, const yaml_event_t *event, const yaml_char_t *name,
                     struct json_object *value)
{
    if (name == NULL) {
        return true;
    }
    if (reader->anchor_count == ANCHORS_MAX) {
        return refuse(reader, &event->start_mark, "has more than 64 anchors");
    }
    struct anchor *anchor = &reader->anchors[reader->anchor_count];
    anchor->name = text_copy((const char *)name);
    anchor->value = value;
    reader->anchor_count += anchor->name != NULL;
    return anchor->name != NULL || lack_memory(reader);
}

/* Values of a tree, itself included; what lies beyond `limit` is not counted. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static size_t count_values(struct json_object *value, size_t limit)
{
    size_t count = 1;
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            count += count < limit ? count_values(member, limit - count) : 1;
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value) && count < limit; i++) {
            count += count_values(json_object_array_get_idx(value, i), limit - count);
        }
    }
    return count;
}

/* The same value once more, counted for each time as if it were written out. */
static bool follow_alias(struct reader *reader, const yaml_event_t *event, struct json_object **out)
{
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = reader->anchor_count; i-- > 0;) {
        struct json_object *value = reader->anchors[i].value;
        if (strcmp(reader->anchors[i].name, name) == 0) {
            reader->from_aliases += count_values(value, FROM_ALIASES_MAX);
            if (reader->from_aliases > FROM_ALIASES_MAX) {
                return refuse(reader, &event->start_mark, "has aliases that come to more than 1,000 values");
            }
            *out = value != NULL ? json_object_get(value) : NULL;
            return true;
        }
    }
    return refuse(reader, &event->start_mark, "has an alias without an anchor before it");
}

/* The plain scalars of YAML's core schema that are no texts; what they are, or -1. */
static int plain_kind(const char *text)
{
    static const struct {
        const char *text;
        int kind; /* 0 = false, 1 = true, 2 = null */
    } plain[] = {{"", 2},     {"~", 2},    {"null", 2},  {"Null", 2},  {"NULL", 2}, {"true", 1},
                 {"True", 1}, {"TRUE", 1}, {"false", 0}, {"False", 0}, {"FALSE", 0}};
    for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
        if (strcmp(plain[i].text, text) == 0) {
            return plain[i].kind;
        }
    }
    return -1;
}

/* The text of a scalar as it stands in the file. */
static bool lift(struct reader *reader, const yaml_event_t *event, struct buffer *out)
{
    return veil_lift(&reader->veil, (const char *)event->data.scalar.value, event->data.scalar.length, out) ||
           lack_memory(reader);
}

static bool is_number(const struct buffer *text)
{
    const char *end = buffer_text(text) + text->length;
    return text->length > 0 && json_scan_number(buffer_text(text), end) == end;
}

/* Puts its line and whether it is a number at a value; NULL is passed over. */
static void mark(struct json_object *value, const yaml_event_t *event, bool number)
{
    uintptr_t line = (uintptr_t)event->start_mark.line + 1;
    if (value != NULL) {
        json_object_set_userdata(value, (void *)(line << 1 | number), NULL);
    }
}

static bool read_scalar(struct reader *reader, const yaml_event_t *event, struct json_object **out)
{
    const char *tag = (const char *)event->data.scalar.tag;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && tag == NULL;
    struct buffer text = BUFFER_INIT;
    if (tag != NULL && strcmp(tag, YAML_STR_TAG) != 0) {
        return refuse(reader, &event->start_mark, "has a tag");
    }
    bool good = lift(reader, event, &text);
    int kind = plain ? plain_kind(buffer_text(&text)) : -1;
    if (good && kind != 2) {
        *out = kind >= 0 ? json_object_new_boolean(kind)
                         : json_object_new_string_len(buffer_text(&text), (int)text.length);
        good = *out != NULL || lack_memory(reader);
    }
    mark(*out, event, plain && is_number(&text));
    buffer_release(&text);
    return good;
}

static bool read_value(struct reader *reader, const yaml_event_t *event, int depth, struct json_object **out);

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool read_next(struct reader *reader, yaml_event_type_t end, int depth, struct json_object **out, bool *ended)
{
    yaml_event_t event;
    bool good = next_event(reader, &event);
    *ended = good && event.type == end;
    good = good && (*ended || read_value(reader, &event, depth, out));
    release_event(&event);
    return good;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool read_items(struct reader *reader, int depth, struct json_object *array)
{
    for (;;) {
        struct json_object *item = NULL;
        bool ended = false;
        bool good = read_next(reader, YAML_SEQUENCE_END_EVENT, depth, &item, &ended);
        if (!good || ended) {
            json_release(item);
            return good;
        }
        if (json_object_array_add(array, item) != 0) {
            json_release(item);
            return lack_memory(reader);
        }
    }
}

/* The key of a member, which has none of that name before it. */
static bool read_key(struct reader *reader, const yaml_event_t *event, struct json_object *object, struct buffer *key)
{
    if (event->type != YAML_SCALAR_EVENT) {
        return refuse(reader, &event->start_mark, "has a key that is no text");
    }
    if (!lift(reader, event, key)) {
        return false;
    }
    const char *text = buffer_text(key);
    const char *why = strlen(text) != key->length ? "has a key that is no text"
                      : strcmp(text, "<<") == 0   ? "has a merge key (<<), which is not followed"
                      : json_object_object_get_ex(object, text, NULL) != 0 ? "has the same key twice in one mapping"
                                                                           : NULL;
    return why == NULL || refuse(reader, &event->start_mark, why);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool read_member(struct reader *reader, const yaml_event_t *event, int depth, struct json_object *object)
{
    struct buffer key = BUFFER_INIT;
    struct json_object *value = NULL;
    bool none = false;
    bool good = read_key(reader, event, object, &key) && read_next(reader, YAML_NO_EVENT, depth, &value, &none);
    if (good && json_object_object_add(object, buffer_text(&key), value) != 0) {
        good = lack_memory(reader);
    }
    if (!good) {
        json_release(value);
    }
    buffer_release(&key);
    return good;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool read_members(struct reader *reader, int depth, struct json_object *object)
{
    bool good = true;
    bool ended = false;
    while (good && !ended) {
        yaml_event_t event;
        good = next_event(reader, &event);
        ended = event.type == YAML_MAPPING_END_EVENT;
        good = good && (ended || read_member(reader, &event, depth, object));
        release_event(&event);
    }
    return good;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool read_collection(struct reader *reader, const yaml_event_t *event, int depth, struct json_object **out)
{
    bool mapping = event->type == YAML_MAPPING_START_EVENT;
    if (depth >= DEPTH_MAX) {
        return refuse(reader, &event->start_mark, "is deeper than 32 levels");
    }
    *out = mapping ? json_object_new_object() : json_object_new_array();
    if (*out == NULL) {
        return lack_memory(reader);
    }
    mark(*out, event, false);
    return mapping ? read_members(reader, depth + 1, *out) : read_items(reader, depth + 1, *out);
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static bool read_value(struct reader *reader, const yaml_event_t *event, int depth, struct json_object **out)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return follow_alias(reader, event, out);
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event, out) && remember(reader, event, event->data.scalar.anchor, *out);
    case YAML_SEQUENCE_START_EVENT:
        return read_collection(reader, event, depth, out) &&
               remember(reader, event, event->data.sequence_start.anchor, *out);
    case YAML_MAPPING_START_EVENT:
        return read_collection(reader, event, depth, out) &&
               remember(reader, event, event->data.mapping_start.anchor, *out);
    default:
        return refuse(reader, &event->start_mark, "has no value where one is needed");
    }
}

/* The stream of one document, or none. */
static bool read_stream(struct reader *reader, struct json_object **tree)
{
    int documents = 0;
    bool good = true;
    yaml_event_t event = {.type = YAML_NO_EVENT};
    while (good && event.type != YAML_STREAM_END_EVENT) {
        release_event(&event);
        good = next_event(reader, &event);
        documents += event.type == YAML_DOCUMENT_START_EVENT;
        if (documents > 1) {
            good = refuse(reader, &event.start_mark, "has more than one document");
        } else if (good && event.type == YAML_DOCUMENT_START_EVENT) {
            bool none = false;
            good = read_next(reader, YAML_NO_EVENT, 0, tree, &none);
        }
    }
    release_event(&event);
    return good;
}

/* The parser begins behind the mark of the byte order, which it would take for a part of a word. */
static bool veil_text(struct reader *reader, const char *text, size_t length)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skipped = length >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
    const yaml_mark_t start = {.line = 0};
    enum mstr_code code = veil_make(&reader->veil, text + skipped, length - skipped);
    return code == MSTR_OK         ? true
           : code == MSTR_E_MEMORY ? lack_memory(reader)
                                   : refuse(reader, &start, "has characters of private use");
}

enum mstr_code yaml_read(const char *text, size_t length, struct json_object **tree, struct yaml_fault *fault)
{
    struct reader reader = {.code = MSTR_OK, .fault = fault};
    *tree = NULL;
    if (!yaml_parser_initialize(&reader.parser)) {
        return MSTR_E_MEMORY;
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    if (veil_text(&reader, text, length)) {
        yaml_parser_set_input_string(&reader.parser, (const unsigned char *)buffer_text(&reader.veil.text),
                                     reader.veil.text.length);
        if (!read_stream(&reader, tree)) {
            json_release(*tree);
            *tree = NULL;
        }
    }
    for (size_t i = 0; i < reader.anchor_count; i++) {
        free(reader.anchors[i].name);
    }
    /* libyaml's own copies of the input, for what is shorter than the words that are kept from it. */
    explicit_bzero(reader.parser.buffer.start, (size_t)(reader.parser.buffer.end - reader.parser.buffer.start));
    explicit_bzero(reader.parser.raw_buffer.start,
                   (size_t)(reader.parser.raw_buffer.end - reader.parser.raw_buffer.start));
    yaml_parser_delete(&reader.parser);
    veil_release(&reader.veil);
    return reader.code;
}

int yaml_line(struct json_object *value)
{
    return value == NULL ? 0 : (int)((uintptr_t)json_object_get_userdata(value) >> 1);
}

static void put_leaf(struct json_object *value, struct buffer *out)
{
    const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
    if (text == NULL) {
        buffer_puts(out, value == NULL ? "null" : json_object_get_boolean(value) ? "true" : "false");
    } else if (((uintptr_t)json_object_get_userdata(value) & 1) != 0) {
        buffer_puts(out, text);
    } else {
        json_put_string(out, text, (size_t)json_object_get_string_len(value));
    }
}

/* NOLINTNEXTLINE(misc-no-recursion) */
void yaml_put_json(struct json_object *value, struct buffer *out)
{
    const char *before = "";
    if (json_object_is_type(value, json_type_object)) {
        buffer_putc(out, '{');
        json_object_object_foreach(value, key, member)
        {
            buffer_puts(out, before);
            json_put_string(out, key, strlen(key));
            buffer_putc(out, ':');
            yaml_put_json(member, out);
            before = ",";
        }
        buffer_putc(out, '}');
    } else if (json_object_is_type(value, json_type_array)) {
        buffer_putc(out, '[');
        for (size_t i = 0; i < json_object_array_length(value); i++, before = ",") {
            buffer_puts(out, before);
            yaml_put_json(json_object_array_get_idx(value, i), out);
        }
        buffer_putc(out, ']');
    } else {
        put_leaf(value, out);
    }
}
