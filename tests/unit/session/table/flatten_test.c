/* SPDX-License-Identifier: Apache-2.0 */
/* From the rows of a grid to the rows of a table. */
#include "session/table/flatten.h"

#include "grids.h"
#include "support/unit.h"

#include <stdio.h>

static char seen[2048];

/* "text,text;" with - for null, * before a total, # before a number. */
static void put_rows(struct flatten *flatten)
{
    static const char *const marks[] = {"-", "", "#", "*"};
    bool more = true;
    while (flatten_next(flatten, &more, NULL) == MSTR_OK && more) {
        for (size_t i = 0; i < flatten->layout.count; i++) {
            size_t at = strlen(seen);
            snprintf(seen + at, sizeof(seen) - at, "%s%s%s", marks[flatten->cells[i].kind],
                     flatten->cells[i].text.at != NULL ? flatten->cells[i].text.at : "",
                     i + 1 < flatten->layout.count ? "," : ";");
        }
    }
    assert_false(more);
}

static void read_pages(uint32_t flags, const char *const *pages, size_t count)
{
    struct flatten flatten;
    seen[0] = '\0';
    flatten_init(&flatten, flags);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(flatten_page(&flatten, pages[i], strlen(pages[i]), i > 0, NULL), MSTR_OK);
        put_rows(&flatten);
    }
    flatten_end_grid(&flatten);
    put_rows(&flatten);
    flatten_release(&flatten);
}

static void read_page(uint32_t flags, const char *page)
{
    read_pages(flags, &page, 1);
}

static void forms_are_columns_and_totals_fill_them(void **state)
{
    static const char page[] =
        PAGE(REGION "," TOWN, METRICS, "2", "[[0,0],[1,1]]", "[[0,1]]", "[[1.50,null],[\"\",-2]]");
    (void)state;
    read_page(0, page);
    assert_string_equal(seen, "North,7,Ulm,#1.50,-;Soüth,*Total,*Total,,#-2;");
    read_page(MSTR_TABLE_TYPED, page);
    assert_string_equal(seen, "North,#7,Ulm,#1.50,-;Soüth,*Total,*Total,,#-2;");
}

static void metrics_down_the_rows_become_columns_over_page_ends(void **state)
{
    static const char *const innermost[] = {
        PAGE(REGION "," METRICS, "", "5", "[[0,0],[0,1],[0,0]]", "[]", "[[1],[2],[3]]"),
        PAGE(REGION "," METRICS, "", "5", "[[0,1],[1,1]]", "[]", "[[4],[5]]")};
    static const char *const outermost[] = {PAGE(METRICS "," REGION, "", "4", "[[0,0],[0,1]]", "[]", "[[1],[2]]"),
                                            PAGE(METRICS "," REGION, "", "4", "[[1,0],[1,1]]", "[]", "[[3],[4]]")};
    (void)state;
    read_pages(0, innermost, 2);
    assert_string_equal(seen, "North,#1,#2;North,#3,#4;Soüth,-,#5;");
    read_pages(0, outermost, 2);
    assert_string_equal(seen, "North,#1,#3;Soüth,#2,#4;");
}

/* A row is held until its elements change, not until the grid ends. */
static void few_rows_are_held(void **state)
{
    static const char page[] =
        PAGE(REGION "," METRICS, "", "400", "[[0,0],[0,1],[1,0],[1,1]]", "[]", "[[1],[2],[3],[4]]");
    struct flatten flatten;
    (void)state;
    flatten_init(&flatten, 0);
    for (int i = 0; i < 100; i++) {
        seen[0] = '\0';
        assert_int_equal(flatten_page(&flatten, page, strlen(page), i > 0, NULL), MSTR_OK);
        put_rows(&flatten);
        assert_int_equal(flatten.pivot.count, 1);
    }
    flatten_release(&flatten);
}

static void a_cross_tab_becomes_longer_or_stays_wide(void **state)
{
    static const char page[] =
        PAGE(REGION, METRICS "," YEAR, "2", "[[0],[1]]", "[[0,0,1],[0,1,0]]", "[[1,2,3],[4,null,6]]");
    (void)state;
    read_page(0, page);
    assert_string_equal(seen, "North,2025,#1,#3;North,2026,#2,-;Soüth,2025,#4,#6;Soüth,2026,-,-;");
    read_page(MSTR_TABLE_CROSS_KEEP, page);
    assert_string_equal(seen, "North,#1,#2,#3;Soüth,#4,-,#6;");
}

static void metrics_alone_are_one_row(void **state)
{
    (void)state;
    read_page(0, PAGE("", METRICS, "1", "[]", "[[0,1]]", "[[1,2]]"));
    assert_string_equal(seen, "#1,#2;");
}

/* Without metrics, the columns of a cross-tab have no values. */
static void attributes_alone_may_cross(void **state)
{
    static const char with_values[] = PAGE(REGION, YEAR, "1", "[[0]]", "[[0,1]]", "[[1,2]]");
    struct flatten flatten;
    bool more = true;
    (void)state;
    read_page(MSTR_TABLE_CROSS_KEEP, PAGE(REGION, YEAR, "1", "[[0]]", "[[0,1]]", "[]"));
    assert_string_equal(seen, "North,2025;North,2026;");
    flatten_init(&flatten, 0);
    assert_int_equal(flatten_page(&flatten, with_values, strlen(with_values), false, NULL), MSTR_OK);
    assert_int_equal(flatten_next(&flatten, &more, NULL), MSTR_E_PROTOCOL);
    flatten_release(&flatten);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_columns_and_totals_fill_them),
        cmocka_unit_test(metrics_down_the_rows_become_columns_over_page_ends),
        cmocka_unit_test(few_rows_are_held),
        cmocka_unit_test(a_cross_tab_becomes_longer_or_stays_wide),
        cmocka_unit_test(metrics_alone_are_one_row),
        cmocka_unit_test(attributes_alone_may_cross),
    };
    return RUN_TESTS("session/table/flatten");
}
