/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of AWS's shared config files, which the project's own configuration uses too: one reader serves both.
 * It knows lexical rules only (comments, sections, properties, continuations, sub-properties); what a section or key
 * means is its caller's affair. Pure; part of the helpers that plugins may compile in.
 */
#ifndef MSTR_BASE_INI_H
#define MSTR_BASE_INI_H

#include <stdbool.h>
#include <stddef.h>

/* What the reader tells, in the order of the text. Texts live during the call only. */
struct ini_event {
    enum ini_kind {
        INI_SECTION,      /* type is the first word, name the rest or NULL: [profile "a b"] -> "profile", "\"a b\"" */
        INI_PROPERTY,     /* key as written, value trimmed, its continuation lines joined by LF */
        INI_SUB_PROPERTY, /* key and value of an indented line beneath the property `parent`, whose value is empty */
        INI_INDENTED,     /* a line that begins with a blank, to ini_read_flat(), which passes it over */
        INI_IGNORED, /* a section or property whose name is no identifier: passed over with all that belongs to it */
        INI_ERROR    /* `value` says what is wrong; reading stops */
    } kind;
    unsigned line; /* 1-based */
    const char *type;
    const char *name;
    const char *parent;
    const char *key;
    const char *value;
    bool comment; /* of a property: a comment was cut off its line */
    bool tight;   /* which had no blank behind its sign, so that it may be none, as in "Team #1" */
};

/* Returns false to stop. */
typedef bool (*ini_fn)(const struct ini_event *event, void *data);

/* Reads `length` octets of UTF-8 (a BOM is accepted, NULs are an error). False if there was an error, memory ran out
 * or the callback stopped it. */
bool ini_read(const char *text, size_t length, ini_fn each, void *data);
/* The same without continuations and sub-properties: a comment may be indented, nothing else. Names are single words
 * without quotes. */
bool ini_read_flat(const char *text, size_t length, ini_fn each, void *data);

#endif
