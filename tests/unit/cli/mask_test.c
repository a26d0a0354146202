/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/mask.c */
#include "cli/mask.h"

#include "cli/mask_forms.h"
#include "support/allocator.h"
#include "support/unit.h"

#include <string.h>

static struct mask *mask;
static bool skipped;

static int begin(void **state)
{
    (void)state;
    mask = mask_new();
    skipped = false;
    return 0;
}

static int end(void **state)
{
    (void)state;
    mask_free(mask);
    return 0;
}

static void add(const char *value)
{
    assert_true(mask_add(mask, value, strlen(value), &skipped));
}

/* What becomes of a text that comes in pieces of one length. */
static void assert_shown(const char *text, size_t piece, const char *shown)
{
    struct mask_stream stream = {.mask = mask};
    struct octets out = {0};
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += piece) {
        assert_true(mask_stream_put(&stream, text + at, length - at < piece ? length - at : piece, &out));
    }
    assert_true(mask_stream_let_go(&stream, &out));
    assert_string_equal(out.data, shown);
    mask_stream_release(&stream);
    octets_release(&out);
}

static void values_are_hidden_in_whatever_pieces_they_come(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"the password is sesame-42.\n", "the password is (hidden).\n"},
        {"sesame-42", "(hidden)"},
        {"sesame-4", "sesame-4"},
        {"sesame-42sesame-42", "(hidden)"},
        {"sesame-42 sesame-42", "(hidden) (hidden)"},
        {"sesasesame-42", "sesa(hidden)"},
        {"sesame-42-longer sesame-42-long", "(hidden) (hidden)-long"}, /* the longer of two */
        {"sesame-4242two", "(hidden)"},                                /* both of two that overlap */
        {"%73 c2VzYW1lLTQy eyJwIjoic2VzYW1lLTQyIn0=", "%73 (hidden) eyJwIjoi(hidden)In0="},
        {"one/\\\"two one%2F%22two one%2f%22two", "(hidden) (hidden) (hidden)"},
    };
    add("sesame-42");
    add("sesame-42-longer");
    add("4242two");
    add("one/\"two");
    assert_false(skipped);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t piece = 1; piece < 12; piece++) {
            assert_shown(cases[i].text, piece, cases[i].shown);
        }
        assert_shown(cases[i].text, 1000, cases[i].shown);
    }
}

/* The shortest there is, wherever it begins; a shorter one is told, and stands. */
static void values_of_four_octets_are_hidden(void **state)
{
    (void)state;
    add("abcd");
    assert_false(skipped);
    assert_shown("xabcdy abc abcdabcd bcd", 7, "x(hidden)y abc (hidden) bcd");
    assert_shown("abcd", 4, "(hidden)");
    add("efg");
    assert_true(skipped);
    assert_shown("efgh abcd", 3, "efgh (hidden)");
}

static void a_value_that_is_whole_is_not_held_back(void **state)
{
    (void)state;
    struct mask_stream stream = {.mask = mask};
    struct octets out = {0};
    add("sesame");
    assert_false(mask_stream_holds(&stream));
    assert_true(mask_stream_put(&stream, "a sesame", 8, &out));
    assert_string_equal(out.data, "a (hidden)");
    assert_false(mask_stream_holds(&stream));
    assert_true(mask_stream_put(&stream, "ses sesame ses", 14, &out));
    assert_string_equal(out.data, "a (hidden)ses (hidden) ");
    mask_stream_release(&stream);
    octets_release(&out);
}

static bool pass_over(void *data, const char *octets, size_t length)
{
    (void)data;
    (void)octets;
    (void)length;
    return true;
}

/* How many allocations it takes to add a value, or, without a mask, to make its forms. */
static long cost(struct mask *to)
{
    static const char value[] = "sesame-42/\"";
    long count = 0;
    for (bool failed = true; failed; count++) {
        allocator_fail(count + 1, false);
        bool good = to != NULL ? mask_add(to, value, strlen(value), &skipped)
                               : mask_forms(value, strlen(value), pass_over, NULL);
        failed = allocator_succeed();
        assert_int_equal(good, !failed);
    }
    return count - 1;
}

