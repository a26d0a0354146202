/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/output.c: standard output and error, JSON, base64 and shell quoting */
#include "cli/output.h"

#include "cli/deadline.h"
#include "support/memory_search.h"
#include "unit/cli/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int write_to_both(void *data)
{
    (void)data;
    output_puts(output_data, "value");
    output_printf(output_notes, "%s: %d\n", "note", 7);
    output_write(output_data, "\0\n", 2);
    return 0;
}

static void data_and_notes_go_to_their_streams(void **state)
{
    (void)state;
    const struct outcome *done = harness_call(write_to_both, NULL);
    assert_int_equal(done->output_length, 7);
    assert_memory_equal(done->output, "value\0\n", 7);
    assert_string_equal(done->errors, "note: 7\n");
}

enum { LARGE = 10000 };

/* Pieces that fill the buffer, just do not, and are larger than it. */
static int write_pieces(void *data)
{
    static char piece[LARGE];
    const size_t sizes[] = {4095, 1, 1, 4096, LARGE, 3, 4096};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        memset(piece, 'a' + (int)i, sizes[i]);
        output_write(output_data, piece, sizes[i]);
        *(size_t *)data += sizes[i];
    }
    return 0;
}

static void pieces_of_any_size_come_whole_and_in_order(void **state)
{
    (void)state;
    size_t length = 0;
    const struct outcome *done = harness_call(write_pieces, &length);
    assert_int_equal(done->output_length, length);
    for (size_t i = 1; i < length; i++) {
        assert_true(done->output[i - 1] == done->output[i] || done->output[i - 1] + 1 == done->output[i]);
    }
    assert_int_equal(done->output[length - 1], 'g');
}

static int print_a_long_line(void *data)
{
    (void)data;
    output_printf(output_data, "%3000d", 1);
    output_puts(output_data, "|");
    return 0;
}

static void a_formatted_line_is_cut_at_one_kibibyte(void **state)
{
    (void)state;
    const struct outcome *done = harness_call(print_a_long_line, NULL);
    assert_int_equal(done->output_length, 1024);
    assert_int_equal(done->output[1023], '|');
}

struct octets {
    const char *text;
    size_t length;
};
/* A literal, NULs inside it included. */
#define OCTETS(literal)                                                                                              \
    {                                                                                                                \
        literal, sizeof(literal) - 1                                                                                 \
    }

static int write_json(void *data)
{
    const struct octets *octets = data;
    output_json_octets(output_data, octets->text, octets->length);
    return 0;
}

static int write_base64(void *data)
{
    const struct octets *octets = data;
    output_base64(output_data, octets->text, octets->length);
    return 0;
}

static int write_quoted(void *data)
{
    const struct octets *octets = data;
    output_quoted(output_data, octets->text, octets->length);
    return 0;
}

