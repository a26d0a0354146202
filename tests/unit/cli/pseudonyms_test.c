/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/pseudonyms.c: names that stand for others */
#include "cli/pseudonyms.h"

#include "support/unit.h"

static void the_same_text_has_the_same_name_and_others_have_others(void **state)
{
    static const struct {
        const char *kind, *text, *wanted;
    } cases[] = {
        {"host", "a.example.com", "host-1"},
        {"host", "b.example.com", "host-2"},
        {"user", "a.example.com", "user-1"},
        {"host", "a.example.com", "host-1"},
        {"host", "", "host-3"},
        {"user", "ann", "user-2"},
    };
    struct pseudonyms pseudonyms = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char name[32];
        pseudonym_write(&pseudonyms, cases[i].kind, cases[i].text, name, sizeof name);
        assert_string_equal(name, cases[i].wanted);
    }
    pseudonyms_release(&pseudonyms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_text_has_the_same_name_and_others_have_others)};
    return cmocka_run_group_tests_name("cli/pseudonyms", tests, NULL, NULL);
}
