/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON in place: where a value starts and ends, its members, its text, without a copy of anything. For
 * documents that are secret, where a parser's own memory would be one more place to wipe. Texts are checked once, as
 * a whole, by json_scan_check(); the other functions rely on that.
 */
#ifndef MSTR_BASE_JSON_SCAN_H
#define MSTR_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_SCAN_DEPTH_MAX 64

/* A value's text: from its first octet on, up to its end. */
struct json_span {
    const char *at;
    const char *end;
};

/* True if `text` is one JSON value (RFC 8259) with white space around it, UTF-8, no deeper than JSON_SCAN_DEPTH_MAX
 * and without lone surrogates; `value` is then its span. */
bool json_scan_check(const char *text, size_t length, struct json_span *value);

/* Why json_scan_check() is false, and where, with nothing of the text itself: "it ends too early, at octet 17". */
enum { JSON_SCAN_FAULT_MAX = 128 };
void json_scan_fault(const char *text, size_t length, char fault[JSON_SCAN_FAULT_MAX]);
/* The last member of an object whose name is `name`; false if there is none. */
bool json_scan_member(struct json_span object, const char *name, size_t length, struct json_span *value);
/* The member after `value`, or the first where value->end is NULL, and its name's span; false past the last. */
bool json_scan_next_member(struct json_span object, struct json_span *name, struct json_span *value);
/* The element of an array at `index`, from 0; false if it is shorter. */
bool json_scan_element(struct json_span array, size_t index, struct json_span *value);

/* The element after `value`, or the first where value->end is NULL; false past the last. */
bool json_scan_next(struct json_span array, struct json_span *value);
/* The first member of an object whose value is an array; false if there is none. */
bool json_scan_first_array(struct json_span object, struct json_span *value);
/* Past white space, past a number, past any value, all but its UTF-8 looked at; NULL where there is none. Need no
 * check before them. */
static inline const char *json_scan_blank(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
        at++;
    }
    return at;
}
const char *json_scan_number(const char *at, const char *end);
const char *json_scan_value(const char *at, const char *end);
/* Past what stands for itself within a string: neither its end nor an escape, nor what must be one. */
const char *json_scan_plain(const char *at, const char *end);
/* One character of a string's inside, escape or octet, as up to four octets; where the next one starts, NULL if it is
 * malformed. Needs no check before it. */
const char *json_scan_character(const char *at, const char *end, char out[4], size_t *length);
/* The UTF-8 of a character, 0x10ffff at most; its length. */
size_t json_scan_put_utf8(uint32_t character, char out[4]);
/* Writes a string's text with its escapes undone; returns its length, never more than that of the span. */
size_t json_scan_text(struct json_span string, char *out);
/* Writes a value without the white space between its parts; returns its length, never more than that of the span. */
size_t json_scan_compact(struct json_span value, char *out);

#endif
