/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/secret_search.c */
#include "secret/secret_search.h"

#include "support/unit.h"

static void the_octets_of_a_secret_are_marked_in_the_text_as_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *secret;
        const char *text;
        const char *marks;
    } cases[] = {
        {"hunter", "a hunter%20", "..hhhhhh..."},
        {"hunter", "h%75n&#116;er", "hhhhhhhhhhhhh"},
        {"hun%74er", "hun%74er hunter", "hhhhhhhh.hhhhhh"},
        {"hunter", "hun ter", "......."},
        {"0123456789ab", "x0123\n4567\n89abx", ".hhhhhhhhhhhhhh."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char marks[64] = "";
        struct secret_search *search = secret_search_new();
        assert_true(secret_search_add(search, cases[i].secret, strlen(cases[i].secret)));

        assert_int_equal(secret_search_mark(search, cases[i].text, strlen(cases[i].text), marks), SEARCH_WHOLE);

        for (size_t at = 0; at < strlen(cases[i].text); at++) {
            marks[at] = marks[at] != 0 ? 'h' : '.';
        }
        assert_string_equal(marks, cases[i].marks);
        secret_search_free(search);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_octets_of_a_secret_are_marked_in_the_text_as_it_stands),
    };
    return RUN_TESTS("secret/secret_search");
}
