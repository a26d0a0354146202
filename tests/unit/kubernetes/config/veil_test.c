/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/config/veil.c */
#include "kubernetes/config/veil.h"
#include "support/unit.h"

static void long_words_are_numbers_to_the_parser_and_put_back_behind_it(void **state)
{
    (void)state;
    static const char text[] =
        "token: abcdefgh short: abcdefg \"x\\nabcdefgh\" &abcdefgh *abcdefgh ABCDEFGHIJ= \\/BCDEFGHIjklmnopqrs";
    static const char veiled[] =
        "token: \xee\x80\x80\xee\xa0\x80 short: abcdefg \"x\\nabcdefgh\" &abcdefgh *abcdefgh "
        "\xee\x80\x80\xee\xa0\x81 \\/BCDEFGHI\xee\x80\x80\xee\xa0\x82";
    struct veil veil = {.count = 0};
    struct buffer back = BUFFER_INIT;
    assert_int_equal(veil_make(&veil, text, strlen(text)), MSTR_OK);
    assert_string_equal(buffer_text(&veil.text), veiled);
    assert_true(veil_lift(&veil, buffer_text(&veil.text), veil.text.length, &back));
    assert_string_equal(buffer_text(&back), text);
    buffer_release(&back);
    veil_release(&veil);
}

static void many_words_are_told_apart(void **state)
{
    (void)state;
    struct veil veil = {.count = 0};
    struct buffer text = BUFFER_INIT;
    struct buffer back = BUFFER_INIT;
    for (int i = 0; i < 5000; i++) {
        buffer_printf(&text, "word%04d ", i);
    }
    assert_int_equal(veil_make(&veil, buffer_text(&text), text.length), MSTR_OK);
    assert_int_equal(veil.count, 5000);
    assert_true(veil_lift(&veil, buffer_text(&veil.text), veil.text.length, &back));
    assert_string_equal(buffer_text(&back), buffer_text(&text));
    buffer_release(&back);
    buffer_release(&text);
    veil_release(&veil);
}

static void a_text_with_such_characters_is_refused(void **state)
{
    (void)state;
    struct veil veil = {.count = 0};
    assert_int_equal(veil_make(&veil, "a\xee\x80\x80", 4), MSTR_E_CONFIG);
    veil_release(&veil);
}

static void a_word_ends_with_the_text_and_at_a_nul(void **state)
{
    (void)state;
    struct veil veil = {.count = 0};
    assert_int_equal(veil_make(&veil, "abcdefghi", 8), MSTR_OK);
    assert_int_equal(veil.words[0].length, 8);
    veil_release(&veil);
    assert_int_equal(veil_make(&veil, "abcdefgh", 7), MSTR_OK);
    assert_int_equal(veil.count, 0);
    assert_string_equal(buffer_text(&veil.text), "abcdefg");
    veil_release(&veil);
    assert_int_equal(veil_make(&veil, "abcdefgh\0abcdefgh", 17), MSTR_OK);
    assert_int_equal(veil.words[0].length, 8);
    assert_memory_equal(buffer_text(&veil.text), "\xee\x80\x80\xee\xa0\x80\0abcdefgh", 15);
    veil_release(&veil);
}

static void what_is_no_number_is_nothing(void **state)
{
    (void)state;
    struct veil veil = {.count = 0};
    struct buffer back = BUFFER_INIT;
    assert_int_equal(veil_make(&veil, "abcdefgh", 8), MSTR_OK);
    assert_true(veil_lift(&veil, "a\xee\x80\x80\xee\xa0\x85\xee", 8, &back));
    assert_string_equal(buffer_text(&back), "a");
    buffer_clear(&back);
    assert_true(veil_lift(&veil, "a\xee\x80\x80\xee\xa0\x81", 7, &back));
    assert_string_equal(buffer_text(&back), "a");
    buffer_release(&back);
    veil_release(&veil);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_words_are_numbers_to_the_parser_and_put_back_behind_it),
        cmocka_unit_test(many_words_are_told_apart),
        cmocka_unit_test(a_text_with_such_characters_is_refused),
        cmocka_unit_test(a_word_ends_with_the_text_and_at_a_nul),
        cmocka_unit_test(what_is_no_number_is_nothing),
    };
    return RUN_TESTS("kubernetes/config/veil");
}
