/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics that came one below the other. */
#include "session/table/pivot.h"

#include "support/unit.h"

#include <stdio.h>

static struct pivot pivot;

/* A row of two elements' name and two slots, into slot 1 or 2. */
static size_t put(const char *key, size_t slot, const char *value)
{
    const struct cell name = {MSTR_CELL_TEXT, {key, strlen(key)}, {NULL, 0}};
    const struct cell cell = {MSTR_CELL_NUMBER, {value, strlen(value)}, {"f", 1}};
    size_t row = 99;
    bool is_new = false;
    assert_true(pivot_find(&pivot, key, slot, &row, &is_new));
    if (is_new) {
        assert_true(pivot_put(&pivot, row, 0, &name));
    }
    assert_true(pivot_put(&pivot, row, slot, &cell));
    return row;
}

static void assert_row(const char *name, const char *first, const char *second)
{
    const char *const texts[] = {name, first, second};
    struct cell cells[3];
    assert_true(pivot_take(&pivot, cells));
    for (size_t i = 0; i < 3; i++) {
        if (texts[i] == NULL) {
            assert_int_equal(cells[i].kind, MSTR_CELL_NULL);
            assert_null(cells[i].text.at);
        } else {
            assert_string_equal(cells[i].text.at, texts[i]);
        }
    }
}

static void rows_of_the_same_elements_fill_one_after_another(void **state)
{
    struct cell cells[3];
    (void)state;
    pivot_init(&pivot, 3);
    assert_true(pivot_is_empty(&pivot));
    assert_int_equal(put("b", 1, "1"), 0);
    assert_int_equal(put("a", 1, "2"), 1);
    assert_int_equal(put("b", 1, "3"), 2);
    assert_int_equal(put("b", 2, "4"), 0);
    assert_int_equal(put("b", 2, "5"), 2);
    assert_int_equal(put("b", 2, "6"), 3);

    assert_row("b", "1", "4");
    assert_row("a", "2", NULL);
    assert_row("b", "3", "5");
    assert_row("b", NULL, "6");
    assert_false(pivot_take(&pivot, cells));
    assert_true(pivot_is_empty(&pivot));
    pivot_release(&pivot);
}

static void many_rows_that_are_alike_are_no_burden(void **state)
{
    struct cell cells[3];
    (void)state;
    pivot_init(&pivot, 3);
    for (size_t i = 0; i < 20000; i++) { /* minutes, if each walked along those before it */
        put("same", 1, "1");
        put("same", 2, "2");
    }
    for (size_t i = 0; i < 20000; i++) {
        assert_true(pivot_take(&pivot, cells));
    }
    assert_false(pivot_take(&pivot, cells));
    pivot_release(&pivot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_same_elements_fill_one_after_another),
        cmocka_unit_test(many_rows_that_are_alike_are_no_burden),
    };
    return RUN_TESTS("session/table/pivot");
}
