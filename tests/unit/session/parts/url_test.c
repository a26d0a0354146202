/* SPDX-License-Identifier: Apache-2.0 */
/* Paths appended to a base URL. */
#include "session/parts/url.h"

#include "support/unit.h"

static void paths_are_always_appended(void **state)
{
    static const struct {
        const char *path;
        const char *expected; /* NULL = refused */
    } cases[] = {
        {"projects", "https://h/L/api/projects"},
        {"/projects", "https://h/L/api/projects"},
        {"//other/z", NULL},
        {"projects//x", NULL},
        {"projects//", NULL},
        {"projects/", "https://h/L/api/projects/"},
        {"", "https://h/L/api/"},
        {"?a=1", "https://h/L/api/?a=1"},
        {"x?url=http://a//b", "https://h/L/api/x?url=http://a//b"},
        {"a/..b", "https://h/L/api/a/..b"},
        {"https://h/L/oauth2/token", "https://h/L/oauth2/token"},
        {"https://h:443/L/x", "https://h:443/L/x"},
        {"http://h/L/x", NULL},
        {"https://other/z", NULL},
        {"https://h.other/z", NULL},
        {"https://h@other/z", NULL},
        {"../x", NULL},
        {"a/%2e%2E/x", NULL},
        {".", NULL},
        {"a/./b", NULL},
        {"%2e/b", NULL},
        {"a/.%2E", NULL},
        {"..;/x", NULL},
        {"a;b=c/x", NULL},
        {"a%3Bb", NULL},
        {"a%2Fb", NULL},
        {"a%5cb", NULL},
        {"a%2525b", NULL},
        {"a%00b", NULL},
        {"a%0d%0ab", NULL},
        {"a%7F", NULL},
        {"a%zz", NULL},
        {"a%2", NULL},
        {"a%20b,c:d@e/%C3%A9", "https://h/L/api/a%20b,c:d@e/%C3%A9"},
        {"a?x=;..//%2F", "https://h/L/api/a?x=;..//%2F"},
        {"%61uth/\xc3\xa9/%2a/\"<", "https://h/L/api/auth/%C3%A9/*/%22%3C"},
        {"https://h/%4C/x?y=%41", "https://h/L/x?y=%41"},
        {"https://h/L/../x", NULL},
        {"https://h/L/x;y", NULL},
        {"https://h//L", NULL},
        {"https://h", "https://h"},
        {"a b", NULL},
        {"a\r\nX: y", NULL},
        {"a\\b", NULL},
        {"a#b", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        enum mstr_code code = url_join("https://h/L/api/", cases[i].path, NULL, 0, &out, NULL);
        print_message("           \"%s\"\n", cases[i].path);
        assert_int_equal(code, cases[i].expected != NULL ? MSTR_OK : MSTR_E_USAGE);
        if (cases[i].expected != NULL) {
            assert_string_equal(buffer_text(&out), cases[i].expected);
        }
        buffer_release(&out);
    }
}

static void a_query_is_encoded_and_joins_the_one_of_the_path(void **state)
{
    const struct mstr_header query[] = {{"name", "a b&c=d"}, {"limit", "-1"}};
    struct buffer out = BUFFER_INIT;
    (void)state;

    assert_int_equal(url_join("https://h/", "x", query, 2, &out, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&out), "https://h/x?name=a%20b%26c%3Dd&limit=-1");
    buffer_clear(&out);
    assert_int_equal(url_join("https://h/", "x?fields=id", query + 1, 1, &out, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&out), "https://h/x?fields=id&limit=-1");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_always_appended),
        cmocka_unit_test(a_query_is_encoded_and_joins_the_one_of_the_path),
    };
    return RUN_TESTS("session/parts/url");
}
