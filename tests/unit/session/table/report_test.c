/* SPDX-License-Identifier: Apache-2.0 */
/* An instance: made, waited for, turned, and what its answers say of it. */
#include "session/table/report.h"

#include "support/mounted.h"

static struct mounted *mounted;

static struct report begin(const struct route *routes, size_t count)
{
    mounted = mounted_open(routes, count);
    return (struct report){.session = mounted->session, .object = "AB", .limits = {INT64_MAX, NULL}};
}

static void end(struct report *report)
{
    report_release(report);
    mounted_free(mounted);
}

static void what_the_answer_says_is_noted(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        bool prompted, has_page;
    } cases[] = {
        {200, "{\"instanceId\":\"A-1\",\"status\":1,\"data\":{}}", MSTR_OK, false, true},
        {200, "{\"instanceId\":\"A-1\",\"data\":{}}", MSTR_OK, false, true},
        {200, "{\"instanceId\":\"A-1\",\"status\":1}", MSTR_OK, false, false},
        {200, "{\"instanceId\":\"A-1\",\"status\":2}", MSTR_OK, true, false},
        {200, "{\"instanceId\":\"A-1\",\"status\":18}", MSTR_E_SERVER, false, false},
        {200, "{\"instanceId\":\"A/1\",\"status\":1}", MSTR_E_PROTOCOL, false, false},
        {200, "[]", MSTR_E_PROTOCOL, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {"POST v2/reports/AB/instances?offset=0&limit=7", cases[i].status, cases[i].body, NULL, 0, MSTR_OK}};
        struct report report = begin(routes, 1);
        assert_int_equal(report_make(&report, "{}", 7, mounted->error), cases[i].code);
        if (cases[i].code == MSTR_OK) {
            assert_string_equal(report.id, "A-1");
            assert_int_equal(report.prompted, cases[i].prompted);
            assert_int_equal(report.has_page, cases[i].has_page);
        }
        end(&report);
    }
}

static void turning_may_give_it_another_id(void **state)
{
    static const struct route routes[] = {
        {"PUT "
         "v2/reports/AB/instances/A-1?offset=0&limit=7&standardDateFormat=true&standardRawDateFormat=true&fields=-x",
         202, "{\"instanceId\":\"A-2\",\"status\":0}", "Retry-After: 0", 0, MSTR_OK},
        {"GET reports/AB/instances/A-2/status", 200, "{\"status\":1}", NULL, 0, MSTR_OK}};
    struct report report = begin(routes, 2);
    (void)state;
    strcpy(report.id, "A-1");
    report.fields = "-x";
    report.standard_dates = true;
    mounted_done(mounted, report_turn(&report, "{}", 7, mounted->error));
    assert_string_equal(report.id, "A-2");
    assert_false(report.running || report.has_page);
    end(&report);
}

static void what_is_below_it_has_its_path(void **state)
{
    static const struct route routes[] = {{"GET v2/cubes/AB/instances/A-1/x", 200, "{}", NULL, 0, MSTR_OK},
                                          {"GET cubes/AB/prompts", 200, "{}", NULL, 0, MSTR_OK},
                                          {"GET v2/cubes/AB", 200, "{}", NULL, 0, MSTR_OK}};
    static const char *const cases[][2] = {{"v2/", "x"}, {"", "/prompts"}, {"v2/", ""}};
    struct report report = begin(routes, 3);
    (void)state;
    strcpy(report.id, "A-1");
    report.kind = MSTR_EXECUTION_CUBE;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_response *answer = NULL;
        mounted_done(mounted, report_get(&report, cases[i][0], cases[i][1], &answer, mounted->error));
        mstr_response_free(answer);
    }
    end(&report);
}

static void limits_of_the_whole_are_kept(void **state)
{
    struct report report = begin(NULL, 0);
    mstr_response *answer = NULL;
    (void)state;
    report.limits.deadline = 1;
    assert_int_equal(report_get(&report, "v2/", "", &answer, mounted->error), MSTR_E_TIMEOUT);
    assert_told(mounted, "the run of AB took too long");
    assert_int_equal(mounted->sent, 0);
    end(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_answer_says_is_noted),
        cmocka_unit_test(turning_may_give_it_another_id),
        cmocka_unit_test(what_is_below_it_has_its_path),
        cmocka_unit_test(limits_of_the_whole_are_kept),
    };
    return RUN_TESTS("session/table/report");
}
