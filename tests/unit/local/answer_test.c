/* SPDX-License-Identifier: Apache-2.0 */
/* core/local/answer.c: an answer as it arrives */
#include "local/answer.h"

#include "support/unit.h"

static bool feed(struct local_answer *answer, const char *text)
{
    return local_answer_feed(answer, text, strlen(text));
}

static bool read_at_once(struct local_answer *answer, const char *text)
{
    local_answer_init(answer, false, 1000);
    return feed(answer, text);
}

static void an_answer_is_read_however_it_arrives(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Some: of \tthis \r\n\r\nhello",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \r\ntransfer-encoding: Chunked\r\nX-Some:of \tthis\r\n\r\n"
        "2\r\nhe\r\n0003\r\nllo\r\n0\r\nX-Trailer: y\r\n\r\n",
    };
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        for (size_t piece = 1; piece < strlen(answers[i]); piece++) {
            struct local_answer answer;
            local_answer_init(&answer, false, 1000);
            for (size_t at = 0; at < strlen(answers[i]); at += piece) {
                size_t left = strlen(answers[i]) - at;
                assert_false(answer.complete);
                assert_true(local_answer_feed(&answer, answers[i] + at, left < piece ? left : piece));
            }
            assert_true(answer.complete);
            assert_true(answer.continued);
            assert_true(answer.keep);
            assert_int_equal(answer.status, 200);
            assert_string_equal(buffer_text(&answer.body), "hello");
            assert_string_equal(local_answer_header(&answer, "x-some"), "of \tthis");
            assert_null(local_answer_header(&answer, "X-Trailer"));
            assert_null(local_answer_header(&answer, "X-Other"));
            local_answer_release(&answer);
        }
    }
}

static void what_can_be_understood_in_two_ways_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *fault;
    } cases[] = {
        {"HTTP/1.0 200 OK\r\n", "its status line is malformed"},
        {"HTTP/1.1 2000 OK\r\n", "its status line is malformed"},
        {"HTTP/1.1 99 OK\r\n", "its status line is malformed"},
        {"HTTP/1.1 200OK\r\n", "its status line is malformed"},
        {"HTTP/1.1 600 OK\r\n", "its status line is malformed"},
        {" HTTP/1.1 200 OK\r\n", "its status line is malformed"},
        {"HTTP/1.1 200 OK\n", "a line of it has no CR at its end"},
        {"HTTP/1.1 200 O\rK\r\n", "a line of it has control characters"},
        {"HTTP/1.1 200 OK\r\nX: a\001b\r\n", "a line of it has control characters"},
        {"HTTP/1.1 200 OK\r\nContent-Length : 1\r\n", "a header of it has a malformed name"},
        {"HTTP/1.1 200 OK\r\n folded: 1\r\n", "a header of it has a malformed name"},
        {"HTTP/1.1 200 OK\r\n: 1\r\n", "a header line of it is malformed"},
        {"HTTP/1.1 200 OK\r\nnothing\r\n", "a header line of it is malformed"},
        {"HTTP/1.1 200 OK\r\n\r\n", "it has no length"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "it has more than one length"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "it has more than one length"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "its length is malformed"},
        {"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "its length is malformed"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", "its length is malformed"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n", "its length is malformed"},
        {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "its length is malformed"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000000\r\n\r\n", "its length is malformed"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\n",
         "the length of a chunk of it is malformed"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "the length of a chunk of it is malformed"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
         "the length of a chunk of it is malformed"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "a chunk of it is longer than it says"},
        {"HTTP/1.1 101 Switching\r\n\r\n", "it has interim answers that nobody asked for"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", "octets follow its end"},
        {"HTTP/1.1 204 None\r\n\r\nx", "octets follow its end"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct local_answer answer;
        assert_false(read_at_once(&answer, cases[i].text));
        assert_string_equal(answer.fault, cases[i].fault);
        assert_false(feed(&answer, "x")); /* for good */
        local_answer_release(&answer);
    }
}

static void an_answer_without_a_body_ends_with_its_head(void **state)
{
    (void)state;
    struct local_answer answer;
    assert_true(read_at_once(&answer, "HTTP/1.1 204 No Content\r\n\r\n"));
    assert_true(answer.complete);
    local_answer_release(&answer);
    assert_true(read_at_once(&answer, "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"));
    assert_true(answer.complete);
    local_answer_release(&answer);
    local_answer_init(&answer, true, 1000);
    assert_true(feed(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"));
    assert_true(answer.complete);
    assert_int_equal(answer.body.length, 0);
    local_answer_release(&answer);
    assert_true(read_at_once(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    assert_true(answer.complete);
    assert_false(answer.keep);
    local_answer_release(&answer);
}

/* Feeds the text until it is refused; the fault. */
static const char *fill(const char *first, const char *text)
{
    struct local_answer answer;
    bool good = read_at_once(&answer, first);
    for (size_t i = 0; good && i < 1000000; i++) {
        good = feed(&answer, text);
    }
    const char *fault = answer.fault;
    local_answer_release(&answer);
    return fault;
}

static void everything_is_bounded(void **state)
{
    (void)state;
    assert_string_equal(fill("", "x"), "a line of it is too long");
    assert_string_equal(fill("HTTP/1.1 200 OK\r\n", "X: y\r\n"), "its head is too long");
    assert_string_equal(fill("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"),
                        "its head is too long");
    assert_string_equal(fill("", "HTTP/1.1 102 Processing\r\n\r\n"), "it has interim answers that nobody asked for");
    assert_string_equal(fill("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", "x"), "its body is too long");
    assert_string_equal(fill("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
                        "its body is too long");
}

static bool count(const char *octets, size_t length, void *data)
{
    size_t *counted = data;
    (void)octets;
    *counted += length;
    return *counted < 5;
}

static void a_body_may_be_handed_on_but_that_of_a_refusal(void **state)
{
    (void)state;
    size_t counted = 0;
    struct local_answer answer;
    local_answer_init(&answer, false, 1000);
    local_answer_hand_on(&answer, count, &counted);
    assert_true(feed(&answer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd"));
    assert_int_equal(counted, 4);
    assert_int_equal(answer.body.length, 0);
    assert_false(feed(&answer, "e"));
    assert_string_equal(answer.fault, "its reader gave up");
    local_answer_release(&answer);
    local_answer_init(&answer, false, 1000);
    local_answer_hand_on(&answer, count, &counted);
    assert_true(feed(&answer, "HTTP/1.1 404 Gone\r\nContent-Length: 9\r\n\r\nnot found"));
    assert_string_equal(buffer_text(&answer.body), "not found");
    local_answer_release(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_read_however_it_arrives),
        cmocka_unit_test(what_can_be_understood_in_two_ways_is_refused),
        cmocka_unit_test(an_answer_without_a_body_ends_with_its_head),
        cmocka_unit_test(everything_is_bounded),
        cmocka_unit_test(a_body_may_be_handed_on_but_that_of_a_refusal),
    };
    return RUN_TESTS("local/answer");
}
