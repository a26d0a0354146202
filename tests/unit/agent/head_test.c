/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/head.c */
#include "agent/head.h"

#include "support/unit.h"

struct written {
    const char *name;
    const char *value;
};

/* The status of the refusal, 0 for a good head. */
static int judge(const char *method, const char *target, bool tcp, const struct written *written)
{
    struct request_header headers[8];
    struct request request = {
        .method = method, .target = target, .headers = headers, .peer = {.tcp = tcp, .uid = 1, .gid = 1, .pid = 1}};
    for (; written->name != NULL; written++) {
        headers[request.header_count++] =
            (struct request_header){written->name, strlen(written->name), written->value, strlen(written->value)};
    }
    int status = 0;
    return head_fault(&request, 4711, &status) != NULL ? status : 0;
}

static void a_plain_head_is_good(void **state)
{
    (void)state;
    const struct written written[] = {
        {"Host", "x"}, {"Content-Length", "3"}, {"Expect", "100-continue"}, {NULL, NULL}};
    assert_int_equal(judge("POST", "/v1/resolve", false, written), 0);
}

static void what_can_be_framed_in_two_ways_is_refused(void **state)
{
    (void)state;
    static const struct written cases[][4] = {
        {{"Host", "x"}, {"Content-Length", "3"}, {"Content-Length", "3"}, {NULL, NULL}},
        {{"Host", "x"}, {"Content-Length", "3"}, {"Transfer-Encoding", "chunked"}, {NULL, NULL}},
        {{"Host", "x"}, {"Transfer-Encoding", "chunked"}, {"transfer-encoding", "chunked"}, {NULL, NULL}},
        {{"Host", "x"}, {"Transfer-Encoding", "gzip, chunked"}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"Transfer-Encoding", "identity"}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"Content-Length", "+3"}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"Content-Length", "3, 3"}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"Content-Length", ""}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"Content-Length", "9999999999999999999999"}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"Host", "x"}, {NULL, NULL}, {NULL, NULL}},
        {{"Content-Length", "3"}, {NULL, NULL}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"Transfer-Encoding ", "chunked"}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"", "y"}, {NULL, NULL}, {NULL, NULL}},
        {{"Host", "x"}, {"X", "a\rb"}, {NULL, NULL}, {NULL, NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(judge("POST", "/", false, cases[i]), 400);
    }
}

/* Cuts a head as libmicrohttpd does, at the first end that there is, and tells whether that was seen to be right. */
static bool is_whole(char *head, size_t length, size_t names_at, size_t value_at, size_t value_length)
{
    const struct request_header header = {head + names_at, 1, head + value_at, value_length};
    const struct request request = {.method = head, .target = head + 4, .headers = &header, .header_count = 1};
    const struct head_place place = {head, head + 6, length};
    return head_is_whole(&request, &place);
}

static void a_head_is_whole_where_nothing_is_between_its_lines(void **state)
{
    (void)state;
    char plain[] = "GET\0/\0HTTP/1.1\0\0H\0 x\0\0\0\0";
    char bare[] = "GET\0/\0HTTP/1.1\0H\0 x\0\0\0\0";
    assert_true(is_whole(plain, sizeof(plain) - 1, 16, 19, 1));
    assert_false(is_whole(plain, sizeof(plain) - 2, 16, 19, 1));  /* ends in bare LF */
    assert_false(is_whole(plain, sizeof(plain) + 10, 16, 19, 1)); /* a line without a name ended it */
    assert_false(is_whole(plain, sizeof(plain) - 1, 16, 19, 0));  /* a NUL ended the value */
    assert_false(is_whole(bare, sizeof(bare) - 1, 15, 18, 1));
}

static void a_nul_within_a_value_is_seen(void **state)
{
    (void)state;
    const struct request_header headers[] = {{"Host", 4, "x", 1}, {"X", 1, "a\0b", 3}};
    const struct request request = {.method = "GET", .target = "/", .headers = headers, .header_count = 2};
    int status = 0;
    assert_non_null(head_fault(&request, 0, &status));
    assert_int_equal(status, 400);
}

static void a_target_is_a_path_and_nothing_else(void **state)
{
    (void)state;
    static const char *const targets[] = {"http://other/v1/status", "*", "", "/a b", "/a#b", "/\xc3\xa4", "/\x7f"};
    const struct written written[] = {{"Host", "x"}, {NULL, NULL}};
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        assert_int_equal(judge("GET", targets[i], false, written), 400);
    }
    assert_int_equal(judge("CONNECT", "other:80", false, written), 405);
    assert_int_equal(judge("TRACE", "/", false, written), 405);
}

static void an_expectation_that_nobody_knows_fails(void **state)
{
    (void)state;
    const struct written written[] = {{"Host", "x"}, {"Expect", "200-ok"}, {NULL, NULL}};
    assert_int_equal(judge("GET", "/", false, written), 417);
}

static void over_tcp_the_host_is_one_of_three(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        int status;
    } cases[] = {{"127.0.0.1:4711", 0}, {"localhost:4711", 0}, {"[::1]:4711", 0},       {"127.0.0.1", 421},
                 {"localhost", 421},    {"evil:4711", 421},    {"127.0.0.1:4712", 421}, {"localhost:4711.evil", 421}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct written written[] = {{"Host", cases[i].host}, {NULL, NULL}};
        assert_int_equal(judge("GET", "/", true, written), cases[i].status);
    }
}

static void a_browser_and_a_proxy_are_refused_over_tcp(void **state)
{
    (void)state;
    static const char *const names[] = {"Origin", "Referer", "Sec-Fetch-Site", "X-Forwarded-For", "Forwarded", "via"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct written written[] = {{"Host", "localhost:4711"}, {names[i], "x"}, {NULL, NULL}};
        assert_int_equal(judge("GET", "/", true, written), 400);
        assert_int_equal(judge("GET", "/", false, written), 0);
    }
}

static void the_length_is_told_unless_it_comes_in_chunks(void **state)
{
    (void)state;
    const struct request_header length = {"Content-Length", 14, "17", 2};
    const struct request_header chunks = {"Transfer-Encoding", 17, "chunked", 7};
    assert_int_equal(head_length(&(struct request){.headers = &length, .header_count = 1}), 17);
    assert_int_equal(head_length(&(struct request){.headers = &chunks, .header_count = 1}), -1);
    assert_int_equal(head_length(&(struct request){.header_count = 0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_head_is_good),
        cmocka_unit_test(what_can_be_framed_in_two_ways_is_refused),
        cmocka_unit_test(a_head_is_whole_where_nothing_is_between_its_lines),
        cmocka_unit_test(a_nul_within_a_value_is_seen),
        cmocka_unit_test(a_target_is_a_path_and_nothing_else),
        cmocka_unit_test(an_expectation_that_nobody_knows_fails),
        cmocka_unit_test(over_tcp_the_host_is_one_of_three),
        cmocka_unit_test(a_browser_and_a_proxy_are_refused_over_tcp),
        cmocka_unit_test(the_length_is_told_unless_it_comes_in_chunks),
    };
    return RUN_TESTS("agent/head");
}