static void a_value_that_is_there_already_takes_no_memory(void **state)
{
    (void)state;
    long forms = cost(NULL);
    add("another value");
    assert_true(cost(mask) > forms);
    assert_int_equal(cost(mask), forms);
    assert_shown("sesame-42/\" sesame-42%2F%22", 5, "(hidden) (hidden)");
}

static void without_memory_nothing_is_written(void **state)
{
    (void)state;
    bool failed = true;
    add("sesame");
    for (long at = 1; failed; at++) {
        struct mask_stream stream = {.mask = mask};
        struct octets out = {0};
        allocator_fail(at, false);
        bool good = mask_stream_put(&stream, "a sesame b", 10, &out);
        failed = allocator_succeed();
        assert_int_equal(good, !failed);
        assert_true(failed || strcmp(out.data, "a (hidden) b") == 0);
        assert_true(out.data == NULL || strstr(out.data, "sesame") == NULL);
        mask_stream_release(&stream);
        octets_release(&out);
    }
}

static void what_stands_before_a_value_is_no_part_of_it(void **state)
{
    (void)state;
    static const char text[] = "\r\nsesame";
    assert_true(mask_add(mask, text + 1, sizeof text - 2, &skipped));
    assert_false(skipped);
    assert_shown("a sesame", 3, "a (hidden)");
}

static void lines_are_looked_for_one_by_one(void **state)
{
    (void)state;
    add("-----BEGIN-----\r\nabc\nMIIEvQIBADAN\n\n");
    assert_true(skipped); /* of three octets */
    assert_shown("abc -----BEGIN----- x\nMIIEvQIBADAN", 5, "abc (hidden) x\n(hidden)");
    skipped = false;
    add("xy");
    assert_true(skipped);
    skipped = false;
    add("");
    assert_false(skipped);
}

static void only_what_may_go_on_is_held_back(void **state)
{
    (void)state;
    struct mask_stream stream = {.mask = mask};
    struct octets out = {0};
    add("sesame");
    assert_true(mask_stream_put(&stream, "open, ses", 9, &out));
    assert_string_equal(out.data, "open, ");
    assert_true(mask_stream_holds(&stream));
    assert_true(mask_stream_put(&stream, "t\n", 2, &out));
    assert_string_equal(out.data, "open, sest\n");
    assert_false(mask_stream_holds(&stream));
    octets_release(&out);

    /* Let go, and then it goes on all the same. */
    assert_true(mask_stream_put(&stream, "ses", 3, &out));
    assert_true(mask_stream_let_go(&stream, &out));
    assert_string_equal(out.data, "ses");
    assert_false(mask_stream_holds(&stream));
    assert_true(mask_stream_put(&stream, "ame!", 4, &out));
    assert_string_equal(out.data, "ses(hidden)!");
    mask_stream_release(&stream);
    octets_release(&out);
}

/* What a program writes all day while nothing in it is a value. */
static void long_texts_take_no_more_memory_than_what_is_held_back(void **state)
{
#ifdef MSTR_INSTRUMENTED
    enum { ROUNDS = 10 };
#else
    enum { ROUNDS = 100 };
#endif
    (void)state;
    struct mask_stream stream = {.mask = mask};
    static char text[65536];
    add("sesame");
    memset(text, 's', sizeof text);
    for (int i = 0; i < ROUNDS; i++) {
        struct octets out = {0};
        assert_true(mask_stream_put(&stream, text, sizeof text, &out));
        assert_true(stream.octets.length < 6);
        octets_release(&out);
    }
    assert_true(stream.octets.capacity < 4 * sizeof text);
    mask_stream_release(&stream);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_hidden_in_whatever_pieces_they_come),
        TEST(values_of_four_octets_are_hidden),
        TEST(a_value_that_is_whole_is_not_held_back),
        TEST(what_stands_before_a_value_is_no_part_of_it),
        TEST(a_value_that_is_there_already_takes_no_memory),
        TEST(without_memory_nothing_is_written),
        TEST(lines_are_looked_for_one_by_one),
        TEST(only_what_may_go_on_is_held_back),
        TEST(long_texts_take_no_more_memory_than_what_is_held_back),
    };
    return RUN_TESTS("cli/mask");
}
