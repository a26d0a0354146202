/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/glob.c */
#include "base/glob.h"
#include "support/unit.h"

static bool matches(const char *pattern, const char *text)
{
    struct glob glob = {0};
    bool good = glob_read(pattern, strlen(pattern), &glob) && glob_matches(&glob, text);
    glob_release(&glob);
    return good;
}

static void stars_stand_for_what_they_may(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"prod/db", "prod/db", true},
        {"prod/db", "prod/db2", false},
        {"prod/*", "prod/db", true},
        {"prod/*", "prod/", true},
        {"prod/*", "prod/a/b", false},
        {"prod/**", "prod/a/b", true},
        {"*", "", true},
        {"**", "/", true},
        {"a*c*e", "abcde", true},
        {"a*c*e", "abcdf", false},
        {"a%2ab", "a*b", true},
        {"a%2ab", "axb", false},
        {"%C3%A4", "\xC3\xA4", true},
        {"**x", "a/b/x", true},
        {"", "", true},
        {"", "a", false},
        {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(matches(cases[i].pattern, cases[i].text), cases[i].matches);
    }
}

/* Leaves a stack on which nothing is 0. */
__attribute__((noinline)) static void smear(void)
{
    volatile char octets[32 * 1024];
    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = 1;
    }
}

static void nothing_depends_on_what_the_stack_held(void **state)
{
    (void)state;
    struct glob glob = {0};
    assert_true(glob_read("ab", 2, &glob));
    assert_false(glob.exhausted);
    smear();
    assert_false(glob_matches(&glob, ""));
    glob_release(&glob);
}

static void malformed_escapes_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"%", "%4", "a%zz", "%%"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct glob glob = {0};
        assert_false(glob_read(cases[i], strlen(cases[i]), &glob));
        assert_false(glob.exhausted);
        glob_release(&glob);
    }
}

/* A pattern may be part of a longer text. */
static void what_follows_a_pattern_is_no_part_of_it(void **state)
{
    (void)state;
    struct glob star = {0};
    struct glob octet = {0};
    assert_true(glob_read("a**", 2, &star));
    assert_true(glob_matches(&star, "ab"));
    assert_false(glob_matches(&star, "a/b"));
    glob_release(&star);
    assert_false(glob_read("%41", 2, &octet));
    glob_release(&octet);
}

static void a_pattern_has_its_greatest_length(void **state)
{
    (void)state;
    char text[GLOB_MAX + 2];
    struct glob glob = {0};
    memset(text, 'a', sizeof(text));
    text[GLOB_MAX] = '\0';
    assert_true(glob_read(text, GLOB_MAX, &glob));
    assert_false(glob_matches(&glob, "a"));
    glob_release(&glob);
    glob = (struct glob){0};
    assert_false(glob_read(text, GLOB_MAX + 1, &glob));
    glob_release(&glob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stars_stand_for_what_they_may),
        cmocka_unit_test(nothing_depends_on_what_the_stack_held),
        cmocka_unit_test(malformed_escapes_are_refused),
        cmocka_unit_test(what_follows_a_pattern_is_no_part_of_it),
        cmocka_unit_test(a_pattern_has_its_greatest_length),
    };
    return RUN_TESTS("base/glob");
}
