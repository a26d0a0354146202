/* SPDX-License-Identifier: Apache-2.0 */
/* Names and messages from elsewhere on their way to a terminal. */
#include "display.h"

#include <string.h>

void display(struct output *output, const char *text)
{
    display_octets(output, text, text != NULL ? strlen(text) : 0);
}

void display_octets(struct output *output, const char *text, size_t left)
{
    while (left > 0) {
        unsigned character = 0;
        size_t size = output_character(text, left, &character);
        if (size == 0) {
            output_printf(output, "\\x%02X", (unsigned char)*text);
            size = 1;
        } else if (!output_is_plain(character)) {
            output_printf(output, "\\u{%X}", character);
        } else {
            output_write(output, text, size);
        }
        text += size;
        left -= size;
    }
}

/* How many octets at the end begin a character of UTF-8 whose rest is missing. */
static size_t unfinished(const char *text, size_t length)
{
    for (size_t back = 1; back <= 3 && back <= length; back++) {
        unsigned char octet = (unsigned char)text[length - back];
        if (octet >= 0xC0) {
            size_t size = octet >= 0xF0 ? 4 : octet >= 0xE0 ? 3 : 2;
            return size > back ? back : 0;
        }
        if (octet < 0x80) {
            return 0;
        }
    }
    return 0;
}

size_t display_text(struct output *output, const char *text, size_t length, bool last)
{
    const char *end = text + length - (last ? 0 : unfinished(text, length));
    size_t taken = (size_t)(end - text);
    while (text < end) {
        const char *run = text;
        while (text < end && *text != '\n' && *text != '\t') {
            text++;
        }
        display_octets(output, run, (size_t)(text - run));
        if (text < end) {
            output_write(output, text++, 1);
        }
    }
    return taken;
}
