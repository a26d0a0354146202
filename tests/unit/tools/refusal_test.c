/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/refusal.c; how a plugin fares is tested in provider_test_test.c */
#include "support/context.h"

#include "tools/refusal.h"

static void a_reference_in_a_setting_is_the_same_one(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"tested:db#a b", "${tested:db#a%20b}"},
        {"tested:a}b||c$?x=1", "${tested:a%7Db%7C%7Cc%24?x=1}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *setting = refusal_setting(cases[i][0]);
        assert_string_equal(setting, cases[i][1]);
        free(setting);
    }
}

static void both_tell_why_and_what_to_do(void **state)
{
    (void)state;
    static const char config[] =
        "[provider tested]\nplugin = " TEST_PLUGINS "/picky.so\n[env checked]\nA = ${tested:A}\n";
    char *path = test_file(config, strlen(config));
    mstr_context *context = test_context(config);
    const struct refusal checked = refusal_by_check(path);
    const struct refusal resolved = refusal_by_resolve(context, "tested:A");
    assert_true(checked.refused && resolved.refused);
    assert_string_equal(checked.text, "picky takes small letters alone; write another name");
    assert_string_equal(resolved.text, checked.text);
    assert_false(refusal_by_resolve(context, "tested:a").refused);
    assert_int_equal(checked.connections, 0);
    mstr_context_free(context);
    unlink(path);
    free(path);
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    static const struct {
        struct refusal check, resolve;
        const char *fault;
    } cases[] = {
        {{false, "", 0}, {false, "", 0}, NULL},
        {{false, "", 0}, {false, "", 2}, NULL},
        {{false, "", 1}, {false, "", 0}, "check connects to somebody"},
        {{true, "no", 0}, {true, "no", 0}, NULL},
        {{true, "no", 0}, {true, "nay", 0}, "check and resolve do not say the same"},
        {{false, "", 0}, {true, "no", 0}, "check takes what resolve refuses"},
        {{true, "no", 0}, {false, "", 0}, "check refuses what resolve takes"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *fault = refusal_fault(&cases[i].check, &cases[i].resolve);
        assert_string_equal(fault != NULL ? fault : "", cases[i].fault != NULL ? cases[i].fault : "");
    }
}

static void tries_are_made_of_one_that_is_there(void **state)
{
    (void)state;
    bool other = false, query = false, more = false, step = false;
    char *made = NULL;
    for (size_t i = 0; (made = refusal_try(i, "tested:db?version=3#a")) != NULL; i++) {
        other = other || strcmp(made, "tested:a//b") == 0;
        query = query || strcmp(made, "tested:db?version=3&mstr-provider-test=1#a") == 0;
        step = step || strcmp(made, "tested:x/../db?version=3#a") == 0;
        free(made);
    }
    for (size_t i = 0; (made = refusal_try(i, "tested:db")) != NULL; i++) {
        more = more || strcmp(made, "tested:db?mstr-provider-test=1") == 0;
        free(made);
    }
    assert_true(other && query && step && more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reference_in_a_setting_is_the_same_one),
        cmocka_unit_test(both_tell_why_and_what_to_do),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(tries_are_made_of_one_that_is_there),
    };
    return cmocka_run_group_tests_name("tools/refusal", tests, NULL, NULL);
}
