/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a table, and where a grid's values go. */
#include "session/table/layout.h"

#include "grids.h"
#include "support/unit.h"

static struct page page;
static struct layout layout;

static void take(const char *text)
{
    assert_int_equal(page_open(&page, text, strlen(text), NULL), MSTR_OK);
}

static void leave(void)
{
    layout_release(&layout);
    page_close(&page);
}

static void columns_come_from_left_to_right_with_unique_labels(void **state)
{
    static const char *const labels[] = {"Region", "Town@ID", "Town@DESC", "Year", "Revenue", "Cost"};
    (void)state;
    take(PAGE(REGION "," TOWN, YEAR "," METRICS, "0", "[]", "[[0,0,1],[0,1,0]]", "[]"));

    assert_int_equal(layout_init(&layout, &page, 0, NULL), MSTR_OK);

    assert_int_equal(layout.count, COUNT_OF(labels));
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        assert_string_equal(layout.columns[i].label, labels[i]);
    }
    assert_true(layout.numbers[1] && !layout.numbers[2] && layout.numbers[5]);
    assert_int_equal(layout.groups, 2);
    assert_int_equal(layout.slots[0], 0);
    assert_int_equal(layout.slots[1], 1);
    assert_int_equal(layout.slots[2], 2);
    assert_int_equal(layout.slots[3], LAYOUT_NO_SLOT);
    leave();
}

static void columns_that_are_alike_are_two_groups(void **state)
{
    (void)state;
    take(PAGE(REGION, METRICS "," YEAR, "0", "[]", "[[0,0,1,1],[0,0,0,0]]", "[]"));

    assert_int_equal(layout_init(&layout, &page, 0, NULL), MSTR_OK);

    assert_int_equal(layout.groups, 2);
    assert_int_equal(layout.slots[0], 0);
    assert_int_equal(layout.slots[1], 2);
    assert_int_equal(layout.slots[2], 1);
    assert_int_equal(layout.slots[3], 3);
    leave();
}

static void labels_that_are_the_same_are_told_apart(void **state)
{
    (void)state;
    take(PAGE(REGION "," REGION "," REGION, METRICS, "0", "[]", "[[0,1]]", "[]"));
    assert_int_equal(layout_init(&layout, &page, 0, NULL), MSTR_OK);
    assert_string_equal(layout.columns[1].label, "Region (2)");
    assert_string_equal(layout.columns[2].label, "Region (3)");
    layout_release(&layout);
    assert_int_equal(layout_init(&layout, &page, MSTR_TABLE_IDS, NULL), MSTR_OK);
    assert_string_equal(layout.columns[1].label, "Region [R]");
    assert_string_equal(layout.columns[2].label, "Region (2)");
    leave();
}

static void later_pages_must_have_the_same_units_and_columns(void **state)
{
    static const struct {
        const char *text;
        bool same_grid;
        enum mstr_code code;
    } cases[] = {
        {PAGE(REGION, YEAR "," METRICS, "0", "[]", "[[0,0],[0,1]]", "[]"), true, MSTR_OK},
        {PAGE(REGION, YEAR "," METRICS, "0", "[]", "[[1,1],[0,1]]", "[]"), true, MSTR_E_PROTOCOL},
        {PAGE(REGION, YEAR "," METRICS, "0", "[]", "[[1,1],[0,1]]", "[]"), false, MSTR_OK},
        {PAGE(TOWN, YEAR "," METRICS, "0", "[]", "[[0,0],[0,1]]", "[]"), false, MSTR_E_PROTOCOL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct page other;
        take(cases[0].text);
        assert_int_equal(layout_init(&layout, &page, 0, NULL), MSTR_OK);
        assert_int_equal(page_open(&other, cases[i].text, strlen(cases[i].text), NULL), MSTR_OK);

        assert_int_equal(layout_follow(&layout, &other, cases[i].same_grid, NULL), cases[i].code);

        page_close(&other);
        leave();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_come_from_left_to_right_with_unique_labels),
        cmocka_unit_test(columns_that_are_alike_are_two_groups),
        cmocka_unit_test(labels_that_are_the_same_are_told_apart),
        cmocka_unit_test(later_pages_must_have_the_same_units_and_columns),
    };
    return RUN_TESTS("session/table/layout");
}
