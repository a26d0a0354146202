/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a page whose headers are indexes into the elements that the page lists. */
#include "session/api/grid.h"

#include "support/json_parse.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static mstr_error *problem;
static char seen[1024];
static int64_t stop_after;

static int setup(void **state)
{
    (void)state;
    problem = mstr_error_new();
    seen[0] = '\0';
    stop_after = -1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mstr_error_free(problem);
    return 0;
}

static void put(const char *before, const char *text)
{
    size_t at = strlen(seen);
    snprintf(seen + at, sizeof(seen) - at, "%s%s", before, text != NULL ? text : "-");
}

/* "index/total label=element value=formatted(raw);" */
static int keep(const mstr_row *row, void *data)
{
    char numbers[48];
    (void)data;
    snprintf(numbers, sizeof(numbers), "%lld/%lld", (long long)row->index, (long long)row->total);
    put("", numbers);
    for (size_t i = 0; i < row->label_count; i++) {
        put(" ", row->label_names[i]);
        put("=", row->labels[i]);
    }
    for (size_t i = 0; i < row->value_count; i++) {
        put(" ", row->value_names[i]);
        put("=", row->values[i]);
        put("(", row->raw[i]);
        put(")", "");
    }
    put(";", "");
    return row->index == stop_after;
}

static enum mstr_code read_page(const char *text, int64_t *index, int64_t *total)
{
    struct json_object *page = json_parse(text, strlen(text));
    assert_non_null(page);
    enum mstr_code code = grid_read(page, index, total, keep, NULL, problem);
    json_release(page);
    return code;
}

/* Two attributes down the rows, the second with two forms; years and metrics over the columns. */
static const char two_levels[] =
    "{\"definition\":{\"grid\":{"
    "\"rows\":[{\"name\":\"Region\",\"elements\":[{\"formValues\":[\"North\"]},{\"formValues\":[\"South\"]}]},"
    "{\"name\":\"Town\",\"elements\":[{\"formValues\":[\"7\",\"Ulm\"]}]}],"
    "\"columns\":[{\"elements\":[{\"formValues\":[\"2025\"]},{\"formValues\":[\"2026\"]}]},"
    "{\"elements\":[{\"name\":\"Revenue\"}]}]}},"
    "\"data\":{\"paging\":{\"total\":12},"
    "\"headers\":{\"rows\":[[1,0],[0,0]],\"columns\":[[0,1],[0,0]]},"
    "\"metricValues\":{\"raw\":[[1.50,null],[12345678901234567890,2]],"
    "\"formatted\":[[\"$1.50\",\"\"],[\"many\",\"2\"]]}}}";

static void labels_and_values_stand_under_their_names(void **state)
{
    int64_t index = 10;
    int64_t total = 0;
    (void)state;

    assert_int_equal(read_page(two_levels, &index, &total), MSTR_OK);

    assert_string_equal(seen, "10/12 Region=South Town=7 Ulm 2025 Revenue=$1.50(1.50) 2026 Revenue=(-);"
                              "11/12 Region=North Town=7 Ulm 2025 Revenue=many(12345678901234567890) "
                              "2026 Revenue=2(2);");
    assert_int_equal(index, 12);
    assert_int_equal(total, 12);
}

static void column_headers_that_come_column_by_column_are_understood(void **state)
{
    static const char text[] =
        "{\"definition\":{\"grid\":{\"rows\":[],\"columns\":[{\"elements\":[{\"name\":\"A\"},{\"name\":\"B\"}]}]}},"
        "\"data\":{\"paging\":{\"total\":1},\"headers\":{\"rows\":[],\"columns\":[[1],[0]]},"
        "\"metricValues\":{\"raw\":[[1,2]],\"formatted\":[[\"one\",\"two\"]]}}}";
    int64_t index = 0;
    int64_t total = 0;
    (void)state;

    assert_int_equal(read_page(text, &index, &total), MSTR_OK);

    assert_string_equal(seen, "0/1 B=one(1) A=two(2);");
}

static void indexes_that_lead_nowhere_give_empty_labels(void **state)
{
    static const char text[] =
        "{\"definition\":{\"grid\":{\"rows\":[{\"elements\":[{\"formValues\":[\"x\"]}]}],\"columns\":[]}},"
        "\"data\":{\"paging\":{\"total\":3},\"headers\":{\"rows\":[[7],[-1],[\"0\"]]},\"metricValues\":{}}}";
    int64_t index = 0;
    int64_t total = 0;
    (void)state;

    assert_int_equal(read_page(text, &index, &total), MSTR_OK);

    assert_string_equal(seen, "0/3 =;1/3 =;2/3 =;");
}

static void a_reader_that_stops_is_told_where(void **state)
{
    int64_t index = 10;
    int64_t total = 0;
    (void)state;
    stop_after = 10;

    assert_int_equal(read_page(two_levels, &index, &total), MSTR_E_CANCELLED);

    assert_string_equal(mstr_error_message(problem), "the program stopped after row 10");
    assert_int_equal(index, 11);
}

static void an_answer_without_a_total_is_no_page(void **state)
{
    static const char *const texts[] = {"{}", "[]", "{\"data\":{}}", "{\"data\":{\"paging\":{\"total\":-1}}}",
                                        "{\"data\":{\"paging\":{\"total\":{}}}}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t index = 0;
        int64_t total = 77;

        assert_int_equal(read_page(texts[i], &index, &total), MSTR_E_PROTOCOL);

        assert_int_equal(total, 77);
        assert_string_equal(seen, "");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(labels_and_values_stand_under_their_names),
        TEST(column_headers_that_come_column_by_column_are_understood),
        TEST(indexes_that_lead_nowhere_give_empty_labels),
        TEST(a_reader_that_stops_is_told_where),
        TEST(an_answer_without_a_total_is_no_page),
    };
    return RUN_TESTS("session/api/grid");
}
