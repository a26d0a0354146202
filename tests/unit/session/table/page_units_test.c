/* SPDX-License-Identifier: Apache-2.0 */
/* Units of a grid, as old and new answers have them. */
#include "session/table/page_units.h"

#include "grids.h"
#include "support/unit.h"

static struct page_units axes[PAGE_AXES];
static struct page_store store;

static bool take(const char *grid)
{
    bool memory = true;
    memset(axes, 0, sizeof(axes));
    memset(&store, 0, sizeof(store));
    bool good = page_take_grid(&store, (struct json_span){grid, grid + strlen(grid)}, axes, &memory);
    assert_true(memory);
    return good;
}

static void units_have_forms_and_elements(void **state)
{
    (void)state;
    assert_true(take("{\"other\":[1],\"rows\":[" TOWN "],\"columns\":[" METRICS "]}"));
    assert_int_equal(axes[PAGE_ROWS].count, 1);
    assert_int_equal(axes[PAGE_ROWS].metrics, 1); /* none */
    assert_int_equal(axes[PAGE_ROWS].items[0].form_count, 2);
    assert_string_equal(axes[PAGE_ROWS].items[0].forms[1].name.at, "DESC");
    assert_int_equal(axes[PAGE_COLUMNS].metrics, 0);
    assert_int_equal(axes[PAGE_PAGE_BY].count, 0);
    page_store_release(&store);
}

static void what_says_nothing_of_its_kind_is_known_by_its_elements(void **state)
{
    (void)state;
    assert_true(take("{\"rows\":[{\"name\":\"R\",\"elements\":[{\"formValues\":[\"x\",null,7]}]}],"
                     "\"columns\":[{\"elements\":[{\"name\":\"M\"}]}]}"));
    const struct page_unit *unit = &axes[PAGE_ROWS].items[0];
    assert_false(unit->metrics);
    assert_int_equal(unit->form_count, 1);
    assert_int_equal(unit->elements[0].count, 3);
    assert_null(unit->elements[0].values[1].at);
    assert_string_equal(unit->elements[0].values[2].at, "7");
    assert_true(axes[PAGE_COLUMNS].items[0].metrics);
    page_store_release(&store);
}

static void metrics_stand_in_one_place(void **state)
{
    (void)state;
    assert_false(take("{\"columns\":[" METRICS "," METRICS "]}"));
    page_store_release(&store);
    assert_false(take("{\"columns\":["));
    page_store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_have_forms_and_elements),
        cmocka_unit_test(what_says_nothing_of_its_kind_is_known_by_its_elements),
        cmocka_unit_test(metrics_stand_in_one_place),
    };
    return RUN_TESTS("session/table/page_units");
}
