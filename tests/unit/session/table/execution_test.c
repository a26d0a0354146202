/* SPDX-License-Identifier: Apache-2.0 */
/* Running a report: made, waited for, read page by page, and deleted however that ends. */
#include "support/mounted.h"

#define MAKE   "POST v2/reports/AB/instances?offset=0&limit="
#define STATUS "GET reports/AB/instances/A-1/status"
#define PAGE   "GET v2/reports/AB/instances/A-1?offset="
#define DELETE "DELETE v2/reports/AB/instances/A-1"

#define GONE "{\"code\":\"ERR004\",\"iServerCode\":-2147468986,\"message\":\"not found\"}"
#define LATE "{\"code\":\"ERR002\",\"iServerCode\":-2147206497,\"message\":\"too slow\"}"

/* A page of `total` rows with these row headers and raw values, ready in instance A-1. */
#define GRID(total, headers, raw)                                                                                    \
    "{\"instanceId\":\"A-1\",\"status\":1,\"definition\":{\"grid\":{\"rows\":[{\"name\":\"R\",\"elements\":["        \
    "{\"formValues\":[\"x\"]}]}],\"columns\":[{\"elements\":[{\"name\":\"M\"}]}]}},\"data\":{\"paging\":"            \
    "{\"total\":" total "},\"headers\":{\"rows\":" headers ",\"columns\":[[0]]},\"metricValues\":{\"raw\":" raw      \
    ",\"formatted\":[]}}}"

struct rows {
    unsigned count;
    unsigned stop_after; /* 0 = never */
    char raw[64];
};

static int take(const mstr_row *row, void *data)
{
    struct rows *rows = data;
    assert_int_equal(row->index, rows->count);
    assert_string_equal(row->labels[0], "x");
    strncat(rows->raw, row->raw[0], sizeof(rows->raw) - strlen(rows->raw) - 1);
    return ++rows->count == rows->stop_after;
}

static enum mstr_code run(struct mounted *mounted, int64_t page_size, const char *answers, struct rows *rows)
{
    mstr_execution execution = MSTR_EXECUTION_INIT;
    execution.id = "AB";
    execution.page_size = page_size;
    execution.answers = answers;
    return mstr_session_execute(mounted->session, &execution, take, rows, mounted->error);
}

