/* SPDX-License-Identifier: Apache-2.0 */
/* core/config/content.c */
#include "config/content.h"
#include "support/unit.h"

#include <stdlib.h>

static struct config *read_text(const char *text)
{
    struct reading reading = {
        .config = calloc(1, sizeof(struct config)), .file = "file", .section = NAME_INDEX_NOWHERE};
    content_read(&reading, text, strlen(text));
    assert_false(reading.out_of_memory);
    return reading.config;
}

static void problems_are_told_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
        const char *section; /* or NULL */
        const char *told;
    } cases[] = {
        {"[profil x]\n", 1, NULL, "unknown section [profil x]; did you mean \"profile\"?"},
        {"[profile x]\n\nusernme = u\n", 3, "profile x", "did you mean \"username\"?"},
        {"[cache]\nttl = often\n", 2, "cache", "a duration such as"},
        {"[profile x]\nusername = a\nUsername = b\n", 3, "profile x", "\"username\", first set in line 2"},
        {"[profile x]\nusername\n", 2, NULL, "="},
        {"[profile x]\npassword = a\n  b\n", 3, NULL, "an indented line"},
        {"[profile x]\n\tpassword = a\n", 2, NULL, "an indented line"},
        {"[provider x]\nplugin = exec\ncommand =\n program\n", 4, NULL, "an indented line"},
        {"[profile x]\nuser name = a\n", 2, NULL, "a name with a character other than"},
        {"[profile x]\n\"username\" = a\n", 2, NULL, "names are written without quotes"},
        {"[profile 'x']\nunseen = a\n", 1, NULL, "names are written without quotes"},
        {"[default]\nunseen = a\n", 1, NULL, "unknown section [default]; a profile is written [profile default]"},
        {"[profile x]\n\npassword = a #b\n", 3, "profile x", "\"password\" has a blank with # or ; behind it"},
        {"[profile x]\napi_key = a\t;b\n", 2, "profile x", "write a reference"},
        {"[profile x]\nPassword = 'a'\n", 2, "profile x", "quotes around it"},
        {"[env w]\nA = b\nB = b ; c\n", 3, "env w", "\"B\" has a blank with # or ; behind it"},
        {"[env w]\nA = \"b\"\n", 2, "env w", "\"A\" has quotes around it"},
        {"[profile x]\nlogin_fields = [1]\n", 2, "profile x", "\"login_fields\" must be a JSON object such as"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct config *config = read_text(cases[i].text);
        const struct config_problem *problem = config_problem_at(config, 0);
        assert_non_null(problem);
        if (problem->line != cases[i].line || strstr(problem->text, cases[i].told) == NULL) {
            fail_msg("line %u: \"%s\" is not line %u: \"%s\"", problem->line, problem->text, cases[i].line,
                     cases[i].told);
        }
        assert_int_equal(problem->section != NULL, cases[i].section != NULL);
        assert_true(problem->section == NULL || strcmp(problem->section, cases[i].section) == 0);
        assert_null(config_problem_at(config, 1));
        config_free(config);
    }
}

static void what_is_no_secret_may_have_comments_and_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *section;
        const char *key;
        const char *value;
    } expected[] = {
        {"profile x", "username", "'ann'"}, {"profile x", "password", "\"a'"},
        {"profile x", "api_key", "\""},     {"profile x", "client_key_password", "a#b;c"},
        {"provider p", "region", "\"b\""},
    };
    struct config *config =
        read_text("[profile x]\n  # indented\nusername = 'ann' # hers\npassword = \"a'\n"
                  "api_key = \"\nclient_key_password = a#b;c\n[provider p]\nregion = \"b\" ; c\n");
    assert_null(config_problem_at(config, 0));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(config_get(config, expected[i].section, expected[i].key)->text, expected[i].value);
    }
    assert_true(config_get(config, "provider p", "region")->comment); /* for whoever knows whether it is secret */
    assert_false(config_get(config, "profile x", "password")->comment);
    config_free(config);
}

/* Whose names are the user's own. */
static void keys_are_lower_case_but_in_sets_of_variables(void **state)
{
    (void)state;
    struct config *config = read_text("[profile x]\nUserName = ann\n[env w]\nDb = 1\nDB = 2\n");
    assert_string_equal(config_key_at(config, "profile x", 0), "username");
    assert_string_equal(config_get(config, "env w", "Db")->text, "1");
    assert_string_equal(config_get(config, "env w", "DB")->text, "2");
    config_free(config);
}

static void a_section_with_a_refused_line_is_known_as_such(void **state)
{
    (void)state;
    struct config *config = read_text("[cache]\nttl = 5m\n[profile x]\ntimeout = soon\n[profile y]\n");
    assert_false(config_has_problem(config, "cache"));
    assert_true(config_has_problem(config, "profile x"));
    assert_false(config_has_problem(config, "profile y"));
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_are_told_with_their_line),
        cmocka_unit_test(what_is_no_secret_may_have_comments_and_quotes),
        cmocka_unit_test(keys_are_lower_case_but_in_sets_of_variables),
        cmocka_unit_test(a_section_with_a_refused_line_is_known_as_such),
    };
    return RUN_TESTS("config/content");
}
