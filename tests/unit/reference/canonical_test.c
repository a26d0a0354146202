/* SPDX-License-Identifier: Apache-2.0 */
/* core/reference/canonical.c */
#include "reference/canonical.h"

#include "support/unit.h"

#include <stdlib.h>

static void bodies_have_one_form(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"prod/a", "prod/a"},
                                           {"prod/../a", "a"},
                                           {"prod/./a/..", "prod/"},
                                           {"../../a", "a"},
                                           {"/a/../../b", "/b"},
                                           {"//host/a/../../b", "//host/b"},
                                           {"//host", "//host"},
                                           {"..", ""},
                                           {"a//b", "a//b"},
                                           {"a/..b", "a/..b"},
                                           {"arn:aws:s:eu:12:secret:p/n-AbC123", "arn:12:eu:p/n"},
                                           {"arn:aws:s:eu:12:secret:n", "arn:12:eu:n"},
                                           {"arn:aws:s:eu:12:secret:n-AbC-23", "arn:12:eu:n-AbC-23"},
                                           {"arn:aws:s:eu", "arn:aws:s:eu"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *canonical = reference_canonical(cases[i][0]);
        assert_string_equal(canonical, cases[i][1]);
        free(canonical);
    }
}

static void dots_are_found_where_they_are_a_segment(void **state)
{
    (void)state;
    static const char *const dotted[] = {".", "..", "a/../b", "/a/.", "//h/../a"};
    static const char *const plain[] = {"", "a/..b/c..", "/a/.../b", "/..data/a", "a//b/"};
    for (size_t i = 0; i < COUNT_OF(dotted); i++) {
        assert_true(reference_has_dots(dotted[i]));
        assert_false(reference_has_dots(plain[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_have_one_form),
        cmocka_unit_test(dots_are_found_where_they_are_a_segment),
    };
    return RUN_TESTS("reference/canonical");
}
