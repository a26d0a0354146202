/* SPDX-License-Identifier: Apache-2.0 */
/* Answering prompts: by key before id before name, in the form that each type wants. */
#include "session/table/prompts.h"

#include "support/mounted.h"

#define LIST   "GET reports/AB/instances/A-1/prompts?closed=false"
#define ANSWER "PUT reports/AB/instances/A-1/prompts/answers"

#define YEAR                                                                                                         \
    "{\"key\":\"K1@0@10\",\"id\":\"I1\",\"name\":\"Year\",\"type\":\"VALUE\",\"dataType\":\"NUMERIC\",\"min\":1990," \
    "\"required\":true,\"defaultAnswer\":2025}"
#define REGIONS "{\"key\":\"K2@0@10\",\"id\":\"I2\",\"name\":\"Regions\",\"type\":\"ELEMENTS\",\"required\":false}"
#define METRIC  "{\"key\":\"K3@0@10\",\"id\":\"I3\",\"name\":\"Which\",\"type\":\"OBJECTS\",\"required\":true}"

static struct mounted *mounted;

/* Tries to answer the prompts of this list. The mounted session is left for its error and log. */
static enum mstr_code answer(const char *list, const mstr_table_request *request)
{
    const struct route routes[] = {{LIST, 200, list, NULL, 0, MSTR_OK}};
    struct prompts prompts;
    struct report report = {.object = "AB", .id = "A-1", .prompted = true, .limits = {INT64_MAX, NULL}};
    mounted = mounted_open(routes, 1);
    report.session = mounted->session;
    enum mstr_code code = prompts_init(&prompts, request, mounted->error);
    code = code == MSTR_OK ? prompts_answer(&prompts, &report, mounted->error) : code;
    prompts_release(&prompts);
    report_release(&report);
    return code;
}

/* What a single answer is sent as. */
static void assert_sent(const char *list, const mstr_table_request *request, const char *expected)
{
    const struct route routes[] = {{LIST, 200, list, NULL, 0, MSTR_OK}, {ANSWER, 0, NULL, NULL, 0, MSTR_E_CONFIG}};
    struct prompts prompts;
    struct report report = {.object = "AB", .id = "A-1", .prompted = true, .limits = {INT64_MAX, NULL}};
    mounted = mounted_open(routes, 2);
    report.session = mounted->session;
    assert_int_equal(prompts_init(&prompts, request, mounted->error), MSTR_OK);
    assert_int_equal(prompts_answer(&prompts, &report, mounted->error), MSTR_E_CONFIG);
    assert_string_equal(mounted->body, expected);
    prompts_release(&prompts);
    report_release(&report);
    mounted_free(mounted);
}

static void each_type_has_its_form_of_answer(void **state)
{
    static const char *const number[] = {"2024"};
    static const char *const names[] = {"North \"N\"", "h2;8D679D3F11D3E4981000E787EC6DE8A4"};
    static const char *const object[] = {"8D679D3F11D3E4981000E787EC6DE8A4"};
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    mstr_prompt_answer given = MSTR_PROMPT_ANSWER_INIT;
    (void)state;
    request.answers = &given;
    request.answer_count = 1;

    given.prompt = "Year";
    given.values = number;
    given.value_count = 1;
    assert_sent("[" YEAR "]", &request, "{\"prompts\":[{\"key\":\"K1@0@10\",\"type\":\"VALUE\",\"answers\":2024}]}");
    given.prompt = "k2@0@10";
    given.values = names;
    given.value_count = 2;
    assert_sent(
        "[" REGIONS "]", &request,
        "{\"prompts\":[{\"key\":\"K2@0@10\",\"type\":\"ELEMENTS\",\"answers\":[{\"name\":\"North \\\"N\\\"\"},"
        "{\"id\":\"h2;8D679D3F11D3E4981000E787EC6DE8A4\"}]}]}");
    given.prompt = "I3";
    given.values = object;
    given.value_count = 1;
    assert_sent("[" METRIC "]", &request,
                "{\"prompts\":[{\"key\":\"K3@0@10\",\"type\":\"OBJECTS\",\"answers\":[{\"id\":"
                "\"8D679D3F11D3E4981000E787EC6DE8A4\"}]}]}");
    given.json = "[{\"id\":\"X\",\"type\":\"metric\"}]";
    assert_sent("[" METRIC "]", &request,
                "{\"prompts\":[{\"key\":\"K3@0@10\",\"type\":\"OBJECTS\",\"answers\":[{\"id\":\"X\",\"type\":"
                "\"metric\"}]}]}");
    given = (mstr_prompt_answer)MSTR_PROMPT_ANSWER_INIT;
    given.prompt = "Regions";
    assert_sent("[" REGIONS "]", &request, "{\"prompts\":[{\"key\":\"K2@0@10\",\"type\":\"ELEMENTS\"}]}");
}

