/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_answer.c */
#include "builtin/exec_answer.h"

#include "support/unit.h"

#include "base/json.h"

static void a_question_lists_references_in_their_order(void **state)
{
    (void)state;
    static const struct mstr_query query[] = {{"k", "v"}, {"quoted", "\"\n"}};
    static const struct mstr_reference references[] = {
        {.size = sizeof(references[0]), .body = "a\"b\\", .query = query, .query_count = 2},
        {.size = sizeof(references[0]), .body = "caf\xc3\xa9"},
    };
    struct mstr_request first = {.reference = &references[0]};
    struct mstr_request second = {.reference = &references[1]};
    struct mstr_request *const requests[] = {&first, &second};
    struct buffer question = BUFFER_INIT;

    assert_true(exec_write_question(requests, 2, &question));

    assert_string_equal(buffer_text(&question),
                        "{\"version\":1,\"references\":[{\"body\":\"a\\\"b\\\\\",\"query\":{\"k\":\"v\",\"quoted\":"
                        "\"\\\"\\n\"}},{\"body\":\"caf\xc3\xa9\",\"query\":{}}]}\n");
    buffer_release(&question);
    assert_true(exec_write_question(requests, 0, &question));
    assert_string_equal(buffer_text(&question), "{\"version\":1,\"references\":[]}\n");
    buffer_release(&question);
}

static void a_line_has_an_id_and_says_how_long_and_how_fresh(void **state)
{
    (void)state;
    static const struct mstr_reference reference = {.size = sizeof(reference), .body = "a"};
    struct mstr_request cached = {.reference = &reference};
    struct mstr_request fresh = {.reference = &reference, .flags = MSTR_REQUEST_REFRESH};
    struct mstr_request *const requests[] = {&cached, &fresh};
    struct buffer line = BUFFER_INIT;

    assert_true(exec_write_line(requests, 2, INT64_C(9007199254740993), 1500, &line));

    assert_string_equal(buffer_text(&line), "{\"version\":1,\"id\":9007199254740993,\"timeout\":1500,\"references\":["
                                            "{\"body\":\"a\",\"query\":{}},"
                                            "{\"body\":\"a\",\"query\":{},\"refresh\":true}]}\n");
    buffer_release(&line);
}

static void a_line_tells_whose_answer_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t id;
        const char *fault; /* NULL = it is good */
    } cases[] = {
        {"{\"version\":1,\"id\":7,\"results\":[{}]}", 7, NULL},
        {" {\"id\":-9007199254740993,\"version\":1}\r", INT64_C(-9007199254740993), NULL},
        {"", 0, "is not one JSON value"},
        {"{\"version\":2,\"id\":7}", 0, "lacks \"version\": 1"},
        {"{\"version\":1}", 0, "lacks the \"id\" of its request"},
        {"{\"version\":1,\"id\":\"7\"}", 0, "lacks the \"id\" of its request"},
        {"{\"version\":1,\"id\":null}", 0, "lacks the \"id\" of its request"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *fault = NULL;
        int64_t id = 0;
        struct json_object *answer = exec_read_line(cases[i].text, strlen(cases[i].text), &id, &fault);
        assert_int_equal(answer != NULL, cases[i].fault == NULL);
        if (cases[i].fault != NULL) {
            assert_string_equal(fault, cases[i].fault);
        } else {
            assert_int_equal(id, cases[i].id);
        }
        json_release(answer);
    }
}

static void an_answer_has_one_result_for_each_reference(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
        const char *fault; /* NULL = it is good */
    } cases[] = {
        {"{\"version\":1,\"results\":[{},{}]}", 2, NULL},
        {" {\"results\":[],\"version\":1,\"more\":2}\n", 0, NULL},
        {"", 1, "is not one JSON value"},
        {"canary", 1, "is not one JSON value"},
        {"{\"version\":1,\"results\":[{}]} {}", 1, "is not one JSON value"},
        {"[]", 1, "lacks \"version\": 1"},
        {"{\"results\":[{}]}", 1, "lacks \"version\": 1"},
        {"{\"version\":2,\"results\":[{}]}", 1, "lacks \"version\": 1"},
        {"{\"version\":1}", 1, "has not one result for each reference"},
        {"{\"version\":1,\"results\":{}}", 1, "has not one result for each reference"},
        {"{\"version\":1,\"results\":[]}", 1, "has not one result for each reference"},
        {"{\"version\":1,\"results\":[{},{}]}", 1, "has not one result for each reference"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *answer = NULL;
        const char *fault = NULL;
        struct json_object *results =
            exec_read_answer(cases[i].text, strlen(cases[i].text), cases[i].count, &answer, &fault);
        assert_int_equal(results != NULL, cases[i].fault == NULL);
        if (cases[i].fault != NULL) {
            assert_string_equal(fault, cases[i].fault);
        }
        json_release(answer);
    }
}

/* The one result of an answer. */
static const char *read_one(const char *element, struct json_object **answer, struct exec_result *result)
{
    struct buffer text = BUFFER_INIT;
    const char *fault = NULL;
    buffer_printf(&text, "{\"version\":1,\"results\":[%s]}", element);
    struct json_object *results = exec_read_answer(buffer_text(&text), text.length, 1, answer, &fault);
    assert_non_null(results);
    buffer_release(&text);
    return exec_read_result(results, 0, result);
}

