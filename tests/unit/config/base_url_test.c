/* SPDX-License-Identifier: Apache-2.0 */
/* Base URLs in one form. */
#include "config/base_url.h"

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
        enum mstr_code code = base_url_read(cases[i].given, false, &out, NULL);
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

    assert_int_equal(base_url_read("http://h/api", false, &out, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "allow_plain_http = yes"));
    assert_int_equal(base_url_read("http://h/api", true, &out, error), MSTR_OK);
    assert_string_equal(buffer_text(&out), "http://h/api/");

    buffer_release(&out);
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_urls_take_one_form),
        cmocka_unit_test(plain_http_is_admitted_where_it_was_asked_for),
    };
    return RUN_TESTS("config/base_url");
}
