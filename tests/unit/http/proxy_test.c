/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/proxy.c */
#include "http/proxy.h"

#include "support/unit.h"

#include <stdlib.h>

static void lists_of_exceptions_are_read_as_everybody_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        const char *url;
        bool excepted;
    } cases[] = {
        {"", "https://a.example/", false},
        {"*", "https://a.example/", true},
        {"b.example, *", "https://a.example/", true},
        {"a.example", "https://a.example/", true},
        {"A.Example", "https://a.eXample/", true},
        {"a.example.", "https://a.example/", true},
        {"a.example", "https://a.example./", true},
        {"a.example", "https://x.a.example/", true},
        {"a.example", "https://xa.example/", false},
        {"a.example", "https://example/", false},
        {"b.example", "https://a.example/", false},
        {"b.example", "https://x.a.example/", false},
        {"x@a.example", "https://u.x@a.example/", false},
        {".a.example", "https://x.a.example/", true},
        {".a.example", "https://a.example/", true},
        {"*.a.example", "https://x.a.example/", true},
        {"*.a.example", "https://y.x.a.example/", true},
        {"*.a.example", "https://a.example/", false},
        {"*.a.example", "https://xa.example/", false},
        {"*.example", "https://library.example:8443/", true},
        {"a.example:443", "https://a.example/", true},
        {"a.example:443", "http://a.example/", false},
        {"a.example:8443", "https://a.example:8443/", true},
        {"a.example:8443", "https://a.example/", false},
        {"*.example:8443", "https://a.example:8443/", true},
        {"a.example:", "https://a.example/", false},
        {"a.example:x", "https://a.example/", false},
        {"a.example:443x", "https://a.example/", false},
        {":443", "https://a.example../", false},
        {"b.example\ta.example", "https://a.example/", true},
        {"b.example,,a.example", "https://a.example/", true},
        {"10.1.2.3", "https://10.1.2.3/", true},
        {"10.1.2.3:443", "https://10.1.2.3/", true},
        {"10.1.2.3:444", "https://10.1.2.3/", false},
        {"2.3", "https://10.1.2.3/", false},
        {"10.0.0.0/8", "https://10.1.2.3/", true},
        {"10.0.0.0/8", "https://11.1.2.3/", false},
        {"10.1.2.0/23", "https://10.1.3.255/", true},
        {"10.1.2.0/23", "https://10.1.4.0/", false},
        {"0.0.0.0/0", "https://10.1.2.3/", true},
        {"10.1.2.3/32", "https://10.1.2.3/", true},
        {"10.0.0.0/33", "https://10.1.2.3/", false},
        {"10.0.0.0/", "https://10.0.0.0/", false},
        {"10.0.0.0/8x", "https://10.0.0.0/", false},
        {"10.0.0.0/8", "https://ten.example/", false},
        {"2001:db8::/32", "https://[2001:db8:1::1]/", true},
        {"2001:db8::1", "https://[2001:DB8:0::1]/", true},
        {"[2001:db8::1]", "https://[2001:db8::1]/", true},
        {"[2001:db8::1]:443", "https://[2001:db8::1]/", true},
        {"[2001:db8::1]:444", "https://[2001:db8::1]/", false},
        {"[2001:db8::1]x443", "https://[2001:db8::1]/", false},
        {"::/0", "https://10.1.2.3/", true},
        {"[", "https://a.example/", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct uri uri;
        assert_true(uri_parse(cases[i].url, &uri));
        if (proxy_is_excepted(cases[i].list, &uri) != cases[i].excepted) {
            fail_msg("\"%s\" and %s", cases[i].list, cases[i].url);
        }
    }
}

