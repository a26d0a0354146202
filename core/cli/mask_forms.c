/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of a text. */
#include "mask_forms.h"

#include "escape_value.h"

#include <stdio.h>
#include <string.h>

/* What those who encode leave as it is, beside letters, digits and -._~ */
static const char *const safe[] = {"", "/", "!'()*"};

static void put_url(struct octets *out, const char *octets, size_t length, const char *left, bool small, bool plus)
{
    for (; length > 0; octets++, length--) {
        char text[4];
        bool plain = (*octets >= 'a' && *octets <= 'z') || (*octets >= 'A' && *octets <= 'Z') ||
                     (*octets >= '0' && *octets <= '9') ||
                     (*octets != '\0' && (strchr("-._~", *octets) != NULL || strchr(left, *octets) != NULL));
        if (plain || (plus && *octets == ' ')) {
            octets_append(out, plain ? octets : "+", 1);
        } else {
            snprintf(text, sizeof text, small ? "%%%02x" : "%%%02X", (unsigned char)*octets);
            octets_puts(out, text);
        }
    }
}

static const char *const alphabets[] = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};

/* With `shift` octets before it, without the characters that hold bits of these; the last one, which may hold bits of
 * what follows, where nothing does. */
static void put_base64(struct octets *out, const char *octets, size_t length, const char *digits, size_t shift,
                       bool last)
{
    size_t bits = (shift + length) * 8;
    size_t first = shift > 0 ? shift + 1 : 0;
    size_t end = bits / 6 + (last && bits % 6 != 0);
    for (size_t i = first; i < end; i++) {
        size_t at = i * 6 / 8 - shift;
        unsigned pair = (unsigned)(unsigned char)octets[at] << 8;
        pair |= at + 1 < length ? (unsigned char)octets[at + 1] : 0;
        octets_append(out, &digits[pair >> (10 - i * 6 % 8) & 63], 1);
    }
}

/* One form after the other in the same memory. */
struct telling {
    struct octets form;
    mask_form_fn each;
    void *data;
    bool good;
};

static void tell(struct telling *telling)
{
    telling->good = telling->good && !telling->form.failed && telling->form.data != NULL &&
                    telling->each(telling->data, telling->form.data, telling->form.length);
    octets_drop(&telling->form, telling->form.length);
}

bool mask_forms(const char *octets, size_t length, mask_form_fn each, void *data)
{
    struct telling telling = {{0}, each, data, each(data, octets, length)};
    for (int flags = 0; flags <= (ESCAPE_SLASHES | ESCAPE_ASCII); flags++) {
        escape_json(&telling.form, octets, length, flags);
        tell(&telling);
    }
    for (size_t i = 0; i < 4 * sizeof safe / sizeof safe[0]; i++) {
        put_url(&telling.form, octets, length, safe[i / 4], i % 2 != 0, i / 2 % 2 != 0);
        tell(&telling);
    }
    for (size_t i = 0; i < 12; i++) {
        put_base64(&telling.form, octets, length, alphabets[i % 2], i / 2 % 3, i >= 6);
        tell(&telling);
    }
    octets_release(&telling.form);
    return telling.good;
}
