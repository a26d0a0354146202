/* SPDX-License-Identifier: Apache-2.0 */
/* core/reference/pattern.c; stars: base/glob_test.c */
#include "reference/pattern.h"

#include "support/allocator.h"
#include "support/unit.h"

static const struct {
    const char *list;
    const char *scheme;
    const char *body;
    const char *key; /* of a query; NULL = none */
    const char *value;
    bool local;
    bool matched;
} cases[] = {
    {"st:prod/*", "st", "prod/a", NULL, NULL, false, true},
    {"st:prod/*", "st", "prod/a/b", NULL, NULL, false, false},
    {"st:prod/**", "st", "prod/a/b", NULL, NULL, false, true},
    {"st:prod/*", "st", "prod/", NULL, NULL, false, true},
    {"st:prod/*", "st", "prod", NULL, NULL, false, false},
    {"st:prod/*", "su", "prod/a", NULL, NULL, false, false},
    {"st:a su:b", "su", "b", NULL, NULL, false, true},
    {"st:*-x", "st", "a-x-x", NULL, NULL, false, true},
    {"st:*-x", "st", "a-x-y", NULL, NULL, false, false},
    {"st:a", "st", "ab", NULL, NULL, false, false},
    {"st:a%20b", "st", "a b", NULL, NULL, false, true},
    {"st:a%2A", "st", "a*", NULL, NULL, false, true},
    {"st:a%2A", "st", "ab", NULL, NULL, false, false},
    {"st:x/../a", "st", "a", NULL, NULL, false, true},
    {"st:arn:aws:s:eu:12:secret:n-AbC123", "st", "arn:12:eu:n", NULL, NULL, false, true},
    {"st:a", "st", "a", "version", "1", false, false},
    {"st:a?version=*", "st", "a", "version", "1", false, true},
    {"st:a?version=2", "st", "a", "version", "1", false, false},
    {"st:a?version=1", "st", "a", NULL, NULL, false, true},
    {"st:a?x=1&version=1", "st", "a", "version", "1", false, true},
    {"st:a?", "st", "a", NULL, NULL, false, true},
    {"st:a?x=1&", "st", "a", "x", "1", false, true},
    {"*:**", "st", "a", NULL, NULL, false, true},
    {"*:**", "env", "a", NULL, NULL, true, false},
    {"env:A*", "env", "AB", NULL, NULL, true, true},
    {"", "st", "a", NULL, NULL, false, false},
    {" a:x  st:** ", "st", "anything", NULL, NULL, false, true},
};

static void patterns_match_by_scheme_body_and_query(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer problem = BUFFER_INIT;
        struct patterns *patterns = patterns_new(cases[i].list, &problem);
        const struct mstr_query query = {.key = cases[i].key, .value = cases[i].value};
        const struct pattern_subject subject = {.scheme = cases[i].scheme,
                                                .body = cases[i].body,
                                                .query = &query,
                                                .query_count = cases[i].key != NULL,
                                                .local = cases[i].local};
        assert_non_null(patterns);
        if (patterns_match(patterns, &subject, true) != cases[i].matched) {
            fail_msg("%s: %s:%s", cases[i].list, cases[i].scheme, cases[i].body);
        }
        patterns_free(patterns);
    }
}

static void what_is_no_pattern_is_told(void **state)
{
    (void)state;
    static const char *const wrong[] = {"x",      ":a",       "st:",     "st:a#f", "st:a?x",
                                        "st:%zz", "S T:a?=1", "st:a?=1", "s_t:a",  "st:a?x=1&y"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct buffer problem = BUFFER_INIT;
        assert_null(patterns_new(wrong[i], &problem));
        assert_non_null(strstr(buffer_text(&problem), "is no pattern of references"));
        buffer_release(&problem);
    }
}

static void what_lets_nothing_through_takes_local_and_dotted_ones(void **state)
{
    (void)state;
    struct buffer problem = BUFFER_INIT;
    struct patterns *patterns = patterns_of_one("*:**", &problem);
    const struct pattern_subject local = {.scheme = "env", .body = "A", .local = true};
    const struct pattern_subject dotted = {.scheme = "st", .body = "a/b", .dotted = true};
    assert_true(patterns_match(patterns, &local, false));
    assert_false(patterns_match(patterns, &local, true));
    assert_true(patterns_match(patterns, &dotted, false));
    assert_false(patterns_match(patterns, &dotted, true));
    patterns_free(patterns);
    assert_null(patterns_of_one("x", &problem));
    buffer_release(&problem);
}

/* Which would take years if each star were tried with each end. */
static void many_stars_take_no_time(void **state)
{
    (void)state;
    struct buffer problem = BUFFER_INIT;
    char body[2001] = {0};
    struct patterns *patterns = patterns_new("st:*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", &problem);
    const struct pattern_subject subject = {.scheme = "st", .body = body};
    memset(body, 'a', sizeof(body) - 1);
    assert_false(patterns_match(patterns, &subject, true));
    patterns_free(patterns);
}

static void a_pattern_is_of_bounded_length(void **state)
{
    (void)state;
    enum { MOST = 4096 };
    static char text[MOST + 2];
    struct buffer problem = BUFFER_INIT;
    memset(text, 'a', MOST + 1);
    text[2] = ':';
    assert_null(patterns_new(text, &problem));
    assert_true(problem.length > 0);
    text[MOST] = '\0';
    struct patterns *patterns = patterns_new(text, &problem);
    assert_non_null(patterns);
    patterns_free(patterns);
    buffer_release(&problem);
}

static void a_query_is_of_bounded_length(void **state)
{
    (void)state;
    enum { MOST = 16 };
    struct buffer text = BUFFER_INIT;
    struct buffer problem = BUFFER_INIT;
    buffer_puts(&text, "st:a?");
    for (int i = 0; i < MOST; i++) {
        buffer_printf(&text, "%sk%d=v", i > 0 ? "&" : "", i);
    }
    struct patterns *patterns = patterns_new(buffer_text(&text), &problem);
    assert_non_null(patterns);
    patterns_free(patterns);
    buffer_puts(&text, "&k=v");
    assert_null(patterns_new(buffer_text(&text), &problem));
    buffer_release(&text);
    buffer_release(&problem);
}

static void without_memory_nobodys_pattern_is_blamed(void **state)
{
    (void)state;
    bool failed = true;
    for (long at = 1; failed; at++) {
        struct buffer problem = BUFFER_INIT;
        allocator_fail(at, false);
        struct patterns *patterns = patterns_new("st:a%20*?x=1&y=%2a su:b", &problem);
        failed = allocator_succeed();
        assert_int_equal(patterns == NULL, failed);
        assert_int_equal(problem.length, 0);
        patterns_free(patterns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_by_scheme_body_and_query),
        cmocka_unit_test(what_is_no_pattern_is_told),
        cmocka_unit_test(what_lets_nothing_through_takes_local_and_dotted_ones),
        cmocka_unit_test(a_pattern_is_of_bounded_length),
        cmocka_unit_test(a_query_is_of_bounded_length),
        cmocka_unit_test(without_memory_nobodys_pattern_is_blamed),
        cmocka_unit_test(many_stars_take_no_time),
    };
    return RUN_TESTS("reference/pattern");
}