static void urls_of_proxies_have_a_scheme_or_none(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *name; /* NULL = it is none */
        const char *user;
        bool http, tls;
    } cases[] = {
        {"http://proxy.example:3128", "proxy.example:3128", NULL, true, false},
        {"proxy.example:3128", "proxy.example:3128", NULL, true, false},
        {"HTTP://proxy.example:3128/", "proxy.example:3128", NULL, true, false},
        {"https://proxy.example", "proxy.example", NULL, true, true},
        {"socks5h://u:p@[::1]:1080", "[::1]:1080", "u:p", false, false},
        {"u:p@proxy.example:3128", "proxy.example:3128", "u:p", true, false},
        {"http://u%7f:%25p%zz%@proxy.example", "proxy.example", "u%7f:%25p%zz%", true, false},
        {"http://u%0d%0aX:p@proxy.example", NULL, NULL, true, false}, /* which libcurl would go without */
        {"http://u:p%00@proxy.example", NULL, NULL, true, false},
        {"socks5://u:%1Fp@proxy.example", NULL, NULL, false, false},
        {"ftp://proxy.example", NULL, NULL, true, false},
        {"http://", NULL, NULL, true, false},
        {"http://proxy.example:x", NULL, NULL, true, false},
        {"http://proxy.example/path", NULL, NULL, true, false},
        {"proxy example", NULL, NULL, true, false},
        {"http://b\303\274cher.example:3128", NULL, NULL, true, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proxy proxy;
        assert_int_equal(proxy_read(cases[i].url, &proxy), cases[i].name != NULL);
        if (cases[i].name != NULL) {
            assert_int_equal(proxy.name_length, strlen(cases[i].name));
            assert_memory_equal(proxy.name, cases[i].name, proxy.name_length);
            assert_int_equal(proxy.user != NULL, cases[i].user != NULL);
            assert_int_equal(proxy.user_length, cases[i].user != NULL ? strlen(cases[i].user) : 0);
            assert_int_equal(proxy.http, cases[i].http);
            assert_int_equal(proxy.tls, cases[i].tls);
        }
    }
}

