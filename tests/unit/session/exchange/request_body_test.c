/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of bodies in the one form that they are sent in. */
#include "session/exchange/request_body.h"

#include "support/context.h"

#include <fcntl.h>

static struct request_body body;
static mstr_error *problem;

static int setup(void **state)
{
    (void)state;
    body = (struct request_body)REQUEST_BODY_INIT;
    problem = mstr_error_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    request_body_release(&body);
    mstr_error_free(problem);
    return 0;
}

static enum mstr_code open_body(const mstr_session_request *request)
{
    return request_body_open(&body, request, problem);
}

static void assert_octets(const char *expected, const char *content_type)
{
    assert_false(body.streamed);
    assert_int_equal(body.length, strlen(expected));
    assert_memory_equal(body.octets, expected, body.length);
    assert_string_equal(body.content_type, content_type);
}

static void assert_stream(const char *expected, const char *content_type)
{
    char text[512] = "";
    size_t at = 0;
    int64_t got = 0;
    assert_true(body.streamed);
    while ((got = upload_read(text + at, sizeof(text) - at, &body.upload)) > 0) {
        at += (size_t)got;
    }
    assert_non_null(strstr(text, expected));
    assert_int_equal(strncmp(body.content_type, content_type, strlen(content_type)), 0);
}

static void without_a_body_there_is_no_content_type(void **state)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    request.content_type = "text/plain";

    assert_int_equal(open_body(&request), MSTR_OK);

    assert_null(body.octets);
    assert_null(body.content_type);
    assert_false(body.streamed);
}

static void octets_are_json_unless_they_say_otherwise(void **state)
{
    static const char *const types[][2] = {{NULL, "application/json"}, {"text/csv", "text/csv"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
        request.body = "{}";
        request.body_length = 2;
        request.content_type = types[i][0];

        assert_int_equal(open_body(&request), MSTR_OK);

        assert_octets("{}", types[i][1]);
    }
}

static void a_form_is_encoded(void **state)
{
    static const struct mstr_header form[] = {{"a", "x y"}, {"b&", "="}};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    request.form = form;
    request.form_count = 2;

    assert_int_equal(open_body(&request), MSTR_OK);

    assert_octets("a=x%20y&b%26=%3D", "application/x-www-form-urlencoded");
}

static void a_file_is_streamed_with_its_length_and_closed_at_the_end(void **state)
{
    char *path = test_file("of a file", 9);
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    request.file = path;

    assert_int_equal(open_body(&request), MSTR_OK);

    int file = body.file;
    assert_int_equal(body.upload.reader.length, 9);
    assert_stream("of a file", "application/octet-stream");
    request_body_release(&body);
    assert_int_equal(fcntl(file, F_GETFD), -1);
    body = (struct request_body)REQUEST_BODY_INIT;
    unlink(path);
    free(path);
}

static void a_file_that_is_missing_is_not_found(void **state)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    request.file = "/tmp/mstr-no-such-file";

    assert_int_equal(open_body(&request), MSTR_E_NOT_FOUND);

    assert_non_null(strstr(mstr_error_message(problem), "cannot send the file /tmp/mstr-no-such-file: "));
}

static void parts_are_streamed_with_a_boundary(void **state)
{
    mstr_part part = MSTR_PART_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    part.name = "field";
    part.octets = "value";
    part.length = 5;
    request.parts = &part;
    request.part_count = 1;

    assert_int_equal(open_body(&request), MSTR_OK);

    assert_stream("value", "multipart/form-data; boundary=");
}

static int64_t read_nothing(void *into, size_t capacity, void *data)
{
    (void)into;
    (void)capacity;
    (void)data;
    return 0;
}

static void a_reader_is_streamed_and_must_be_initialised(void **state)
{
    mstr_reader reader = MSTR_READER_INIT;
    const mstr_reader blank = {0};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    reader.read = read_nothing;
    request.reader = &reader;

    assert_int_equal(open_body(&request), MSTR_OK);
    assert_stream("", "application/octet-stream");
    request.reader = &blank;
    assert_int_equal(open_body(&request), MSTR_E_USAGE);
}

static void two_bodies_are_one_too_many(void **state)
{
    static const struct mstr_header form[] = {{"a", "b"}};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    (void)state;
    request.body = "{}";
    request.body_length = 2;
    request.form = form;
    request.form_count = 1;

    assert_int_equal(open_body(&request), MSTR_E_USAGE);

    assert_string_equal(mstr_error_message(problem), "a request has one body, not several");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_body_there_is_no_content_type),
        TEST(octets_are_json_unless_they_say_otherwise),
        TEST(a_form_is_encoded),
        TEST(a_file_is_streamed_with_its_length_and_closed_at_the_end),
        TEST(a_file_that_is_missing_is_not_found),
        TEST(parts_are_streamed_with_a_boundary),
        TEST(a_reader_is_streamed_and_must_be_initialised),
        TEST(two_bodies_are_one_too_many),
    };
    return RUN_TESTS("session/exchange/request_body");
}
