/* SPDX-License-Identifier: Apache-2.0 */
/* What the server sends as an export: unpacked, looked at, put into UTF-8, in pieces of any length. */
#include "session/document/content.h"

#include "base/error.h"
#include "support/unit.h"

#include <stdlib.h>

struct sink {
    struct buffer octets;
    size_t most; /* that it takes; 0 = all */
};

static bool keep(const void *octets, size_t length, void *data)
{
    struct sink *sink = data;
    return buffer_append(&sink->octets, octets, length) && (sink->most == 0 || sink->octets.length <= sink->most);
}

/* Gives the answer in pieces of this length. */
static enum mstr_code give(struct content *content, const char *answer, size_t length, size_t piece,
                           mstr_error *error)
{
    bool good = true;
    for (size_t at = 0; good && at < length; at += piece) {
        good = content_take(content, answer + at, length - at < piece ? length - at : piece);
    }
    return content_end(content, error);
}

#define PDF  MSTR_DOCUMENT_PDF
#define XLS  MSTR_DOCUMENT_EXCEL
#define CSV  MSTR_DOCUMENT_CSV
#define MSTR MSTR_DOCUMENT_MSTR

static void the_first_octets_say_what_it_is(void **state)
{
    static const struct {
        enum mstr_document_format format;
        bool raw;
        const char *answer;
        size_t length; /* 0 = that of the text */
        const char *octets;
        const char *type; /* or what is told */
    } cases[] = {
        {PDF, false, "%PDF-1.7\nbody", 0, "%PDF-1.7\nbody", "application/pdf"},
        {PDF, false, "{\"data\":\"JVBERi0xLjcKYm9keQ==\"}", 0, "%PDF-1.7\nbody", "application/pdf"},
        {PDF, false, " \r\n{ \"data\" : \"JVBE\\nRi0xLjcKYm9kPz8\\/\" , \"more\": 1 }\n", 0, "%PDF-1.7\nbod???",
         "application/pdf"},
        {PDF, false, "{\"data\":\"JVBERi0xLjcKYm9keQ\\u003d\\u003D\"}", 0, "%PDF-1.7\nbody", "application/pdf"},
        {PDF, false, "{\"data\":\"PGh0bWw+\"}", 0, NULL, "a page of HTML in place of a PDF"},
        {PDF, false, "{\"data\":\"JVBERi0xLjcKYm9keQ==", 0, NULL, "ends in the middle"},
        {PDF, false, "{\"data\":\"JVBERi0xLjcKYm9keQ==\"", 0, NULL, "ends in the middle"},
        {PDF, false, "{\"data\":\"JVBERi0xLjcKYm9keQ=\"}", 0, NULL, "base64 is malformed"},
        {PDF, false, "{\"data\":\"JV\\\"BE\"}", 0, NULL, "base64 is malformed"},
        {PDF, false, "{\"data\":\"JV\\qBE\"}", 0, NULL, "base64 is malformed"},
        {PDF, false, "{\"code\":\"ERR001\",\"message\":\"no engine\"}", 0, NULL,
         "an error in place of a PDF: no engine"},
        {PDF, false, "{\"dat", 0, NULL, "something else in place of a PDF"},
        {PDF, false, "{\"data\":7}", 0, NULL, "something else in place of a PDF"},
        {PDF, false, "<html>", 0, NULL, "a page of HTML in place of a PDF"},
        {PDF, false, "\n<!", 0, NULL, "a page of HTML in place of a PDF"},
        {PDF, false, "%PD", 0, NULL, "does not begin as a PDF does"},
        {PDF, false, "PK\3\4", 0, NULL, "does not begin as a PDF does"},
        {PDF, false, "", 0, NULL, "nothing in place of a PDF"},
        {XLS, false, "PK\3\4rest", 0, "PK\3\4rest",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {XLS, false, "\xd0\xcf\x11\xe0rest", 0, "\xd0\xcf\x11\xe0rest", "application/vnd.ms-excel"},
        {XLS, false, "%PDF-1.7", 0, NULL, "does not begin as an Excel workbook does"},
        {CSV, false, "\xff\xfe\"\0S\0\xfc\0\"\0=\xd8\0\xde", 14, "\"Sü\"😀", "text/csv"},
        {CSV, false, "\xff\xfe\0\xd8x\0\0\xdc", 8, "\xef\xbf\xbdx\xef\xbf\xbd", "text/csv"},
        {CSV, false, "\xff\xfex", 3, NULL, "within a character"},
        {CSV, false, "\xff\xfe=\xd8", 4, NULL, "within a character"},
        {CSV, true, "\xff\xfex\0", 4, "\xff\xfex", "text/csv"},
        {CSV, false, "\xef\xbb\xbf\"a\"", 0, "\"a\"", "text/csv"},
        {CSV, false, "a", 0, "a", "text/csv"},
        {CSV, false, "    a", 0, "    a", "text/csv"},
        {CSV, false, "   <html>", 0, NULL, "a page of HTML in place of CSV"},
        {MSTR, false, "PK\3\4", 0, "PK\3\4", "application/octet-stream"},
        {MSTR, false, "<html>", 0, NULL, "a page of HTML in place of a .mstr file"},
    };
    mstr_error *error = mstr_error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = cases[i].length > 0 ? cases[i].length : strlen(cases[i].answer);
        for (size_t piece = 1; piece <= length + 1; piece++) {
            struct sink sink = {BUFFER_INIT, 0};
            struct content content = {.format = cases[i].format, .raw = cases[i].raw, .write = keep, .data = &sink};
            mstr_error_clear(error);

            enum mstr_code code = give(&content, cases[i].answer, length, piece, error);

            if (cases[i].octets == NULL) {
                assert_int_equal(code, MSTR_E_PROTOCOL);
                if (strstr(mstr_error_message(error), cases[i].type) == NULL) {
                    fail_msg("\"%s\" does not tell \"%s\"", mstr_error_message(error), cases[i].type);
                }
            } else {
                assert_string_equal(mstr_error_message(error), "");
                assert_memory_equal(buffer_text(&sink.octets), cases[i].octets, strlen(cases[i].octets));
                assert_string_equal(content.type, cases[i].type);
                assert_int_equal(content.octets, sink.octets.length);
            }
            content_release(&content);
            buffer_release(&sink.octets);
        }
    }
    mstr_error_free(error);
}

