/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as the syntax around them wants them: inside of the double quotes of JSON and YAML, as one word of a shell,
 * as text or attribute of XML.
 */
#ifndef MSTR_CLI_ESCAPE_VALUE_H
#define MSTR_CLI_ESCAPE_VALUE_H

#include "octets.h"

enum escape { ESCAPE_NONE, ESCAPE_JSON, ESCAPE_YAML, ESCAPE_SHELL, ESCAPE_XML };

/* False for a name that is none of json, yaml, shell and xml. */
bool escape_named(const char *name, enum escape *escape);
/* Appends the value; what no such text can hold, or NULL. Memory that runs out is out->failed. */
const char *escape_value(enum escape escape, const char *octets, size_t length, struct octets *out);

/* How writers of JSON differ: in slashes, in what is not ASCII, in what cannot be seen. */
enum { ESCAPE_SLASHES = 1, ESCAPE_ASCII = 2, ESCAPE_UNSEEN = 4 };
/* Appends the inside of a string of JSON; octets that are no UTF-8 as they are. */
void escape_json(struct octets *out, const char *octets, size_t length, int flags);

#endif
