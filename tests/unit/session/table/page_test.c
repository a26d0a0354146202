/* SPDX-License-Identifier: Apache-2.0 */
/* A page of a grid, whose headers are indexes into the elements that the page lists. */
#include "session/table/page.h"

#include "grids.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static struct page page;

/* In memory of its very length, so that a reader that goes past it is found. */
static enum mstr_code open_copy(const char *text, char **copy)
{
    size_t length = strlen(text);
    *copy = malloc(length + 1);
    memcpy(*copy, text, length);
    return page_open(&page, *copy, length, NULL);
}

static void rows_are_read_one_after_another(void **state)
{
    char *copy = NULL;
    bool more = false;
    (void)state;

    assert_int_equal(open_copy(PAGE(REGION "," TOWN, YEAR "," METRICS, "12", "[[1,0],[0,1]]", "[[0,1],[0,0]]",
                                    "[[1.50,null],[12345678901234567890,\"x\"]]"),
                               &copy),
                     MSTR_OK);

    assert_int_equal(page.total, 12);
    assert_int_equal(page.width, 2);
    assert_int_equal(page.axes[PAGE_ROWS].metrics, 2);
    assert_int_equal(page.axes[PAGE_COLUMNS].metrics, 1);
    assert_string_equal(page.axes[PAGE_ROWS].items[1].forms[1].name.at, "DESC");
    assert_string_equal(page.axes[PAGE_ROWS].items[0].elements[1].values[0].at, "Soüth");
    assert_int_equal(page_next(&page, &more, NULL), MSTR_OK);
    assert_true(more);
    assert_int_equal(page.row[0], 1);
    assert_memory_equal(page.raw[0].at, "1.50,", 5);
    assert_memory_equal(page.raw[1].at, "null]", 5);
    assert_null(page.formatted[0].at);
    assert_int_equal(page_next(&page, &more, NULL), MSTR_OK);
    assert_int_equal(page.row[1], 1);
    assert_int_equal(page_next(&page, &more, NULL), MSTR_OK);
    assert_false(more);
    assert_int_equal(page.read, 2);
    page_close(&page);
    free(copy);
}

static void a_definition_has_units_and_no_rows(void **state)
{
    static const char text[] = "{\"definition\":{\"grid\":{\"rows\":[" TOWN "],\"columns\":[" METRICS "]}}}";
    (void)state;
    assert_int_equal(page_open_definition(&page, text, strlen(text), NULL), MSTR_OK);
    assert_int_equal(page.axes[PAGE_ROWS].items[0].form_count, 2);
    assert_int_equal(page.axes[PAGE_COLUMNS].items[0].element_count, 2);
    page_close(&page);
}

static void what_is_no_page_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "{\"data\":{}}",
        "{\"data\":{\"paging\":{\"total\":1}}}",
        PAGE(REGION, METRICS, "-1", "[]", "[[0,1]]", "[]"),
        PAGE(REGION, METRICS, "{}", "[]", "[[0,1]]", "[]"),
        PAGE(REGION, METRICS, "1", "[]", "[[0,2]]", "[]"),   /* a column of a metric that is not there */
        PAGE(REGION, METRICS, "1", "[]", "[[0],[1]]", "[]"), /* more levels than units */
        PAGE(REGION, YEAR "," METRICS, "1", "[]", "[[0,1],[0]]", "[]"),
        PAGE(REGION, METRICS "," YEAR, "1", "[]", "[[0,1]]", "[]"), /* fewer levels than units */
        PAGE(REGION, METRICS "," METRICS, "1", "[]", "[[0],[0]]", "[]"),
        PAGE(REGION, METRICS, "1", "[]", "[[0,1]]", "[]") "x",
        PAGE(REGION, METRICS, "1", "[]", "[[0,1]]", "[\"\xff\"]"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char *copy = NULL;
        assert_int_equal(open_copy(texts[i], &copy), MSTR_E_PROTOCOL);
        page_close(&page);
        free(copy);
    }
}

static void a_row_that_does_not_fit_is_told(void **state)
{
    static const char *const texts[] = {
        PAGE(REGION, METRICS, "1", "[[2]]", "[[0,1]]", "[[1,2]]"),
        PAGE(REGION, METRICS, "1", "[[-1]]", "[[0,1]]", "[[1,2]]"),
        PAGE(REGION, METRICS, "1", "[[0,0]]", "[[0,1]]", "[[1,2]]"),
        PAGE(REGION, METRICS, "1", "[[0]]", "[[0,1]]", "[[1]]"),
        PAGE(REGION, METRICS, "1", "[[0]]", "[[0,1]]", "[[1,2,3]]"),
        PAGE(REGION, METRICS, "1", "[[0]]", "[[0,1]]", "[]"),
        PAGE(REGION, METRICS, "1", "[]", "[[0,1]]", "[[1,2]]"),
        PAGE(REGION, METRICS, "1", "[[0]]", "[[0,1]]", "[[1,{}]]"),
        PAGE(REGION, METRICS, "1", "[[\"0\"]]", "[[0,1]]", "[[1,2]]"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char *copy = NULL;
        bool more = true;
        enum mstr_code code = open_copy(texts[i], &copy);
        assert_int_equal(code, MSTR_OK);
        assert_int_equal(page_next(&page, &more, NULL), MSTR_E_PROTOCOL);
        assert_false(more);
        page_close(&page);
        free(copy);
    }
}

static void the_status_is_found_without_reading_the_page(void **state)
{
    static const char page_text[] = PAGE(REGION, METRICS, "1", "[[0]]", "[[0,1]]", "[[1,2]]");
    struct page_status status;
    (void)state;
    assert_true(page_status(page_text, strlen(page_text), &status));
    assert_true(json_span_is(status.instance, "A-1"));
    assert_true(status.has_data && status.has_status && status.status == 1);
    assert_true(page_status("{\"status\":2}", 12, &status));
    assert_true(status.status == 2 && status.instance.at == NULL && !status.has_data);
    assert_false(page_status("", 0, &status));
    assert_false(page_status("[]", 2, &status));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_one_after_another),
        cmocka_unit_test(a_definition_has_units_and_no_rows),
        cmocka_unit_test(what_is_no_page_is_refused),
        cmocka_unit_test(a_row_that_does_not_fit_is_told),
        cmocka_unit_test(the_status_is_found_without_reading_the_page),
    };
    return RUN_TESTS("session/table/page");
}
