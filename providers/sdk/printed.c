/* SPDX-License-Identifier: Apache-2.0 */
/* What a program printed. */
#include "sdk/printed.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

#define SMALL      "abcdefghijklmnopqrstuvwxyz"
#define LETTERS    "ABCDEFGHIJKLMNOPQRSTUVWXYZ" SMALL
#define DIGITS     "0123456789"
#define WORD       LETTERS DIGITS "+/_.~%-"
#define HIDDEN     "(hidden)"
#define BLANKS     " \t\r\n\v\f\033"
#define SEPARATORS BLANKS "=:>\"'`\\([{<"

enum { LONGEST_WORD = 16, LONGEST_NAME = 32 }; /* what is longer may be a token */

size_t printed_mark(const char *text, size_t length)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    return length >= sizeof(mark) && memcmp(text, mark, sizeof(mark)) == 0 ? sizeof(mark) : 0;
}

enum mstr_code printed_json(const char *text, size_t length, struct json_object **json)
{
    size_t mark = printed_mark(text, length);
    return json_read(text + mark, length - mark, json);
}

/* As GUIDs are written, which name tenants, applications and requests. */
static bool is_guid(const char *word, size_t length)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool fits = length == strlen(form);
    for (size_t i = 0; fits && i < length; i++) {
        fits = form[i] == '-' ? word[i] == '-' : strchr("0123456789abcdefABCDEF", word[i]) != NULL;
    }
    return fits;
}

/* An opaque token looks like nothing else that is so long: words of people, names of hosts and GUIDs do not. */
static bool is_opaque(const char *word, size_t length)
{
    bool plain = strspn(word, LETTERS ".") >= length;
    return length >= (plain ? LONGEST_NAME : LONGEST_WORD) && !is_guid(word, length);
}

/* A path, whose parts count each for itself. In base64, which has slashes too, capitals are not long in coming. */
static bool is_path(const char *word, size_t length)
{
    bool path = word[0] == '/' && strspn(word, SMALL DIGITS "/_.-") >= length;
    for (size_t at = 0, part = 0; path && at < length; at += part + 1) {
        const char *slash = memchr(word + at, '/', length - at);
        part = slash != NULL ? (size_t)(slash - word) - at : length - at;
        path = !is_opaque(word + at, part);
    }
    return path;
}

static bool may_be_token(const char *word, size_t length)
{
    return is_opaque(word, length) && !is_path(word, length);
}

static bool ends_with(const char *word, size_t length, const char *end)
{
    size_t tail = strlen(end);
    return length >= tail && text_equal_nocase_length(word + length - tail, end, tail);
}

/* Whether a secret follows this word: the last part of a name, as in client_secret, AccountKey1 or --tokens. */
static bool is_label(const char *word, size_t length)
{
    static const char *const ends[] = {"authorization", "bearer",      "basic",   "password",  "passwd", "passphrase",
                                       "passcode",      "pass",        "pwd",     "secret",    "token",  "key",
                                       "credential",    "credentials", "cookie",  "assertion", "jwt",    "signature",
                                       "sig",           "passwords",   "secrets", "tokens",    "keys"};
    bool label = false;
    while (length > 0 && strchr(DIGITS, word[length - 1]) != NULL) {
        length--;
    }
    for (size_t i = 0; !label && i < sizeof(ends) / sizeof(*ends); i++) {
        label = ends_with(word, length, ends[i]);
    }
    return label;
}

/* What stands between a label and its value: the scheme in "Authorization: Bearer x", "is" in "password is x", and
 * "for", "ann:" in "password for ann: x". */
static bool leads_on(const char *word, size_t length)
{
    static const char *const links[] = {"is", "was", "for", "of"};
    bool leads = strchr(":=", word[length - 1]) != NULL || is_label(word, length);
    for (size_t i = 0; !leads && i < sizeof(links) / sizeof(*links); i++) {
        leads = length == strlen(links[i]) && text_equal_nocase_length(word, links[i], length);
    }
    return leads;
}

/* Octets of `what` that stand before `at`, not before `start`. */
static size_t count_before(const char *start, const char *at, char what)
{
    size_t count = 0;
    while ((size_t)(at - start) > count && at[-1 - (ptrdiff_t)count] == what) {
        count++;
    }
    return count;
}

/* The end of a value that began with the quote at `open`: the same quote, escaped no more than that one. A value that
 * goes on behind it, as a shell would read it, goes on. */
static const char *end_of_quoted(const char *start, const char *open)
{
    const size_t escapes = count_before(start, open, '\\');
    const char *close = strchr(open + 1, *open);
    while (close != NULL && count_before(open + 1, close, '\\') > escapes) {
        close = strchr(close + 1, *open);
    }
    size_t more = close != NULL ? strcspn(close + 1, BLANKS ",;}])") : 0;
    return close == NULL ? open + strlen(open) : more > 0 ? close + 1 + more : close;
}

/* The end of the value at `value`, which the label that ends at `start` announces. */
static const char *end_of_value(const char *start, const char *value, bool whole_line)
{
    if (strchr("\"'`", value[-1]) != NULL) {
        return end_of_quoted(start, value - 1);
    }
    return value + strcspn(value, whole_line ? "\r\n" : BLANKS);
}

static void put_octet(char octet, struct buffer *out)
{
    buffer_putc(out, strchr(BLANKS, octet) != NULL ? ' ' : octet);
}

/* Hides the value of a label, if it has one; returns what is behind it. */
static const char *hide_value(const char *label, size_t length, struct buffer *out)
{
    const char *start = label + length;
    const char *value = start + strspn(start, SEPARATORS);
    if (value == start || *value == '\0' || strncmp(start, "'s ", 3) == 0) {
        return start;
    }
    bool header = ends_with(label, length, "authorization") || ends_with(label, length, "cookie");
    bool whole_line = header && strcspn(start, ":=") < (size_t)(value - start);
    for (const char *at = start; at < value; at++) {
        put_octet(*at, out);
    }
    buffer_puts(out, HIDDEN);
    const char *end = end_of_value(start, value, whole_line);
    while (leads_on(value, (size_t)(end - value)) && *end != '\0') {
        value = end + strspn(end, SEPARATORS);
        if (*value == '\0') {
            return value;
        }
        end = end_of_value(end, value, false);
    }
    return end;
}

void printed_quote(const char *text, struct buffer *out)
{
    const size_t start = out->length;
    text += strspn(text, BLANKS);
    while (*text != '\0') {
        size_t length = strspn(text, WORD);
        if (length == 0) {
            put_octet(*text++, out);
            continue;
        }
        if (may_be_token(text, length)) {
            buffer_puts(out, HIDDEN);
        } else {
            buffer_append(out, text, length);
        }
        text = is_label(text, length) ? hide_value(text, length, out) : text + length;
    }
    while (out->length > start && out->data[out->length - 1] == ' ') {
        buffer_truncate(out, out->length - 1);
    }
}
