/* SPDX-License-Identifier: Apache-2.0 */
/* A report as a table: its order of requests, its end. */
#include "session/table/table.h"

#include "tables.h"

#define GONE "{\"code\":\"ERR004\",\"iServerCode\":-2147468986,\"message\":\"not found\"}"
#define TWO  PAGE(REGION, METRICS, "3", "[[0],[1]]", "[[0,1]]", "[[1.5,null],[\"\",12345678901234567890]]")
#define LAST PAGE(REGION, METRICS, "3", "[[0]]", "[[0,1]]", "[[1e3,-7]]")

static void an_instance_lost_on_the_way_is_made_anew_once(void **state)
{
    static const struct {
        unsigned lost;
        enum mstr_code code;
    } cases[] = {{1, MSTR_OK}, {2, MSTR_E_NOT_FOUND}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {MAKE, 200, "{\"instanceId\":\"A-1\",\"status\":1}", NULL, 0, MSTR_OK},
            {FETCH, 404, GONE, NULL, cases[i].lost, MSTR_OK},
            {FETCH, 200, LAST, NULL, 0, MSTR_OK},
        };
        struct mounted *mounted = mounted_open(routes, 3);
        mstr_table_request request = request_of(OBJECT);
        mstr_table *table = NULL;
        assert_int_equal(mstr_table_open(mounted->session, &request, &table, mounted->error), cases[i].code);
        assert_int_equal(table != NULL, cases[i].code == MSTR_OK);
        mstr_table_free(table);
        mounted_free(mounted);
    }
}

