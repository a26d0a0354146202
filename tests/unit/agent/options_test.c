/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/options.c */
#include "agent/options.h"

#include "support/unit.h"

/* The problem, or NULL. */
static const char *read(struct options *options, const char *const *words)
{
    char texts[8][32];
    char *copies[9] = {NULL};
    const char *wrong = NULL;
    int count = 0;
    for (; words[count] != NULL; count++) {
        strcpy(texts[count], words[count]);
        copies[count] = texts[count];
    }
    return options_read(count, copies, options, &wrong);
}

static void verbs_and_options_are_read_in_both_forms(void **state)
{
    (void)state;
    static const char *const words[] = {"mstr-agent",           "run",         "--socket", "/a",
                                        "--listen=127.0.0.1:1", "--log=debug", NULL};
    struct options options;
    assert_null(read(&options, words));
    assert_int_equal(options.verb, VERB_RUN);
    assert_non_null(options.given.socket);
    assert_non_null(options.given.listen);
    assert_int_equal(options.context.log_level, MSTR_LEVEL_DEBUG);
    assert_null(options.given.token_file);
}

static void bare_is_help(void **state)
{
    (void)state;
    static const char *const words[] = {"mstr-agent", NULL};
    struct options options;
    assert_null(read(&options, words));
    assert_int_equal(options.verb, VERB_HELP);
}

static void what_has_no_meaning_is_a_problem(void **state)
{
    (void)state;
    static const char *const cases[][4] = {
        {"mstr-agent", "walk", NULL, NULL},      {"mstr-agent", "run", "--walk", NULL},
        {"mstr-agent", "run", "--socket", NULL}, {"mstr-agent", "run", "socket", NULL},
        {"mstr-agent", "run", "--user", NULL},   {"mstr-agent", "run", "--log=loud", NULL}};
    struct options options;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_non_null(read(&options, cases[i]));
    }
}

static void a_unit_is_a_users_or_the_hosts(void **state)
{
    (void)state;
    static const char *const words[] = {"mstr-agent", "unit", "--system", "--only=socket", NULL};
    struct options options;
    assert_null(read(&options, words));
    assert_true(options.system);
    assert_int_equal(options.part, PART_SOCKET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verbs_and_options_are_read_in_both_forms),
        cmocka_unit_test(bare_is_help),
        cmocka_unit_test(what_has_no_meaning_is_a_problem),
        cmocka_unit_test(a_unit_is_a_users_or_the_hosts),
    };
    return RUN_TESTS("agent/options");
}
