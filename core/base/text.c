/* SPDX-License-Identifier: Apache-2.0 */
/* Small questions about C strings, by ASCII rules. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Longer words are never worth a suggestion. */
enum { NEAREST_WORD_MAX = 63 };

static unsigned char lower(char octet)
{
    unsigned char value = (unsigned char)octet;
    return value >= 'A' && value <= 'Z' ? (unsigned char)(value + ('a' - 'A')) : value;
}

static bool alphanumeric(char octet)
{
    unsigned char value = lower(octet);
    return (value >= 'a' && value <= 'z') || (value >= '0' && value <= '9');
}

bool text_equal_nocase(const char *a, const char *b)
{
    return text_equal_nocase_length(a, b, SIZE_MAX);
}

int text_compare_nocase(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) - lower(*b);
}

bool text_equal_nocase_length(const char *a, const char *b, size_t length)
{
    size_t same = 0;
    while (same < length && a[same] != '\0' && lower(a[same]) == lower(b[same])) {
        same++;
    }
    return same == length || lower(a[same]) == lower(b[same]);
}

void text_lower(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)lower(*text);
    }
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t tail = strlen(suffix);
    return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

bool text_empty(const char *text)
{
    return text == NULL || *text == '\0';
}

char *text_copy(const char *text)
{
    return text != NULL ? text_copy_length(text, strlen(text)) : NULL;
}

char *text_copy_length(const char *text, size_t length)
{
    char *copy = text != NULL && length < SIZE_MAX ? malloc(length + 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

void text_wipe_free(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

char *text_trim(char *text)
{
    static const char blank[] = " \t\r\n";
    text += strspn(text, blank);
    size_t length = strlen(text);
    while (length > 0 && strchr(blank, text[length - 1]) != NULL) {
        length--;
    }
    text[length] = '\0';
    return text;
}

bool text_to_int64(const char *text, int64_t *number)
{
    bool negative = *text == '-';
    const char *digit = text + (negative ? 1 : 0);
    uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;
    if (*digit == '\0') {
        return false;
    }
    for (; *digit != '\0'; digit++) {
        unsigned next = (unsigned)(unsigned char)*digit - '0';
        if (next > 9 || value > (most - next) / 10) {
            return false;
        }
        value = value * 10 + next;
    }
    *number = negative && value != 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return true;
}

bool text_is_made_of(const char *text, const char *allowed)
{
    for (; *text != '\0'; text++) {
        if (!alphanumeric(*text) && strchr(allowed, *text) == NULL) {
            return false;
        }
    }
    return true;
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Levenshtein's distance, without regard to case; both words at most NEAREST_WORD_MAX long. */
static size_t distance(const char *a, const char *b)
{
    size_t row[NEAREST_WORD_MAX + 1];
    size_t width = strlen(b);
    for (size_t j = 0; j <= width; j++) {
        row[j] = j;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < width; j++) {
            size_t above = row[j + 1];
            row[j + 1] = least(above + 1, row[j] + 1, diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1));
            diagonal = above;
        }
    }
    return row[width];
}

const char *text_nearest(const char *word, const char *(*next)(void *data), void *data)
{
    const char *best = NULL;
    size_t length = strlen(word);
    size_t smallest = 1 + length / 3; /* a third of the word may be wrong, one letter always */
    if (length == 0 || length > NEAREST_WORD_MAX) {
        return NULL;
    }
    for (const char *candidate = next(data); candidate != NULL; candidate = next(data)) {
        size_t found = strlen(candidate) <= NEAREST_WORD_MAX ? distance(word, candidate) : SIZE_MAX;
        if (found < strlen(candidate) && (best == NULL ? found <= smallest : found < smallest)) {
            best = candidate;
            smallest = found;
        }
    }
    return best;
}

/* Octets of the UTF-8 sequence that starts here, 0 if it is malformed (RFC 3629, section 4). */
static size_t sequence(const unsigned char *at, size_t left)
{
    static const struct {
        unsigned char first, last, low, high; /* bounds of the first and the second octet */
        unsigned char length;
    } forms[] = {
        {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t form = 0;
    while (form < sizeof(forms) / sizeof(forms[0]) && (at[0] < forms[form].first || at[0] > forms[form].last)) {
        form++;
    }
    if (form == sizeof(forms) / sizeof(forms[0]) || left < forms[form].length) {
        return 0;
    }
    if (forms[form].length > 1 && (at[1] < forms[form].low || at[1] > forms[form].high)) {
        return 0;
    }
    for (size_t i = 2; i < forms[form].length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return forms[form].length;
}

/* Whether the next eight octets are ASCII without NUL, as most of a text is: looked at together. */
static bool is_plain(const unsigned char *at)
{
    static const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t word = 0;
    memcpy(&word, at, sizeof(word));
    return ((word | ((word - ones) & ~word)) & tops) == 0;
}

bool text_is_utf8(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    while (length > 0) {
        size_t step = length >= sizeof(uint64_t) && is_plain(at) ? sizeof(uint64_t) : sequence(at, length);
        if (step == 0) {
            return false;
        }
        at += step;
        length -= step;
    }
    return true;
}
