/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/text_list.c */
#include "base/text_list.h"

#include "support/unit.h"

static void add_all(struct text_list *list, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_list_add(list, texts[i], strlen(texts[i]));
    }
}

static void assert_holds(const struct text_list *list, const char *const *texts, size_t count)
{
    assert_int_equal(list->count, count);
    assert_false(list->failed);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(list->items[i], texts[i]);
    }
}

static void texts_stand_in_the_order_they_came_and_each_once(void **state)
{
    (void)state;
    static const char *const given[] = {"env", "file", "env", "exec", "file"};
    static const char *const held[] = {"env", "file", "exec"};
    struct text_list list = TEXT_LIST_INIT;

    add_all(&list, given, COUNT_OF(given));

    assert_holds(&list, held, COUNT_OF(held));
    text_list_release(&list);
}

/* A text that begins as another is not that other, whichever came first. */
static void a_part_of_a_text_counts_by_its_length(void **state)
{
    (void)state;
    static const char *const held[] = {"aws", "aws-sm", "aws-", ""};
    struct text_list list = TEXT_LIST_INIT;

    text_list_add(&list, "aws-sm", 3);
    text_list_add(&list, "aws-sm.provider", 6);
    text_list_add(&list, "aws-sm", 4);
    text_list_add(&list, "aws-sm", 0);
    text_list_add(&list, "aws", 3);

    assert_holds(&list, held, COUNT_OF(held));
    text_list_release(&list);
}

static void copies_outlive_what_they_were_made_of(void **state)
{
    (void)state;
    char text[] = "vault";
    struct text_list list = TEXT_LIST_INIT;

    text_list_add(&list, text, strlen(text));
    memset(text, 'x', sizeof(text) - 1);

    assert_string_equal(list.items[0], "vault");
    text_list_release(&list);
}

static void sorting_leaves_the_texts_before_it_alone(void **state)
{
    (void)state;
    static const char *const given[] = {"env", "a", "z", "Z", "b-c", "b"};
    static const struct {
        size_t first;
        const char *sorted[COUNT_OF(given)];
    } cases[] = {
        {0, {"Z", "a", "b", "b-c", "env", "z"}}, {2, {"env", "a", "Z", "b", "b-c", "z"}},
        {5, {"env", "a", "z", "Z", "b-c", "b"}}, {6, {"env", "a", "z", "Z", "b-c", "b"}},
        {9, {"env", "a", "z", "Z", "b-c", "b"}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text_list list = TEXT_LIST_INIT;
        add_all(&list, given, COUNT_OF(given));

        text_list_sort(&list, cases[i].first);

        assert_holds(&list, cases[i].sorted, COUNT_OF(given));
        text_list_release(&list);
    }
}

static void the_nearest_text_is_found_or_none_that_is_near(void **state)
{
    (void)state;
    static const char *const given[] = {"env", "file", "aws-sm", "aws-ssm"};
    struct text_list list = TEXT_LIST_INIT;
    assert_null(text_list_nearest(&list, "env"));

    add_all(&list, given, COUNT_OF(given));

    assert_string_equal(text_list_nearest(&list, "fil"), "file");
    assert_string_equal(text_list_nearest(&list, "aws-sssm"), "aws-ssm");
    assert_null(text_list_nearest(&list, "something-else"));
    text_list_release(&list);
}

static void a_released_list_is_empty_and_may_be_used_again(void **state)
{
    (void)state;
    static const char *const held[] = {"again"};
    struct text_list list = TEXT_LIST_INIT;
    text_list_add(&list, "once", 4);

    text_list_release(&list);
    text_list_release(&list);
    assert_int_equal(list.count, 0);
    assert_null(list.items);
    add_all(&list, held, COUNT_OF(held));

    assert_holds(&list, held, COUNT_OF(held));
    text_list_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stand_in_the_order_they_came_and_each_once),
        cmocka_unit_test(a_part_of_a_text_counts_by_its_length),
        cmocka_unit_test(copies_outlive_what_they_were_made_of),
        cmocka_unit_test(sorting_leaves_the_texts_before_it_alone),
        cmocka_unit_test(the_nearest_text_is_found_or_none_that_is_near),
        cmocka_unit_test(a_released_list_is_empty_and_may_be_used_again),
    };
    return RUN_TESTS("base/text_list");
}
