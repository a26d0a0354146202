/* SPDX-License-Identifier: Apache-2.0 */
/* Columns and cells of a table. */
#include "session/table/table.h"

#include "tables.h"

#define TWO  PAGE(REGION, METRICS, "3", "[[0],[1]]", "[[0,1]]", "[[1.5,null],[\"\",12345678901234567890]]")
#define LAST PAGE(REGION, METRICS, "3", "[[0]]", "[[0,1]]", "[[1e3,-7]]")

static void cells_have_their_kinds_and_numbers(void **state)
{
    static const struct route routes[] = {{MAKE "2", 200, TWO, NULL, 0, MSTR_OK},
                                          {FETCH "2", 200, LAST, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 2);
    mstr_table_request request = request_of(OBJECT);
    mstr_table *table = NULL;
    int64_t whole = 0;
    double number = 0;
    size_t length = 0;
    int row = 0;
    (void)state;
    request.page_size = 2;
    mounted_done(mounted, mstr_table_open(mounted->session, &request, &table, mounted->error));
    assert_int_equal(mstr_table_columns(table), 3);
    assert_null(mstr_table_column(table, 3));
    assert_int_equal(mstr_table_expected(table), 3);
    assert_int_equal(mstr_table_cell_kind(table, 0), MSTR_CELL_NULL); /* no row yet */

    mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
    assert_string_equal(mstr_table_text(table, 0, &length), "North");
    assert_int_equal(length, 5);
    assert_true(mstr_table_double(table, 1, &number) && number > 1.49 && number < 1.51);
    assert_false(mstr_table_int64(table, 1, &whole));
    assert_int_equal(mstr_table_cell_kind(table, 2), MSTR_CELL_NULL);
    assert_null(mstr_table_text(table, 2, NULL));
    assert_null(mstr_table_formatted(table, 1, NULL)); /* not asked for */

    mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
    assert_int_equal(mstr_table_cell_kind(table, 1), MSTR_CELL_TEXT);
    assert_string_equal(mstr_table_text(table, 1, NULL), "");
    assert_int_equal(mstr_table_cell_kind(table, 2), MSTR_CELL_NUMBER);
    assert_false(mstr_table_int64(table, 2, &whole));

    mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
    assert_true(mstr_table_int64(table, 1, &whole) && whole == 1000);
    assert_string_equal(mstr_table_text(table, 1, NULL), "1e3");
    mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
    assert_int_equal(row, 0);
    mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
    assert_int_equal(row, 0);
    mstr_table_free(table);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_have_their_kinds_and_numbers),
    };
    return RUN_TESTS("session/table/table_cells");
}