static void a_result_is_text_or_octets_with_what_is_known_of_them(void **state)
{
    (void)state;
    static const struct {
        const char *element;
        const char *value;
        size_t length;
        const char *version; /* NULL = none */
        int64_t expires;
    } cases[] = {
        {"{\"value\":\"x\"}", "x", 1, NULL, 0},
        {"{\"value\":\"\"}", "", 0, NULL, 0},
        {"{\"value\":\"caf\\u00e9\\u0000\",\"version\":\"7\"}", "caf\xc3\xa9\0", 6, "7", 0},
        {"{\"value_base64\":\"AP8=\"}", "\0\xff", 2, NULL, 0},
        {"{\"value_base64\":\"\"}", "", 0, NULL, 0},
        {"{\"value\":\"x\",\"expires\":\"2100-01-01T00:00:00Z\"}", "x", 1, NULL, INT64_C(4102444800000)},
        {"{\"value\":\"x\",\"unknown\":[1]}", "x", 1, NULL, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *answer = NULL;
        struct exec_result result;
        assert_null(read_one(cases[i].element, &answer, &result));
        assert_int_equal(result.code, MSTR_OK);
        assert_int_equal(result.value.length, cases[i].length);
        assert_memory_equal(buffer_text(&result.value), cases[i].value, cases[i].length);
        assert_string_equal(result.version != NULL ? result.version : "-",
                            cases[i].version != NULL ? cases[i].version : "-");
        assert_true(result.expires == cases[i].expires);
        buffer_release(&result.value);
        json_release(answer);
    }
}

static void a_failure_is_of_a_known_class(void **state)
{
    (void)state;
    static const struct {
        const char *class;
        enum mstr_code code;
    } cases[] = {
        {"not-found", MSTR_E_NOT_FOUND}, {"not-available", MSTR_E_NOT_AVAILABLE},
        {"denied", MSTR_E_DENIED},       {"authentication", MSTR_E_AUTHENTICATION},
        {"network", MSTR_E_NETWORK},     {"timeout", MSTR_E_TIMEOUT},
        {"throttled", MSTR_E_THROTTLED}, {"unavailable", MSTR_E_UNAVAILABLE},
        {"config", MSTR_E_CONFIG},       {"request", MSTR_E_REQUEST},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer element = BUFFER_INIT;
        struct json_object *answer = NULL;
        struct exec_result result;
        buffer_printf(&element, "{\"error\":{\"class\":\"%s\",\"message\":\"why\"}}", cases[i].class);
        assert_null(read_one(buffer_text(&element), &answer, &result));
        assert_int_equal(result.code, cases[i].code);
        assert_string_equal(result.message, "why");
        assert_int_equal(result.value.length, 0);
        json_release(answer);
        buffer_release(&element);
    }
}

static void what_is_wrong_with_a_result_is_told_without_it(void **state)
{
    (void)state;
    static const char one_of[] = "has not exactly one of \"value\", \"value_base64\" and \"error\"";
    static const char bad_time[] = "has an \"expires\" that is no RFC 3339 time";
    static const struct {
        const char *element;
        const char *fault;
    } cases[] = {
        {"{}", one_of},
        {"\"canary\"", one_of},
        {"null", one_of},
        {"{\"value\":17}", one_of},
        {"{\"value\":null}", one_of},
        {"{\"value\":\"canary\",\"value_base64\":\"\"}", one_of},
        {"{\"value\":\"canary\",\"error\":{\"class\":\"denied\",\"message\":\"canary\"}}", one_of},
        {"{\"value_base64\":\"Y2FuYXJ5\",\"error\":{\"class\":\"denied\"}}", one_of},
        {"{\"value_base64\":\"canary!\"}", "has a malformed \"value_base64\""},
        {"{\"value\":\"canary\",\"expires\":\"soon\"}", bad_time},
        {"{\"value\":\"canary\",\"expires\":12}", bad_time},
        {"{\"error\":{\"class\":\"canary\"}}", "has an error without a known class"},
        {"{\"error\":{\"message\":\"canary\"}}", "has an error without a known class"},
        {"{\"error\":\"canary\"}", "has an error without a known class"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *answer = NULL;
        struct exec_result result;
        const char *fault = read_one(cases[i].element, &answer, &result);
        assert_non_null(fault);
        assert_string_equal(fault, cases[i].fault);
        buffer_release(&result.value);
        json_release(answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_lists_references_in_their_order),
        cmocka_unit_test(a_line_has_an_id_and_says_how_long_and_how_fresh),
        cmocka_unit_test(a_line_tells_whose_answer_it_is),
        cmocka_unit_test(an_answer_has_one_result_for_each_reference),
        cmocka_unit_test(a_result_is_text_or_octets_with_what_is_known_of_them),
        cmocka_unit_test(a_failure_is_of_a_known_class),
        cmocka_unit_test(what_is_wrong_with_a_result_is_told_without_it),
    };
    return RUN_TESTS("builtin/exec_answer");
}