static void a_failure_stays(void **state)
{
    static const struct route routes[] = {{MAKE "2", 200, TWO, NULL, 0, MSTR_OK},
                                          {FETCH, 404, GONE, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 2);
    mstr_table_request request = request_of(OBJECT);
    mstr_table *table = NULL;
    int row = 0;
    (void)state;
    request.page_size = 2;
    mounted_done(mounted, mstr_table_open(mounted->session, &request, &table, mounted->error));
    for (int i = 0; i < 2; i++) {
        mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
    }
    for (int i = 0; i < 2; i++) {
        mstr_error_clear(mounted->error);
        assert_int_equal(mstr_table_next(table, &row, mounted->error), MSTR_E_NOT_FOUND);
        assert_int_equal(mstr_error_code(mounted->error), MSTR_E_NOT_FOUND);
        assert_int_equal(row, 0);
        assert_null(mstr_table_text(table, 0, NULL));
    }
    mstr_table_free(table);
    mounted_free(mounted);
}

static void a_run_ends_with_its_callers_cancellation(void **state)
{
    static const struct route routes[] = {{MAKE "2", 200, TWO, NULL, 0, MSTR_OK},
                                          {FETCH, 200, LAST, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 2);
    mstr_table_request request = request_of(OBJECT);
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_table *table = NULL;
    int row = 1;
    enum mstr_code code = MSTR_OK;
    (void)state;
    call.cancel = mstr_cancel_new();
    request.call = &call;
    request.page_size = 2;
    mounted_done(mounted, mstr_table_open(mounted->session, &request, &table, mounted->error));
    mstr_cancel_now(call.cancel);
    while (code == MSTR_OK && row) {
        code = mstr_table_next(table, &row, mounted->error);
    }
    assert_int_equal(code, MSTR_E_CANCELLED);
    mstr_table_free(table);
    mstr_cancel_free(call.cancel);
    mounted_free(mounted);
}

static void a_limit_asks_for_no_more(void **state)
{
    static const struct route routes[] = {{MAKE "2&", 200, TWO, NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    mstr_table_request request = request_of(OBJECT);
    mstr_table *table = NULL;
    int row = 1;
    unsigned rows = 0;
    (void)state;
    request.limit = 2;
    mounted_done(mounted, mstr_table_open(mounted->session, &request, &table, mounted->error));
    while (row) {
        mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
        rows += (unsigned)row;
    }
    assert_int_equal(rows, 2);
    assert_int_equal(mounted->sent, 1);
    mstr_table_free(table);
    mounted_free(mounted);
}

/* A page of the page-by by year, of a region's row. */
#define PAGED(current)                                                                                               \
    "{\"instanceId\":\"A-1\",\"status\":1,\"definition\":{\"grid\":{\"rows\":[" REGION "],\"columns\":[" METRICS     \
    "],\"pageBy\":[" YEAR "]}},\"data\":{\"currentPageBy\":[" current                                                \
    "],\"paging\":{\"total\":1},\"headers\":{\"rows\":[[0]],\"columns\":[[0,1]]},\"metricValues\":{\"raw\":[[1,2]]}" \
    "}}"

static void a_page_that_was_not_asked_for_is_refused(void **state)
{
    static const struct {
        const char *turned;
        enum mstr_code code;
    } cases[] = {{PAGED("1"), MSTR_OK}, {PAGED("0"), MSTR_E_PROTOCOL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {MAKE, 200, PAGED("0"), NULL, 0, MSTR_OK},
            {"GET v2/reports/" OBJECT "/instances/A-1/pageBy/elements", 200,
             "{\"pageBy\":[" YEAR "],\"validPageByElements\":{\"paging\":{\"total\":2},\"items\":[[0],[1]]}}", NULL,
             0, MSTR_OK},
            {"PUT v2/reports/" OBJECT "/instances/A-1", 200, cases[i].turned, NULL, 0, MSTR_OK},
        };
        struct mounted *mounted = mounted_open(routes, 3);
        mstr_table_request request = request_of(OBJECT);
        mstr_table *table = NULL;
        int row = 0;
        mounted_done(mounted, mstr_table_open(mounted->session, &request, &table, mounted->error));
        assert_int_equal(mounted->sent, 2); /* the first page is at hand */
        mounted_done(mounted, mstr_table_next(table, &row, mounted->error));
        assert_string_equal(mstr_table_text(table, 0, NULL), "2025");
        assert_int_equal(mstr_table_next(table, &row, mounted->error), cases[i].code);
        if (cases[i].code != MSTR_OK) {
            assert_told(mounted, "gave another page of " OBJECT);
        } else {
            assert_string_equal(mstr_table_text(table, 0, NULL), "2026");
            assert_string_equal(mounted->body, "{\"currentPageBy\":[{\"id\":\"h2;Y\"}]}");
        }
        mstr_table_free(table);
        mounted_free(mounted);
    }
}

/* The page of the first year has no row, so that none was handed out when the turn to the next is refused. */
static void an_instance_lost_before_the_first_row_is_made_anew_once(void **state)
{
#define EMPTY                                                                                                        \
    "{\"instanceId\":\"A-1\",\"status\":1,\"definition\":{\"grid\":{\"rows\":[" REGION "],\"columns\":[" METRICS     \
    "],\"pageBy\":[" YEAR "]}},\"data\":{\"currentPageBy\":[0],\"paging\":{\"total\":0},\"headers\":{\"rows\":[],"   \
    "\"columns\":[[0,1]]},\"metricValues\":{\"raw\":[]}}}"
    static const struct {
        unsigned lost;
        enum mstr_code code;
    } cases[] = {{1, MSTR_OK}, {2, MSTR_E_NOT_FOUND}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {MAKE, 200, EMPTY, NULL, 0, MSTR_OK},
            {"GET v2/reports/" OBJECT "/instances/A-1/pageBy/elements", 200,
             "{\"pageBy\":[" YEAR "],\"validPageByElements\":{\"paging\":{\"total\":2},\"items\":[[0],[1]]}}", NULL,
             0, MSTR_OK},
            {"PUT v2/reports/" OBJECT "/instances/A-1", 404, GONE, NULL, cases[i].lost, MSTR_OK},
            {"PUT v2/reports/" OBJECT "/instances/A-1", 200, PAGED("1"), NULL, 0, MSTR_OK},
        };
        struct mounted *mounted = mounted_open(routes, 4);
        mstr_table_request request = request_of(OBJECT);
        mstr_table *table = NULL;
        int row = 0;
        mounted_done(mounted, mstr_table_open(mounted->session, &request, &table, mounted->error));
        const mstr_column *column = mstr_table_column(table, 0);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(mstr_table_next(table, &row, mounted->error), cases[i].code);
            assert_int_equal(row, cases[i].code == MSTR_OK && again == 0);
            if (row) {
                assert_string_equal(mstr_table_text(table, 0, NULL), "2026");
                assert_int_equal(mstr_table_expected(table), 1);
            }
        }
        assert_string_equal(column->label, "Year"); /* which was given out before */
        mstr_table_free(table);
        mounted_free(mounted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_instance_lost_on_the_way_is_made_anew_once),
        cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(a_run_ends_with_its_callers_cancellation),
        cmocka_unit_test(a_limit_asks_for_no_more),
        cmocka_unit_test(a_page_that_was_not_asked_for_is_refused),
        cmocka_unit_test(an_instance_lost_before_the_first_row_is_made_anew_once),
    };
    return RUN_TESTS("session/table/table");
}
