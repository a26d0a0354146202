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

static int judge_one(const char *name, const char *value, bool old)
{
    const struct request_header headers[] = {{"Host", 4, "x", 1}, {name, strlen(name), value, strlen(value)}};
    const struct request request = {
        .method = "POST", .target = "/", .headers = headers, .header_count = 2, .old = old, .peer = {.uid = 1}};
    int status = 0;
    return head_fault(&request, 0, &status) != NULL ? status : 0;
}

static void names_are_tokens_and_values_are_text(void **state)
{
    (void)state;
    static const char tokens[] = "!#$%&'*+-.^_`|~09azAZ";
    for (int octet = 1; octet < 256; octet++) {
        const char text[] = {'n', (char)octet, '\0'};
        bool token = strchr(tokens, octet) != NULL || (octet > '0' && octet < '9') || (octet > 'a' && octet < 'z') ||
                     (octet > 'A' && octet < 'Z');
        bool value = octet == '\t' || (octet >= ' ' && octet != 0x7f);
        assert_int_equal(judge_one(text, "", false), token ? 0 : 400);
        assert_int_equal(judge_one("X", text, false), value ? 0 : 400);
    }
}

static void a_header_is_known_by_its_whole_name(void **state)
{
    (void)state;
    assert_int_equal(judge_one("Post", "y", false), 0);
    assert_int_equal(judge_one("Ho", "y", false), 0);
    assert_int_equal(judge_one("hOST", "y", false), 400);
}

static void a_length_has_at_most_eighteen_digits(void **state)
{
    (void)state;
    assert_int_equal(judge_one("Content-Length", "999999999999999999", false), 0);
    assert_int_equal(judge_one("Content-Length", "0000000000000000001", false), 400);
}

static void what_is_older_than_chunks_sends_none(void **state)
{
    (void)state;
    assert_int_equal(judge_one("Transfer-Encoding", "chunked", false), 0);
    assert_int_equal(judge_one("Transfer-Encoding", "chunked", true), 400);
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
    const struct request request = {.method = plain, .target = plain + 4};
    assert_true(head_is_whole(&request, &(struct head_place){plain, plain + 6, 18}));
    assert_false(head_is_whole(&request, &(struct head_place){plain, plain + 7, 17})); /* more between the words */
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
    static const char *const names[] = {"Origin",           "Referer",
                                        "Sec-Fetch-Site",   "X-Forwarded-For",
                                        "X-Forwarded-Host", "x-forwarded-proto",
                                        "X-Forwarded-",     "Forwarded",
                                        "X-Real-IP",        "via"};
    static const char *const others[] = {"Origins",         "Sec-Fetch-Mode", "X-Forwarded",
                                         "Sec-Fetch-Sites", "X-Via",          "Vi"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct written written[] = {{"Host", "localhost:4711"}, {names[i], "x"}, {NULL, NULL}};
        assert_int_equal(judge("GET", "/", true, written), 400);
        assert_int_equal(judge("GET", "/", false, written), 0);
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const struct written written[] = {{"Host", "localhost:4711"}, {others[i], "x"}, {NULL, NULL}};
        assert_int_equal(judge("GET", "/", true, written), 0);
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
        cmocka_unit_test(names_are_tokens_and_values_are_text),
        cmocka_unit_test(a_header_is_known_by_its_whole_name),
        cmocka_unit_test(a_length_has_at_most_eighteen_digits),
        cmocka_unit_test(what_is_older_than_chunks_sends_none),
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
