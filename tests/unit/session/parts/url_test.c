/* SPDX-License-Identifier: Apache-2.0 */
/* Paths appended to a base URL. */
#include "session/parts/url.h"

#include "base/error.h"
#include "support/unit.h"

static mstr_error *problem;

static void assert_refused(enum mstr_code code, const char *why, const char *hint)
{
    assert_int_equal(code, MSTR_E_USAGE);
    assert_int_equal(mstr_error_code(problem), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), why));
    assert_string_equal(mstr_error_hint(problem) != NULL ? mstr_error_hint(problem) : "", hint);
    mstr_error_clear(problem);
}

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
        {"https://h?x=1", "https://h?x=1"},
        {"https://u@h/L/x", NULL},
        {"https://h/L/x#f", NULL},
        {"https://h:x/L", NULL},
        {"a b", NULL},
        {"a\r\nX: y", NULL},
        {"a\\b", NULL},
        {"a#b", NULL},
        {"a?b c", NULL},
        {"a?b\x7f", NULL},
        {"a?b\\", NULL},
        {"a?b#", NULL},
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

static void a_refusal_tells_why_and_what_to_do(void **state)
{
    static const struct {
        const char *path;
        const char *why;
        const char *hint;
    } cases[] = {
        {"a/../b", "path \"a/../b\" has ",
         "a server may read such a path as another one; put values that may hold such characters into the query"},
        {"https://other/z", "\"https://other/z\" is not on the session's server",
         "the token is bound to the server that gave it; give a path instead"},
        {"https://u@h/L", "\"https://u@h/L\" is not a URL that can be requested", ""},
        {"a b", "path has a blank, control character, backslash or #; encode it", ""},
    };
    (void)state;
    problem = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        assert_refused(url_join("https://h/", cases[i].path, NULL, 0, &out, problem), cases[i].why, cases[i].hint);
        buffer_release(&out);
    }
    mstr_error_free(problem);
}

static void another_origin_s_url_stays_as_it_is_written_and_takes_the_query(void **state)
{
    static const struct mstr_header query[] = {{"q", "a b"}};
    static const struct {
        const char *url;
        const char *expected; /* NULL = refused */
    } cases[] = {
        {"https://other/a%2Fb;v=1", "https://other/a%2Fb;v=1?q=a%20b"},
        {"https://other/x?sig=z", "https://other/x?sig=z&q=a%20b"},
        {"https://other?", "https://other?q=a%20b"},
        {"https://u@other/x", NULL},
        {"https://other/x#f", NULL},
        {"https://other:x/", NULL},
        {"x", NULL},
    };
    (void)state;
    problem = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        enum mstr_code code = url_foreign(cases[i].url, query, 1, &out, problem);
        if (cases[i].expected != NULL) {
            assert_int_equal(code, MSTR_OK);
            assert_string_equal(buffer_text(&out), cases[i].expected);
        } else {
            assert_refused(code, "is not a URL that can be requested", "");
        }
        buffer_release(&out);
    }
    mstr_error_free(problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_always_appended),
        cmocka_unit_test(a_query_is_encoded_and_joins_the_one_of_the_path),
        cmocka_unit_test(a_refusal_tells_why_and_what_to_do),
        cmocka_unit_test(another_origin_s_url_stays_as_it_is_written_and_takes_the_query),
    };
    return RUN_TESTS("session/parts/url");
}
