/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/csv.c: rows and their fields, and where quotes are not right */
#include "cli/csv.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

struct source {
    const char *text;
    size_t length, at, piece;
};

static int64_t give(void *into, size_t capacity, void *data)
{
    struct source *source = data;
    size_t left = source->length - source->at;
    size_t length = left < source->piece ? left : source->piece;
    length = length < capacity ? length : capacity;
    memcpy(into, source->text + source->at, length);
    source->at += length;
    return (int64_t)length;
}

/* All rows as "a|'b'" lines, quoted ones between apostrophes, then what is wrong. */
static const char *read_all(const char *text, size_t length, size_t piece)
{
    static char seen[1024];
    struct source source = {text, length, 0, piece};
    struct csv csv = {.read = give, .data = &source};
    enum csv_result result;
    seen[0] = '\0';
    while ((result = csv_next(&csv)) == CSV_ROW) {
        for (size_t i = 0; i < csv.count; i++) {
            const char *mark = csv.fields[i].quoted ? "'" : "";
            size_t at = strlen(seen);
            snprintf(seen + at, sizeof seen - at, "%s%s%.*s%s", i > 0 ? "|" : "", mark, (int)csv.fields[i].length,
                     csv.fields[i].text, mark);
        }
        strcat(seen, "/");
    }
    strcat(seen, csv.problem);
    csv_release(&csv);
    return seen;
}

static void rows_are_read_as_rfc_4180_has_them(void **state)
{
    static const struct {
        const char *text;
        size_t length; /* 0 = that of the text */
        const char *rows;
    } cases[] = {
        {"", 0, ""},
        {"a,b\r\n1,2\r\n", 0, "a|b/1|2/"},
        {"a,b\n1,2", 0, "a|b/1|2/"},
        {"\xef\xbb\xbf"
         "a\n",
         0, "a/"},
        {"\"a\"\"b\",\"\",\n", 0, "'a\"b'|''|/"},
        {"\"x\r\ny,z\",1\n", 0, "'x\r\ny,z'|1/"},
        {"\n\na\n", 0, "//a/"},
        {"a\rb\n", 0, "a\rb/"},
        {"\"a\"\r\n", 0, "'a'/"},
        {"ok\na\"b\n", 0, "ok/line 2: there is a quote within a field that does not begin with one"},
        {"\"a\"b\n", 0, "line 1: something stands behind closing quotes"},
        {"\"a\"\rb\n", 0, "line 1: something stands behind closing quotes"},
        {"ok\n\n\"a\nb\n", 0, "ok//line 3: the quotes that are opened here are never closed"},
        {"a\0b\n", 4, "line 1: there is a NUL"},
        {"\"a\n\0\"\n", 6, "line 2: there is a NUL"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = cases[i].length > 0 ? cases[i].length : strlen(cases[i].text);
        for (size_t piece = 1; piece < 8; piece++) {
            assert_string_equal(read_all(cases[i].text, length, piece), cases[i].rows);
        }
    }
}

static int64_t break_off(void *into, size_t capacity, void *data)
{
    (void)into;
    (void)capacity;
    (void)data;
    return -1;
}

static void a_failed_read_and_an_endless_row_are_failures(void **state)
{
    struct csv broken = {.read = break_off};
    (void)state;
    assert_int_equal(csv_next(&broken), CSV_FAILED);
    assert_string_equal(broken.problem, "");
    csv_release(&broken);

    size_t length = CSV_ROW_MAX + 10;
    char *text = malloc(length);
    memset(text, 'x', length);
    struct source source = {text, length, 0, length};
    struct csv csv = {.read = give, .data = &source};
    assert_int_equal(csv_next(&csv), CSV_FAILED);
    assert_string_equal(csv.problem, "line 1: the row has more than 16 MiB");
    csv_release(&csv);
    memset(text, ',', length);
    source.at = 0;
    struct csv wide = {.read = give, .data = &source};
    assert_int_equal(csv_next(&wide), CSV_FAILED);
    assert_string_equal(wide.problem, "line 1: the row has too many fields");
    csv_release(&wide);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_as_rfc_4180_has_them),
        cmocka_unit_test(a_failed_read_and_an_endless_row_are_failures),
    };
    return RUN_TESTS("cli/csv");
}
