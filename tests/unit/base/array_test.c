/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/array.c */
#include "base/array.h"

#include "support/unit.h"

#include <stdint.h>
#include <stdlib.h>

static void a_table_has_room_for_each_of_its_cells(void **state)
{
    (void)state;
    uint32_t *cells = array_resize(NULL, 0, 7, sizeof(*cells));
    assert_non_null(cells);
    cells[0] = 42;
    cells = array_resize(cells, 100, 30, sizeof(*cells));
    assert_int_equal(cells[0], 42);
    for (uint32_t i = 0; i <= 100 * 30; i++) {
        cells[i] = i;
    }
    free(cells);
}

static void what_no_size_holds_is_refused_and_leaves_the_table_as_it_was(void **state)
{
    static const struct {
        size_t rows;
        size_t columns;
        size_t size;
    } cases[] = {{SIZE_MAX / 2 + 1, 2, 1}, {SIZE_MAX, 1, 1}, {SIZE_MAX / 16, 2, 8}, {1, SIZE_MAX / 8, 8}};
    (void)state;
    char *cells = array_resize(NULL, 1, 1, 1);
    cells[0] = 'x';
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_null(array_resize(cells, cases[i].rows, cases[i].columns, cases[i].size));
    }
    assert_int_equal(cells[0], 'x');
    free(cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_has_room_for_each_of_its_cells),
        cmocka_unit_test(what_no_size_holds_is_refused_and_leaves_the_table_as_it_was),
    };
    return RUN_TESTS("base/array");
}
