/* SPDX-License-Identifier: Apache-2.0 */
/* First octets, base64 in JSON, UTF-16. */
#include "session/document/content.h"

#include "base/base64.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_scan.h"

#include <string.h>

enum { HEAD = 4, TOLD_MAX = 4096, CODED = 4096 /* a multiple of 4 */, REPLACEMENT = 0xfffd };

/* How the answer is packed. The parts of a JSON answer come one after another. */
enum { UNKNOWN, PLAIN, BEFORE_NAME, IN_NAME, BEFORE_COLON, BEFORE_TEXT, IN_TEXT, BEHIND_TEXT, OTHER_JSON };

static const char name[] = "\"data\"";

static const struct form {
    enum mstr_document_format format;
    const char *begin; /* "" = anything */
    const char *type;
} forms[] = {
    {MSTR_DOCUMENT_PDF, "%PDF", "application/pdf"},
    {MSTR_DOCUMENT_EXCEL, "PK\3\4", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {MSTR_DOCUMENT_EXCEL, "\xd0\xcf\x11\xe0", "application/vnd.ms-excel"},
    {MSTR_DOCUMENT_CSV, "", "text/csv"},
    {MSTR_DOCUMENT_MSTR, "", "application/octet-stream"},
};
static const char *const shown[] = {"a PDF", "an Excel workbook", "CSV", "a .mstr file"};

static bool is_blank(char octet)
{
    return octet == ' ' || octet == '\t' || octet == '\r' || octet == '\n';
}

/* --- handing on ------------------------------------------------------------------------------------------------- */

static bool hand_on(struct content *content, const char *octets, size_t length)
{
    if (length > 0 && !content->write(octets, length, content->data)) {
        content->stopped = true;
    }
    content->octets += content->stopped ? 0 : (int64_t)length;
    return !content->stopped;
}

static void put_character(struct content *content, uint32_t character)
{
    char octets[4];
    size_t length = json_scan_put_utf8(character, octets);
    buffer_append(&content->plain, octets, length);
}

/* A half of a pair without the other is no character. */
static void take_unit(struct content *content, uint32_t unit)
{
    bool low = unit >= 0xdc00 && unit < 0xe000;
    if (content->high != 0 && low) {
        put_character(content, 0x10000 + ((content->high - 0xd800) << 10) + (unit - 0xdc00));
        content->high = 0;
        return;
    }
    if (content->high != 0) {
        put_character(content, REPLACEMENT);
        content->high = 0;
    }
    if (unit >= 0xd800 && unit < 0xdc00) {
        content->high = unit;
    } else {
        put_character(content, low ? REPLACEMENT : unit);
    }
}

static bool put_text(struct content *content, const char *octets, size_t length)
{
    buffer_clear(&content->plain);
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = (unsigned char)octets[i];
        if (content->has_low) {
            take_unit(content, content->unit | (uint32_t)octet << 8);
        }
        content->unit = octet;
        content->has_low = !content->has_low;
    }
    return !content->plain.failed && hand_on(content, buffer_text(&content->plain), content->plain.length);
}

