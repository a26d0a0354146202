/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/options.c: the command line in parts, and the small grammars of option values */
#include "cli/options.h"

#include "support/unit.h"

enum { OPTION_OUTPUT = 1, OPTION_INCLUDE, OPTION_LONG };
static const struct option options[] = {
    {OPTION_OUTPUT, 'o', "output", "FILE", ""},
    {OPTION_INCLUDE, 'i', "include", NULL, ""},
    {0, 0, NULL, NULL, NULL},
};
static const struct option more[] = {{OPTION_LONG, 0, "long", NULL, ""}, {0, 0, NULL, NULL, NULL}};

enum { WORDS = 6 };

static struct arguments begin(char *const *words)
{
    struct arguments arguments = {.words = words};
    while (arguments.count < WORDS && words[arguments.count] != NULL) {
        arguments.count++;
    }
    return arguments;
}

static int next(struct arguments *arguments, const char **value)
{
    const struct option *const tables[] = {options, more, NULL};
    return arguments_next(arguments, tables, value);
}

static void options_have_the_same_meaning_in_every_form(void **state)
{
    (void)state;
    static char *const forms[][WORDS] = {
        {"-o", "x", "-i", "--long"}, {"-ox", "-i", "--long"},           {"--output=x", "--include", "--long"},
        {"-o", "x", "-i", "--long"}, {"--output", "x", "-i", "--long"},
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct arguments arguments = begin(forms[i]);
        const char *value = NULL;
        assert_int_equal(next(&arguments, &value), OPTION_OUTPUT);
        assert_string_equal(value, "x");
        assert_int_equal(next(&arguments, &value), OPTION_INCLUDE);
        assert_null(value);
        assert_int_equal(next(&arguments, &value), OPTION_LONG);
        assert_int_equal(next(&arguments, &value), ARGUMENT_END);
    }
}

static void letters_share_a_word(void **state)
{
    (void)state;
    char *const words[] = {"-iiox", "-", NULL};
    struct arguments arguments = begin(words);
    const char *value = NULL;
    assert_int_equal(next(&arguments, &value), OPTION_INCLUDE);
    assert_int_equal(next(&arguments, &value), OPTION_INCLUDE);
    assert_int_equal(next(&arguments, &value), OPTION_OUTPUT);
    assert_string_equal(value, "x");
    assert_int_equal(next(&arguments, &value), ARGUMENT_OPERAND);
    assert_string_equal(value, "-");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    char *const words[] = {"--", "-i", "--", NULL};
    struct arguments arguments = begin(words);
    const char *value = NULL;
    assert_int_equal(next(&arguments, &value), ARGUMENT_OPERAND);
    assert_string_equal(value, "-i");
    assert_int_equal(next(&arguments, &value), ARGUMENT_OPERAND);
    assert_string_equal(value, "--");
    assert_int_equal(next(&arguments, &value), ARGUMENT_END);
}

static void options_end_at_an_operand_where_asked(void **state)
{
    (void)state;
    char *const words[] = {"a", "-i", NULL};
    const char *value = NULL;
    for (int stop = 0; stop < 2; stop++) {
        struct arguments arguments = begin(words);
        arguments.stop_at_operand = stop != 0;
        assert_int_equal(next(&arguments, &value), ARGUMENT_OPERAND);
        assert_int_equal(next(&arguments, &value), stop != 0 ? ARGUMENT_OPERAND : OPTION_INCLUDE);
    }
}

static void what_is_wrong_is_told_without_being_long(void **state)
{
    (void)state;
    static char endless[500];
    static const struct {
        char *word;
        const char *problem;
    } cases[] = {
        {"--zzzz", "unknown option --zzzz"},
        {"--zzzz=x", "unknown option --zzzz"},
        {"--outpu", "unknown option --outpu; did you mean --output?"},
        {"--lnog=1", "unknown option --lnog; did you mean --long?"},
        {"-x", "unknown option -x"},
        {"--output", "--output needs an argument"},
        {"-o", "-o needs an argument"},
        {"--include=x", "--include takes no argument"},
        {endless, NULL},
    };
    memset(endless, '-', sizeof endless - 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *const words[] = {cases[i].word, NULL};
        struct arguments arguments = begin(words);
        const char *value = NULL;
        assert_int_equal(next(&arguments, &value), ARGUMENT_WRONG);
        if (cases[i].problem != NULL) {
            assert_string_equal(arguments.problem, cases[i].problem);
        } else {
            assert_int_equal(strlen(arguments.problem), strlen("unknown option ") + 66);
        }
    }
}

static void assignments_begin_with_the_name_of_a_variable(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int length;
    } cases[] = {{"A=x", 1}, {"_a1=", 3}, {"A", 0}, {"=x", 0}, {"1A=x", 0}, {"A-B=x", 0}, {"A B=x", 0}, {"", 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(assignment_name(cases[i].word), cases[i].length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_have_the_same_meaning_in_every_form),
        cmocka_unit_test(letters_share_a_word),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(options_end_at_an_operand_where_asked),
        cmocka_unit_test(what_is_wrong_is_told_without_being_long),
        cmocka_unit_test(assignments_begin_with_the_name_of_a_variable),
    };
    return RUN_TESTS("cli/options");
}
