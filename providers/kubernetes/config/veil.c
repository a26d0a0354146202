/* SPDX-License-Identifier: Apache-2.0 */
/* Words that stay out of a parser's hands. */
#include "kubernetes/config/veil.h"

#include "base/json_scan.h"

#include <stdlib.h>

/* Octets that mean nothing to YAML within a word; and those before one that make it a name. */
#define WORD   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=._-@$^~()"
#define BEFORE "&*!%"

/* A number is written as one character from U+E000 and one from U+E800 on, 11 bits each. All of them, and no others,
 * begin with this octet in UTF-8 and are of three. */
enum {
    WORD_MIN = 8,
    ESCAPE_MAX = 9 /* U and eight digits */,
    BITS = 11,
    HALF = 1 << BITS,
    HIGH = 0xe000,
    LOW = HIGH + HALF,
    CHARACTER = 3
};
static const char lead = '\xee';

static bool put_number(struct buffer *out, size_t number)
{
    char octets[4];
    size_t length = json_scan_put_utf8((uint32_t)(HIGH + number / HALF), octets);
    buffer_append(out, octets, length);
    length = json_scan_put_utf8((uint32_t)(LOW + number % HALF), octets);
    return buffer_append(out, octets, length);
}

/* The lower 11 bits of a character. */
static size_t half_of(const char *at)
{
    return (size_t)(((unsigned char)at[1] & 0x1f) << 6 | ((unsigned char)at[2] & 0x3f));
}

static bool add_word(struct veil *veil, const char *at, size_t length)
{
    struct veil_word *words = veil->words;
    if ((veil->count & (veil->count - 1)) == 0) { /* room for a power of two */
        words = realloc(words, (veil->count == 0 ? 1 : 2 * veil->count) * sizeof(*words));
        if (words == NULL) {
            return false;
        }
        veil->words = words;
    }
    words[veil->count] = (struct veil_word){at, length};
    return put_number(&veil->text, veil->count++);
}

/* How many octets of the text from `at` on are a word to be kept from the parser, or (`veiled` false) go to it as
 * they are: a short word, a name, the start of one that may be an escape, or one octet of no word. */
static size_t next_word(const char *text, const char *at, const char *end, bool *veiled)
{
    size_t word = 0;
    char before = at > text ? at[-1] : ' ';
    while (at + word < end && at[word] != '\0' && strchr(WORD, at[word]) != NULL) {
        word++;
    }
    *veiled = word >= WORD_MIN && before != '\\' && strchr(BEFORE, before) == NULL;
    return before == '\\' && word > ESCAPE_MAX ? ESCAPE_MAX : word > 0 ? word : 1;
}

enum mstr_code veil_make(struct veil *veil, const char *text, size_t length)
{
    const char *end = text + length;
    bool good = true;
    if (memchr(text, lead, length) != NULL) {
        return MSTR_E_CONFIG;
    }
    for (const char *at = text; at < end && good;) {
        bool veiled = false;
        size_t step = next_word(text, at, end, &veiled);
        good = veiled ? add_word(veil, at, step) : buffer_append(&veil->text, at, step);
        at += step;
    }
    return good ? MSTR_OK : MSTR_E_MEMORY;
}

bool veil_lift(const struct veil *veil, const char *text, size_t length, struct buffer *out)
{
    const char *end = text + length;
    for (const char *at = text; at < end;) {
        const char *next = memchr(at, lead, (size_t)(end - at));
        buffer_append(out, at, (size_t)((next != NULL ? next : end) - at));
        size_t number =
            next != NULL && end - next >= 2 * CHARACTER ? half_of(next) * HALF + half_of(next + CHARACTER) : SIZE_MAX;
        if (number < veil->count) {
            buffer_append(out, veil->words[number].at, veil->words[number].length);
        }
        at = next != NULL ? next + 2 * CHARACTER : end;
    }
    return !out->failed;
}

void veil_release(struct veil *veil)
{
    buffer_release(&veil->text);
    free(veil->words);
    *veil = (struct veil){.count = 0};
}
