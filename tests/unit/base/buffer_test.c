/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/buffer.c */
#include "base/buffer.h"
#include "support/unit.h"

#include <stdlib.h>

static void an_untouched_buffer_reads_as_empty_text(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    assert_string_equal(buffer_text(&buffer), "");
    buffer_release(&buffer);
}

static void appends_grow_and_stay_terminated(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    for (int i = 0; i < 1000; i++) {
        assert_true(buffer_putc(&buffer, (char)('a' + i % 26)));
        assert_int_equal(buffer.data[buffer.length], '\0');
    }
    assert_int_equal(buffer.length, 1000);
    assert_memory_equal(buffer.data, "abcdefghijklmnopqrstuvwxyzabc", 29);
    assert_true(buffer_append(&buffer, "\0x", 2));
    assert_int_equal(buffer.length, 1002);
    buffer_release(&buffer);
}

static void printf_appends_text_of_any_length(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    assert_true(buffer_puts(&buffer, "n="));
    assert_true(buffer_printf(&buffer, "%d %300s", 5, "x"));
    assert_int_equal(buffer.length, 2 + 2 + 300);
    assert_memory_equal(buffer.data, "n=5 ", 4);
    buffer_release(&buffer);
}

static void passing_the_limit_is_remembered_and_changes_nothing(void **state)
{
    (void)state;
    struct buffer buffer = {.limit = 4};
    assert_true(buffer_puts(&buffer, "abcd"));
    assert_false(buffer_putc(&buffer, 'e'));
    assert_true(buffer.failed);
    assert_string_equal(buffer_text(&buffer), "abcd");
    assert_false(buffer_append(&buffer, "", 0));
    assert_null(buffer_take(&buffer));
    buffer_clear(&buffer);
    assert_true(buffer_printf(&buffer, "%s", "wxyz"));
    assert_false(buffer_printf(&buffer, "%s", "!"));
    assert_string_equal(buffer_text(&buffer), "wxyz");
    buffer_release(&buffer);
}

static void room_is_written_to_in_place(void **state)
{
    (void)state;
    struct buffer buffer = {.limit = 8};
    buffer_puts(&buffer, "ab");
    char *room = buffer_room(&buffer, 5);
    assert_ptr_equal(room, buffer.data + 2);
    memcpy(room, "cde", 3);
    buffer_written(&buffer, 3);
    assert_string_equal(buffer_text(&buffer), "abcde");
    assert_int_equal(buffer.length, 5);
    assert_null(buffer_room(&buffer, 4));
    assert_true(buffer.failed);
    buffer_release(&buffer);
}

static void reserved_room_is_used_without_moving(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    assert_true(buffer_reserve(&buffer, 5000));
    const char *before = buffer.data;
    for (int i = 0; i < 5000; i++) {
        buffer_putc(&buffer, 'x');
    }
    assert_ptr_equal(buffer.data, before);
    buffer_release(&buffer);
}

static void absurd_lengths_fail_instead_of_wrapping_round(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    assert_false(buffer_reserve(&buffer, SIZE_MAX));
    buffer_clear(&buffer);
    assert_true(buffer_puts(&buffer, "x"));
    assert_false(buffer_append(&buffer, "", SIZE_MAX - 1));
    buffer_release(&buffer);
}

static void taking_hands_the_text_over(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    char *empty = buffer_take(&buffer);
    assert_string_equal(empty, "");
    buffer_free_text(empty);
    buffer_puts(&buffer, "text");
    char *text = buffer_take(&buffer);
    assert_string_equal(text, "text");
    assert_int_equal(buffer.length, 0);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_free_text(text);
    buffer_free_text(NULL);
    buffer_release(&buffer);
}

static void clearing_and_cutting_overwrite_the_old_content(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT;
    buffer_puts(&buffer, "correct horse");
    buffer_truncate(&buffer, 7);
    assert_string_equal(buffer.data, "correct");
    assert_memory_equal(buffer.data + 7, "\0\0\0\0\0\0", 6);
    buffer_clear(&buffer);
    assert_memory_equal(buffer.data, "\0\0\0\0\0\0\0", 7);
    buffer_release(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untouched_buffer_reads_as_empty_text),
        cmocka_unit_test(appends_grow_and_stay_terminated),
        cmocka_unit_test(printf_appends_text_of_any_length),
        cmocka_unit_test(passing_the_limit_is_remembered_and_changes_nothing),
        cmocka_unit_test(room_is_written_to_in_place),
        cmocka_unit_test(reserved_room_is_used_without_moving),
        cmocka_unit_test(absurd_lengths_fail_instead_of_wrapping_round),
        cmocka_unit_test(taking_hands_the_text_over),
        cmocka_unit_test(clearing_and_cutting_overwrite_the_old_content),
    };
    return RUN_TESTS("base/buffer");
}
