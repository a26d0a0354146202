/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, octet by octet. */
#include "csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OVER = -1, BROKEN = -2 }; /* in place of an octet */

/* The octet at hand, or OVER or BROKEN. */
static int peek(struct csv *csv)
{
    if (csv->at == csv->end) {
        int64_t got = csv->read(csv->piece, CSV_PIECE, csv->data);
        csv->at = 0;
        csv->end = got > 0 ? (size_t)got : 0;
        if (got <= 0) {
            return got < 0 ? BROKEN : OVER;
        }
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.UndefReturn): read up to `end` */
    return (unsigned char)csv->piece[csv->at];
}

static enum csv_result fail(struct csv *csv, int64_t line, const char *what)
{
    snprintf(csv->problem, sizeof csv->problem, "line %lld: %s", (long long)line, what);
    return CSV_FAILED;
}

/* The texts move when there is no room for them, so that fields keep offsets until the row is whole. */
static enum csv_result put(struct csv *csv, char octet)
{
    if (csv->length == csv->room) {
        size_t room = csv->room > 0 ? 2 * csv->room : 4096;
        char *text = room <= CSV_ROW_MAX ? realloc(csv->text, room) : NULL;
        if (text == NULL) {
            return room <= CSV_ROW_MAX ? CSV_NO_MEMORY : fail(csv, csv->line, "the row has more than 16 MiB");
        }
        csv->text = text;
        csv->room = room;
    }
    csv->text[csv->length++] = octet;
    return CSV_ROW;
}

static enum csv_result add_field(struct csv *csv, size_t start, bool quoted)
{
    if (csv->count == csv->field_room) {
        size_t room = csv->field_room > 0 ? 2 * csv->field_room : 64;
        struct csv_field *fields = room <= CSV_FIELDS_MAX ? realloc(csv->fields, room * sizeof *fields) : NULL;
        if (fields == NULL) {
            return room <= CSV_FIELDS_MAX ? CSV_NO_MEMORY : fail(csv, csv->line, "the row has too many fields");
        }
        csv->fields = fields;
        csv->field_room = room;
    }
    csv->fields[csv->count++] = (struct csv_field){NULL, csv->length - start, quoted};
    return CSV_ROW;
}

/* What stands between quotes, of which the first was read; the last one is too. */
static enum csv_result read_quoted(struct csv *csv)
{
    int64_t opened = csv->lines + 1;
    enum csv_result result = CSV_ROW;
    while (result == CSV_ROW) {
        int octet = peek(csv);
        if (octet == BROKEN) {
            return CSV_FAILED;
        }
        if (octet == OVER) {
            return fail(csv, opened, "the quotes that are opened here are never closed");
        }
        csv->at++;
        if (octet == '"' && peek(csv) != '"') {
            break;
        }
        csv->at += octet == '"';
        csv->lines += octet == '\n';
        result = octet == '\0' ? fail(csv, csv->lines + 1, "there is a NUL") : put(csv, (char)octet);
    }
    return result;
}

static enum csv_result read_plain(struct csv *csv)
{
    enum csv_result result = CSV_ROW;
    int octet = 0;
    while (result == CSV_ROW && (octet = peek(csv)) >= 0 && octet != ',' && octet != '\n') {
        csv->at++;
        if (octet == '"') {
            result = fail(csv, csv->lines + 1, "there is a quote within a field that does not begin with one");
        } else if (octet == '\0') {
            result = fail(csv, csv->lines + 1, "there is a NUL");
        } else {
            result = put(csv, (char)octet);
        }
    }
    return octet == BROKEN ? CSV_FAILED : result;
}

/* A field with the comma behind it, which says that another one follows. */
static enum csv_result read_field(struct csv *csv, bool *more)
{
    size_t start = csv->length;
    bool quoted = peek(csv) == '"';
    csv->at += quoted;
    enum csv_result result = quoted ? read_quoted(csv) : read_plain(csv);
    if (result == CSV_ROW && quoted && peek(csv) == '\r') {
        csv->at++;
        result = peek(csv) == '\n' ? CSV_ROW : fail(csv, csv->lines + 1, "something stands behind closing quotes");
    }
    int octet = peek(csv);
    if (result == CSV_ROW && octet == BROKEN) {
        return CSV_FAILED;
    }
    *more = octet == ',';
    if (result == CSV_ROW && octet != OVER && !*more && octet != '\n') {
        return fail(csv, csv->lines + 1, "something stands behind closing quotes");
    }
    if (!quoted && !*more && csv->length > start && csv->text[csv->length - 1] == '\r') {
        csv->length--; /* of the line's end */
    }
    csv->at += octet != OVER;
    csv->lines += octet == '\n';
    return result == CSV_ROW ? add_field(csv, start, quoted) : result;
}

static bool begin(struct csv *csv)
{
    static const char mark[] = "\xef\xbb\xbf";
    csv->begun = true;
    csv->piece = malloc(CSV_PIECE);
    if (csv->piece == NULL) {
        return false;
    }
    while (csv->end < sizeof mark - 1) { /* pipes may give less */
        int64_t got = csv->read(csv->piece + csv->end, CSV_PIECE - csv->end, csv->data);
        if (got <= 0) {
            break; /* which is found again */
        }
        csv->end += (size_t)got;
    }
    if (csv->end >= sizeof mark - 1 && memcmp(csv->piece, mark, sizeof mark - 1) == 0) {
        csv->at = sizeof mark - 1;
    }
    return true;
}

enum csv_result csv_next(struct csv *csv)
{
    if (!csv->begun && !begin(csv)) {
        return CSV_NO_MEMORY;
    }
    csv->count = csv->length = 0;
    csv->line = csv->lines + 1;
    int octet = peek(csv);
    if (octet < 0) {
        return octet == OVER ? CSV_END : CSV_FAILED;
    }
    bool more = true;
    enum csv_result result = CSV_ROW;
    while (result == CSV_ROW && more) {
        result = read_field(csv, &more);
    }
    const char *text = csv->text != NULL ? csv->text : "";
    for (size_t i = 0; i < csv->count; i++) {
        csv->fields[i].text = text;
        text += csv->fields[i].length;
    }
    return result;
}

void csv_release(struct csv *csv)
{
    free(csv->piece);
    free(csv->text);
    free(csv->fields);
}
