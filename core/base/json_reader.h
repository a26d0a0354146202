/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a large JSON text once from its begin to its end, value after value, without a tree: the reader enters what
 * interests it and passes over the rest, which is checked as json_scan.h has it. The text is UTF-8, which is the
 * caller's to see to. What is malformed ends all reading: json_reader_failed() says so, once at the end.
 */
#ifndef MSTR_BASE_JSON_READER_H
#define MSTR_BASE_JSON_READER_H

#include "base/json_scan.h"

struct json_reader {
    const char *at; /* the next octet; NULL = the text was malformed */
    const char *end;
    bool fresh; /* a container was just entered */
};

/* At the first value of a text. */
struct json_reader json_reader_of(struct json_span text);
/* Goes into the object ('{') or array ('[') that is next. False for any other value, which stays to be passed. */
bool json_reader_enter(struct json_reader *reader, char bracket);
/* The name of the next member, as the string it is, its value being next then; false past the last, where the
 * object has been left. The member's value must have been read or passed. */
bool json_reader_member(struct json_reader *reader, struct json_span *name);
/* The same of an array's elements. */
bool json_reader_element(struct json_reader *reader);
/* Passes over the value that is next; its span, {NULL, NULL} where there is none. */
struct json_span json_reader_pass(struct json_reader *reader);
/* Passes over the number that is next; false, with nothing passed, if it is no whole one from 0 to UINT32_MAX. */
bool json_reader_index(struct json_reader *reader, uint32_t *number);
/* Whether a name is this one. Names with escapes are never. */
bool json_span_is(struct json_span name, const char *text);
static inline bool json_reader_failed(const struct json_reader *reader)
{
    return reader->at == NULL;
}

#endif
