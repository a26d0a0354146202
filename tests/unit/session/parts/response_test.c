/* SPDX-License-Identifier: Apache-2.0 */
/* An answer as a program reads it: status, headers, body, and its JSON on demand. */
#include "session/parts/response.h"

#include "unit/session/answer.h"

#include <mstr/json-c.h>

static void status_headers_and_body_are_those_of_the_answer(void **state)
{
    mstr_response *response = response_wrap(test_answer(201, "X-Trace: 7", "plain"));
    const char *name = NULL;
    const char *value = NULL;
    size_t length = 0;
    (void)state;

    assert_int_equal(mstr_response_status(response), 201);
    assert_string_equal(mstr_response_body(response, &length), "plain");
    assert_int_equal(length, 5);
    assert_string_equal(mstr_response_body(response, NULL), "plain");
    assert_string_equal(mstr_response_header(response, "x-trace"), "7");
    assert_null(mstr_response_header(response, "X-Other"));
    assert_true(mstr_response_header_at(response, 0, &name, &value));
    assert_string_equal(name, "X-Trace");
    assert_string_equal(value, "7");
    assert_false(mstr_response_header_at(response, 1, &name, &value));
    assert_string_equal(mstr_response_url(response), "http://127.0.0.1/");
    mstr_response_free(response);
}

static void the_time_it_took_is_never_negative(void **state)
{
    static const int64_t cases[][3] = {{100, 130, 30}, {100, 100, 0}, {130, 100, 0}}; /* sent, received, elapsed */
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mstr_http_response *answer = test_answer(200, NULL, "");
        answer->answer.sent = cases[i][0];
        answer->answer.received = cases[i][1];
        mstr_response *response = response_wrap(answer);

        assert_int_equal(mstr_response_elapsed(response), cases[i][2]);

        mstr_response_free(response);
    }
}

static void members_are_found_by_pointer_and_type(void **state)
{
    static const char json[] =
        "{\"name\":\"n\",\"count\":9007199254740993,\"list\":[{\"id\":\"a\"},null],\"half\":0.5}";
    mstr_response *response = response_wrap(test_answer(200, NULL, json));
    int64_t number = -1;
    (void)state;

    assert_string_equal(mstr_response_text(response, "/name"), "n");
    assert_string_equal(mstr_response_text(response, "/list/0/id"), "a");
    assert_null(mstr_response_text(response, "/count"));
    assert_null(mstr_response_text(response, "/list/1"));
    assert_null(mstr_response_text(response, "/missing"));
    assert_true(mstr_response_number(response, "/count", &number));
    assert_int_equal(number, 9007199254740993);
    assert_false(mstr_response_number(response, "/half", &number));
    assert_false(mstr_response_number(response, "/name", &number));
    assert_int_equal(number, 9007199254740993);
    mstr_response_free(response);
}

static void json_is_parsed_once_and_kept(void **state)
{
    mstr_response *response = response_wrap(test_answer(200, NULL, "{\"a\":1}"));
    (void)state;

    assert_non_null(mstr_response_json(response));
    assert_ptr_equal(mstr_response_json(response), mstr_response_json(response));
    mstr_response_free(response);
}

static void no_response_has_no_json(void **state)
{
    (void)state;
    assert_null(mstr_response_json(NULL));
    assert_null(mstr_response_text(NULL, "/a"));
}

static void what_is_no_json_has_no_members(void **state)
{
    static const char *const bodies[] = {"", "<html>", "{\"a\":"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        mstr_response *response = response_wrap(test_answer(200, NULL, bodies[i]));

        assert_null(mstr_response_json(response));
        assert_null(mstr_response_text(response, "/a"));

        mstr_response_free(response);
    }
}

static void unwrapping_leaves_the_answer_to_its_owner(void **state)
{
    struct mstr_http_response *answer = test_answer(200, NULL, "{\"a\":\"b\"}");
    mstr_response *response = response_wrap(answer);
    (void)state;
    assert_string_equal(mstr_response_text(response, "/a"), "b");

    response_unwrap(response);

    assert_string_equal(http_answer(answer)->body, "{\"a\":\"b\"}");
    http_response_free(answer);
    response_unwrap(NULL);
    mstr_response_free(NULL);
}

static void elements_and_members_are_counted_by_pointer(void **state)
{
    static const struct {
        const char *pointer;
        int64_t count;
    } cases[] = {{"", 3},         {"/list", 2},     {"/empty", 0}, {"/object", 1},
                 {"/list/0", -1}, {"/missing", -1}, {"list", -1}};
    mstr_response *response =
        response_wrap(test_answer(200, NULL, "{\"list\":[1,{}],\"empty\":[],\"object\":{\"a\":1}}"));
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(mstr_response_count(response, cases[i].pointer), cases[i].count);
    }
    mstr_response_free(response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_headers_and_body_are_those_of_the_answer),
        cmocka_unit_test(the_time_it_took_is_never_negative),
        cmocka_unit_test(members_are_found_by_pointer_and_type),
        cmocka_unit_test(json_is_parsed_once_and_kept),
        cmocka_unit_test(no_response_has_no_json),
        cmocka_unit_test(what_is_no_json_has_no_members),
        cmocka_unit_test(unwrapping_leaves_the_answer_to_its_owner),
        cmocka_unit_test(elements_and_members_are_counted_by_pointer),
    };
    return RUN_TESTS("session/parts/response");
}
