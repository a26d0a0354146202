/* SPDX-License-Identifier: Apache-2.0 */
/* Values as the syntax around them wants them. */
#include "escape_value.h"

#include "output.h"

#include <stdio.h>
#include <string.h>

bool escape_named(const char *name, enum escape *escape)
{
    static const char *const names[] = {"", "json", "yaml", "shell", "xml"};
    for (size_t i = 1; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *escape = (enum escape)i;
            return true;
        }
    }
    return false;
}

static void put_unit(struct octets *out, unsigned unit)
{
    char text[8];
    snprintf(text, sizeof text, "\\u%04x", unit & 0xFFFF);
    octets_puts(out, text);
}

static void put_character(struct octets *out, const char *octets, size_t size, unsigned character, int flags)
{
    static const char named[] = "\b\f\n\r\t\"\\";
    static const char letters[] = "bfnrt\"\\";
    const char *name = size == 1 && character != 0 ? strchr(named, (int)character) : NULL;
    if (name != NULL) {
        char text[] = {'\\', letters[name - named], '\0'};
        octets_puts(out, text);
    } else if (character == '/' && (flags & ESCAPE_SLASHES) != 0) {
        octets_puts(out, "\\/");
    } else if (size > 0 && character > 0xFFFF && (flags & ESCAPE_ASCII) != 0) {
        put_unit(out, 0xD800 + ((character - 0x10000) >> 10));
        put_unit(out, 0xDC00 + ((character - 0x10000) & 0x3FF));
    } else if (size > 0 && character <= 0xFFFF &&
               (character < 0x20 || (character > 0x7E && (flags & ESCAPE_ASCII) != 0) ||
                (!output_is_plain(character) && (flags & ESCAPE_UNSEEN) != 0))) {
        put_unit(out, character);
    } else {
        octets_append(out, octets, size > 0 ? size : 1);
    }
}

void escape_json(struct octets *out, const char *octets, size_t length, int flags)
{
    while (length > 0) {
        unsigned character = 0;
        size_t size = output_character(octets, length, &character);
        put_character(out, octets, size, character, flags);
        size = size > 0 ? size : 1;
        octets += size;
        length -= size;
    }
}

static const char *put_shell(struct octets *out, const char *octets, size_t length)
{
    if (memchr(octets, '\0', length) != NULL) {
        return "a NUL, which no word of a shell can hold";
    }
    octets_puts(out, "'");
    for (size_t i = 0; i < length; i++) {
        octets_append(out, octets[i] == '\'' ? "'\\''" : octets + i, octets[i] == '\'' ? 4 : 1);
    }
    octets_puts(out, "'");
    return NULL;
}

static const char *put_xml(struct octets *out, const char *octets, size_t length)
{
    static const char *const named[] = {"&&amp;",  "<&lt;",  ">&gt;",   "\"&quot;",
                                        "'&apos;", "\t&#9;", "\n&#10;", "\r&#13;"};
    for (size_t i = 0; i < length; i++) {
        const char *put = NULL;
        for (size_t k = 0; k < sizeof named / sizeof named[0]; k++) {
            put = octets[i] == named[k][0] ? named[k] + 1 : put;
        }
        if (put == NULL && (unsigned char)octets[i] < 0x20) {
            return "a control character, which XML cannot hold";
        }
        octets_append(out, put != NULL ? put : octets + i, put != NULL ? strlen(put) : 1);
    }
    return NULL;
}

const char *escape_value(enum escape escape, const char *octets, size_t length, struct octets *out)
{
    if (escape == ESCAPE_NONE) {
        octets_append(out, octets, length);
        return NULL;
    }
    if (escape == ESCAPE_SHELL) {
        return put_shell(out, octets, length);
    }
    if (!output_is_utf8(octets, length)) {
        return "octets that are no UTF-8";
    }
    if (escape == ESCAPE_XML) {
        return put_xml(out, octets, length);
    }
    escape_json(out, octets, length, ESCAPE_UNSEEN);
    return NULL;
}
