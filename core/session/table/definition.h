/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a report or cube is made of, as its definition tells it, and what a request asks for held against that: names
 * become ids, and what is not there is an error, since the server passes over it in silence. Used by one thread at a
 * time.
 */
#ifndef MSTR_SESSION_TABLE_DEFINITION_H
#define MSTR_SESSION_TABLE_DEFINITION_H

#include "base/buffer.h"
#include "session/table/report.h"

#include <json-c/json.h>
#include <mstr/table.h>

struct definition {
    const char *object; /* whose it is, for messages */
    mstr_response *answer;
    struct json_object *tree; /* of the answer, which owns it */
};

enum definition_kind { DEFINITION_ATTRIBUTE, DEFINITION_METRIC };

/* Asks for it. To be released in each case. */
enum mstr_code definition_read(struct definition *definition, struct report *instance, mstr_error *error);
void definition_release(struct definition *definition);

/* An attribute or metric by name or id; MSTR_E_USAGE for none, or for several of that name. */
enum mstr_code definition_find(const struct definition *definition, enum definition_kind kind, const char *name,
                               size_t length, struct json_object **found, mstr_error *error);
/* The same of both kinds at once: what is an attribute is no metric. */
enum mstr_code definition_find_any(const struct definition *definition, const char *name, size_t length,
                                   enum definition_kind *kind, struct json_object **found, mstr_error *error);
/* A form of an attribute by name, category or id. */
enum mstr_code definition_find_form(const struct definition *definition, struct json_object *attribute,
                                    const char *name, size_t length, struct json_object **found, mstr_error *error);
/* What shows an element by itself: the form that describes it, else the first; NULL where none is told. */
struct json_object *definition_main_form(struct json_object *attribute);
/* The id of an object as a JSON string. */
void definition_put_id(struct json_object *object, struct buffer *out);
/* Whether a unit of this name or id pages the report. */
bool definition_pages_by(const struct definition *definition, const char *name, size_t length);

/* Where an unescaped `mark` is in a text, or its end; "\" before it, a comma or itself makes a character stand for
 * itself. */
size_t definition_until(const char *text, size_t length, char mark);
/* The text without these backslashes. */
bool definition_unescape(const char *text, size_t length, struct buffer *out);

#endif
