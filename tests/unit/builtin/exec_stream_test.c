/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_stream.c */
#include "builtin/exec_stream.h"

#include "support/unit.h"

#define ANSWER(id) "{\"version\":1,\"id\":" id ",\"results\":[]}"

static void come(struct exec_stream *stream, const char *octets, size_t length)
{
    memcpy(exec_stream_room(stream), octets, length);
    exec_stream_came(stream, length);
}

/* The id of the next answer; 0 = there is none as yet, -1 = something is wrong. */
static int64_t next(struct exec_stream *stream, const char **fault)
{
    int64_t id = 0;
    bool broken = false;
    struct json_object *answer = exec_stream_next(stream, &id, &broken, fault);
    assert_false(broken && answer != NULL);
    int64_t got = answer != NULL ? id : broken ? -1 : 0;
    json_release(answer);
    return got;
}

static void lines_come_in_pieces_of_any_size(void **state)
{
    (void)state;
    static const char text[] = "\n" ANSWER("1") "\n \t\r\n" ANSWER("22") "\r\n" ANSWER("3") "\n" ANSWER("4");
    const char *fault = NULL;
    for (size_t piece = 1; piece < sizeof(text); piece++) {
        struct exec_stream stream = {.limit = 64};
        int64_t expected[] = {1, 22, 3};
        size_t count = 0;
        for (size_t at = 0; at < sizeof(text) - 1; at += piece) {
            come(&stream, text + at, piece < sizeof(text) - 1 - at ? piece : sizeof(text) - 1 - at);
            for (int64_t id = 0; (id = next(&stream, &fault)) != 0; count++) {
                assert_true(count < COUNT_OF(expected));
                assert_int_equal(id, expected[count]);
            }
        }
        assert_int_equal(count, COUNT_OF(expected));
        assert_true(exec_stream_is_within_line(&stream));
        exec_stream_clear(&stream);
        assert_false(exec_stream_is_within_line(&stream));
        exec_stream_release(&stream);
    }
}

static void what_is_no_answer_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *fault;
    } cases[] = {
        {"ready\n", "is not one JSON value"},
        {"                                                                                  \n",
         "is a line longer than"},
        {ANSWER("1") ANSWER("2") "\n", "is not one JSON value"},
        {"{\"version\":2,\"id\":1}\n", "lacks \"version\": 1"},
        {"{\"version\":1,\"id\":1.5}\n", "lacks the \"id\" of its request"},
        {"{\"version\":1,\"id\":99999999999999999999}\n", "lacks the \"id\" of its request"},
        {ANSWER("1                                                                  "), "is a line longer than"},
        {ANSWER("1                                                                  ") "\n", "is a line longer than"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct exec_stream stream = {.limit = 80};
        const char *fault = NULL;
        come(&stream, cases[i].text, strlen(cases[i].text));
        assert_int_equal(next(&stream, &fault), -1);
        if (strstr(fault, cases[i].fault) == NULL) {
            fail_msg("%s: %s", cases[i].text, fault);
        }
        exec_stream_release(&stream);
    }
}

static void nothing_is_left_of_what_was_read(void **state)
{
    (void)state;
    static const char text[] = "{\"version\":1,\"id\":1,\"results\":[{\"value\":\"canary\"}]}\n";
    struct exec_stream stream = {.limit = 64};
    const char *fault = NULL;
    come(&stream, text, sizeof(text) - 1);
    assert_int_equal(next(&stream, &fault), 1);
    assert_int_equal(next(&stream, &fault), 0);
    for (size_t i = 0; i < sizeof(text); i++) {
        assert_int_equal(stream.octets.data[i], 0);
    }
    exec_stream_release(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_in_pieces_of_any_size),
        cmocka_unit_test(what_is_no_answer_is_told),
        cmocka_unit_test(nothing_is_left_of_what_was_read),
    };
    return RUN_TESTS("builtin/exec_stream");
}