static void the_proxy_is_the_one_that_was_set_else_the_environments(void **state)
{
    (void)state;
    static const char *const all[] = {"https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY",
                                      "all_proxy",   "ALL_PROXY",   "no_proxy",   "NO_PROXY"};
    static const struct {
        const char *variables; /* NAME=VALUE NAME=VALUE */
        struct proxy_settings settings;
        const char *to; /* NULL = https://a.example/ */
        const char *source;
        const char *url; /* NULL = none */
    } cases[] = {
        {"", {.environment = true}, NULL, NULL, NULL},
        {"HTTPS_PROXY=http://e:1", {.environment = true}, NULL, "HTTPS_PROXY", "http://e:1"},
        {"HTTPS_PROXY=http://e:1", {.environment = false}, NULL, NULL, NULL},
        {"HTTPS_PROXY=http://e:1 https_proxy=http://f:1", {.environment = true}, NULL, "https_proxy", "http://f:1"},
        {"ALL_PROXY=http://e:1", {.environment = true}, NULL, "ALL_PROXY", "http://e:1"},
        {"ALL_PROXY=http://e:1 https_proxy=", {.environment = true}, NULL, "ALL_PROXY", "http://e:1"},
        {"HTTP_PROXY=http://e:1", {.environment = true}, "http://a.example/", NULL, NULL},
        {"http_proxy=http://e:1", {.environment = true}, "http://a.example/", "http_proxy", "http://e:1"},
        {"http_proxy=http://e:1", {.environment = true}, NULL, NULL, NULL},
        {"HTTPS_PROXY=http://e:1 NO_PROXY=*.example", {.environment = true}, NULL, NULL, NULL},
        {"HTTPS_PROXY=http://e:1 NO_PROXY=*.example",
         {.except = "", .environment = true},
         NULL,
         "HTTPS_PROXY",
         "http://e:1"},
        {"HTTPS_PROXY=http://e:1", {.except = "a.example", .environment = true}, NULL, NULL, NULL},
        {"HTTPS_PROXY=http://e:1", {.environment = true}, "https://localhost/", NULL, NULL},
        {"HTTPS_PROXY=http://e:1", {.environment = true}, "https://169.254.169.254/", NULL, NULL},
        /* one that was set knows nothing of the environment's list */
        {"NO_PROXY=*", {.url = "http://s:1", .environment = true}, NULL, "proxy", "http://s:1"},
        {"HTTPS_PROXY=http://e:1", {.url = "", .environment = true}, NULL, NULL, NULL},
        {"", {.url = "http://s:1"}, "https://127.0.0.1/", "proxy", "http://s:1"},
        {"", {.url = "http://s:1", .except = "127.0.0.1:443"}, "https://127.0.0.1/", NULL, NULL},
        {"", {.url = "http://s:1"}, "http://169.254.170.2/", NULL, NULL},
        {"", {.url = "http://s:1"}, "http://[fd00:ec2::254]/", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        char *rest = text;
        struct proxy proxy;
        struct uri to;
        for (size_t j = 0; j < COUNT_OF(all); j++) {
            unsetenv(all[j]);
        }
        strcpy(text, cases[i].variables);
        for (char *pair = strtok_r(text, " ", &rest); pair != NULL; pair = strtok_r(NULL, " ", &rest)) {
            char *value = strchr(pair, '=');
            *value = '\0';
            setenv(pair, value + 1, 1);
        }
        assert_true(uri_parse(cases[i].to != NULL ? cases[i].to : "https://a.example/", &to));

        assert_int_equal(proxy_find(&cases[i].settings, &to, &proxy, NULL), MSTR_OK);

        if ((proxy.url != NULL) != (cases[i].url != NULL)) {
            fail_msg("case %zu: %s", i, cases[i].variables);
        }
        if (proxy.url != NULL) {
            assert_string_equal(proxy.url, cases[i].url);
            assert_string_equal(proxy.source, cases[i].source);
        }
    }
}

static void what_is_no_url_of_a_proxy_is_told_by_its_setting_and_not_shown(void **state)
{
    (void)state;
    struct proxy proxy;
    struct uri to;
    mstr_error *error = mstr_error_new();
    assert_true(uri_parse("https://a.example/", &to));
    setenv("https_proxy", "http://ann:sesame@prox y:1", 1);
    assert_int_equal(proxy_find(&(struct proxy_settings){.environment = true}, &to, &proxy, error), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(error), "https_proxy is not the URL of a proxy");
    assert_non_null(mstr_error_hint(error));
    assert_null(proxy.url);
    unsetenv("https_proxy");
    mstr_error_free(error);
}

static void entries_that_can_match_no_host_are_known(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",           "*",          "a.example", ".a.example,b",     "*.a, b:8443\tc_d", "10.0.0.1",
        "10.0.0.0/8", "[::1]:8443", "fe80::/10", "::1 , a.example.", "127.0.0.1:1",      "a.example:65535"};
    static const char *const bad[] = {"http://a.example",
                                      "a.example:port",
                                      "10.0.0.0/33",
                                      "fe80::/129",
                                      "10.0.0.0/x",
                                      "a.example/8",
                                      "*a.example",
                                      "a;b",
                                      "a,b c|d",
                                      "ann:x@h:1",
                                      "a.example:",
                                      "a.example:65536",
                                      ":443",
                                      "*.",
                                      ".",
                                      "[]",
                                      "..",
                                      ".:443",
                                      "m\303\274nchen",
                                      "10.0.0.0/18446744073709551615"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!proxy_exceptions_are_good(good[i])) {
            fail_msg("\"%s\" is refused", good[i]);
        }
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (proxy_exceptions_are_good(bad[i])) {
            fail_msg("\"%s\" is accepted", bad[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_exceptions_are_read_as_everybody_reads_them),
        cmocka_unit_test(entries_that_can_match_no_host_are_known),
        cmocka_unit_test(urls_of_proxies_have_a_scheme_or_none),
        cmocka_unit_test(the_proxy_is_the_one_that_was_set_else_the_environments),
        cmocka_unit_test(what_is_no_url_of_a_proxy_is_told_by_its_setting_and_not_shown),
    };
    return RUN_TESTS("http/proxy");
}