/* Nothing of what is refused is handed on, but for the begin of what breaks later. */
static void nothing_is_handed_on_before_it_is_sure(void **state)
{
    static const char *const answers[] = {"<html>", "{\"code\":1}", "{\"data\":\"PGh0bWw+\"}", "%PD"};
    mstr_error *error = mstr_error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct sink sink = {BUFFER_INIT, 0};
        struct content content = {.format = PDF, .write = keep, .data = &sink};
        assert_int_equal(give(&content, answers[i], strlen(answers[i]), 3, error), MSTR_E_PROTOCOL);
        assert_int_equal(sink.octets.length, 0);
        content_release(&content);
        buffer_release(&sink.octets);
    }
    mstr_error_free(error);
}

static void a_sink_that_ends_it_is_told_as_that(void **state)
{
    struct sink sink = {BUFFER_INIT, 5};
    struct content content = {.format = PDF, .write = keep, .data = &sink};
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(give(&content, "%PDF-1.7", 8, 1, error), MSTR_E_CANCELLED);

    content_reset(&content);
    sink.most = 0;
    buffer_clear(&sink.octets);
    assert_int_equal(give(&content, "%PDF-1.7", 8, 8, error), MSTR_OK);
    assert_int_equal(content.octets, 8);
    content_release(&content);
    buffer_release(&sink.octets);
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_octets_say_what_it_is),
        cmocka_unit_test(nothing_is_handed_on_before_it_is_sure),
        cmocka_unit_test(a_sink_that_ends_it_is_told_as_that),
    };
    return RUN_TESTS("session/document/content");
}
