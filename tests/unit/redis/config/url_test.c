/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/config/url.c */
#include "support/unit.h"

#include "redis/config/url.h"

static void urls_say_where_the_store_is(void **state)
{
    static const struct {
        const char *text;
        const char *first; /* endpoint */
        size_t count;
        unsigned database;
        bool tls;
        const char *name;
        const char *user;
    } cases[] = {
        {"redis://h", "h:6379", 1, 0, false, "", ""},
        {"valkey://h/", "h:6379", 1, 0, false, "", ""},
        {"redis://h:80/3", "h:80", 1, 3, false, "", ""},
        {"rediss://ann@h:7000/0", "h:7000", 1, 0, true, "", "ann"},
        {"valkeys://a%40b@[::1]", "[::1]:6379", 1, 0, true, "", "a@b"},
        {"unix:///run/redis.sock", "/run/redis.sock", 1, 0, false, "", ""},
        {"unix:///run/r?db=5", "/run/r", 1, 5, false, "", ""},
        {"redis+sentinel://a,b:1/main", "a:26379", 2, 0, false, "main", ""},
        {"valkeys+sentinel://a,[::2]:9,c/my-name.1/4", "a:26379", 3, 4, true, "my-name.1", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct url url;
        char text[ENDPOINT_TEXT];
        const char *problem = url_parse(cases[i].text, &url);
        if (problem != NULL) {
            fail_msg("%s %s", cases[i].text, problem);
        }
        assert_string_equal(endpoint_tell(&url.endpoints[0], text), cases[i].first);
        assert_int_equal(url.count, cases[i].count);
        assert_int_equal(url.database, cases[i].database);
        assert_int_equal(url.tls, cases[i].tls);
        assert_string_equal(url.name, cases[i].name);
        assert_string_equal(url.username, cases[i].user);
    }
}

static void what_is_wrong_with_a_url_is_said(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"", "does not begin"},
        {"http://h", "does not begin"},
        {"valkey:/h", "does not begin"},
        {"redis://", "names no host"},
        {"redis://h:0x", "names no host"},
        {"redis://h:99999", "names no host"},
        {"redis://:pw@h", "password"},
        {"redis://ann:pw@h", "password"},
        {"redis://ann:@h", "password"},
        {"redis://h/x", "number of a database"},
        {"redis://h/-1", "number of a database"},
        {"redis://h/10000", "number of a database"},
        {"redis://h?db=1", "number of a database"},
        {"redis://h/1?x", "number of a database"},
        {"unix://run/r", "absolute path"},
        {"unix://", "absolute path"},
        {"unix:///r?x=1", "number of a database"},
        {"unix:///"
         "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
         "123456789",
         "absolute path"},
        {"redis+sentinel://a", "Sentinels watch"},
        {"redis+sentinel://a/", "Sentinels watch"},
        {"redis+sentinel://a/b c", "Sentinels watch"},
        {"redis+sentinel://a,,b/m", "names no host"},
        {"redis+sentinel://u@a/m", "username"},
        {"redis+sentinel://1,2,3,4,5,6,7,8,9/m", "more than 8"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct url url;
        const char *problem = url_parse(cases[i].text, &url);
        if (problem == NULL || strstr(problem, cases[i].part) == NULL) {
            fail_msg("%s: %s", cases[i].text, problem != NULL ? problem : "nothing");
        }
    }
}

static void what_others_cannot_listen_to_is_local(void **state)
{
    static const struct {
        struct endpoint endpoint;
        bool local;
    } cases[] = {
        {{"/run/r", ""}, true},          {{"localhost", "1"}, true},
        {{"127.9.9.9", "1"}, true},      {{"::1", "1"}, true},
        {{"redis.example", "1"}, false}, {{"10.0.0.1", "1"}, false},
        {{"::2", "1"}, false},           {{"localhost.evil.example", "1"}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(endpoint_is_local(&cases[i].endpoint), cases[i].local);
        assert_int_equal(endpoint_equal(&cases[i].endpoint, &cases[0].endpoint), i == 0);
    }
}

static void a_place_that_a_server_names_is_looked_at(void **state)
{
    struct endpoint made;
    (void)state;
    assert_true(endpoint_make(&made, "10.0.0.1 ", 8, "6379 ", 4));
    assert_string_equal(made.host, "10.0.0.1");
    assert_false(endpoint_make(&made, "", 0, "1", 1));
    assert_false(endpoint_make(&made, "a/b", 3, "1", 1));
    assert_false(endpoint_make(&made, "a", 1, "0", 1));
    assert_false(endpoint_make(&made, "a", 1, "65536", 5));
    assert_false(endpoint_make(&made, "a", 1, "123456", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_say_where_the_store_is),
        cmocka_unit_test(what_is_wrong_with_a_url_is_said),
        cmocka_unit_test(what_others_cannot_listen_to_is_local),
        cmocka_unit_test(a_place_that_a_server_names_is_looked_at),
    };
    return RUN_TESTS("redis/config/url");
}
