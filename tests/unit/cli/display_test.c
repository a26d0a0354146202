/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/display.c */
#include "cli/display.h"

#include "unit/cli/harness.h"

static int show(void *data)
{
    display(output_data, data);
    return 0;
}

static void what_would_move_or_turn_a_terminal_s_text_is_escaped(void **state)
{
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"Caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "Caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"},
        {"a\x1B[2Jb", "a\\u{1B}[2Jb"},
        {"a\nB2\tFake", "a\\u{A}B2\\u{9}Fake"},
        {"\x7F", "\\u{7F}"},
        {"\xC2\x9B"
         "31m",
         "\\u{9B}31m"}, /* a control of eight bits */
        {"\xE2\x80\xAE"
         "gpj.exe",
         "\\u{202E}gpj.exe"},                                 /* right to left */
        {"\xE2\x81\xA6x\xE2\x81\xA9", "\\u{2066}x\\u{2069}"}, /* isolates */
        {"a\xE2\x80\x8B"
         "b\xEF\xBB\xBF",
         "a\\u{200B}b\\u{FEFF}"},           /* of no width */
        {"\xF3\xA0\x81\x81", "\\u{E0041}"}, /* a tag */
        {"bad \xFF\xC3", "bad \\xFF\\xC3"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(harness_call(show, (void *)(uintptr_t)cases[i].text)->output, cases[i].shown);
    }
    assert_string_equal(harness_call(show, NULL)->output, "");
}

static int show_octets(void *data)
{
    (void)data;
    display_octets(output_data, "a\0b", 3);
    return 0;
}

static void a_nul_is_shown_too(void **state)
{
    (void)state;
    assert_string_equal(harness_call(show_octets, NULL)->output, "a\\u{0}b");
}

static int show_text(void *data)
{
    const char *text = data;
    return (int)display_text(output_data, text, strlen(text), false);
}

static void lines_and_tabs_of_a_text_stay_and_a_character_is_not_cut(void **state)
{
    static char text[] = "a\tb\n\x1b[m\xc3";
    (void)state;
    assert_outcome(harness_call(show_text, text), 7, "a\tb\n\\u{1B}[m", "");
}

/* More may follow: what may begin a character waits for its rest, and all else is taken. */
static void a_character_whose_rest_may_follow_is_left(void **state)
{
    static struct {
        char text[8];
        int taken;
    } cases[] = {
        {"\xc0", 0},         {"a\xc3", 1},
        {"\xc3\xa9", 2},     {"\xdf", 0},
        {"\xe0", 0},         {"\xe0\xa0", 0},
        {"\xe2\x80", 0},     {"a\xef\xbf", 1},
        {"\xe2\x82\xac", 3}, {"\xf0", 0},
        {"a\xf0\x9f", 1},    {"\xf4\x8f", 0},
        {"\xf0\x9f\x98", 0}, {"\xf0\x9f\x98\x80", 4},
        {"\x80\x80", 2},     {"\x80\x80\x80\x80", 4},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(harness_call(show_text, cases[i].text)->status, cases[i].taken);
    }
    static char before[] = "\xf0\x80";
    assert_int_equal(harness_call(show_text, before + 1)->status, 1); /* what stands before is no part of it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_move_or_turn_a_terminal_s_text_is_escaped),
        cmocka_unit_test(a_nul_is_shown_too),
        CLI_TEST(a_character_whose_rest_may_follow_is_left),
        CLI_TEST(lines_and_tabs_of_a_text_stay_and_a_character_is_not_cut),
    };
    return cmocka_run_group_tests_name("cli/display", tests, harness_start, harness_stop);
}