static const struct form *form_of(enum mstr_document_format format, const struct buffer *head)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        size_t length = strlen(forms[i].begin);
        if (forms[i].format == format && head->length >= length &&
            memcmp(buffer_text(head), forms[i].begin, length) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

/* What begins with a tag is a page, whatever was asked for. */
static bool is_page(const struct buffer *head)
{
    size_t i = 0;
    while (i < head->length && is_blank(head->data[i])) {
        i++;
    }
    return i < head->length && head->data[i] == '<';
}

/* Looks at the first octets, and hands them on without the mark of their encoding. */
static bool decide(struct content *content)
{
    const struct form *form = form_of(content->format, &content->head);
    const char *text = buffer_text(&content->head);
    size_t mark = 0;
    if (form == NULL || is_page(&content->head)) {
        content->strange = true;
        return false;
    }
    content->type = form->type;
    if (content->format == MSTR_DOCUMENT_CSV && !content->raw) {
        content->is_text = content->head.length >= 2 && memcmp(text, "\xff\xfe", 2) == 0;
        bool is_utf8 = content->head.length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
        mark = content->is_text ? 2 : is_utf8 ? 3 : 0;
    }
    text += mark;
    size_t length = content->head.length - mark;
    return content->is_text ? put_text(content, text, length) : hand_on(content, text, length);
}

/* Octets of the export itself. */
static bool take_plain(struct content *content, const char *octets, size_t length)
{
    size_t used = 0;
    if (content->type == NULL) {
        used = length < HEAD - content->head.length ? length : HEAD - content->head.length;
        if (!buffer_append(&content->head, octets, used) || (content->head.length == HEAD && !decide(content))) {
            return false;
        }
    }
    if (used == length) {
        return true;
    }
    return content->is_text ? put_text(content, octets + used, length - used)
                            : hand_on(content, octets + used, length - used);
}

/* --- base64 in JSON --------------------------------------------------------------------------------------------- */

static bool decode(struct content *content)
{
    struct buffer octets = BUFFER_INIT;
    struct buffer *coded = &content->coded;
    if (coded->length == 0) {
        return true;
    }
    content->malformed = content->padded || !base64_decode(&octets, buffer_text(coded), coded->length);
    content->padded = coded->data[coded->length - 1] == '=';
    bool good = !content->malformed && take_plain(content, buffer_text(&octets), octets.length);
    content->plain.failed |= octets.failed;
    buffer_clear(coded);
    buffer_release(&octets);
    return good;
}

/* Lines may be broken (RFC 2045). */
static bool take_coded(struct content *content, char character)
{
    if (is_blank(character)) {
        return true;
    }
    return buffer_putc(&content->coded, character) && (content->coded.length < CODED || decode(content));
}

/* Some writers of JSON escape "/" and "=". */
static bool take_escaped(struct content *content, char character)
{
    char text[4];
    size_t length = 0;
    content->escape[content->escape_length++] = character;
    if (content->escape_length < (content->escape[1] == 'u' || content->escape_length < 2 ? 6u : 2u)) {
        return true;
    }
    const char *end = content->escape + content->escape_length;
    content->escape_length = 0;
    if (json_scan_character(content->escape, end, text, &length) != end || length != 1) {
        content->malformed = true;
        return false;
    }
    return take_coded(content, *text);
}

static bool take_text(struct content *content, char character)
{
    if (content->escape_length > 0 || character == '\\') {
        return take_escaped(content, character);
    }
    if (character == '"') {
        content->wrapping = BEHIND_TEXT;
        return decode(content);
    }
    return take_coded(content, character);
}

/* The begin of an answer in JSON, which is kept in the case that it is another one. */
static void take_begin(struct content *content, char octet)
{
    static const char marks[] = {[BEFORE_COLON] = ':', [BEFORE_TEXT] = '"'};
    buffer_putc(&content->head, octet);
    if (is_blank(octet) && content->wrapping != IN_NAME) {
        return;
    }
    if (content->wrapping == BEFORE_NAME) {
        content->wrapping = octet == *name ? IN_NAME : OTHER_JSON;
        content->escape_length = 1; /* how much of the name was seen */
    } else if (content->wrapping == IN_NAME) {
        bool good = octet == name[content->escape_length++];
        bool over = content->escape_length == sizeof(name) - 1;
        content->wrapping = !good ? OTHER_JSON : over ? BEFORE_COLON : IN_NAME;
    } else {
        content->wrapping = octet == marks[content->wrapping] ? content->wrapping + 1 : OTHER_JSON;
    }
    if (content->wrapping == IN_TEXT) {
        buffer_clear(&content->head);
        content->escape_length = 0;
    }
}

static bool take_json(struct content *content, char octet)
{
    if (content->wrapping == IN_TEXT) {
        return take_text(content, octet);
    }
    if (content->wrapping == BEHIND_TEXT) {
        content->last = is_blank(octet) ? content->last : octet;
        return true;
    }
    if (content->wrapping == OTHER_JSON) {
        buffer_putc(&content->head, octet);
    } else {
        take_begin(content, octet);
    }
    return !content->head.failed && content->head.length < TOLD_MAX;
}

bool content_take(struct content *content, const void *octets, size_t length)
{
    const char *at = octets;
    const char *end = at + length;
    while (content->wrapping == UNKNOWN && at < end) {
        content->wrapping = is_blank(*at) ? UNKNOWN : *at == '{' ? BEFORE_NAME : PLAIN;
        if (content->wrapping == PLAIN) {
            break;
        }
        buffer_putc(&content->head, *at++);
        if (content->head.length == HEAD && content->wrapping == UNKNOWN) {
            content->wrapping = PLAIN; /* so many blanks are the export's own */
            return take_plain(content, "", 0) && content_take(content, at, (size_t)(end - at));
        }
    }
    if (content->wrapping == PLAIN) {
        return take_plain(content, at, (size_t)(end - at));
    }
    bool good = true;
    while (good && at < end) {
        good = take_json(content, *at++);
    }
    return good;
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static enum mstr_code tell_other(const struct content *content, mstr_error *error)
{
    struct json_object *tree = NULL;
    const char *what = shown[content->format];
    enum mstr_code code = json_read(buffer_text(&content->head), content->head.length, &tree);
    const char *message = json_member_text(tree, "message");
    if (code == MSTR_E_MEMORY) {
        code = error_set(error, code, "out of memory");
    } else if (message != NULL) {
        code = error_set(error, MSTR_E_PROTOCOL, "the server sent an error in place of %s: %s", what, message);
    } else {
        code = error_set(error, MSTR_E_PROTOCOL, "the server sent something else in place of %s", what);
    }
    json_release(tree);
    return code;
}

static enum mstr_code tell_strange(const struct content *content, mstr_error *error)
{
    const char *what = shown[content->format];
    if (is_page(&content->head)) {
        error_set(error, MSTR_E_PROTOCOL, "the server sent a page of HTML in place of %s", what);
        error_set_hint(error, "a proxy or a login page may stand in between; see what `mstr api` gets");
        return MSTR_E_PROTOCOL;
    }
    return content->octets == 0 && content->head.length == 0
               ? error_set(error, MSTR_E_PROTOCOL, "the server sent nothing in place of %s", what)
               : error_set(error, MSTR_E_PROTOCOL, "what the server sent does not begin as %s does", what);
}

enum mstr_code content_end(struct content *content, mstr_error *error)
{
    bool json = content->wrapping >= BEFORE_NAME;
    if (content->head.failed || content->coded.failed || content->plain.failed) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (content->stopped) {
        return error_set(error, MSTR_E_CANCELLED, "the program ended the export");
    }
    if (content->strange) {
        return tell_strange(content, error);
    }
    if (content->malformed) {
        return error_set(error, MSTR_E_PROTOCOL, "the server's base64 is malformed");
    }
    if (json && content->wrapping != IN_TEXT && content->wrapping != BEHIND_TEXT) {
        return tell_other(content, error);
    }
    if (json && content->last != '}') {
        return error_set(error, MSTR_E_PROTOCOL, "the server's answer ends in the middle");
    }
    if (content->type == NULL && (content->head.length == 0 || !decide(content))) {
        return content->stopped ? error_set(error, MSTR_E_CANCELLED, "the program ended the export")
                                : tell_strange(content, error);
    }
    if (content->has_low || content->high != 0) {
        return error_set(error, MSTR_E_PROTOCOL, "the server's text ends within a character");
    }
    return MSTR_OK;
}

void content_reset(struct content *content)
{
    struct content fresh = {
        .format = content->format, .raw = content->raw, .write = content->write, .data = content->data};
    content_release(content);
    *content = fresh;
}

void content_release(struct content *content)
{
    buffer_release(&content->head);
    buffer_release(&content->coded);
    buffer_release(&content->plain);
}
