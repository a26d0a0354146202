/* SPDX-License-Identifier: Apache-2.0 */
/* core/reference/reference.c */
#include "support/unit.h"

#include "reference/reference.h"

#include <stdlib.h>

static struct reference *parse(const char *text)
{
    struct reference *reference = NULL;
    assert_int_equal(reference_parse(text, &reference, NULL), MSTR_OK);
    return reference;
}

static void a_reference_is_taken_apart(void **state)
{
    (void)state;
    struct reference *reference = parse("aws-sm:prod/a%23b%3Fc%25?version-id=1%262&region=eu#/x/y");
    assert_string_equal(reference->parts.scheme, "aws-sm");
    assert_string_equal(reference->parts.body, "prod/a#b?c%");
    assert_int_equal(reference->parts.query_count, 2);
    assert_string_equal(reference->parts.query[0].key, "version-id");
    assert_string_equal(reference->parts.query[0].value, "1&2");
    assert_string_equal(reference->parts.query[1].value, "eu");
    assert_string_equal(reference->field, "/x/y");
    assert_string_equal(reference->parts.text, "aws-sm:prod/a%23b%3Fc%25?version-id=1%262&region=eu");
    reference_free(reference);
}

static void colons_and_marks_may_follow(void **state)
{
    (void)state;
    struct reference *reference = parse("aws-sm:arn:aws:secretsmanager:eu-west-1:1:secret:x#a?b#c");
    assert_string_equal(reference->parts.body, "arn:aws:secretsmanager:eu-west-1:1:secret:x");
    assert_string_equal(reference->field, "a?b#c");
    assert_int_equal(reference->parts.query_count, 0);
    reference_free(reference);
}

static void spellings_of_one_secret_share_a_key(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool same;
    } cases[] = {
        {"s:x", "s:x#f", true},          {"s:x", "s:%78", true},     {"s:x?a=1&b=2", "s:x?b=2&a=1", true},
        {"s:x", "s:y", false},           {"s:x", "t:x", false},      {"s:x", "s:x?a=1", false},
        {"s:x?a=1", "s:x%3Fa=1", false}, {"s:a/b", "s:a%2Fb", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reference *a = parse(cases[i].a);
        struct reference *b = parse(cases[i].b);
        assert_int_equal(strcmp(a->key, b->key) == 0, cases[i].same);
        reference_free(a);
        reference_free(b);
    }
}

static void malformed_references_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        "x",
                                        ":x",
                                        "Aws:x",
                                        "1a:x",
                                        "a_b:x",
                                        "a:",
                                        "a:?k=v",
                                        "a:#f",
                                        "a:x#",
                                        "a:x?",
                                        "a:x?k",
                                        "a:x?=v",
                                        "a:x?k=v&",
                                        "a:%",
                                        "a:%4",
                                        "a:%zz",
                                        "a:%00",
                                        "a:\tx",
                                        "a:x\x7f",
                                        "a:x?k=%",
                                        "a:x?k=1&k=2",
                                        "a:x?1=&2=&3=&4=&5=&6=&7=&8=&9=&10=&11=&12=&13=&14=&15=&16=&17="};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reference *reference = NULL;
        mstr_error *error = mstr_error_new();
        if (reference_parse(cases[i], &reference, error) != MSTR_E_CONFIG || reference != NULL) {
            fail_msg("accepted: %s", cases[i]);
        }
        assert_string_not_equal(mstr_error_message(error), "");
        mstr_error_free(error);
    }
}

static void length_is_bounded(void **state)
{
    (void)state;
    struct reference *reference = NULL;
    char *text = calloc(1, REFERENCE_MAX + 2);
    memset(text, 'x', REFERENCE_MAX);
    text[1] = ':';
    assert_int_equal(reference_parse(text, &reference, NULL), MSTR_OK);
    reference_free(reference);
    text[REFERENCE_MAX] = 'x';
    assert_int_equal(reference_parse(text, &reference, NULL), MSTR_E_CONFIG);
    free(text);
}

/* What stands in a text may be a part of a literal secret. */
static void errors_about_a_part_of_a_text_do_not_quote_it(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "canary",        "Canary:x",        "canary:",        "canary:?x=1",
        "env:x?canary",  "env:x?canary=%z", "env:canary%",    "env:x?canary=1&canary=2",
        "text:x?canary", "env:x#",          "\ncanary:canary"};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct reference *reference = NULL;
        assert_int_equal(reference_parse_unquoted(texts[i], &reference, error), MSTR_E_CONFIG);
        assert_null(reference);
        assert_null(strstr(mstr_error_message(error), "anary"));
        assert_true(mstr_error_hint(error) == NULL || strstr(mstr_error_hint(error), "anary") == NULL);
    }
    mstr_error_free(error);
}

/* Nor is one whose scheme nobody serves a reference for sure. */
static void a_reference_is_told_unless_it_may_be_none(void **state)
{
    (void)state;
    static enum mstr_code (*const parsers[])(const char *, struct reference **,
                                             mstr_error *) = {reference_parse, reference_parse_unquoted};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(parsers); i++) {
        struct reference *reference = NULL;
        assert_int_equal(parsers[i]("foo:canary", &reference, NULL), MSTR_OK);
        mstr_error_clear(error);
        reference_tell(reference, error);
        assert_string_equal(mstr_error_reference(error), "foo:canary");
        mstr_error_clear(error);
        error_set_reference(error, "foo:…");
        reference_tell(reference, error);
        assert_string_equal(mstr_error_reference(error), i == 0 ? "foo:canary" : "foo:…");
        reference_free(reference);
    }
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_about_a_part_of_a_text_do_not_quote_it),
        cmocka_unit_test(a_reference_is_told_unless_it_may_be_none),
        cmocka_unit_test(a_reference_is_taken_apart),
        cmocka_unit_test(colons_and_marks_may_follow),
        cmocka_unit_test(spellings_of_one_secret_share_a_key),
        cmocka_unit_test(malformed_references_are_refused),
        cmocka_unit_test(length_is_bounded),
    };
    return RUN_TESTS("reference/reference");
}