static void a_report_that_is_ready_at_once_is_read_to_its_end(void **state)
{
    static const struct route routes[] = {
        {MAKE "2", 200, GRID("3", "[[0],[0]]", "[[1],[2]]"), NULL, 0, MSTR_OK},
        {PAGE "2&limit=2", 200, GRID("3", "[[0]]", "[[3]]"), NULL, 0, MSTR_OK},
        {DELETE, 204, NULL, NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 3);
    struct rows rows = {0};
    (void)state;

    mounted_done(mounted, run(mounted, 2, NULL, &rows));

    assert_string_equal(rows.raw, "123");
    assert_string_equal(mounted->log, MAKE "2\n" PAGE "2&limit=2\n" DELETE "\n");
    mounted_free(mounted);
}

static void a_report_that_still_runs_is_waited_for(void **state)
{
    static const struct route routes[] = {
        {MAKE "1000", 202, "{\"instanceId\":\"A-1\",\"status\":0}", "Retry-After: 0", 0, MSTR_OK},
        {STATUS, 202, "{\"status\":0}", "Retry-After: 0", 1, MSTR_OK},
        {STATUS, 200, "{\"status\":1}", NULL, 0, MSTR_OK},
        {PAGE "0&limit=1000", 200, GRID("1", "[[0]]", "[[1]]"), NULL, 0, MSTR_OK},
        {DELETE, 204, NULL, NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 5);
    struct rows rows = {0};
    (void)state;

    mounted_done(mounted, run(mounted, 0, NULL, &rows));

    assert_string_equal(mounted->log, MAKE "1000\n" STATUS "\n" STATUS "\n" PAGE "0&limit=1000\n" DELETE "\n");
    assert_int_equal(rows.count, 1);
    mounted_free(mounted);
}

static void prompts_are_answered_once_and_named_where_there_are_no_answers(void **state)
{
    static const struct {
        const char *answers;
        const char *status; /* after the answers */
        enum mstr_code code;
        const char *part;
    } cases[] = {
        {"{\"prompts\":[]}", "{\"status\":1}", MSTR_OK, ""},
        {"{\"prompts\":[]}", "{\"status\":2}", MSTR_E_REQUEST, "AB still asks prompts after the answers"},
        {NULL, "", MSTR_E_USAGE, "AB asks prompts, and no answers were given"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {MAKE "1000", 200, "{\"instanceId\":\"A-1\",\"status\":2}", NULL, 0, MSTR_OK},
            {"PUT reports/AB/instances/A-1/prompts/answers", 204, NULL, "Retry-After: 0", 0, MSTR_OK},
            {STATUS, 200, cases[i].status, NULL, 0, MSTR_OK},
            {PAGE, 200, GRID("1", "[[0]]", "[[1]]"), NULL, 0, MSTR_OK},
            {DELETE, 204, NULL, NULL, 0, MSTR_OK},
        };
        struct mounted *mounted = mounted_open(routes, 5);
        struct rows rows = {0};

        assert_int_equal(run(mounted, 0, cases[i].answers, &rows), cases[i].code);

        assert_told(mounted, cases[i].part);
        assert_non_null(strstr(mounted->log, DELETE));
        mounted_free(mounted);
    }
}

static void an_instance_lost_before_its_first_row_is_made_anew_once(void **state)
{
    static const struct {
        unsigned lost; /* how many instances */
        enum mstr_code code;
        unsigned rows;
    } cases[] = {{1, MSTR_OK, 1}, {2, MSTR_E_NOT_FOUND, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {MAKE, 202, "{\"instanceId\":\"A-1\",\"status\":0}", "Retry-After: 0", 0, MSTR_OK},
            {STATUS, 404, GONE, NULL, cases[i].lost, MSTR_OK},
            {STATUS, 200, "{\"status\":1}", NULL, 0, MSTR_OK},
            {PAGE, 200, GRID("1", "[[0]]", "[[1]]"), NULL, 0, MSTR_OK},
            {DELETE, 204, NULL, NULL, 0, MSTR_OK},
        };
        struct mounted *mounted = mounted_open(routes, 5);
        struct rows rows = {0};

        assert_int_equal(run(mounted, 0, NULL, &rows), cases[i].code);

        assert_int_equal(rows.count, cases[i].rows);
        assert_int_equal(strstr(mounted->log, DELETE) != NULL, cases[i].code == MSTR_OK);
        mounted_free(mounted);
    }
}

static void pages_that_take_the_server_too_long_are_made_smaller(void **state)
{
    static const struct route routes[] = {
        {MAKE "150", 202, "{\"instanceId\":\"A-1\",\"status\":0}", "Retry-After: 0", 0, MSTR_OK},
        {STATUS, 200, "{\"status\":1}", NULL, 0, MSTR_OK},
        {PAGE "0&limit=150", 500, LATE, NULL, 0, MSTR_OK},
        {PAGE "0&limit=75", 500, LATE, NULL, 0, MSTR_OK},
        {PAGE "0&limit=50", 200, GRID("1", "[[0]]", "[[1]]"), NULL, 0, MSTR_OK},
        {DELETE, 204, NULL, NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 6);
    struct rows rows = {0};
    (void)state;

    mounted_done(mounted, run(mounted, 150, NULL, &rows));

    assert_int_equal(rows.count, 1);
    assert_int_equal(mounted->sent, 6);
    mounted_free(mounted);
}

static void what_goes_wrong_at_the_server_is_told_and_the_instance_deleted(void **state)
{
    static const struct {
        const char *made;
        enum mstr_code code;
        const char *part;
        bool deleted;
    } cases[] = {
        {"{\"status\":1}", MSTR_E_PROTOCOL, "names no instance", false},
        {"{\"instanceId\":\"../x\"}", MSTR_E_PROTOCOL, "names no instance", false},
        {"{\"instanceId\":\"A-1\",\"status\":3}", MSTR_E_SERVER, "failed at the server, with status 3", true},
        {"{\"instanceId\":\"A-1\",\"status\":1}", MSTR_E_PROTOCOL, "no page of a grid", true},
        {GRID("2", "[]", "[]"), MSTR_E_PROTOCOL, "has 2 rows, but the server stopped after 0", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {{MAKE, 200, cases[i].made, NULL, 0, MSTR_OK},
                                       {PAGE, 200, "{}", NULL, 0, MSTR_OK},
                                       {DELETE, 204, NULL, NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 3);
        struct rows rows = {0};

        assert_int_equal(run(mounted, 0, NULL, &rows), cases[i].code);

        assert_told(mounted, cases[i].part);
        assert_int_equal(strstr(mounted->log, DELETE) != NULL, cases[i].deleted);
        mounted_free(mounted);
    }
}

static void a_program_that_stops_leaves_no_instance_behind(void **state)
{
    static const struct route routes[] = {
        {MAKE, 200, GRID("2", "[[0],[0]]", "[[1],[2]]"), NULL, 0, MSTR_OK},
        {DELETE, 204, NULL, NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 2);
    struct rows rows = {.stop_after = 1};
    (void)state;

    assert_int_equal(run(mounted, 0, NULL, &rows), MSTR_E_CANCELLED);

    assert_int_equal(rows.count, 1);
    assert_non_null(strstr(mounted->log, DELETE));
    mounted_free(mounted);
}

static void what_is_no_id_is_refused(void **state)
{
    static const char *const ids[] = {NULL, "", "a/b", "x?y", "AB CD"};
    struct mounted *mounted = mounted_open(NULL, 0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        mstr_execution execution = MSTR_EXECUTION_INIT;
        execution.id = ids[i];
        assert_int_equal(mstr_session_execute(mounted->session, &execution, take, NULL, mounted->error),
                         MSTR_E_USAGE);
    }
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

static void a_cube_has_paths_of_its_own(void **state)
{
    static const struct route routes[] = {
        {"POST v2/cubes/AB/instances?", 200, GRID("1", "[[0]]", "[[1]]"), NULL, 0, MSTR_OK},
        {"DELETE v2/cubes/AB/instances/A-1", 204, NULL, NULL, 0, MSTR_OK},
    };
    struct mounted *mounted = mounted_open(routes, 2);
    mstr_execution execution = MSTR_EXECUTION_INIT;
    struct rows rows = {0};
    (void)state;
    execution.id = "AB";
    execution.kind = MSTR_EXECUTION_CUBE;

    mounted_done(mounted, mstr_session_execute(mounted->session, &execution, take, &rows, mounted->error));

    assert_int_equal(rows.count, 1);
    assert_int_equal(mounted->sent, 2);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_that_is_ready_at_once_is_read_to_its_end),
        cmocka_unit_test(a_report_that_still_runs_is_waited_for),
        cmocka_unit_test(prompts_are_answered_once_and_named_where_there_are_no_answers),
        cmocka_unit_test(an_instance_lost_before_its_first_row_is_made_anew_once),
        cmocka_unit_test(pages_that_take_the_server_too_long_are_made_smaller),
        cmocka_unit_test(what_goes_wrong_at_the_server_is_told_and_the_instance_deleted),
        cmocka_unit_test(a_program_that_stops_leaves_no_instance_behind),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(a_cube_has_paths_of_its_own),
    };
    return RUN_TESTS("session/api/execution");
}