static void each_form_of_octets_can_be_read_back(void **state)
{
    (void)state;
    static const struct {
        int (*write)(void *data);
        struct octets octets;
        const char *form;
    } cases[] = {
        {write_json, OCTETS(""), "\"\""},
        {write_json, OCTETS("a\"b\\c/"), "\"a\\\"b\\\\c/\""},
        {write_json, OCTETS("\n\t\x7f\0"), "\"\\u000a\\u0009\\u007f\\u0000\""},
        {write_json, OCTETS("\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91\""},
        {write_json, OCTETS("a\xff\xc3|\xc3"), "\"a\\ufffd\\ufffd|\\ufffd\""},
        {write_base64, OCTETS(""), ""},
        {write_base64, OCTETS("f"), "Zg=="},
        {write_base64, OCTETS("fo"), "Zm8="},
        {write_base64, OCTETS("foo"), "Zm9v"},
        {write_base64, OCTETS("foob"), "Zm9vYg=="},
        {write_base64, OCTETS("\0\xff\xfe"), "AP/+"},
        {write_quoted, OCTETS(""), "''"},
        {write_quoted, OCTETS("a b$(c)\\\n"), "'a b$(c)\\\n'"},
        {write_quoted, OCTETS("it's"), "'it'\\''s'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct octets octets = cases[i].octets;
        assert_outcome(harness_call(cases[i].write, &octets), 0, cases[i].form, "");
    }
}

static int write_members(void *data)
{
    (void)data;
    output_member(output_data, "{", "a", "x\"");
    output_member(output_data, ", ", "b", NULL);
    output_puts(output_data, "}");
    return 0;
}

static void members_are_texts_or_null(void **state)
{
    (void)state;
    assert_outcome(harness_call(write_members, NULL), 0, "{\"a\": \"x\\\"\", \"b\": null}", "");
}

static void utf8_is_what_rfc_3629_says(void **state)
{
    (void)state;
    static const struct {
        struct octets octets;
        bool good;
    } cases[] = {
        {OCTETS(""), true},
        {OCTETS("a\0b"), true},
        {OCTETS("\xc2\x80\xdf\xbf"), true},
        {OCTETS("\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf"), true},
        {OCTETS("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true},
        {OCTETS("\x80"), false},
        {OCTETS("\xc1\xbf"), false},         /* longer than needed */
        {OCTETS("\xe0\x9f\xbf"), false},     /* longer than needed */
        {OCTETS("\xf0\x8f\xbf\xbf"), false}, /* longer than needed */
        {OCTETS("\xed\xa0\x80"), false},     /* a surrogate */
        {OCTETS("\xf4\x90\x80\x80"), false}, /* past U+10FFFF */
        {OCTETS("\xe2\x82"), false},         /* cut */
        {OCTETS("\xe2\x82x"), false},
        {OCTETS("\xff"), false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(output_is_utf8(cases[i].octets.text, cases[i].octets.length), cases[i].good);
    }
}

static int redirect(void *data)
{
    int ends[2];
    char *read_back = data;
    if (pipe(ends) != 0) {
        return 1;
    }
    output_puts(output_data, "before ");
    output_redirect(ends[1]);
    output_puts(output_data, "aside");
    int failure = output_restore();
    output_puts(output_data, "after");
    close(ends[1]);
    ssize_t length = read(ends[0], read_back, 32);
    close(ends[0]);
    return failure != 0 || length != 5;
}

static void data_goes_elsewhere_and_back(void **state)
{
    (void)state;
    char aside[32] = "";
    assert_outcome(harness_call(redirect, aside), 0, "before after", "");
    assert_string_equal(aside, "aside");
}

/* The failures as the two ends of a redirection tell them. */
static int write_where_there_is_no_room(void *data)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int *failures = data;
    output_redirect(full);
    output_puts(output_data, "lost");
    output_flush(output_data);
    failures[0] = output_failure(output_data);
    output_puts(output_data, "lost too");
    failures[1] = output_restore();
    failures[2] = output_failure(output_data);
    output_puts(output_data, "kept");
    close(full);
    return 0;
}

static void a_failed_write_is_remembered_until_data_goes_back(void **state)
{
    (void)state;
    int failures[3] = {0};
    const struct outcome *done = harness_call(write_where_there_is_no_room, failures);
    assert_int_equal(failures[0], ENOSPC);
    assert_int_equal(failures[1], ENOSPC);
    assert_int_equal(failures[2], 0);
    assert_int_equal(done->failure, 0);
    assert_string_equal(done->output, "kept");
}

/* To a reader who takes nothing, and then to one that takes it all. */
static int write_in_a_run(const struct tool *run, int *failure)
{
    static char much[1 << 20];
    int ends[2];
    if (pipe(ends) != 0) {
        return -1;
    }
    output_limit(run);
    output_redirect(ends[1]);
    output_write(output_data, much, sizeof much);
    *failure = output_restore();
    output_puts(output_data, "kept");
    output_limit(NULL);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static int write_until_the_deadline(void *data)
{
    return write_in_a_run(&(const struct tool){.deadline = deadline_clock() + 20}, data);
}

static int write_until_the_interrupt(void *data)
{
    static const volatile sig_atomic_t interrupted = 1;
    return write_in_a_run(&(const struct tool){.interrupted = &interrupted}, data);
}

static void a_reader_is_waited_for_as_long_as_the_run_lasts(void **state)
{
    (void)state;
    int failure = 0;
    assert_outcome(harness_call(write_until_the_deadline, &failure), 0, "kept", "");
    assert_int_equal(failure, ETIMEDOUT);
    assert_outcome(harness_call(write_until_the_interrupt, &failure), 0, "kept", "");
    assert_int_equal(failure, ECANCELED);
}

static int close_standard_output(void *data)
{
    (void)data;
    close(STDOUT_FILENO);
    output_puts(output_data, "lost");
    return output_finish();
}

static void a_closed_stream_is_a_failed_write(void **state)
{
    (void)state;
    assert_outcome(harness_call(close_standard_output, NULL), EBADF, "", "");
}

/* The value, every octet with MASK on it, so that this program does not hold it otherwise. */
#define MASKED "\x32\x34\x2f\x2c\x34\x22\x21\x70\x74\x21\x28\x24\x24\x2e\x35\x3b"
enum { MASK = 0x41 };

static int write_masked(void *data)
{
    for (size_t i = 0; i < strlen(MASKED); i++) {
        char octet = (char)(MASKED[i] ^ MASK);
        output_write(output_data, &octet, 1);
    }
    *(size_t *)data = memory_search_masked(MASKED, strlen(MASKED), MASK);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO); /* lest the harness keep it */
    close(nowhere);
    return 0;
}

static void what_was_written_is_wiped(void **state)
{
    (void)state;
    size_t found_before = 0;
    harness_call(write_masked, &found_before);
    assert_true(found_before > 0);
    assert_int_equal(memory_search_masked(MASKED, strlen(MASKED), MASK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(data_and_notes_go_to_their_streams),
        CLI_TEST(pieces_of_any_size_come_whole_and_in_order),
        CLI_TEST(a_formatted_line_is_cut_at_one_kibibyte),
        CLI_TEST(each_form_of_octets_can_be_read_back),
        CLI_TEST(members_are_texts_or_null),
        CLI_TEST(utf8_is_what_rfc_3629_says),
        CLI_TEST(data_goes_elsewhere_and_back),
        CLI_TEST(a_failed_write_is_remembered_until_data_goes_back),
        CLI_TEST(a_reader_is_waited_for_as_long_as_the_run_lasts),
        CLI_TEST(a_closed_stream_is_a_failed_write),
        CLI_TEST(what_was_written_is_wiped),
    };
    return RUN_CLI_TESTS("cli/output");
}
