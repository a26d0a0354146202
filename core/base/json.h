/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json-c for octets that may be secret: strict and bounded parsing, and a release that wipes every string. Pure; part
 * of the helpers that plugins may compile in.
 */
#ifndef MSTR_BASE_JSON_H
#define MSTR_BASE_JSON_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole text as one JSON value of at most 32 levels, UTF-8 checked. The reader's own copies of values are wiped;
 * keys are taken to be public. Release with json_release(), and write no text from the tree with json-c's own
 * functions, which keep a copy in it. MSTR_E_PROTOCOL if it is none, or a bare null; MSTR_E_MEMORY. */
enum mstr_code json_read(const char *text, size_t length, struct json_object **value);
/* Wipes every string and number text, then frees; NULL is accepted. Only for a tree that has no other owner. */
void json_release(struct json_object *value);
/* A text as a C string; NULL for what is no string, and for one with NULs, which would be cut. */
const char *json_text(struct json_object *value);
/* Gives every string of the tree, but keys, to `change`, which returns true if it changed it. False without memory:
 * some texts are then empty. */
bool json_change_texts(struct json_object *value, bool (*change)(struct buffer *text, void *data), void *data);
/* For texts that are shown as C strings: each NUL in the tree becomes U+FFFD. `text` is what the tree was made of, so
 * that one without NULs costs a look at it. False without memory, as above. */
bool json_show_nuls(struct json_object *value, const char *text, size_t length);

/* Members of an object; each gives NULL / false when `object` is no object, the member is missing, null or of another
 * type. Texts live as long as the tree. */
struct json_object *json_member(struct json_object *object, const char *name);
/* NULL too for a text with NULs, which would be cut. */
const char *json_member_text(struct json_object *object, const char *name);
/* As text with its length, which may hold NULs. */
const char *json_member_octets(struct json_object *object, const char *name, size_t *length);
/* A number, or a decimal number in a string, as some services write it. */
bool json_member_int64(struct json_object *object, const char *name, int64_t *number);
bool json_member_bool(struct json_object *object, const char *name, bool *value);

/* The value at a JSON Pointer (RFC 6901), NULL if there is none. Allocates nothing. */
struct json_object *json_at(struct json_object *value, const char *pointer);

/* Writing: a quoted and escaped JSON string of `length` octets. */
bool json_put_string(struct buffer *out, const char *octets, size_t length);
/* A member of text, with the brace or the comma before it; the caller closes the object. NULL is passed over. */
bool json_put_member(struct buffer *out, const char *name, const char *value);

#endif
