/* SPDX-License-Identifier: Apache-2.0 */
/* Which cookies are kept, and which are sent where. */
#include "session/parts/cookies.h"

#include "support/unit.h"

#include <stdio.h>

enum { NOW = 1000000 };

static struct cookies *jar;

static int make(void **state)
{
    static struct cookies cookies;
    (void)state;
    cookies = (struct cookies){.count = 0};
    jar = &cookies;
    return 0;
}

static int clear(void **state)
{
    (void)state;
    cookies_clear(jar);
    return 0;
}

static void set(const char *url, const char *text)
{
    struct uri uri;
    assert_true(uri_parse(url, &uri));
    assert_true(cookies_set(jar, &uri, text, NOW));
}

static void assert_sent_at(const char *url, int64_t now, const char *expected)
{
    struct uri uri;
    struct buffer out = BUFFER_INIT;
    assert_true(uri_parse(url, &uri));
    cookies_put(jar, &uri, now, &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void assert_sent(const char *url, const char *expected)
{
    assert_sent_at(url, NOW, expected);
}

static void several_cookies_of_one_server_are_returned(void **state)
{
    (void)state;
    set("https://h.example/L/api/auth/login", "JSESSIONID=ABC; Path=/L; Secure; HttpOnly");
    set("https://h.example/L/api/auth/login", "route=node1; Path=/");
    assert_sent("https://h.example/L/api/projects", "JSESSIONID=ABC; route=node1");
    set("https://h.example/L/api/auth/login", "JSESSIONID=DEF; Path=/L; Secure");
    assert_sent("https://h.example/L/api/projects", "route=node1; JSESSIONID=DEF");
}

static void a_path_bounds_a_cookie(void **state)
{
    (void)state;
    set("https://h.example/L/api/x", "a=1; Path=/L");
    set("https://h.example/L/api/x", "b=2");
    assert_sent("https://h.example/L", "a=1");
    assert_sent("https://h.example/L/api", "a=1; b=2");
    assert_sent("https://h.example/L/apix", "a=1");
    assert_sent("https://h.example/Lx/api", "");
    assert_sent("https://h.example", "");
    assert_sent("https://h.example/M", "");
}

static void without_a_path_of_its_own_a_cookie_is_for_the_folder_that_set_it(void **state)
{
    static const struct {
        const char *url;
        const char *text;
        const char *path;
    } cases[] = {
        {"https://h.example", "a=1", "/"},
        {"https://h.example/", "a=1", "/"},
        {"https://h.example/x", "a=1", "/"},
        {"https://h.example/L/x?y=/z", "a=1", "/L"},
        {"https://h.example/L/x/", "a=1", "/L/x"},
        {"https://h.example/L/x", "a=1; Path=relative", "/L"},
        {"https://h.example/L/x", "a=1; Path=", "/L"},
        {"https://h.example/L/x", "a=1; Comment=/y", "/L"},
        {"https://h.example/L/x", "a=1; Path=/y; path = /z ", "/z"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cookies_clear(jar);
        set(cases[i].url, cases[i].text);
        assert_string_equal(jar->items[0].path, cases[i].path);
    }
}

static void a_secure_cookie_stays_off_plain_http(void **state)
{
    (void)state;
    set("https://h.example/", "a=1; Secure");
    assert_sent("http://h.example/", "");
    assert_sent("https://h.example/", "a=1");
    set("http://h.example/", "b=2; Secure");
    assert_sent("https://h.example/", "a=1");
}

static void only_a_domain_of_the_server_is_accepted(void **state)
{
    static const struct {
        const char *domain;
        bool kept;
    } cases[] = {{"h.example.com", true},    {".example.com", true}, {"EXAMPLE.com", true}, {"other.com", false},
                 {"x.h.example.com", false}, {"ample.com", false},   {"com", false},        {"", true},
                 {"g.example.com", false},   {"example.org", false}, {".", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[64];
        cookies_clear(jar);
        snprintf(text, sizeof(text), "a=1; Domain=%s", cases[i].domain);
        set("https://h.example.com/", text);
        assert_sent("https://h.example.com/", cases[i].kept ? "a=1" : "");
    }
    set("https://h.example.com/", "long=0123456789; Domain"); /* names none */
    assert_sent("https://h.example.com/", "long=0123456789");
    cookies_clear(jar);
    set("https://example/", "a=1; Domain=example"); /* a host of its own, with no dot in it */
    assert_sent("https://example/", "a=1");
}

static void cookies_expire(void **state)
{
    (void)state;
    set("https://h.example/", "a=1; Max-Age=10");
    set("https://h.example/", "b=2; Expires=Thu, 01 Jan 1970 00:16:45 GMT");
    set("https://h.example/", "c=3; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    assert_sent("https://h.example/", "a=1; b=2; c=3");
    assert_sent_at("https://h.example/", NOW + 5000, "a=1; c=3");
    assert_sent_at("https://h.example/", NOW + 10000, "");
    set("https://h.example/", "a=; Max-Age=0");
    assert_sent("https://h.example/", "c=3; b=2");
}

static void an_expiry_is_kept_to_the_millisecond_and_never_overflows(void **state)
{
    static const struct {
        const char *text;
        int64_t expires; /* -1 = it is over at once */
    } cases[] = {
        {"a=1", 0},
        {"a=1; Max-Age=-1", -1},
        {"a=1; Max-Age=0", -1},
        {"a=1; Max-Age=1", NOW + 1000},
        {"a=1; Max-Age=4611686018427386", NOW + INT64_C(4611686018427386000)},
        {"a=1; Max-Age=4611686018427387", INT64_MAX},
        {"a=1; Max-Age=9223372036854775807", INT64_MAX},
        {"a=1; Max-Age=soon", 0},
        {"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", -1},
        {"a=1; Expires=Thu, 01 Jan 1970 00:16:40 GMT", -1}, /* NOW */
        {"a=1; Expires=Thu, 01 Jan 1970 00:16:41 GMT", NOW + 1000},
        {"a=1; Expires=Thu, 01 Jan 1970 00:16:41 GMT; Expires=Thu, 01 Jan 1970 00:16:42 GMT", NOW + 1000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        cookies_clear(jar);
        set("https://h.example/", cases[i].text);
        assert_int_equal(jar->count, cases[i].expires >= 0);
        if (cases[i].expires >= 0) {
            assert_true(jar->items[0].expires == cases[i].expires);
        }
    }
}

static void a_cookie_of_the_greatest_length_is_kept(void **state)
{
    static char text[COOKIE_LENGTH_MAX + 2];
    (void)state;
    memset(text, 'x', COOKIE_LENGTH_MAX);
    text[1] = '=';
    set("https://h.example/", text);
    assert_int_equal(jar->count, 1);
    text[COOKIE_LENGTH_MAX] = 'x';
    set("https://h.example/", text);
    assert_int_equal(jar->refused, 1);
}

static void cookies_that_were_kept_elsewhere_are_taken_up_while_there_is_room(void **state)
{
    (void)state;
    for (int i = 0; i < COOKIES_MAX + 1; i++) {
        assert_true(cookies_restore(jar, i == 0 ? "first" : "n", "v", "/L", true, NOW + 1));
    }

    assert_int_equal(jar->count, COOKIES_MAX);
    assert_string_equal(jar->items[0].name, "first");
    assert_string_equal(jar->items[0].value, "v");
    assert_string_equal(jar->items[0].path, "/L");
    assert_true(jar->items[0].secure);
    assert_true(jar->items[0].expires == NOW + 1);
}

static void what_would_end_a_pair_or_a_header_is_in_neither_name_nor_value(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        bool good;
    } cases[] = {
        {"n", "v", true},     {"n", "", true},       {"n", "a=b, \"c\"", true}, {NULL, "v", false},
        {"", "v", false},     {"n", NULL, false},    {"n=", "v", false},        {"n;", "v", false},
        {"a n", "v", false},  {"n\t", "v", false},   {"n\r\nX", "v", false},    {"n", "v;", false},
        {"n", "v\nX", false}, {"n", "v\x7f", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(cookies_is_pair(cases[i].name, cases[i].value), cases[i].good);
    }
}

static void malformed_and_huge_cookies_are_dropped(void **state)
{
    static char huge[10000];
    (void)state;
    memset(huge, 'x', sizeof(huge) - 1);
    huge[1] = '=';
    set("https://h.example/", "no value");
    set("https://h.example/", "=nameless");
    set("https://h.example/", "");
    set("https://h.example/", huge);
    assert_int_equal(jar->count, 0);
    assert_int_equal(jar->refused, 1); /* the others are none */
}

static void the_jar_is_bounded_keeps_what_is_in_it_and_tells_what_it_refused(void **state)
{
    (void)state;
    set("https://h.example/", "session=1");
    set("https://h.example/", "short=1; Max-Age=10");
    for (int i = 2; i < COOKIES_MAX + 10; i++) {
        char text[32];
        snprintf(text, sizeof(text), "n%d=v", i);
        set("https://h.example/", text);
    }
    assert_int_equal(jar->count, COOKIES_MAX);
    assert_int_equal(jar->refused, 10);
    assert_string_equal(jar->items[0].name, "session");

    set("https://h.example/", "n2=again");
    set("https://h.example/", "gone=; Max-Age=0");
    assert_int_equal(jar->refused, 10);
    struct uri url;
    assert_true(uri_parse("https://h.example/", &url));
    assert_true(cookies_set(jar, &url, "late=1", NOW + 10000)); /* there is room for it by then */
    assert_int_equal(jar->refused, 10);
    assert_int_equal(jar->count, COOKIES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(several_cookies_of_one_server_are_returned),
        TEST(a_path_bounds_a_cookie),
        TEST(without_a_path_of_its_own_a_cookie_is_for_the_folder_that_set_it),
        TEST(a_secure_cookie_stays_off_plain_http),
        TEST(only_a_domain_of_the_server_is_accepted),
        TEST(cookies_expire),
        TEST(an_expiry_is_kept_to_the_millisecond_and_never_overflows),
        TEST(malformed_and_huge_cookies_are_dropped),
        TEST(a_cookie_of_the_greatest_length_is_kept),
        TEST(the_jar_is_bounded_keeps_what_is_in_it_and_tells_what_it_refused),
        TEST(cookies_that_were_kept_elsewhere_are_taken_up_while_there_is_room),
        TEST(what_would_end_a_pair_or_a_header_is_in_neither_name_nor_value),
    };
    return RUN_TESTS("session/parts/cookies");
}
