/* SPDX-License-Identifier: Apache-2.0 */
/* core/fleet/share_patterns.c; stars: base/glob_test.c */
#include "fleet/share_patterns.h"
#include "reference/reference.h"
#include "support/unit.h"

static bool matches(const char *list, const char *text)
{
    struct share_patterns *patterns = NULL;
    struct reference *reference = NULL;
    assert_int_equal(share_patterns_new(list, &patterns, NULL), MSTR_OK);
    assert_int_equal(reference_parse(text, &reference, NULL), MSTR_OK);
    bool found = share_patterns_match(patterns, &reference->parts);
    reference_free(reference);
    share_patterns_free(patterns);
    return found;
}

static void references_are_matched_by_scheme_body_and_query(void **state)
{
    (void)state;
    static const struct {
        const char *list, *reference;
        bool matches;
    } cases[] = {
        {"", "st:prod/db", false},
        {"st:prod/*", "st:prod/db", true},
        {"st:prod/*", "st:prod/db#password", true},
        {"st:prod/*", "other:prod/db", false},
        {"st:prod/*", "st:prod/a/b", false},
        {"st:prod/**", "st:prod/a/b", true},
        {"st:prod/**", "st:prod/../dev", false},
        {"st:prod/**", "st:prod/./x", false},
        {"st:prod/*", "st:prod/db?version=1", false},
        {"st:prod/*?version=*", "st:prod/db?version=1", true},
        {"st:prod/*?version=*", "st:prod/db", true},
        {"st:prod/*?version=*", "st:prod/db?key=1", false},
        {" a:x  st:** ", "st:anything", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(matches(cases[i].list, cases[i].reference), cases[i].matches);
    }
}

static void what_is_no_pattern_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"prod", "st:", ":x", "st:x#f", "*:x", "St:x", "st:x ok:%z"};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_patterns *patterns = NULL;
        assert_int_equal(share_patterns_new(cases[i], &patterns, error), MSTR_E_CONFIG);
        assert_null(patterns);
        assert_non_null(strstr(mstr_error_message(error), "in share_secrets is no pattern of references"));
    }
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_matched_by_scheme_body_and_query),
        cmocka_unit_test(what_is_no_pattern_is_refused),
    };
    return RUN_TESTS("fleet/share_patterns");
}
