/* Base URLs in one form, and paths that are appended to them. */
#include "session/parts/url.h"

#include "support/unit.h"

static void base_urls_take_one_form(void **state)
{
    static const struct {
        const char *given;
        const char *expected; /* NULL = refused */
    } cases[] = {
        {"https://h/MicroStrategyLibrary/api/", "https://h/MicroStrategyLibrary/api/"},
        {"https://h/MicroStrategyLibrary/api", "https://h/MicroStrategyLibrary/api/"},
        {"HTTPS://H:443/MicroStrategyLibrary/api", "https://h/MicroStrategyLibrary/api/"},
        {"https://h:8443", "https://h:8443/"},
        {"https://h/MicroStrategyLibrary", "https://h/MicroStrategyLibrary/api/"},
        {"https://h/x/microstrategylibrary/", "https://h/x/microstrategylibrary/api/"},
        {"https://MicroStrategyLibrary", "https://microstrategylibrary/"},
        {"https://h/MicroStrategyLibraryStd", "https://h/MicroStrategyLibraryStd/"},
        {"https://h/MicroStrategyLibrary/other", "https://h/MicroStrategyLibrary/other/"},
        {"https://h/StrategyLibrary", "https://h/StrategyLibrary/"},
        {"https://h/MicroStrategyLibrary/api/api", "https://h/MicroStrategyLibrary/api/"},
        {"https://h/L/api/api/api/", "https://h/L/api/"},
        {"https://h/api/x", "https://h/api/x/"},
        {"http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api/"},
        {"http://h/api", NULL},
        {"https://user:word@h/api", NULL},
        {"https://h/api?x=1", NULL},
        {"https://h/api#x", NULL},
        {"ftp://h/", NULL},
        {"h/api", NULL},
        {"", NULL},
        {"https://h/MicroStrategyLibrary/..;/admin/api", NULL},
        {"https://h/a/../b/api", NULL},
        {"https://h/./api", NULL},
        {"https://h/%2e%2e/", NULL},
        {"https://h/a/%2E", NULL},
        {"https://h/x;jsessionid=1/api", NULL},
        {"https://h/x%3bjsessionid=1/api", NULL},
        {"https://h/a/%2f/api", NULL},
        {"https://h/a%5Cb/api", NULL},
        {"https://h/a%252fb/api", NULL},
        {"https://h/a%0db/api", NULL},
        {"https://h/a%zz", NULL},
        {"https://h//MicroStrategyLibrary/api", NULL},
        {"https://h/MicroStrategyLibrary//api", NULL},
        {"https://h/api//", NULL},
        {"https://h/a%20b/api", "https://h/a%20b/api/"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        enum mstr_code code = url_base(cases[i].given, false, &out, NULL);
        assert_int_equal(code, cases[i].expected != NULL ? MSTR_OK : MSTR_E_CONFIG);
        if (cases[i].expected != NULL) {
            assert_string_equal(buffer_text(&out), cases[i].expected);
        }
        buffer_release(&out);
    }
}

static void plain_http_is_admitted_where_it_was_asked_for(void **state)
{
    mstr_error *error = mstr_error_new();
    struct buffer out = BUFFER_INIT;
    (void)state;

    assert_int_equal(url_base("http://h/api", false, &out, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "allow_plain_http = yes"));
    assert_int_equal(url_base("http://h/api", true, &out, error), MSTR_OK);
    assert_string_equal(buffer_text(&out), "http://h/api/");

    buffer_release(&out);
    mstr_error_free(error);
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
        cmocka_unit_test(base_urls_take_one_form),
        cmocka_unit_test(plain_http_is_admitted_where_it_was_asked_for),
        cmocka_unit_test(paths_are_always_appended),
        cmocka_unit_test(a_query_is_encoded_and_joins_the_one_of_the_path),
    };
    return RUN_TESTS("session/parts/url");
}
