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
