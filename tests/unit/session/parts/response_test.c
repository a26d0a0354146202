/* SPDX-License-Identifier: Apache-2.0 */
/* An answer as a program reads it: status, headers, body, and its JSON on demand. */
#include "session/parts/response.h"

#include "unit/session/answer.h"

#include <mstr/json-c.h>
#include <stdio.h>

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

/* What stands there as text, or "" with `code`. */
static const char *member(const char *body, const char *pointer, enum mstr_code wanted)
{
    static char text[64];
    mstr_response *response = response_wrap(test_answer(200, NULL, body));
    mstr_secret *found = NULL;
    mstr_error *error = mstr_error_new();
    assert_int_equal(mstr_response_member(response, pointer, &found, error), wanted);
    assert_int_equal(mstr_error_code(error), wanted);
    snprintf(text, sizeof text, "%s", found != NULL ? mstr_secret_octets(found) : "");
    mstr_secret_release(found);
    mstr_error_free(error);
    mstr_response_free(response);
    return text;
}

static void a_member_is_cut_out_as_it_came(void **state)
{
    static const char body[] = "{\"a\": [1.50, {\"b/c\": \"x\\ny\", \"n\": 12345678901234567890123}], \"z\": null}";
    (void)state;
    assert_string_equal(member(body, "/a/0", MSTR_OK), "1.50");
    assert_string_equal(member(body, "/a/1/b~1c", MSTR_OK), "x\ny");
    assert_string_equal(member(body, "/a/1/n", MSTR_OK), "12345678901234567890123");
    assert_string_equal(member(body, "/a/1", MSTR_OK), "{\"b/c\":\"x\\ny\",\"n\":12345678901234567890123}");
    member(body, "/a/2", MSTR_E_NOT_FOUND);
    member(body, "/z", MSTR_E_NOT_FOUND);
    member("<html>", "/a", MSTR_E_NOT_FOUND);
    member(body, "a", MSTR_E_USAGE);
    member(body, "/~2", MSTR_E_USAGE);
}

static void a_refusal_that_was_let_through_can_be_told(void **state)
{
    (void)state;
    mstr_error *error = mstr_error_new();
    mstr_response *good = response_wrap(test_answer(200, NULL, "{}"));
    mstr_response *bad = response_wrap(test_answer(404, NULL, "{\"code\": \"ERR004\", \"message\": \"none\"}"));
    assert_int_equal(mstr_response_refusal(good, "GET x", error), MSTR_OK);
    assert_int_equal(mstr_response_refusal(bad, "GET x", error), MSTR_E_NOT_FOUND);
    assert_int_equal(mstr_error_http_status(error), 404);
    assert_non_null(strstr(mstr_error_message(error), "GET x"));
    mstr_response_free(bad);
    mstr_response_free(good);
    mstr_error_free(error);
}

static int look(const mstr_response *answer, void *data)
{
    int64_t number = 0;
    assert_true(mstr_response_number(answer, "/a", &number));
    *(int *)data = mstr_response_status(answer);
    return 7;
}

static void an_answer_is_shown_without_being_handed_over(void **state)
{
    (void)state;
    struct mstr_http_response *answer = test_answer(200, NULL, "{\"a\":1}");
    int status = 0;
    assert_int_equal(response_show(answer, look, &status), 7);
    assert_int_equal(status, 200);
    http_response_free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_shown_without_being_handed_over),
        cmocka_unit_test(status_headers_and_body_are_those_of_the_answer),
        cmocka_unit_test(the_time_it_took_is_never_negative),
        cmocka_unit_test(a_member_is_cut_out_as_it_came),
        cmocka_unit_test(a_refusal_that_was_let_through_can_be_told),
        cmocka_unit_test(members_are_found_by_pointer_and_type),
        cmocka_unit_test(json_is_parsed_once_and_kept),
        cmocka_unit_test(no_response_has_no_json),
        cmocka_unit_test(what_is_no_json_has_no_members),
        cmocka_unit_test(unwrapping_leaves_the_answer_to_its_owner),
        cmocka_unit_test(elements_and_members_are_counted_by_pointer),
    };
    return RUN_TESTS("session/parts/response");
}
