/* SPDX-License-Identifier: Apache-2.0 */
/* An object of scalars. */
#include "json_line.h"

#include <string.h>

struct line {
    char *at;
    char *end;
    const char *wrong; /* NULL while nothing is */
};

static bool fail(struct line *line, const char *wrong)
{
    line->wrong = line->wrong != NULL ? line->wrong : wrong;
    return false;
}

static void pass_blanks(struct line *line)
{
    while (line->at < line->end && (*line->at == ' ' || *line->at == '\t' || *line->at == '\r')) {
        line->at++;
    }
}

static bool take(struct line *line, char octet)
{
    pass_blanks(line);
    if (line->at == line->end || *line->at != octet) {
        return false;
    }
    line->at++;
    return true;
}

/* Four hexadecimal digits, or -1. */
static long take_unit(struct line *line)
{
    long unit = 0;
    if (line->end - line->at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        char octet = *line->at++;
        const char *found = octet != '\0' ? strchr(digits, octet >= 'A' && octet <= 'F' ? octet + 32 : octet) : NULL;
        if (found == NULL) {
            return -1;
        }
        unit = unit * 16 + (found - digits);
    }
    return unit;
}

/* The character of \uXXXX, or of a pair of them; -1 where it is none. */
static long take_character(struct line *line)
{
    long unit = take_unit(line);
    if (unit < 0xd800 || unit > 0xdfff) {
        return unit;
    }
    bool pair = unit < 0xdc00 && line->end - line->at >= 6 && line->at[0] == '\\' && line->at[1] == 'u';
    line->at += pair ? 2 : 0;
    long low = pair ? take_unit(line) : -1;
    return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : -1;
}

/* Its UTF-8, which is shorter than its escape; where that ends. */
static char *put_character(char *to, unsigned long character)
{
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    int length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    *to = (char)(length == 1 ? character : marks[length] | character);
    return to + length;
}

static bool take_escape(struct line *line, char **to)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    char letter = line->at < line->end ? *line->at++ : '\0';
    if (letter == 'u') {
        long character = take_character(line);
        if (character < 0) {
            return fail(line, "an escape is malformed");
        }
        *to = put_character(*to, (unsigned long)character);
        return true;
    }
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;
    if (found == NULL) {
        return fail(line, "an escape is malformed");
    }
    *(*to)++ = meant[found - letters];
    return true;
}

static bool take_text(struct line *line, const char **text, size_t *length)
{
    if (!take(line, '"')) {
        return fail(line, "a text is missing");
    }
    char *to = line->at;
    *text = to;
    while (line->at < line->end && *line->at != '"') {
        char octet = *line->at++;
        if (octet == '\\') {
            if (!take_escape(line, &to)) {
                return false;
            }
        } else if ((unsigned char)octet < ' ') {
            return fail(line, "a control character is not escaped");
        } else {
            *to++ = octet;
        }
    }
    *length = (size_t)(to - *text);
    return take(line, '"') || fail(line, "a text has no end");
}

static const char *pass_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

/* RFC 8259, 6. */
static bool is_number(const char *at, const char *end)
{
    at += at < end && *at == '-';
    const char *whole = at;
    at = pass_digits(at, end);
    bool good = at > whole && (*whole != '0' || at == whole + 1);
    if (good && at < end && *at == '.') {
        const char *fraction = at + 1;
        at = pass_digits(fraction, end);
        good = at > fraction;
    }
    if (good && at < end && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1;
        exponent += exponent < end && (*exponent == '+' || *exponent == '-');
        at = pass_digits(exponent, end);
        good = at > exponent;
    }
    return good && at == end;
}

static bool take_value(struct line *line, struct json_line_member *member)
{
    pass_blanks(line);
    if (line->at < line->end && *line->at == '"') {
        return take_text(line, &member->text, &member->length);
    }
    member->text = line->at;
    while (line->at < line->end && *line->at != '\0' && strchr("+-.0123456789Eaeflnrstu", *line->at) != NULL) {
        line->at++;
    }
    member->length = (size_t)(line->at - member->text);
    if (member->length == 4 && memcmp(member->text, "null", 4) == 0) {
        *member = (struct json_line_member){member->name, member->name_length, NULL, 0};
        return true;
    }
    bool truth = (member->length == 4 && memcmp(member->text, "true", 4) == 0) ||
                 (member->length == 5 && memcmp(member->text, "false", 5) == 0);
    return truth || is_number(member->text, line->at) ||
           fail(line, "a value is no text, number, truth value or null");
}

/* NOLINTNEXTLINE(readability-non-const-parameter): texts are changed in place, through the line */
const char *json_line_read(char *text, size_t length, struct json_line_member *members, size_t most, size_t *count)
{
    struct line line = {text, text + length, NULL};
    bool more = take(&line, '{') || fail(&line, "it is no object");
    *count = 0;
    if (more && take(&line, '}')) {
        more = false;
    }
    while (more && line.wrong == NULL) {
        struct json_line_member member = {NULL, 0, NULL, 0};
        if (*count == most) {
            fail(&line, "it has too many members");
        } else if (take_text(&line, &member.name, &member.name_length) &&
                   (take(&line, ':') || fail(&line, "a colon is missing")) && take_value(&line, &member)) {
            members[(*count)++] = member;
            more = take(&line, ',');
            if (!more && !take(&line, '}')) {
                fail(&line, "a comma is missing");
            }
        }
    }
    pass_blanks(&line);
    return line.wrong != NULL ? line.wrong : line.at < line.end ? "something stands behind the object" : NULL;
}
