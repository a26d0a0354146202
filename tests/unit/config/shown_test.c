/* SPDX-License-Identifier: Apache-2.0 */
/* core/config/shown.c */
#include "support/unit.h"

#include "config/config.h"

static void only_what_cannot_be_secret_is_shown(void **state)
{
    (void)state;
    static const struct {
        const char *section;
        const char *key;
        const char *text;
        const char *shown;
        bool any; /* of it is shown */
    } cases[] = {
        {"profile a", "username", "ann", "ann", true},
        {"profile a", "username", "", "", true},
        {"cache", "ttl", "5m", "5m", true},
        {"profile a", "proxy", "http://proxy.example", "http://proxy.example", true},
        {"profile a", "proxy", "http://ann:canary@proxy.example", "(hidden)", false},
        {"profile a", "proxy", "proxy.example:3128", "proxy.example:3128", true},
        {"profile a", "proxy", "socks5h://[::1]:1080", "socks5h://[::1]:1080", true},
        {"profile a", "proxy", "http://ann:canary ${env:X}", "(hidden)${env:X}", true}, /* the rest was a comment */
        {"profile a", "proxy", "ann:canary", "(hidden)", false},
        {"profile a", "proxy", "host:${env:P}", "host:${env:P}", true},
        {"profile a", "proxy", "http://${env:U}@host", "(hidden)${env:U}(hidden)", true},
        {"profile a", "proxy", "//ann:canary", "(hidden)", false},
        {"profile a", "proxy", "http://ann:1canary/x", "(hidden)", false},
        {"profile a", "base_url", "https://${env:H}:${env:P}/x:y", "https://${env:H}:${env:P}/x:y", true},
        {"profile a", "base_url", "${env:A || file:/a@b}", "${env:A || file:/a@b}", true},
        {"profile a", "base_url", "http://ann:canary${a}@host/", "(hidden)", false},
        {"profile a", "base_url", "http://ann:canary${env:X}/y@host/", "(hidden)${env:X}(hidden)", true},
        {"profile a", "base_url", "http://ann:${text:canary@host/", "(hidden)", false},
        {"profile a", "base_url", "http://ann:${canary", "(hidden)", false},
        {"profile a", "base_url", "http:ann:canary@host/", "(hidden)", false},
        {"profile a", "no_proxy", "http://ann:canary@host", "(hidden)", false},
        {"profile a", "username", "ann@example.com", "ann@example.com", true},
        {"profile a", "username", "${text:canary", "(hidden)", false},
        {"profile a", "username", "a${env:X || text:canary}", "(hidden)${env:X || text:(hidden)}", true},
        {"profile a", "username", "text:canary", "(hidden)", false},
        {"provider p", "region", "${text:a||canary}", "(hidden)", false},
        {"profile a", "password", "canary", "(hidden)", false},
        {"profile a", "password", "", "", false},
        {"profile a", "login_fields", "{\"pin\": \"canary\"}", "(hidden)", false},
        {"profile a", "password", "${env:X}", "${env:X}", true},
        {"profile a", "password", "canary${env:X}", "(hidden)${env:X}", true},
        {"profile a", "password", "${env:X}canary${aws-sm:y#z}canary", "${env:X}(hidden)${aws-sm:y#z}(hidden)", true},
        {"profile a", "password", "${env:X}${env:Y}", "${env:X}${env:Y}", true},
        {"profile a", "password", "canary$${env:X}", "(hidden)", false}, /* a literal ${ */
        {"profile a", "password", "${canary", "(hidden)", false},        /* which has no end */
        {"profile a", "password", "a${canary}b", "(hidden)", false},     /* which is no reference */
        {"profile a", "password", "a${canary}${env:X || canary}", "(hidden)", false},
        {"profile a", "password", "a${canary}${env:X}", "(hidden)${env:X}", true},
        {"env w", "ANY", "canary", "(hidden)", false},
        {"provider p", "command", "canary", "(hidden)", false},
        {"provider p", "region", "eu-west-1", "eu-west-1", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer shown = BUFFER_INIT;
        assert_int_equal(config_show(cases[i].section, cases[i].key, cases[i].text, false, &shown), cases[i].any);
        assert_string_equal(buffer_text(&shown), cases[i].shown);
        buffer_release(&shown);
    }
}

/* "http://ann:1234 #5@proxy" ends behind the digits, which are then no port. */
static void digits_before_a_comment_may_be_the_begin_of_a_password(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *text;
        const char *shown;
    } cases[] = {
        {"proxy", "http://ann:1234", "(hidden)"},
        {"proxy", "ann:1234", "(hidden)"},
        {"base_url", "https://ann:1234", "(hidden)"},
        {"base_url", "https://ann:${env:X}", "(hidden)${env:X}"},
        {"base_url", "https://host:8443/api/", "https://host:8443/api/"},
        {"base_url", "https://host", "https://host"},
        {"timeout", "5", "5"},
        {"no_proxy", "host:1234", "host:1234"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer shown = BUFFER_INIT;
        config_show("profile a", cases[i].key, cases[i].text, true, &shown);
        assert_string_equal(buffer_text(&shown), cases[i].shown);
        buffer_release(&shown);
    }
}

/* Its body is the value itself. */
static void of_text_references_the_body_is_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"${text:canary}", "${text:(hidden)}"},
        {"${text:}", "${text:(hidden)}"},
        {"${text:canary}||", "${text:(hidden)}(hidden)"},
        {"${aws-sm:x#text:y || text:canary}", "${aws-sm:x#text:y || text:(hidden)}"},
        {"${env:X||\ttext:canary}", "${env:X||\ttext:(hidden)}"},
        {"${ text:canary || env:X||text:canary}z", "${ text:(hidden)|| env:X||text:(hidden)}(hidden)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer shown = BUFFER_INIT;
        assert_true(config_show("profile a", "password", cases[i].text, false, &shown));
        assert_string_equal(buffer_text(&shown), cases[i].shown);
        buffer_release(&shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_cannot_be_secret_is_shown),
        cmocka_unit_test(digits_before_a_comment_may_be_the_begin_of_a_password),
        cmocka_unit_test(of_text_references_the_body_is_hidden),
    };
    return RUN_TESTS("config/shown");
}
