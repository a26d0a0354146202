/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/nearest.c: what somebody may have meant */
#include "cli/nearest.h"

#include "support/unit.h"

static const char *nearest_of(const char *word)
{
    static const char *const words[] = {"output", "format", "page", "session", "session-file", "x"};
    struct nearest nearest = {.word = word, .length = strlen(word)};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        nearest_try(&nearest, words[i]);
    }
    return nearest.best;
}

static void letters_that_are_wrong_missing_swapped_or_too_many_are_seen_through(void **state)
{
    (void)state;
    assert_string_equal(nearest_of("outqut"), "output");
    assert_string_equal(nearest_of("ouput"), "output");
    assert_string_equal(nearest_of("otuput"), "output");
    assert_string_equal(nearest_of("sesssion-flie"), "session-file");
    assert_string_equal(nearest_of("pgae"), "page");
}

static void what_is_far_from_all_was_not_meant(void **state)
{
    (void)state;
    assert_null(nearest_of("quiet"));
    assert_null(nearest_of("y"));
    assert_null(nearest_of(""));
    assert_null(nearest_of("a-word-that-is-longer-than-any-of-those-there-are"));
}

static void no_more_of_the_word_is_looked_at_than_is_said(void **state)
{
    (void)state;
    struct nearest nearest = {.word = "outptu=/etc/passwd", .length = 6};
    nearest_try(&nearest, "output");
    assert_string_equal(nearest.best, "output");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_that_are_wrong_missing_swapped_or_too_many_are_seen_through),
        cmocka_unit_test(what_is_far_from_all_was_not_meant),
        cmocka_unit_test(no_more_of_the_word_is_looked_at_than_is_said),
    };
    return cmocka_run_group_tests_name("cli/nearest", tests, NULL, NULL);
}
