/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/names.c */
#include "cli/names.h"

#include "support/unit.h"

#include <stdio.h>

static void commas_part_names_unless_a_backslash_stands_before(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        const char *names; /* joined by | */
    } cases[] = {
        {"a", "a"}, {"a,b", "a|b"}, {"a\\,b,c", "a,b|c"}, {"a\\\\,b", "a\\|b"},   {"a\\b", "a\\b"},
        {"", ""},   {",", "|"},     {"a,", "a|"},         {" a , b ", " a | b "}, {"a\\", "a\\"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct names names = {.items = NULL};
        char words[64];
        char joined[64] = "";
        snprintf(words, sizeof(words), "%s", cases[i].words);
        assert_true(names_split(&names, words));
        for (size_t k = 0; k < names.count; k++) {
            snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s%s", k > 0 ? "|" : "",
                     names.items[k]);
        }
        assert_string_equal(joined, cases[i].names);
        names_release(&names);
    }
}

static void a_word_is_cut_once(void **state)
{
    (void)state;
    char word[] = "a\\=b=c=d";
    char none[] = "ab";
    assert_string_equal(names_cut(word, '='), "c=d");
    assert_string_equal(word, "a=b");
    assert_null(names_cut(none, '='));
    assert_string_equal(none, "ab");
}

static void copies_belong_to_the_list(void **state)
{
    char text[] = "one,two";
    struct names names = {.items = NULL};
    (void)state;
    assert_true(names_copy(&names, text, 3));
    assert_true(names_copy(&names, text + 4, 3));
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[0], "one");
    assert_string_equal(names.items[1], "two");
    names_release(&names);
    assert_int_equal(names.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_belong_to_the_list),
        cmocka_unit_test(commas_part_names_unless_a_backslash_stands_before),
        cmocka_unit_test(a_word_is_cut_once),
    };
    return RUN_TESTS("cli/names");
}
