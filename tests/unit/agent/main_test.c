/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/main.c */
#include "support/unit.h"

int program_main(int argc, char **argv);

static int run(const char *word)
{
    char name[] = "mstr-agent";
    char copy[32];
    char *words[] = {name, copy, NULL};
    strcpy(copy, word != NULL ? word : "");
    return program_main(word != NULL ? 2 : 1, words);
}

static void bare_and_asked_for_help_it_shows_what_there_is(void **state)
{
    (void)state;
    assert_int_equal(run(NULL), 0);
    assert_int_equal(run("--help"), 0);
    assert_int_equal(run("--version"), 0);
}

static void an_unknown_verb_is_a_usage_error(void **state)
{
    (void)state;
    assert_int_equal(run("dance"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_and_asked_for_help_it_shows_what_there_is),
        cmocka_unit_test(an_unknown_verb_is_a_usage_error),
    };
    return RUN_TESTS("agent/main");
}
