/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON once, in its order. */
#include "base/json_reader.h"

#include <string.h>

struct json_reader json_reader_of(struct json_span text)
{
    return (struct json_reader){json_scan_blank(text.at, text.end), text.end, false};
}

bool json_reader_enter(struct json_reader *reader, char bracket)
{
    if (reader->at == NULL || reader->at == reader->end || *reader->at != bracket) {
        return false;
    }
    reader->at = json_scan_blank(reader->at + 1, reader->end);
    reader->fresh = true;
    return true;
}

/* To the next member or element, past the comma before it; false past the last. */
static bool go_on(struct json_reader *reader, char close)
{
    bool first = reader->fresh;
    reader->fresh = false;
    const char *at = reader->at != NULL ? json_scan_blank(reader->at, reader->end) : NULL;
    if (at == NULL || at == reader->end) {
        reader->at = NULL;
    } else if (*at == close) {
        reader->at = at + 1;
    } else if (first) {
        reader->at = at;
        return true;
    } else if (*at == ',') {
        reader->at = json_scan_blank(at + 1, reader->end);
        return true;
    } else {
        reader->at = NULL;
    }
    return false;
}

struct json_span json_reader_pass(struct json_reader *reader)
{
    struct json_span value = {reader->at, NULL};
    value.end = reader->at != NULL ? json_scan_value(reader->at, reader->end) : NULL;
    reader->at = value.end;
    return value.end != NULL ? value : (struct json_span){NULL, NULL};
}

bool json_reader_member(struct json_reader *reader, struct json_span *name)
{
    if (!go_on(reader, '}')) {
        return false;
    }
    bool quoted = reader->at < reader->end && *reader->at == '"';
    *name = json_reader_pass(reader);
    const char *colon = reader->at != NULL ? json_scan_blank(reader->at, reader->end) : NULL;
    bool good = quoted && colon != NULL && colon < reader->end && *colon == ':';
    reader->at = good ? json_scan_blank(colon + 1, reader->end) : NULL;
    return good;
}

bool json_reader_element(struct json_reader *reader)
{
    return go_on(reader, ']');
}

bool json_reader_index(struct json_reader *reader, uint32_t *number)
{
    const char *at = reader->at;
    uint64_t value = 0;
    while (at != NULL && at < reader->end && *at >= '0' && *at <= '9' && value <= UINT32_MAX) {
        value = value * 10 + (uint64_t)(*at++ - '0');
    }
    bool digits = at != NULL && at > reader->at && (*reader->at != '0' || at == reader->at + 1);
    bool whole = digits && value <= UINT32_MAX && (at == reader->end || (*at != '.' && (*at | 0x20) != 'e'));
    if (whole) {
        *number = (uint32_t)value;
        reader->at = at;
    }
    return whole;
}

bool json_span_is(struct json_span name, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(name.end - name.at) == length + 2 && memcmp(name.at + 1, text, length) == 0;
}
