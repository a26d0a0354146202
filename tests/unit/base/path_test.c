/* SPDX-License-Identifier: Apache-2.0 */
/* Paths made of names: each stays one segment, and what cannot be one is refused. */
#include "support/unit.h"

#include <mstr/context.h>
#include <mstr/uri.h>
#include <string.h>

static void a_value_stays_one_segment(void **state)
{
    static const struct {
        const char *pattern;
        const char *values[3]; /* ended by NULL */
        const char *path;
    } cases[] = {
        {"status", {NULL}, "status"},
        {"projects/{}", {"a/b"}, "projects/a%2Fb"},
        {"projects/{}/objects/{}", {"Sales & More", "100%"}, "projects/Sales%20%26%20More/objects/100%25"},
        {"{}{}", {"a", "?b#c;d"}, "a%3Fb%23c%3Bd"},
        {"v2/{}?type={}", {"Ümlaut", "{}"}, "v2/%C3%9Cmlaut?type=%7B%7D"},
        {"a{b}/{}", {"..."}, "a{b}/..."},
        {"{}", {"../x"}, "..%2Fx"},
        {"{}", {"A-z.0_~"}, "A-z.0_~"},
    };
    char path[64];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = 0;
        while (count < COUNT_OF(cases[i].values) && cases[i].values[count] != NULL) {
            count++;
        }
        assert_int_equal(mstr_path(path, sizeof(path), cases[i].pattern, cases[i].values, count, NULL), MSTR_OK);
        assert_string_equal(path, cases[i].path);
    }
}

static void what_cannot_be_a_segment_is_refused(void **state)
{
    static const struct {
        const char *pattern;
        const char *values[2];
        size_t count;
        const char *message;
    } cases[] = {
        {"projects/{}", {""}, 1, "value 1 of the path projects/{} is empty"},
        {"projects/{}", {NULL}, 1, "value 1 of the path projects/{} is NULL"},
        {"a/{}/b/{}", {"x", ".."}, 2, "value 2 of the path a/{}/b/{} is a step to another folder"},
        {"{}", {"."}, 1, "value 1 of the path {} is a step to another folder"},
        {"{}", {"a\nb"}, 1, "value 1 of the path {} is text with a control character"},
        {"{}", {"\x7f"}, 1, "value 1 of the path {} is text with a control character"},
        {"a/{}/{}", {"x"}, 1, "the path a/{}/{} has more places than the 1 values given"},
        {"a/{}", {"x", "y"}, 2, "the path a/{} has fewer places than the 2 values given"},
    };
    mstr_error *error = mstr_error_new();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[64] = "before";
        assert_int_equal(mstr_path(path, sizeof(path), cases[i].pattern, cases[i].values, cases[i].count, error),
                         MSTR_E_USAGE);
        assert_string_equal(mstr_error_message(error), cases[i].message);
        assert_string_equal(path, "");
    }
    mstr_error_free(error);
}

static void a_path_that_is_too_long_is_not_cut(void **state)
{
    const char *const values[] = {"a b"};
    char path[8];
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(mstr_path(path, 8, "p/{}", values, 1, error), MSTR_OK);
    assert_string_equal(path, "p/a%20b");
    assert_int_equal(mstr_path(path, 7, "p/{}", values, 1, error), MSTR_E_USAGE);
    assert_string_equal(path, "");
    assert_string_equal(mstr_error_message(error), "the path is 7 octets long, which 7 have no room for");
    mstr_error_free(error);
}

static void octets_are_encoded_as_far_as_there_is_room(void **state)
{
    char text[16];
    (void)state;
    assert_int_equal(mstr_uri_encode("a\0/~", 4, text, sizeof(text)), 8);
    assert_string_equal(text, "a%00%2F~");
    assert_int_equal(mstr_uri_encode("", 0, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    assert_int_equal(mstr_uri_encode("a/b", 3, NULL, 0), 5);
    assert_int_equal(mstr_uri_encode("a/b", 3, text, 6), 5);
    assert_string_equal(text, "a%2Fb");
    assert_int_equal(mstr_uri_encode("a/b", 3, text, 5), 5);
    assert_string_equal(text, "a%2F");
    assert_int_equal(mstr_uri_encode("a/b", 3, text, 4), 5);
    assert_string_equal(text, "a");
    assert_int_equal(mstr_uri_encode("\xff", 1, text, 1), 3);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_stays_one_segment),
        cmocka_unit_test(what_cannot_be_a_segment_is_refused),
        cmocka_unit_test(a_path_that_is_too_long_is_not_cut),
        cmocka_unit_test(octets_are_encoded_as_far_as_there_is_room),
    };
    return RUN_TESTS("base/path");
}
