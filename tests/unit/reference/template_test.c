/* SPDX-License-Identifier: Apache-2.0 */
/* core/reference/template.c */
#include "support/unit.h"

#include "reference/template.h"

#include <stdio.h>

enum { REFERENCES_MOST = 256 };

static void templates_are_literals_and_references(void **state)
{
    (void)state;
    struct template *template = NULL;
    assert_int_equal(template_parse("a$${b}${env:X || file:/y}$c", &template, NULL), MSTR_OK);
    assert_int_equal(template->count, 3);
    assert_string_equal(template->pieces[0].literal, "a${b}");
    assert_int_equal(template->pieces[1].alternative_count, 2);
    assert_string_equal(template->pieces[1].alternatives[1]->parts.scheme, "file");
    assert_string_equal(template->pieces[2].literal, "$c");
    template_free(template);
}

static void literals_are_joined_and_dollars_may_stand_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *literal; /* NULL = there is no piece at all */
    } cases[] = {
        {"", NULL},
        {"plain", "plain"},
        {"$", "$"},
        {"$$", "$$"},
        {"$${", "${"},
        {"$$$${x}", "$$${x}"},
        {"a}b{c", "a}b{c"},
        {"$${a}$${b}", "${a}${b}"},
        {"100 $ {", "100 $ {"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct template *template = NULL;
        if (template_parse(cases[i].text, &template, NULL) != MSTR_OK) {
            fail_msg("refused: %s", cases[i].text);
        }
        assert_int_equal(template->count, cases[i].literal != NULL);
        if (cases[i].literal != NULL) {
            assert_string_equal(template->pieces[0].literal, cases[i].literal);
            assert_null(template->pieces[0].alternatives);
        }
        template_free(template);
    }
}

static void blanks_around_a_reference_do_not_count(void **state)
{
    (void)state;
    struct template *template = NULL;
    assert_int_equal(template_parse("${  st:a b#c  ||\tenv:X }", &template, NULL), MSTR_OK);
    assert_int_equal(template->count, 1);
    assert_string_equal(template->pieces[0].alternatives[0]->parts.text, "st:a b");
    assert_string_equal(template->pieces[0].alternatives[0]->field, "c");
    assert_string_equal(template->pieces[0].alternatives[1]->parts.text, "env:X");
    template_free(template);
}

static void malformed_templates_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "${",          "${}",           "a${env:X",
        "${env:X ||}", "${|| env:X}",   "${nothing}",
        "${env:A}${",  "${env:A || b}", "${s:1||s:2||s:3||s:4||s:5||s:6||s:7||s:8||s:9}",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct template *template = NULL;
        mstr_error *error = mstr_error_new();
        if (template_parse(cases[i], &template, error) != MSTR_E_CONFIG || template != NULL) {
            fail_msg("accepted: %s", cases[i]);
        }
        assert_string_not_equal(mstr_error_message(error), "");
        mstr_error_free(error);
    }
}

static void the_number_of_pieces_is_bounded(void **state)
{
    (void)state;
    char text[8 * REFERENCES_MOST];
    struct template *template = NULL;
    mstr_error *error = mstr_error_new();
    size_t length = 0;
    for (size_t i = 0; i < REFERENCES_MOST; i++) {
        length += (size_t)snprintf(text + length, sizeof(text) - length, "${s:x}");
    }
    assert_int_equal(template_parse(text, &template, error), MSTR_OK);
    template_free(template);

    snprintf(text + length, sizeof(text) - length, ".");

    assert_int_equal(template_parse(text, &template, error), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(error), "more than 128 references in one value");
    assert_null(template);
    mstr_error_free(error);
}

static void a_reference_alone_is_a_template_of_one_piece(void **state)
{
    (void)state;
    struct template *template = NULL;
    assert_int_equal(template_of_reference("st:${x} || y", &template, NULL), MSTR_OK);
    assert_int_equal(template->count, 1);
    assert_null(template->pieces[0].literal);
    assert_int_equal(template->pieces[0].alternative_count, 1);
    assert_string_equal(template->pieces[0].alternatives[0]->parts.body,
                        "${x} || y"); /* its text is taken as it is */
    template_free(template);

    assert_int_equal(template_of_reference("no reference", &template, NULL), MSTR_E_CONFIG);
    assert_null(template);
}

static void what_stands_in_braces_is_a_reference_or_is_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum mstr_code code;
    } cases[] = {{"env:X", MSTR_OK},
                 {" env:X || text: ", MSTR_OK},
                 {"env:X || X", MSTR_E_CONFIG},
                 {"X", MSTR_E_CONFIG},
                 {"", MSTR_E_CONFIG}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(template_check_reference(cases[i].text, strlen(cases[i].text)), cases[i].code);
    }
    assert_int_equal(template_check_reference("env:X}", 5), MSTR_OK);
}

static void what_nobody_needs_to_be_asked_for_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *known; /* NULL = it is not */
    } cases[] = {
        {"", ""},
        {"a$${b", "a${b"},
        {"${text:}", ""},
        {"a ${text:b%23} c${text:d || env:X}", "a b# cd"},
        {"${env:X || text:d}", NULL},
        {"a${env:X}", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct template *template = NULL;
        struct buffer text = BUFFER_INIT;
        assert_int_equal(template_parse(cases[i].text, &template, NULL), MSTR_OK);
        assert_int_equal(template_known(template, &text), cases[i].known != NULL);
        assert_string_equal(buffer_text(&text), cases[i].known != NULL ? cases[i].known : "");
        buffer_release(&text);
        template_free(template);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_in_braces_is_a_reference_or_is_not),
        cmocka_unit_test(what_nobody_needs_to_be_asked_for_is_known),
        cmocka_unit_test(templates_are_literals_and_references),
        cmocka_unit_test(literals_are_joined_and_dollars_may_stand_alone),
        cmocka_unit_test(blanks_around_a_reference_do_not_count),
        cmocka_unit_test(malformed_templates_are_refused),
        cmocka_unit_test(the_number_of_pieces_is_bounded),
        cmocka_unit_test(a_reference_alone_is_a_template_of_one_piece),
    };
    return RUN_TESTS("reference/template");
}
