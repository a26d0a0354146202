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

static void malformed_escapes_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"%", "%4", "a%zz", "%%"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct glob glob = {0};
        assert_false(glob_read(cases[i], strlen(cases[i]), &glob));
        glob_release(&glob);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stars_stand_for_what_they_may),
        cmocka_unit_test(malformed_escapes_are_refused),
    };
    return RUN_TESTS("base/glob");
}
