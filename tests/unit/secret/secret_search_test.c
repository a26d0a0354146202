/* SPDX-License-Identifier: Apache-2.0 */
/* core/secret/secret_search.c */
#include "secret/secret_search.h"

#include "support/allocator.h"
#include "support/unit.h"

#include <malloc.h>

static void the_octets_of_a_secret_are_marked_in_the_text_as_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *secret;
        const char *text;
        const char *marks;
    } cases[] = {
        {"hunter", "a hunter%20", "..hhhhhh..."},
        {"hunter", "h%75n&#116;er", "hhhhhhhhhhhhh"},
        {"hun%74er", "hun%74er hunter", "hhhhhhhh.hhhhhh"},
        {"hunter", "hun ter", "......."},
        {"0123456789ab", "x0123\n4567\n89abx", ".hhhhhhhhhhhhhh."},
        {"0123456789a", "x0123\n4567\n89ax", "..............."},
        {"0123456789abcdef", "0123456789ab! 0123456789a", "hhhhhhhhhhhh............."}, /* cut off */
        {"abcd", "xabcdy abc abcd", ".hhhh......hhhh"},
        {"a b c", "a+b+c a\tb\nc a-b-c abc", "hhhhh.hhhhh.hhhhh...."},
        {"a/b/c", "a_b_c a.b.c", "hhhhh......"},
        {"a b c d e f g h", "a b c d e f g", "............."}, /* short ones are not */
        {"abcd ", "abcd", "...."},
        {"%41b", "AbJT", "...."}, /* what is undone may be too short, whatever is kept behind it */
        {"abcd", "eGFiY2Q= eHlhYmNk YWJjZA==", "..hhhh......hhhhh.hhhhh..."},
        {"a\"cd", "YVwiY2Q=", "hhhhhh.."}, /* as it stood in JSON */
        {"jklmno", "6A6B6C6D6E6F 6a6b6c6d6e6f", "hhhhhhhhhhhh.hhhhhhhhhhhh"},
        /* Escapes are undone three times, here and in the secret. */
        {"hunter", "h%252575nter h%25252575nter", "hhhhhhhhhhhh..............."},
        {"abc%2525252541", "abc%41 abc%2541", ".......hhhhhhhh"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char marks[64] = "";
        struct secret_search *search = secret_search_new();
        assert_true(secret_search_add(search, cases[i].secret, strlen(cases[i].secret)));

        assert_int_equal(secret_search_mark(search, cases[i].text, strlen(cases[i].text), marks), SEARCH_WHOLE);

        for (size_t at = 0; at < strlen(cases[i].text); at++) {
            marks[at] = marks[at] != 0 ? 'h' : '.';
        }
        assert_string_equal(marks, cases[i].marks);
        secret_search_free(search);
    }
}

/* Nor are there a blank and a place: memory that is handed out here is full of large numbers. */
static void behind_a_text_there_is_nothing(void **state)
{
    (void)state;
    char text[300];
    char marks[sizeof(text)] = "";
    struct secret_search *search = secret_search_new();
    assert_true(secret_search_add(search, "abcd ", 5));
    memset(text, 'x', sizeof(text));
    memcpy(text + sizeof(text) - 4, "abcd", 4);
    mallopt(M_PERTURB, 0xfe);
    enum secret_search_end end = secret_search_mark(search, text, sizeof(text), marks);
    mallopt(M_PERTURB, 0);
    assert_int_equal(end, SEARCH_WHOLE);
    assert_null(memchr(marks, 1, sizeof(marks)));
    secret_search_free(search);
}

static void without_memory_the_marks_are_not_whole(void **state)
{
    (void)state;
    static const char text[] = "a \"hunter\" and h%75nter%2022, again";
    long held = allocator_held();
    bool failed = true;
    for (long at = 1; failed; at++) {
        struct secret_search *search = secret_search_new();
        allocator_fail(at, false);
        bool good = secret_search_add(search, "\"hun%74er\" 22", 13);
        failed = allocator_succeed();
        assert_int_equal(good, !failed);
        secret_search_free(search);
        assert_int_equal(allocator_held(), held);
    }
    struct secret_search *search = secret_search_new();
    assert_true(secret_search_add(search, "hunter", 6));
    failed = true;
    for (long at = 1; failed; at++) {
        char marks[sizeof(text)] = "";
        long before = allocator_held();
        allocator_fail(at, false);
        enum secret_search_end end = secret_search_mark(search, text, sizeof(text) - 1, marks);
        failed = allocator_succeed();
        assert_int_equal(end, failed ? SEARCH_NO_MEMORY : SEARCH_WHOLE);
        assert_int_equal(allocator_held(), before);
    }
    secret_search_free(search);
    secret_search_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_octets_of_a_secret_are_marked_in_the_text_as_it_stands),
        cmocka_unit_test(behind_a_text_there_is_nothing),
        cmocka_unit_test(without_memory_the_marks_are_not_whole),
    };
    return RUN_TESTS("secret/secret_search");
}
