/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/parts/redirect.c */
#include "session/parts/redirect.h"

#include "support/unit.h"

static void a_target_is_read_as_rfc_3986_says(void **state)
{
    static const struct {
        const char *from;
        const char *location;
        const char *target;
    } cases[] = {
        {"https://h/api/a/b?q=1", "https://other/x", "https://other/x"},
        {"https://h/api/a/b?q=1", "//other/x", "https://other/x"},
        {"http://h:8080/api/a/b", "//other/x", "http://other/x"},
        {"https://h/api/a/b?q=1", "/x", "https://h/x"},
        {"http://h:8080/api/a/b", "x?y=2", "http://h:8080/api/a/x?y=2"},
        {"https://h/api/a/b?q=1", "?y=2", "https://h/api/a/b?y=2"},
        {"https://h", "x", "https://h/x"},
        {"https://h?q=1", "x", "https://h/x"},
        {"https://h?q=1", "?y=2", "https://h/?y=2"},
        {"https://h/a", "?y=2", "https://h/a?y=2"},
        {"https://h/a", "x/y", "https://h/x/y"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer target = BUFFER_INIT;
        struct uri from;
        assert_true(uri_parse(cases[i].from, &from));
        assert_true(redirect_put_target(&from, cases[i].location, &target));
        assert_string_equal(buffer_text(&target), cases[i].target);
        buffer_release(&target);
    }
}

static void a_request_stays_what_it_is_or_becomes_a_get(void **state)
{
    static const struct {
        int status;
        const char *method;
        bool get;
    } cases[] = {
        {303, "POST", true}, {303, "PUT", true},   {303, "HEAD", false}, {301, "POST", true},  {302, "POST", true},
        {301, "PUT", false}, {302, "HEAD", false}, {307, "POST", false}, {308, "POST", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(redirect_is(cases[i].status));
        assert_int_equal(redirect_becomes_get(cases[i].status, cases[i].method), cases[i].get);
    }
    assert_false(redirect_is(200));
    assert_false(redirect_is(300));
    assert_false(redirect_is(304));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_read_as_rfc_3986_says),
        cmocka_unit_test(a_request_stays_what_it_is_or_becomes_a_get),
    };
    return RUN_TESTS("session/parts/redirect");
}