static void defaults_stand_in_where_they_may(void **state)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    (void)state;
    request.flags = MSTR_TABLE_PROMPT_DEFAULTS;
    assert_sent("[" YEAR "," REGIONS "]", &request,
                "{\"prompts\":[{\"key\":\"K1@0@10\",\"type\":\"VALUE\",\"useDefault\":true},"
                "{\"key\":\"K2@0@10\",\"type\":\"ELEMENTS\"}]}");
    assert_int_equal(answer("[" METRIC "]", &request), MSTR_E_USAGE);
    assert_told(mounted, "\"Which\" (OBJECTS, required)");
    mounted_free(mounted);
}

static void json_of_the_callers_own_is_taken_prompt_by_prompt(void **state)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    (void)state;
    request.answers_json =
        "{\"prompts\":[{\"name\":\"Regions\",\"answers\":[]},{\"id\":\"I1\",\"useDefault\":true}]}";
    assert_sent("[" YEAR "," REGIONS "]", &request,
                "{\"prompts\":[{\"key\":\"K1@0@10\",\"type\":\"VALUE\",\"useDefault\":true},"
                "{\"key\":\"K2@0@10\",\"type\":\"ELEMENTS\",\"answers\":[]}]}");
    request.answers_json = "{}";
    assert_int_equal(answer("[]", &request), MSTR_E_USAGE);
    assert_told(mounted, "no JSON of the form");
    mounted_free(mounted);
}

static void those_left_open_are_listed(void **state)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    (void)state;
    assert_int_equal(answer("[" YEAR "," REGIONS "]", &request), MSTR_E_USAGE);
    assert_told(mounted,
                "AB asks for what no answer was given to: \"Year\" (VALUE NUMERIC, at least 1990, required), "
                "\"Regions\" (ELEMENTS)");
    assert_null(strstr(mounted->log, ANSWER));
    mounted_free(mounted);
}

static int refuse(const mstr_prompt *prompt, mstr_prompt_answer *given, void *data)
{
    (void)given;
    *(const char **)data = prompt->key[0] == 'K' ? "asked" : "";
    return 1;
}

static void who_is_asked_may_stop(void **state)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    const char *asked = "";
    (void)state;
    request.ask = refuse;
    request.ask_data = &asked;
    assert_int_equal(answer("[" YEAR "]", &request), MSTR_E_CANCELLED);
    assert_string_equal(asked, "asked");
    mounted_free(mounted);
}

static void what_is_no_list_is_refused(void **state)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    (void)state;
    assert_int_equal(answer("{}", &request), MSTR_E_PROTOCOL);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_has_its_form_of_answer),
        cmocka_unit_test(defaults_stand_in_where_they_may),
        cmocka_unit_test(json_of_the_callers_own_is_taken_prompt_by_prompt),
        cmocka_unit_test(those_left_open_are_listed),
        cmocka_unit_test(who_is_asked_may_stop),
        cmocka_unit_test(what_is_no_list_is_refused),
    };
    return RUN_TESTS("session/table/prompts");
}
